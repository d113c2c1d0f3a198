"""A database that went back in time: noticed, held, looked up at the provider, and nobody gets a message twice."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import psycopg
import pytest

from scheduler.channels.base import Channel
from scheduler.channels.sms import SmsChannel
from scheduler.delivery import Delivery
from scheduler.planner import Planner
from scheduler.reconcile import Reconciler
from scheduler.recovery import Recovery
from scheduler.render import Renderer
from scheduler.rhythm import Rhythm
from scheduler.rounds import Held
from scheduler.timing import NORMAL
from scheduler.watch import Watch, WatchedDatabase
from scheduler.witness import Notebook
from service.accounts.tables import Client, ContactPoint
from service.cli_recover import recover
from service.clock import utc_now
from service.database.embedded import EmbeddedPostgres
from service.database.sealing import opened, packed
from service.database.tenancy import SYSTEM, Database
from service.ids import new_id
from service.reminders import pacing
from service.settings import Settings
from service.settings import SmsProvider as SmsSettings
from tests.conftest import Urls
from tests.far_ends import ACCOUNT, TOKEN, SmsProvider
from tests.make import Team
from tests.scheduler.conftest import SENDER, Notifier

pytestmark = pytest.mark.anyio


@dataclass
class Process:
    """One scheduler, as `python -m scheduler` wires it."""

    watch: Watch
    watched: WatchedDatabase
    recovery: Recovery
    people: Notifier

    async def work(self) -> None:
        """One tick of each; Held when sending is on hold."""
        await self.people.planner.tick()
        await self.people.delivery.tick()
        await self.people.reconciler.tick()

    async def close(self) -> None:
        for channel in self.watch.channels.values():
            await channel.close()
        for database in (self.watched, self.watch.database, self.people.database, self.people.owner):
            await database.close()


def start(urls: Urls, sms: SmsProvider, team: Team, folder: Path | None) -> Process:
    settings = Settings("s" * 40, "http://127.0.0.1:9", sms=SmsSettings(sms.url, ACCOUNT, TOKEN, SENDER))
    assert settings.sms
    channels: dict[str, Channel] = {"sms": SmsChannel(settings.sms, NORMAL)}
    plain, now = Database(urls.notifier), utc_now()
    watch = Watch(plain, Notebook(folder, new_id(now)), channels, "worker", now)
    watched = WatchedDatabase(urls.notifier, watch)
    return Process(
        watch,
        watched,
        Recovery(watch, Planner(plain, settings.secret_key), Rhythm(plain, settings.secret_key)),
        Notifier(
            Planner(watched, settings.secret_key),
            Delivery(watched, channels, Renderer(settings), "worker", asyncio.Event()),
            Reconciler(watched, channels),
            Database(urls.app),
            Database(urls.owner),
            team,
        ),
    )


@pytest.fixture
async def first(urls: Urls, sms: SmsProvider, team: Team, tmp_path: Path) -> AsyncIterator[Process]:
    process = start(urls, sms, team, tmp_path)
    await process.watch.beat()
    yield process
    await process.close()


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


async def _hears_from_provider(process: Process, sms: SmsProvider, date: str | None) -> None:
    sms.date, process.watch.ask_clocks_after = date, 0
    await process.watch.beat()


async def test_clocks_that_disagree_hold_one_scheduler_and_end_by_themselves(first: Process, sms: SmsProvider) -> None:
    theirs = await first.watch.channels["sms"].clock()
    assert theirs is not None
    assert abs(theirs - utc_now()) < timedelta(seconds=5)
    await first.people.delivery.tick()
    await _hears_from_provider(first, sms, format_datetime(utc_now() - timedelta(minutes=2), usegmt=True))
    with pytest.raises(Held, match="twilio"):
        await first.people.planner.tick()
    await _hears_from_provider(first, sms, None)
    await first.people.planner.tick()


async def test_a_date_that_nobody_can_read_holds_nobody_and_hides_no_beat(first: Process, sms: SmsProvider) -> None:
    unreadable = ["", "soon", "Fri, 31 Dec 9999 23:59:59 -2300", "0", "é" * 50]
    try:
        for date in unreadable:
            await _hears_from_provider(first, sms, date or " ")
            assert await first.watch.channels["sms"].clock() is None, date
            await first.people.planner.tick()
        # Without a zone it is UTC, wherever this machine stands.
        for zone in ("", " -0000"):
            now = utc_now().replace(microsecond=0)
            await _hears_from_provider(first, sms, f"{now:%a, %d %b %Y %H:%M:%S}{zone}")
            assert await first.watch.channels["sms"].clock() == now
    finally:
        sms.date = None


async def test_who_cannot_write_down_what_was_done_does_nothing(first: Process, tmp_path: Path) -> None:
    """A full disk, seen from here: the folder is no folder any more."""
    _fill_up(tmp_path)
    with pytest.raises(OSError, match="Not a directory"):
        await first.watch.beat()
    with pytest.raises(Held, match="NotADirectoryError"):
        await first.people.delivery.tick()
    _make_room(tmp_path)
    await first.people.delivery.tick()


def _fill_up(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("full")


def _make_room(folder: Path) -> None:
    folder.unlink()
    folder.mkdir()


async def test_leases_are_left_alone_for_a_lease_after_a_clock_jumped(first: Process) -> None:
    await first.people.delivery.tick()
    assert first.watch.last_look is not None
    at, mono = first.watch.last_look
    first.watch.last_look = (at, mono - 10)
    reaped: list[int] = []

    async def reap() -> None:
        reaped.append(1)

    await first.watch.unless_jumped(reap)
    await first.people.delivery.tick()
    await first.watch.unless_jumped(reap)
    assert reaped == [1]
