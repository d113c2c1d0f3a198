"""What every installation has and an empty one lacks: yesterday's reminder of everybody, sent and answered.

Without it PostgreSQL plans for empty tables, and reads what it adds row by row.
"""

from typing import Final

import psycopg

_KEPT: Final = (
    "INSERT INTO occurrence (clinic_id, id, client_id, reminder_id, kind, day, slot, due_at, zone, tzdata, state,"
    " channel, created_at, settled_at)"
    " SELECT r.clinic_id, gen_random_uuid(), r.client_id, r.id, r.kind, r.starts_on - 1, 0, now() - interval '1 day',"
    " c.zone, 'x', 'sent', 'sms', now() - interval '1 day', now() - interval '1 day'"
    " FROM reminder r JOIN client c ON c.clinic_id = r.clinic_id AND c.id = r.client_id",
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key, occurrence_id,"
    " prompt, day, priority, state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks,"
    " provider_message_id, accepted_at, settled_at, created_at, updated_at)"
    " SELECT o.clinic_id, gen_random_uuid(), o.client_id, p.id, 'sms', 'check_in', '{}', 'rem:' || o.id, o.id,"
    " 'check_in', o.day, 5, 'delivered', o.due_at, o.due_at + interval '4 hours', 1, 2, 0, 1, 0, 'SM' || o.id,"
    " o.due_at, o.due_at, o.due_at, o.due_at"
    " FROM occurrence o JOIN contact_point p ON p.clinic_id = o.clinic_id AND p.client_id = o.client_id",
    "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, finished_at, outcome,"
    " status_code, provider_message_id, body_sha256)"
    " SELECT clinic_id, gen_random_uuid(), id, 1, 1, 'twilio', due_at, due_at, 'accepted', 201, provider_message_id,"
    " sha256(id::text::bytea) FROM message",
    "INSERT INTO send_fuse (clinic_id, contact_point_id, day, fuse, sends)"
    " SELECT clinic_id, contact_point_id, day, 'reminder', 1 FROM message",
    "INSERT INTO link (clinic_id, id, client_id, purpose, token_hash, day, contact_point_id, created_at, expires_at)"
    " SELECT clinic_id, gen_random_uuid(), client_id, 'check_in', sha256(id::text::bytea), day, contact_point_id,"
    " created_at, expires_at FROM message",
    "INSERT INTO pain_entry (clinic_id, id, client_id, sync_seq, created_at, day, done_at, written_at, received_at,"
    " entered_by, channel, revision, kind, score, aggravators)"
    " SELECT clinic_id, gen_random_uuid(), client_id, 1, due_at, day, due_at, due_at, due_at, 'client', 'text', 1,"
    " 'now', 3, '{}' FROM message",
)


def remember(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        for statement in _KEPT:
            connection.execute(statement)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
