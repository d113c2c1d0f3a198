"""Clinics full of people with a check-in by text that comes due now, written by the database itself."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from tzdata import IANA_VERSION

from service.clock import utc_now
from tests.scheduler.conftest import daytime_zone
from tests.sealed import give_phones

_FILL: Final = (
    "TRUNCATE clinic, staff, client, owner_key, reminder, occurrence, message, attempt, send_fuse, sender_pace CASCADE",
    "INSERT INTO clinic (clinic_id, name, short_name, country, zone, locale, phone, emergency_number, quiet_from,"
    " quiet_until, texts_per_day, texts_per_week, created_at, live_at)"
    " SELECT gen_random_uuid(), 'Northside Clinic', 'Northside', 'US', %(zone)s, 'en', '(202) 555-0100', '911',"
    " '21:00',"
    " '08:00', 4, 20, now(), now() FROM generate_series(1, %(clinics)s)",
    "INSERT INTO staff (clinic_id, id, name, email, role, password_hash, active, created_at)"
    " SELECT clinic_id, gen_random_uuid(), 'Sam', clinic_id || '@clinic.example', 'owner', 'x', true, now()"
    " FROM clinic",
    # Nobody reads their names: nothing is in these boxes.
    "INSERT INTO client (clinic_id, id, name, therapist_id, zone, locale, state, sync_seq, created_at)"
    " SELECT s.clinic_id, gen_random_uuid(), decode(repeat('00', 30), 'hex'), s.id, %(zone)s, 'en', 'active', 1, now()"
    " FROM staff s, generate_series(1, CASE s.clinic_id WHEN (SELECT clinic_id FROM clinic ORDER BY 1 LIMIT 1)"
    " THEN %(in_one)s ELSE %(people)s END)",
    "INSERT INTO consent (clinic_id, id, client_id, channel, wording, given_at)"
    " SELECT clinic_id, gen_random_uuid(), id, 'sms', 'Yes', now() FROM client",
    "INSERT INTO reminder (clinic_id, id, client_id, sync_seq, created_at, kind, local_times, slots, weekdays,"
    " channels, starts_on, except_on, revision)"
    " SELECT clinic_id, gen_random_uuid(), id, 1, now(), 'check_in', ARRAY[%(wall)s::time], ARRAY[0], 127,"
    " ARRAY['sms'], %(today)s, ARRAY[]::date[], 1 FROM client",
    # The others come due in half a year: they must cost nothing now.
    "INSERT INTO reminder_clock (clinic_id, reminder_id, next_at, tzdata)"
    " SELECT clinic_id, id, CASE WHEN n <= %(due)s THEN %(due_at)s ELSE %(due_at)s + interval '180 days' END,"
    " %(tzdata)s FROM (SELECT clinic_id, id, row_number() OVER (PARTITION BY clinic_id ORDER BY id) AS n"
    " FROM reminder) r",
)


def fill(owner_url: str, clinics: int, people: int, due: int, *, in_one: int | None = None) -> None:
    """So many people in each clinic, of whom `due` are to be reminded now. One clinic may be of another size."""
    zone = daytime_zone()
    due_at = utc_now().astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0) + timedelta(minutes=2)
    values = {
        "zone": zone,
        "clinics": clinics,
        "people": people,
        "in_one": people if in_one is None else in_one,
        "due": due,
        "due_at": due_at,
        "wall": due_at.time(),
        "today": due_at.date(),
        "tzdata": IANA_VERSION,
    }
    with psycopg.connect(owner_url) as connection:
        for statement in _FILL:
            connection.execute(statement, values)
        give_phones(connection, connection.execute("SELECT clinic_id, id FROM client").fetchall())
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
