"""One scheduler as a process has it, with what it remembers outside the database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scheduler.channels.base import Channel
from scheduler.channels.sms import SmsChannel
from scheduler.delivery import Delivery
from scheduler.planner import Planner
from scheduler.reconcile import Reconciler
from scheduler.recovery import Recovery
from scheduler.render import Renderer
from scheduler.rhythm import Rhythm
from scheduler.timing import NORMAL
from scheduler.watch import Watch, WatchedDatabase
from scheduler.witness import Notebook
from service.clock import utc_now
from service.database.tenancy import Database
from service.ids import new_id
from service.settings import Settings
from service.settings import SmsProvider as SmsSettings
from tests.conftest import Urls
from tests.far_ends import ACCOUNT, TOKEN, SmsProvider
from tests.make import Team
from tests.scheduler.conftest import SENDER, Notifier


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
