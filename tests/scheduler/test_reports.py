"""What a provider reports while its message is in flight: believed as soon as the flight is over, whoever is killed."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from scheduler.channels.base import Sent
from scheduler.delivery import Delivery
from scheduler.marking import Marked
from scheduler.reports import Reports
from scheduler.retry import HEARINGS, after_vain_hearing
from service.clock import utc_now
from service.conversation.actions.reports import act_on_report, store_report
from service.database.tenancy import Actor
from tests.far_ends import MailServer
from tests.make import NOW
from tests.scheduler.conftest import Notifier
from tests.scheduler.test_bad_rows import refused
from tests.scheduler.test_races import waits

pytestmark = pytest.mark.anyio

PROVIDER = Actor("provider", None, "text")
SECRET = "s" * 40


async def report(process: Notifier, attempt_id: UUID, state: str, code: str | None = None) -> None:
    """As the page does that hears it: kept, and believed when nobody is sending."""
    clinic_id = process.team.clinic_id
    async with process.database.clinic_tx(clinic_id, PROVIDER) as session:
        event_id = await store_report(session, attempt_id, f"SM-{attempt_id}", state, code, utc_now())
    async with process.database.clinic_tx(clinic_id, PROVIDER) as session:
        await act_on_report(session, event_id, SECRET, utc_now())


async def hear(process: Notifier, most: int = 100) -> int:
    return await Reports(process.delivery.database, SECRET, most).tick()


async def mark(process: Notifier, count: int) -> list[Marked]:
    marked = []
    for _ in range(count):
        await process.queued()
        marked.append(await process.mark_and_stand_still())
    return marked


async def flights_are_over(process: Notifier) -> None:
    await process.shift("UPDATE message SET lease_until = now() - interval '1 s' WHERE state = 'in_flight'")
    await process.reconciler.tick()


async def test_a_report_during_a_flight_whose_worker_died_is_believed_at_the_next_look(
    notifier_process: Notifier,
) -> None:
    client = await notifier_process.queued()
    marked = await notifier_process.mark_and_stand_still()
    await report(notifier_process, marked.parcel.attempt_id, "delivered")
    assert await hear(notifier_process) == 0
    assert (await notifier_process.message(client)).state == "in_flight"
    await flights_are_over(notifier_process)
    assert await hear(notifier_process) == 1
    message = await notifier_process.message(client)
    assert (message.state, message.provider_message_id) == ("delivered", f"SM-{marked.parcel.attempt_id}")
    assert await notifier_process.ledger(client) == [("sent", None)]
    assert await hear(notifier_process) == 0


async def test_what_was_not_delivered_goes_by_the_next_channel_without_another_webhook(
    notifier_process: Notifier, mail: MailServer
) -> None:
    client = await notifier_process.queued("sms", "email")
    marked = await notifier_process.mark_and_stand_still()
    await report(notifier_process, marked.parcel.attempt_id, "undelivered", "30005")
    await flights_are_over(notifier_process)
    await hear(notifier_process)
    await notifier_process.delivery.tick()
    assert len(mail.accepted) == 1
    assert await notifier_process.ledger(client) == [("sent", None)]


async def test_one_that_cannot_be_believed_holds_up_no_other(notifier_process: Notifier) -> None:
    bad, fine = await mark(notifier_process, 2)
    for one in (bad, fine):
        await report(notifier_process, one.parcel.attempt_id, "delivered")
    await flights_are_over(notifier_process)
    async with refused(notifier_process, "message", "UPDATE", bad.message.client_id):
        assert await hear(notifier_process) == 2
    states = {one: await _state(notifier_process, one) for one in (bad.message.id, fine.message.id)}
    assert states == {bad.message.id: "uncertain", fine.message.id: "delivered"}
    assert await hear(notifier_process) == 0, "not on every tick"
    await notifier_process.shift("UPDATE provider_event SET try_at = now() WHERE acted_at IS NULL")
    assert await hear(notifier_process) == 1
    assert await _state(notifier_process, bad.message.id) == "delivered"


async def test_one_that_cannot_even_be_put_off_holds_up_no_other(notifier_process: Notifier) -> None:
    bad, fine = await mark(notifier_process, 2)
    for one in (bad, fine):
        await report(notifier_process, one.parcel.attempt_id, "delivered")
    await flights_are_over(notifier_process)
    await notifier_process.shift(
        "CREATE FUNCTION no_try() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.attempt_id = '{bad.parcel.attempt_id}' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$"
    )
    await notifier_process.shift(
        "CREATE TRIGGER no_try BEFORE UPDATE ON provider_event FOR EACH ROW EXECUTE FUNCTION no_try()"
    )
    assert await hear(notifier_process) == 2
    await notifier_process.shift("DROP FUNCTION no_try() CASCADE")
    assert await _state(notifier_process, fine.message.id) == "delivered"
    assert await hear(notifier_process) == 1


async def test_one_that_is_never_believed_is_put_aside_with_its_reason(notifier_process: Notifier) -> None:
    [bad] = await mark(notifier_process, 1)
    await report(notifier_process, bad.parcel.attempt_id, "delivered")
    await flights_are_over(notifier_process)
    heard = 0
    async with refused(notifier_process, "message", "UPDATE", bad.message.client_id):
        for _ in range(HEARINGS + 1):
            heard += await hear(notifier_process)
            await notifier_process.shift("UPDATE provider_event SET try_at = now() WHERE acted_at IS NULL")
    assert heard == HEARINGS == 8
    async with notifier_process.owner.installation_tx() as connection:
        row = await connection.execute(
            text("SELECT tries, acted_at IS NOT NULL AS over, trouble FROM provider_event WHERE attempt_id = :id"),
            {"id": bad.parcel.attempt_id},
        )
        assert tuple(row.one()) == (8, True, "IntegrityError 23514")
    assert await hear(notifier_process) == 0


def test_the_waits_between_its_tries() -> None:
    waits = [after_vain_hearing(NOW, tries) for tries in range(HEARINGS)]
    seconds = [(at - NOW).total_seconds() if at else None for at in waits]
    assert seconds == [5, 20, 80, 320, 1280, 5120, 20480, None]


async def test_a_tick_full_of_what_cannot_be_believed_holds_up_none_that_came_later(notifier_process: Notifier) -> None:
    bad, fine = await mark(notifier_process, 2)
    for one in (bad, fine):
        await report(notifier_process, one.parcel.attempt_id, "delivered")
    await notifier_process.shift(
        "INSERT INTO provider_event (clinic_id, id, provider, event_key, kind, message_id, attempt_id, state,"
        " received_at) SELECT clinic_id, CAST(lpad(CAST(n AS text), 32, '0') AS uuid), provider, event_key || n, kind,"
        " message_id, attempt_id, state, received_at FROM provider_event, generate_series(1, :more) n"
        " WHERE attempt_id = :id",
        more=3,
        id=bad.parcel.attempt_id,
    )
    await flights_are_over(notifier_process)
    async with refused(notifier_process, "message", "UPDATE", bad.message.client_id):
        assert [await hear(notifier_process, 3), await hear(notifier_process, 3)] == [3, 2]
    assert await _state(notifier_process, fine.message.id) == "delivered"


async def test_reports_and_a_worker_that_records_the_same_messages_never_wait_in_a_ring(
    notifier_process: Notifier,
) -> None:
    first, second = await mark(notifier_process, 2)
    for one in (second, first):
        await report(notifier_process, one.parcel.attempt_id, "sent")
    await flights_are_over(notifier_process)
    delivery: Delivery = notifier_process.delivery
    told = [(one, Sent(f"SM-{one.parcel.attempt_id}")) for one in (first, second)]
    async with notifier_process.owner.installation_tx() as connection:
        held = text("SELECT 1 FROM message WHERE clinic_id = :clinic AND id = :id FOR UPDATE")
        await connection.execute(held, {"clinic": notifier_process.team.clinic_id, "id": second.message.id})
        hearing = asyncio.create_task(hear(notifier_process))
        await waits(notifier_process.owner)
        recording = asyncio.create_task(delivery.recorder.record(notifier_process.team.clinic_id, told))
        await waits(notifier_process.owner, 2)
    await asyncio.gather(hearing, recording, return_exceptions=True)
    await hear(notifier_process)
    async with notifier_process.owner.installation_tx() as connection:
        deadlocks = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert await connection.scalar(deadlocks) == 0
    assert [await _state(notifier_process, one.message.id) for one in (first, second)] == ["accepted"] * 2


async def _state(process: Notifier, message_id: UUID) -> str | None:
    async with process.owner.installation_tx() as connection:
        state: str | None = await connection.scalar(
            text("SELECT state FROM message WHERE id = :id"), {"id": message_id}
        )
        return state
