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
    "clinic_id, id, client_id, sync_seq, created_at, day, done_at, written_at, received_at, entered_by, channel"
)
_TOLD: Final = (
    "c.clinic_id, gen_random_uuid(), c.id, 1, d.at, d.at::date, d.at, d.at, d.at, 'client',"
    " CASE WHEN mod(d.n, 3) = 0 THEN 'text' ELSE 'web' END"
)
_EACH_DAY: Final = (
    "FROM client c, (SELECT n, %(now)s - n * interval '1 day' AS at FROM generate_series(0, %(days)s - 1) n) d"
    " WHERE c.clinic_id = %(clinic)s"
)
# Seven of eight days have a score, five of seven a session; of the others nothing is known.
_OWN: Final = (
    f"INSERT INTO pain_entry ({_ENTRY}, revision, kind, score, aggravators) SELECT {_TOLD}, 1, 'now',"
    f" 3 + floor(random() * 4), '{{}}' {_EACH_DAY} AND random() < 0.88",
    f"INSERT INTO exercise_session ({_ENTRY}, revision, plan_version_id, outcome, pain_during) SELECT {_TOLD}, 1,"
    " v.id, CASE WHEN mod(d.n, 9) = 0 THEN 'partly' ELSE 'done' END, 3"
    f" {_EACH_DAY.replace('FROM client c,', 'FROM client c JOIN plan_version v ON v.clinic_id = c.clinic_id AND v.client_id = c.id,')}"
    " AND random() < 0.71",
    "INSERT INTO exercise_result (clinic_id, id, client_id, sync_seq, created_at, session_id, plan_item_id, done)"
    " SELECT s.clinic_id, gen_random_uuid(), s.client_id, 1, s.created_at, s.id, i.id, random() < 0.8"
    " FROM exercise_session s JOIN plan_item i ON i.clinic_id = s.clinic_id AND i.plan_version_id = s.plan_version_id"
    " WHERE s.clinic_id = %(clinic)s AND %(days)s > 0 AND %(now)s IS NOT NULL",
    f"INSERT INTO habit_mark ({_ENTRY}, revision, plan_habit_id, habit_key, kind, yes) SELECT {_TOLD}, 1, h.id,"
    " h.habit_key, 'yes_no', random() < 0.5"
    f" {_EACH_DAY.replace('FROM client c,', 'FROM client c JOIN plan_habit h ON h.clinic_id = c.clinic_id AND h.client_id = c.id,')}"
    " AND random() < 0.8",
    f"INSERT INTO morning_after ({_ENTRY}, revision, session_id, response, score) SELECT s.clinic_id,"
    " gen_random_uuid(), s.client_id, 1, s.created_at, s.day + 1, s.done_at, s.done_at, s.received_at, 'client', 'web',"
    " 1, s.id, 'same', 3 FROM exercise_session s WHERE s.clinic_id = %(clinic)s AND s.day < %(now)s::date"
    " AND %(days)s > 0",
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key, priority,"
    " state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks, accepted_at, settled_at,"
    " created_at, updated_at) SELECT c.clinic_id, gen_random_uuid(), c.id, p.id, 'sms', 'check_in', '{}',"
    " 'old:' || d.n || c.id, 5, 'delivered', d.at, d.at + interval '4 hours', 1, 2, 0, 1, 0, d.at, d.at, d.at, d.at"
    f" {_EACH_DAY.replace('FROM client c,', 'FROM client c JOIN contact_point p ON p.clinic_id = c.clinic_id AND p.client_id = c.id AND p.channel = $$sms$$,')}",
)
# Without their owners, and their indexes made afterwards: nobody reads them, they are only in the way.
_SPREAD: Final = "SELECT clinic, gen_random_uuid(), client, 1, at, at::date, at, at, at, 'client', 'web', 1"
_MANY: Final = (
    "FROM (SELECT md5('clinic' || k)::uuid AS clinic, md5('client' || k || '-' || c)::uuid AS client,"
    " %(now)s - n * interval '1 day' AS at"
    " FROM generate_series(1, %(clinics)s) k, generate_series(1, 100) c, generate_series(1, %(each)s) n) x"
)
_OTHERS: Final = (
    f"INSERT INTO pain_entry ({_ENTRY}, revision, kind, score, aggravators) {_SPREAD}, 'now', 3, '{{}}' {_MANY}",
    f"INSERT INTO exercise_session ({_ENTRY}, revision, plan_version_id, outcome) {_SPREAD}, gen_random_uuid(), 'done'"
    f" {_MANY}",
    f"INSERT INTO habit_mark ({_ENTRY}, revision, plan_habit_id, habit_key, kind, yes) {_SPREAD}, gen_random_uuid(),"
    f" gen_random_uuid(), 'yes_no', true {_MANY}",
    f"INSERT INTO morning_after ({_ENTRY}, revision, session_id, response, score) {_SPREAD}, gen_random_uuid(), 'same',"
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
