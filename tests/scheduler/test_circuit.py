"""While nothing gets through to a provider one message at a time is tried, however many processes there are."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from scheduler.channels.base import Later, Outcome, Refused, Sent, Unknown, Unreached
from scheduler.circuit import Circuits, Tally, should_open, tally
from service.accounts.tables import Client
from service.database.tenancy import Database
from tests.conftest import Urls
from tests.far_ends import SmsProvider, error
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio

HOLD = 30.0


def test_what_an_outcome_says_about_its_provider() -> None:
    said: dict[Outcome, tuple[int, int, bool]] = {
        Sent("SM1"): (0, 1, False),
        Refused("21211"): (0, 1, False),
        Later(30.0, "429"): (0, 1, False),
        Later(None, "20003", whole_sender=False, own_login=True): (1, 0, True),
        Unreached("ConnectError"): (1, 0, False),
        Unreached("the lease was nearly over", tried=False): (0, 0, False),
        Unknown("status 500", 500): (1, 0, False),
    }
    for outcome, (failed, answered, login) in said.items():
        found = tally([outcome])
        assert (found.failed, found.answered, found.login) == (failed, answered, login), outcome


def test_when_it_opens() -> None:
    failed, login, fine = Tally(failed=1), Tally(failed=1, login=True), Tally(answered=1)
    # This batch, failures in a row, failed and answered in the window, and whether that is an outage.
    rows = [
        (failed, 4, 4, 0, False),
        (failed, 5, 5, 0, True),
        (failed, 1, 9, 11, False),
        (failed, 1, 10, 10, True),
        (failed, 1, 9, 10, False),
        (login, 1, 1, 500, True),
        (fine, 0, 15, 15, False),
    ]
    for found, in_a_row, lost, answered, opens in rows:
        assert should_open(found, in_a_row, lost, answered) is opens, (found, in_a_row, lost, answered)


async def _over(process: Notifier) -> None:
    """The hold is over, and what waited for its end is due."""
    await process.shift("UPDATE sender_pace SET open_until = now() - interval '1 s' WHERE open_until IS NOT NULL")
    await process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")


async def _trouble(process: Notifier) -> list[tuple[str, str | None]]:
    async with process.owner.installation_tx() as connection:
        rows = await connection.execute(text("SELECT sender, trouble FROM sender_pace ORDER BY sender"))
        return [(row.sender, row.trouble) for row in rows]


async def _states(process: Notifier, clients: list[Client]) -> list[tuple[str, int]]:
    messages = [await process.message(client) for client in clients]
    return sorted((message.state, message.attempts) for message in messages)


async def test_five_failures_hold_the_sender_and_one_success_lets_it_go(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    first = [await notifier_process.queued() for _ in range(5)]
    sms.scripted.extend([error(500, 20500)] * 5)
    await notifier_process.delivery.tick()
    assert await _trouble(notifier_process) == [("twilio", "silent")]
    assert await _states(notifier_process, first) == [("uncertain", 1)] * 5
    waiting = [await notifier_process.queued() for _ in range(3)]
    for _ in range(3):
        await notifier_process.delivery.tick()
        await notifier_process.shift("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
    assert await _states(notifier_process, waiting) == [("queued", 0)] * 3
    # Not even claimed: what waits is not written again and again.
    assert [(await notifier_process.message(client)).lease_token for client in waiting] == [0] * 3
    assert sms.requests == []
    await _over(notifier_process)
    sms.faults.append("500")
    await notifier_process.delivery.tick()
    assert (len(sms.requests), len(sms.accepted)) == (1, 0)
    assert await _states(notifier_process, waiting) == [("queued", 0)] * 2 + [("uncertain", 1)]
    await _over(notifier_process)
    await notifier_process.delivery.tick()
    assert await _trouble(notifier_process) == [("twilio", None)]
    assert await _states(notifier_process, waiting) == [("accepted", 1)] * 2 + [("uncertain", 1)]
    assert len(sms.accepted) == 2


async def test_successes_in_between_keep_it_closed(notifier_process: Notifier, sms: SmsProvider) -> None:
    for lost in (4, 0, 4):
        clients = [await notifier_process.queued() for _ in range(max(lost, 1))]
        sms.scripted.extend([error(500, 20500)] * lost)
        await notifier_process.delivery.tick()
        assert await _trouble(notifier_process) == [("twilio", None)], lost
        assert await _states(notifier_process, clients) == ([("uncertain", 1)] * lost or [("accepted", 1)])


async def test_a_wrong_login_holds_the_sender_at_once_and_costs_nothing(
    notifier_process: Notifier, sms: SmsProvider
) -> None:
    clients = [await notifier_process.queued() for _ in range(2)]
    sms.scripted.extend([error(401, 20003)] * 2)
    await notifier_process.delivery.tick()
    assert await _trouble(notifier_process) == [("twilio", "login")]
    await _over(notifier_process)
    sms.scripted.append(error(401, 20003))
    await notifier_process.delivery.tick()
    assert await _states(notifier_process, clients) == [("queued", 0)] * 2
    await _over(notifier_process)
    await notifier_process.delivery.tick()
    await _over(notifier_process)
    await notifier_process.delivery.tick()
    assert await _states(notifier_process, clients) == [("accepted", 1)] * 2
    assert len(sms.accepted) == 2


async def test_mail_goes_on_while_texts_are_held(notifier_process: Notifier, sms: SmsProvider) -> None:
    texted, mailed = await notifier_process.queued(), await notifier_process.queued("email")
    sms.scripted.append(error(401, 20003))
    await notifier_process.delivery.tick()
    assert await _states(notifier_process, [texted]) == [("queued", 0)]
    assert await _states(notifier_process, [mailed]) == [("accepted", 1)]


async def test_of_many_processes_one_tries_in_each_hold(owner: Database, urls: Urls) -> None:
    """Eight connections that look at the same moment, in five holds one after the other."""
    processes = [(Database(urls.notifier, pool_size=1), Circuits()) for _ in range(8)]
    async with owner.installation_tx() as connection:
        await connection.execute(text("DELETE FROM sender_pace"))
        await connection.execute(
            text(
                "INSERT INTO sender_pace (sender, next_free_at, interval_seconds, burst_seconds, opened_at, open_until,"
                " trouble) VALUES ('twilio', now(), 1, 1, now(), now() - interval '1 s', 'silent')"
            )
        )
    meeting = asyncio.Barrier(len(processes))

    async def look(database: Database, circuits: Circuits) -> bool:
        await meeting.wait()
        async with database.installation_tx() as connection:
            waits, may_try = await circuits.waits(connection, {"twilio"}, HOLD)
        assert set(waits) == {"twilio"}
        return "twilio" in may_try

    for _ in range(5):
        assert sum(await asyncio.gather(*(look(*process) for process in processes))) == 1
        assert sum(await asyncio.gather(*(look(*process) for process in processes))) == 0
        async with owner.installation_tx() as connection:
            await connection.execute(text("UPDATE sender_pace SET open_until = now() - interval '1 s'"))
    for database, _ in processes:
        await database.close()


async def test_two_workers_try_one_message_between_them(notifier_process: Notifier, sms: SmsProvider) -> None:
    for _ in range(6):
        await notifier_process.queued()
    sms.scripted.extend([error(500, 20500)] * 6)
    await notifier_process.delivery.tick()
    for _ in range(4):
        await notifier_process.queued()
    await _over(notifier_process)
    other = replace(notifier_process.delivery, worker="other", busy=asyncio.Lock(), circuits=Circuits())
    sms.faults.extend(["500", "500"])
    await asyncio.gather(notifier_process.delivery.tick(), other.tick())
    assert len(sms.requests) == 1
