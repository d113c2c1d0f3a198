"""A database that went back in time: noticed, held, looked up at the provider, and nobody gets a message twice."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from scheduler.rounds import Held
from service.accounts.tables import Client, ContactPoint
from service.cli_recover import recover
from service.clock import utc_now
from service.database.embedded import EmbeddedPostgres
from service.database.sealing import opened, packed
from service.database.tenancy import SYSTEM
from service.reminders import pacing
from tests.conftest import Urls
from tests.far_ends import SmsProvider
from tests.make import Team
from tests.scheduler.conftest import SENDER, Notifier
from tests.scheduler.watching import Process, start
from tests.scheduler.watching import first as first

pytestmark = pytest.mark.anyio


def _copy(postgres: EmbeddedPostgres, name: str) -> None:
    """A copy of the stopped database, as a copied data folder would be."""
    _as_owner(postgres, f"DROP DATABASE IF EXISTS copy_of_{name}")
    _as_owner(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    _as_owner(postgres, f"CREATE DATABASE copy_of_{name} TEMPLATE {name} STRATEGY file_copy")


def _bring_back(postgres: EmbeddedPostgres, name: str) -> None:
    _as_owner(postgres, f"DROP DATABASE {name} WITH (FORCE)")
    _as_owner(postgres, f"ALTER DATABASE copy_of_{name} RENAME TO {name}")


def _as_owner(postgres: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(statement)


def _name(urls: Urls) -> str:
    return urls.owner.rpartition("/")[2]


def _texts(sms: SmsProvider, client: Client, addresses: dict[str, str]) -> int:
    return sum(entry["to"] == addresses[str(client.id)] for entry in sms.accepted)


async def test_after_a_restore_nobody_is_written_to_twice(
    urls: Urls,
    postgres: EmbeddedPostgres,
    sms: SmsProvider,
    team: Team,
    tmp_path: Path,
    first: Process,
) -> None:
    people = first.people
    # Planned before the copy and sent after it; planned and sent after it; due only after the restore; put off before
    # the copy, and asked again after it.
    queued, forgotten, unsent, put_off = [await people.client() for _ in range(4)]
    await people.shift("UPDATE clinic SET texts_per_day = 4")
    # A text that the copy knows of is no sign of another one.
    await people.remind(unsent, "habit")
    await first.work()
    await people.remind(queued)
    await people.remind(unsent)
    await people.planner.tick()
    later = "UPDATE message SET due_at = now() + interval '2 hours' WHERE client_id = :id AND state = 'queued'"
    await people.shift(later, id=unsent.id)
    await people.remind(forgotten, ago=-3600)
    await people.remind(put_off, ago=-3 * 3600)
    async with people.database.clinic_tx(team.clinic_id, SYSTEM) as session:
        await pacing.put_off(session, put_off, "check_in", None, "sms", utc_now())
    addresses = {str(client.id): (await _address(people, client)) for client in (queued, forgotten, unsent, put_off)}
    _copy(postgres, _name(urls))
    await people.shift("UPDATE reminder_clock SET next_at = now() - interval '1 minute'")
    await people.remind(forgotten)
    await _time_to_ask_again(people, put_off)
    await first.recovery.rhythm.tick()
    await first.work()
    assert [_texts(sms, client, addresses) for client in (queued, forgotten, unsent, put_off)] == [1, 1, 1, 1]
    await first.watch.beat()
    await first.close()

    _bring_back(postgres, _name(urls))
    fresh = start(urls, sms, team, tmp_path)
    people = fresh.people
    # What the lost reminder's moment was before: due again, as if nobody had heard of it.
    await people.remind(forgotten)
    await _time_to_ask_again(people, put_off)
    now_due = "UPDATE message SET due_at = now() - interval '1 minute' WHERE client_id = :id AND state = 'queued'"
    await people.shift(now_due, id=unsent.id)
    for tick in (people.planner.tick, people.delivery.tick, people.reconciler.tick):
        with pytest.raises(Held, match="clamshell recover"):
            await tick()
    assert await fresh.recovery.tick() is None, "after a restore somebody asks first"

    said: list[str] = []
    assert await recover(urls.notifier, said.append, patience=0) == 1
    assert "No scheduler is running" in said[-1]
    heard = asyncio.Event()

    def hear(line: str) -> None:
        said.append(line)
        heard.set()

    asking = asyncio.create_task(recover(urls.notifier, hear))
    await heard.wait()
    # Killed half-way: what was doubted stays doubted, and the next one does the rest.
    assert await fresh.recovery._doubt_some(team.clinic_id, utc_now()) == 2
    with pytest.raises(Held):
        await people.delivery.tick()
    assert await fresh.recovery.tick() == 4
    assert await fresh.recovery.tick() is None
    assert await asking == 0
    assert "older than what the schedulers remember" in said[0]
    assert "4 messages are being looked up" in said[-2]
    everybody = queued, forgotten, unsent, put_off
    assert {(await people.message(client)).state for client in everybody} == {"uncertain"}

    await _look_up_all(fresh)
    await fresh.work()
    assert (await people.message(queued)).state == (await people.message(forgotten)).state == "accepted"
    assert await people.ledger(forgotten) == [("sent", None)]
    assert [_texts(sms, client, addresses) for client in everybody] == [1, 1, 1, 1]
    # Absent twice, and long enough: proven, and sent for the first time.
    await _look_up_all(fresh)
    await fresh.work()
    assert [_texts(sms, client, addresses) for client in everybody] == [1, 1, 2, 1]
    await fresh.close()


async def _time_to_ask_again(people: Notifier, client: Client) -> None:
    again = "UPDATE occurrence SET due_at = now() - interval '1 minute' WHERE client_id = :id AND slot = -1"
    await people.shift(again, id=client.id)
    await people.shift("UPDATE reminder_rhythm SET next_at = now() WHERE client_id = :id", id=client.id)


async def _address(people: Notifier, client: Client) -> str:
    async with people.owner.installation_tx() as connection:
        packed_address = packed(ContactPoint, "address", "p")
        result = await connection.exec_driver_sql(
            f"SELECT {packed_address} FROM contact_point p WHERE client_id = '{client.id}'"
        )
        return str(opened(ContactPoint, "address", result.scalars().first()))


async def _look_up_all(process: Process) -> None:
    """Time passes: each doubt is looked at, and is older than the quarantine."""
    await process.people.shift("UPDATE message SET check_at = now() - interval '1 s' WHERE state = 'uncertain'")
    await process.people.shift("UPDATE attempt SET started_at = started_at - interval '11 minutes'")
    await process.people.reconciler.tick()


async def test_a_failover_is_noticed_by_a_fresh_scheduler_and_recovered_from_unasked(
    urls: Urls, sms: SmsProvider, team: Team, first: Process
) -> None:
    client = await first.people.client()
    await first.people.remind(client)
    await first.people.planner.tick()
    # As a promoted standby looks: the same data, on a timeline that the row does not know.
    await first.people.shift("UPDATE epoch SET server = split_part(server, '/', 1) || '/00000000'")
    fresh = start(urls, sms, team, None)
    with pytest.raises(Held):
        await fresh.people.delivery.tick()
    assert await fresh.recovery.tick() == 1
    assert (await fresh.people.message(client)).state == "uncertain"
    await fresh.people.delivery.tick()
    assert sms.requests == []
    await fresh.close()


async def test_a_text_that_may_be_either_of_two_forgotten_ones_lets_neither_go_out_again(
    urls: Urls, sms: SmsProvider, team: Team, first: Process
) -> None:
    await first.people.shift("UPDATE clinic SET texts_per_day = 4")
    client = await first.people.client()
    for kind in ("check_in", "habit"):
        await first.people.remind(client, kind)
        await first.people.planner.tick()
    forgotten = {"To": await _address(first.people, client), "From": SENDER, "Body": "One of the two"}
    sms.accept(forgotten)
    await first.people.shift("UPDATE epoch SET server = split_part(server, '/', 1) || '/00000000'")
    fresh = start(urls, sms, team, None)
    with pytest.raises(Held):
        await fresh.people.delivery.tick()
    assert await fresh.recovery.tick()
    for _ in range(3):
        await _look_up_all(fresh)
        await fresh.work()
    assert await fresh.people.ledger(client) == [("sent", None), ("expired", "uncertain")]
    assert [entry["body"] for entry in sms.listed(forgotten["To"])] == ["One of the two"]
    await fresh.close()


async def test_a_database_that_does_not_name_its_server_is_worked_with_all_the_same(
    urls: Urls, sms: SmsProvider, team: Team, first: Process
) -> None:
    """As with providers of databases that keep it to themselves."""
    await first.people.shift("REVOKE EXECUTE ON FUNCTION pg_walfile_name FROM PUBLIC")
    fresh = start(urls, sms, team, None)
    await fresh.watch.beat()
    await fresh.people.delivery.tick()
    await fresh.close()
    await first.people.shift("GRANT EXECUTE ON FUNCTION pg_walfile_name TO PUBLIC")
