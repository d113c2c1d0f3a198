"""Messages that wait in the outbox, written by the database itself: one for each reminder of a crowd."""

from typing import Final

import psycopg

_QUEUE: Final = (
    "INSERT INTO occurrence (clinic_id, id, client_id, reminder_id, kind, day, slot, due_at, zone, tzdata, state,"
    " channel, created_at)"
    " SELECT r.clinic_id, gen_random_uuid(), r.client_id, r.id, r.kind, r.starts_on, 0, now(), c.zone, 'x', 'queued',"
    " 'sms', now() FROM reminder r JOIN client c ON c.clinic_id = r.clinic_id AND c.id = r.client_id",
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key, occurrence_id,"
    " prompt, day, priority, state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks,"
    " created_at, updated_at)"
    " SELECT o.clinic_id, gen_random_uuid(), o.client_id, p.id, 'sms', 'check_in', '{}', 'rem:' || o.id, o.id,"
    " 'check_in', o.day, 5, 'queued', now() + %(first)s * interval '1 s' + %(apart)s * interval '1 s' *"
    " row_number() OVER (ORDER BY o.id), now() + interval '4 hours', 0, 2, 0, 0, 0, now(), now()"
    " FROM occurrence o JOIN contact_point p ON p.clinic_id = o.clinic_id AND p.client_id = o.client_id",
)


def queue_all(owner_url: str, first: float, apart: float = 0.0) -> None:
    """Due from now on: the first after `first` seconds, each of the others `apart` seconds after the one before."""
    with psycopg.connect(owner_url) as connection:
        for statement in _QUEUE:
            connection.execute(statement, {"first": first, "apart": apart})
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE message, occurrence")
