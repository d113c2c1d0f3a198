"""Half a million rows of each growing table: no statement of planning, sending or finding out reads one whole."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, event, text

from scheduler.channels.base import Channel
from scheduler.channels.inbox import InboxChannel
from scheduler.delivery import Delivery
from scheduler.planner import Planner
from scheduler.reconcile import Reconciler
from scheduler.render import Renderer
from service.conversation.actions.bulk import was_told
from service.database.driving import as_sent
from service.database.tenancy import SYSTEM, Database
from service.settings import Settings
from tests.conftest import Urls
from tests.crowd import fill
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio

GROWING: Final = {"message", "attempt", "occurrence", "reminder_clock", "send_fuse"}
ROWS: Final = 500_000

# Without their owners, and their indexes made afterwards: only the planner's choice is asked for.
_GROW: Final = (
    "SET session_replication_role = replica",
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key, priority,"
    " state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks, accepted_at, created_at,"
    " updated_at)"
    " SELECT c.clinic_id, gen_random_uuid(), c.id, p.id, 'sms', 'check_in', '{}', 'old:' || n || c.id, 5,"
    " CASE WHEN mod(n, 5) = 0 THEN 'queued' ELSE 'accepted' END, now() + interval '3 days', now() + interval '4 days',"
    " 0, 2, 0, 0, 0, now() - interval '30 days', now() - n * interval '1 hour', now()"
    " FROM client c JOIN contact_point p ON p.client_id = c.id, generate_series(1, %(each)s) n",
    "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, body_sha256)"
    " SELECT clinic_id, gen_random_uuid(), id, 1, 1, 'inbox', now(), decode(md5(id::text), 'hex') FROM message",
    "INSERT INTO occurrence (clinic_id, id, client_id, reminder_id, kind, day, slot, due_at, zone, tzdata, state,"
    " reason, created_at) SELECT r.clinic_id, gen_random_uuid(), r.client_id, r.id, r.kind, current_date - n, 0,"
    " now() - n * interval '1 day', 'UTC', '', 'skipped', 'rest_day', now()"
    " FROM reminder r, generate_series(1, %(each)s) n",
    "INSERT INTO send_fuse (clinic_id, contact_point_id, day, fuse, sends)"
    " SELECT clinic_id, id, current_date - n, 'reminder', 1 FROM contact_point, generate_series(1, %(each)s) n",
    "INSERT INTO reminder_clock (clinic_id, reminder_id, next_at, tzdata)"
    " SELECT clinic_id, gen_random_uuid(), now() + interval '30 days', '' FROM reminder, generate_series(1, %(each)s)",
)
_READING: Final = ("WITH", "SELECT", "UPDATE", "INSERT", "DELETE")
_INDEXES: Final = (
    "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
    " JOIN pg_class t ON t.oid = i.indrelid WHERE NOT i.indisprimary AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) AND t.relname = ANY(%s)"
)


@pytest.fixture(scope="module")
def grown(urls: Urls) -> None:
    fill(urls.owner, clinics=5, people=100, due=10)
    with psycopg.connect(urls.owner) as connection:
        indexes = connection.execute(_INDEXES, [list(GROWING)]).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for statement in _GROW:
            connection.execute(statement, {"each": ROWS // 500})
        for _, definition in indexes:
            connection.execute(definition)
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


@pytest.fixture
def said() -> Iterator[dict[str, Any]]:
    """Every statement that was executed, with values it was executed with."""
    heard: dict[str, Any] = {}

    def listen(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        heard[statement] = values

    event.listen(Engine, "before_cursor_execute", listen)
    yield heard
    event.remove(Engine, "before_cursor_execute", listen)


async def test_no_tick_reads_a_growing_table_whole(
    urls: Urls, notifier: Database, grown: None, said: dict[str, Any]
) -> None:
    settings = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9")
    channels: dict[str, Channel] = {"sms": InboxChannel(notifier, "sms")}
    assert await Planner(notifier, settings.secret_key).tick() == 50
    with psycopg.connect(urls.owner) as connection:
        connection.execute("UPDATE message SET due_at = now() - interval '1 s' WHERE occurrence_id IS NOT NULL")
    assert await Delivery(notifier, channels, Renderer(settings), "worker", asyncio.Event()).tick() == 50
    with psycopg.connect(urls.owner) as connection:
        connection.execute(
            "UPDATE message SET state = 'uncertain', check_at = now() - interval '1 s' WHERE occurrence_id IS NOT NULL"
        )
    assert await Reconciler(notifier, channels).tick() == 50
    read = {statement: values for statement, values in said.items() if statement.startswith(_READING)}
    whole = {statement: await _read_whole(notifier, statement, values) for statement, values in read.items()}
    assert len(whole) > 20
    assert {statement: tables for statement, tables in whole.items() if tables} == {}


async def test_what_tells_of_a_message_in_a_thread_is_found_by_its_key(
    urls: Urls, notifier: Database, grown: None, said: dict[str, Any]
) -> None:
    with psycopg.connect(urls.owner) as connection:
        [[clinic_id]] = connection.execute("SELECT clinic_id FROM clinic LIMIT 1").fetchall()
    async with notifier.clinic_tx(clinic_id, SYSTEM) as session:
        assert not await was_told(session, uuid4())
        [(statement, values)] = said.items()
        [[plan]] = await (await session.connection()).exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, values)
    assert "uq_message_dedupe_key" in str(plan)


async def _read_whole(notifier: Database, statement: str, values: Any) -> set[str]:
    """The growing tables that PostgreSQL would read from one end to the other, for these values or for whatever
    values: the notifier's own connections take the plan for those (`docs/decisions/0069`)."""
    async with notifier.installation_tx() as connection:
        clinic_id = values.get("clinic_id")
        setting = f"app.clinic_id TO '{clinic_id}'" if clinic_id else "app.across TO 'find_work'"
        await connection.execute(text(f"SET LOCAL {setting}"))
        await connection.execute(text("SET LOCAL plan_cache_mode TO force_generic_plan"))
        [[for_these]] = await connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, values)
        numbered, names = as_sent(statement)
        given = f"({', '.join('NULL' for _ in names)})" if names else ""
        plain: Any = (await connection.get_raw_connection()).driver_connection
        cursor = psycopg.AsyncRawCursor(plain)
        await cursor.execute("PREPARE asked AS " + numbered.replace("%%", "%"))
        await cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}")
        [[for_any]] = await cursor.fetchall()
        await cursor.execute("DEALLOCATE asked")
    return GROWING & {name for found in (for_these, for_any) for name in scanned(found[0]["Plan"])}


def scanned(node: Mapping[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from scanned(below)
