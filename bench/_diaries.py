"""A clinic with 60 days of diary for each of its clients, among others whose diaries hold millions of rows."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg

from service.database.tenancy import Database
from tests.make import Team, item, make_client, make_plan, make_team

DAYS: Final = 60
OTHER_CLINICS: Final = 50

_ENTRY: Final = (
    "clinic_id, id, client_id, sync_seq, created_at, day, done_at, written_at, received_at, entered_by, channel,"
    " revision"
)
# `c` is a row of the client, and `n` how many days ago it was.
_TOLD: Final = (
    "c.clinic_id, gen_random_uuid(), c.client_id, 1, c.at, c.at::date, c.at, c.at, c.at, 'client',"
    " CASE WHEN mod(c.n, 3) = 0 THEN 'text' ELSE 'web' END, 1"
)


def _each_day_of(table: str) -> str:
    """Every row of a table that belongs to a client of the clinic, once for each day, with most of its columns."""
    return (
        f"FROM (SELECT t.*, n, %(now)s - n * interval '1 day' AS at FROM {table} t,"
        " generate_series(0, %(days)s - 1) n WHERE t.clinic_id = %(clinic)s) c"
    )


# Seven of eight days have a score, five of seven a session; of the others nothing is known.
_OWN: Final = (
    f"INSERT INTO pain_entry ({_ENTRY}, kind, score, aggravators) SELECT {_TOLD}, 'now', 3 + floor(random() * 4),"
    f" '{{}}' {_each_day_of('client_scope')} WHERE random() < 0.88",
    f"INSERT INTO exercise_session ({_ENTRY}, plan_version_id, outcome, pain_during) SELECT {_TOLD}, c.id,"
    f" CASE WHEN mod(c.n, 9) = 0 THEN 'partly' ELSE 'done' END, 3 {_each_day_of('plan_version')}"
    " WHERE random() < 0.71",
    "INSERT INTO exercise_result (clinic_id, id, client_id, sync_seq, created_at, session_id, plan_item_id, done)"
    " SELECT s.clinic_id, gen_random_uuid(), s.client_id, 1, s.created_at, s.id, i.id, random() < 0.8"
    " FROM exercise_session s JOIN plan_item i ON i.clinic_id = s.clinic_id AND i.plan_version_id = s.plan_version_id"
    " WHERE s.clinic_id = %(clinic)s",
    f"INSERT INTO habit_mark ({_ENTRY}, plan_habit_id, habit_key, kind, yes) SELECT {_TOLD}, c.id, c.habit_key,"
    f" 'yes_no', random() < 0.5 {_each_day_of('plan_habit')} WHERE random() < 0.8",
    f"INSERT INTO morning_after ({_ENTRY}, session_id, response, score) SELECT s.clinic_id, gen_random_uuid(),"
    " s.client_id, 1, s.created_at, s.day + 1, s.done_at, s.done_at, s.received_at, 'client', 'web', 1, s.id, 'same',"
    " 3 FROM exercise_session s WHERE s.clinic_id = %(clinic)s AND s.day < %(now)s::date",
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key, priority,"
    " state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks, accepted_at, settled_at,"
    " created_at, updated_at) SELECT c.clinic_id, gen_random_uuid(), c.client_id, c.id, 'sms', 'check_in', '{}',"
    " 'old:' || c.n || c.id, 5, 'delivered', c.at, c.at + interval '4 hours', 1, 2, 0, 1, 0, c.at, c.at, c.at, c.at"
    f" {_each_day_of('contact_point')} WHERE c.channel = 'sms'",
)
# Without their owners, and their indexes made afterwards: nobody reads them, they are only in the way.
_SPREAD: Final = "SELECT clinic, gen_random_uuid(), client, 1, at, at::date, at, at, at, 'client', 'web', 1"
_MANY: Final = (
    "FROM (SELECT md5('clinic' || k)::uuid AS clinic, md5('client' || k || '-' || c)::uuid AS client,"
    " %(now)s - n * interval '1 day' AS at"
    " FROM generate_series(1, %(clinics)s) k, generate_series(1, 100) c, generate_series(1, %(each)s) n) x"
)
_OTHERS: Final = (
    f"INSERT INTO pain_entry ({_ENTRY}, kind, score, aggravators) {_SPREAD}, 'now', 3, '{{}}' {_MANY}",
    f"INSERT INTO exercise_session ({_ENTRY}, plan_version_id, outcome) {_SPREAD}, gen_random_uuid(), 'done' {_MANY}",
    f"INSERT INTO habit_mark ({_ENTRY}, plan_habit_id, habit_key, kind, yes) {_SPREAD}, gen_random_uuid(),"
    f" gen_random_uuid(), 'yes_no', true {_MANY}",
    f"INSERT INTO morning_after ({_ENTRY}, session_id, response, score) {_SPREAD}, gen_random_uuid(), 'same',"
    f" 3 {_MANY}",
    "INSERT INTO exercise_result (clinic_id, id, client_id, sync_seq, created_at, session_id, plan_item_id, done)"
    f" SELECT clinic, gen_random_uuid(), client, 1, at, gen_random_uuid(), gen_random_uuid(), true {_MANY}",
)
GROWING: Final = ("pain_entry", "exercise_session", "habit_mark", "morning_after", "exercise_result")
_INDEXES: Final = (
    "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
    " JOIN pg_class t ON t.oid = i.indrelid WHERE NOT i.indisprimary AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) AND t.relname = ANY(%s)"
)


async def make_clinic(database: Database, people: int, now: datetime) -> Team:
    """One therapist has them all: two exercises a day and three habits, under two versions."""
    team = await make_team(database, now=now)
    began = now - timedelta(days=DAYS)
    for _ in range(people):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            client = await make_client(session, team.therapist_id, now=began)
            await make_plan(session, client, now=began, starts_on=began.date(), items=[item(), item("glu-squeeze")])
    return team


def remember(owner_url: str, clinic_id: UUID, now: datetime) -> None:
    with psycopg.connect(owner_url) as connection:
        for statement in _OWN:
            connection.execute(statement, {"clinic": clinic_id, "now": now, "days": DAYS})
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def grow(owner_url: str, rows: int, now: datetime) -> None:
    """So many diary rows of other clinics."""
    values = {"clinics": OTHER_CLINICS, "each": rows // len(_OTHERS) // (OTHER_CLINICS * 100), "now": now}
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET session_replication_role = replica")
        indexes = connection.execute(_INDEXES, [list(GROWING)]).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for statement in _OTHERS:
            connection.execute(statement, values)
        for _, definition in indexes:
            connection.execute(definition)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
