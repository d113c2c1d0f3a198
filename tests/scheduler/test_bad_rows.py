"""One row that the database will not take, of many: the others are planned, sent, found out and looked at all the same.

A trigger refuses it, with the error class of a broken rule or of a full disk.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from scheduler.holding import HoldReason
from scheduler.planner import Planner
from scheduler.recovery import Recovery
from scheduler.rhythm import Rhythm
from scheduler.watch import Watch
from scheduler.witness import Notebook
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import Database
from service.ids import new_id
from service.reminders.actions import set_reminder
from service.reminders.wishes import Wish
from tests.conftest import Urls
from tests.far_ends import MailServer, SmsProvider
from tests.make import make_plan
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio

DISK_FULL = "53100"


@asynccontextmanager
async def refused(
    process: Notifier, table: str, when: str, client_id: UUID, error: str = "23514"
) -> AsyncIterator[None]:
    function = f"no_{table}"
    await process.shift(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.client_id = '{client_id}' THEN RAISE EXCEPTION 'no' USING ERRCODE = '{error}'; END IF;"
        " RETURN NEW; END $$"
    )
    await process.shift(
        f"CREATE TRIGGER {function} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    try:
        yield
    finally:
        await process.shift(f"DROP FUNCTION {function}() CASCADE")


async def test_planning(process: Notifier) -> None:
    bad, fine = await process.client(), await process.client()
    for client in (bad, fine):
        await process.remind(client)
    async with refused(process, "occurrence", "INSERT", bad.id):
        await process.planner.tick()
        assert (await process.ledger(bad), await process.ledger(fine)) == ([], [("queued", None)])
    await process.planner.tick()
    assert await process.ledger(bad) == [("queued", None)]


@pytest.mark.parametrize("error", ["23514", DISK_FULL])
async def test_looking_at_people(process: Notifier, error: str) -> None:
    bad, fine = await _silent(process), await _silent(process)
    rhythm = Rhythm(process.planner.database, "s" * 40)
    async with refused(process, "occurrence", "INSERT", bad.id, error):
        await rhythm.tick()
    assert (await process.ledger(bad), await process.ledger(fine)) == ([], [("queued", None)])
    async with process.owner.installation_tx() as connection:
        asked = text("SELECT next_at - now() < interval '1 hour' FROM reminder_rhythm WHERE client_id = :id")
        # What may pass is looked at again soon, what will not tomorrow.
        assert await connection.scalar(asked, {"id": bad.id}) is (error == DISK_FULL)


async def test_claiming(process: Notifier, sms: SmsProvider) -> None:
    bad, *fine = [await process.queued() for _ in range(3)]
    async with refused(process, "message", "UPDATE", bad.id):
        await process.delivery.tick()
    assert [await process.ledger(client) for client in (bad, *fine)] == [[("queued", None)], *[[("sent", None)]] * 2]
    await process.delivery.tick()
    assert await process.ledger(bad) == [("sent", None)]
    assert len(sms.accepted) == 3


async def test_recording(process: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.recording._PATIENCE_SECONDS", (0.0,))
    bad, *fine = [await process.queued() for _ in range(3)]
    async with refused(process, "occurrence", "UPDATE", bad.id):
        await process.delivery.tick()
    assert [await process.ledger(client) for client in (bad, *fine)] == [[("queued", None)], *[[("sent", None)]] * 2]
    assert (await process.message(bad)).state == "in_flight"


@pytest.mark.parametrize("answer", [b"554 caf\xe9", b"554 no\0 no", b"599 \xff\xfe"])
async def test_an_answer_that_no_column_takes(process: Notifier, mail: MailServer, answer: bytes) -> None:
    bad, fine = await process.client(), await process.client()
    for client in (bad, fine):
        await process.remind(client, "check_in", "email")
    await process.planner.tick()
    mail.answers.append(answer)
    await process.delivery.tick()
    ledgers = [(await process.ledger(client))[0] for client in (bad, fine)]
    assert sorted(ledgers) == [("failed", "refused"), ("sent", None)]


async def test_turning_away_before_the_mark(process: Notifier, sms: SmsProvider, mail: MailServer) -> None:
    """It should fall back to mail, and cannot; the other goes out by text."""
    bad, fine = [await process.queued("sms", "email") for _ in range(2)]
    await process.shift(
        "UPDATE contact_point SET invalid_at = now(), invalid_code = '1' WHERE channel = 'sms' AND client_id = :id",
        id=bad.id,
    )
    async with refused(process, "message", "INSERT", bad.id):
        await process.delivery.tick()
    assert await process.ledger(fine) == [("sent", None)]
    assert await process.ledger(bad) == [("queued", None)]
    await process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE client_id = :id", id=bad.id)
    await process.delivery.tick()
    await process.delivery.tick()
    assert await process.ledger(bad) == [("sent", None)]
    assert (len(sms.accepted), len(mail.accepted)) == (1, 1)


async def test_finding_out(process: Notifier, sms: SmsProvider) -> None:
    bad, fine = [await process.queued() for _ in range(2)]
    sms.faults.extend(["drop_after_accept"] * 2)
    await process.delivery.tick()
    await process.shift("UPDATE message SET check_at = now() - interval '1 s' WHERE client_id = :id", id=fine.id)
    await process.shift("UPDATE message SET check_at = now() - interval '1 h' WHERE client_id = :id", id=bad.id)
    async with refused(process, "occurrence", "UPDATE", bad.id):
        await process.reconciler.tick()
    assert ((await process.message(bad)).state, (await process.message(fine)).state) == ("uncertain", "accepted")


async def test_a_doubt_that_cannot_be_written_is_told_and_leaves_the_hold(process: Notifier, urls: Urls) -> None:
    client = await process.queued()
    database = Database(f"{urls.notifier}?options=-clock_timeout%3D100")
    watch = Watch(database, Notebook(None, new_id(utc_now())), process.delivery.channels, "worker", utc_now())
    await watch.beat()
    recovery = Recovery(watch, Planner(database, "s" * 40), Rhythm(database, "s" * 40))
    await process.shift(
        "UPDATE epoch SET held_since = now(), hold_reason = :why, known_until = now() - interval '1 s',"
        " asked_at = now()",
        why=HoldReason.RESTORED.value,
    )
    held = text("SELECT count(*) FROM epoch WHERE held_since IS NOT NULL")
    async with refused(process, "message", "UPDATE", client.id, DISK_FULL):
        with pytest.raises(OperationalError, match="DiskFull"):
            await recovery.tick()
    async with process.owner.installation_tx() as connection:
        assert await connection.scalar(held) == 1
        # Somebody else is at it: nothing to tell.
        await connection.execute(text("UPDATE epoch SET asked_at = now()"))
        assert await recovery.tick() is None
    assert await recovery.tick() == 1
    assert (await process.message(client)).state == "uncertain"
    await database.close()


async def _silent(process: Notifier) -> Client:
    """Three planned days without a word: this morning something is said about it."""
    client = await process.client()
    first = utc_now().astimezone(ZoneInfo(client.zone)).date() - timedelta(days=3)
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        await make_plan(session, client, now=utc_now(), starts_on=first)
        await set_reminder(session, client, Wish("plan", [time(4)], 127, ["sms"], first), utc_now())
    return client
