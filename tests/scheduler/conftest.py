"""The parts of the scheduler against scripted far ends, with a client for whom it is daytime now."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from scheduler import claims
from scheduler.delivery import Delivery
from scheduler.marking import Marked
from scheduler.planner import Planner
from scheduler.process import make_channels
from scheduler.reconcile import Reconciler
from scheduler.render import Renderer
from scheduler.timing import NORMAL
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.outbox.tables import Message
from service.reminders.actions import set_reminder
from service.reminders.wishes import Wish
from service.settings import MailServer as MailSettings
from service.settings import Settings
from service.settings import SmsProvider as SmsSettings
from tests.conftest import Urls
from tests.far_ends import (
    ACCOUNT,
    TOKEN,
    MailServer,
    SmsProvider,
    running_mail_server,
    running_sms_provider,
)
from tests.make import Team, make_client, make_team
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls

SENDER = "+13035550100"


@pytest.fixture(scope="session")
def sms() -> Iterator[SmsProvider]:
    with running_sms_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _fresh_far_ends(sms: SmsProvider, mail: MailServer) -> None:
    for record in (sms.accepted, sms.requests, sms.faults, sms.scripted, mail.accepted, mail.answers, mail.recipients):
        record.clear()


@pytest.fixture(scope="module")
async def owner(urls: Urls, anyio_backend: str) -> AsyncIterator[Database]:
    """Moves time in the database, which no process may."""
    made = Database(urls.owner)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database, stocked=False, now=utc_now(), week_text=False)


@dataclass
class Notifier:
    """The ticks of one scheduler process, and what the database says about them."""

    planner: Planner
    delivery: Delivery
    reconciler: Reconciler
    database: Database
    owner: Database
    team: Team

    async def client(self, **fields: object) -> Client:
        async with self.database.clinic_tx(self.team.clinic_id, self.team.therapist) as session:
            return await make_client(
                session, self.team.therapist_id, now=utc_now(), **{"zone": daytime_zone(), **fields}
            )

    async def remind(self, client: Client, kind: str = "check_in", *channels: str, ago: int = 60) -> None:
        """A reminder whose moment was `ago` seconds ago; its clock is set back so that it is planned now."""
        local = utc_now().astimezone(ZoneInfo(client.zone)) - timedelta(seconds=ago)
        wish = Wish(kind, [local.time().replace(microsecond=0)], 127, channels or ["sms"], local.date())
        async with self.database.clinic_tx(self.team.clinic_id, self.team.therapist) as session:
            reminder = await set_reminder(session, client, wish, utc_now())
        await self.shift(
            "UPDATE reminder_clock SET next_at = :at WHERE reminder_id = :id",
            at=local.replace(microsecond=0),
            id=reminder.id,
        )

    async def queued(self, *channels: str, **fields: object) -> Client:
        """A client with one check-in planned and queued, by text unless channels are named."""
        client = await self.client(**fields)
        await self.remind(client, "check_in", *channels)
        await self.planner.tick()
        return client

    async def mark_and_stand_still(self) -> Marked:
        """Claims and marks what is due, and stops before a byte is sent."""
        clinic_id = self.team.clinic_id
        async with self.delivery.database.clinic_tx(clinic_id, SYSTEM) as session:
            claimed = [
                message
                for channel in self.delivery.channels
                for message in await claims.claim(session, channel, "stopped", 20, NORMAL.lease)
            ]
        [marked] = await self.delivery.marker.mark(clinic_id, claimed, 1e9)
        return marked

    async def shift(self, statement: str, **values: object) -> None:
        async with self.owner.installation_tx() as connection:
            await connection.execute(text(statement), values)

    async def message(self, client: Client) -> Message:
        async with self.owner.installation_tx() as connection:
            rows = await connection.execute(
                text("SELECT * FROM message WHERE client_id = :id ORDER BY created_at"), {"id": client.id}
            )
            return Message(**rows.all()[-1]._mapping)

    async def ledger(self, client: Client) -> list[tuple[str, str | None]]:
        async with self.owner.installation_tx() as connection:
            rows = await connection.execute(
                text("SELECT state, reason FROM occurrence WHERE client_id = :id ORDER BY due_at"),
                {"id": client.id},
            )
            return [(row.state, row.reason) for row in rows]

    async def attempts(self, message_id: UUID) -> list[str | None]:
        async with self.owner.installation_tx() as connection:
            rows = await connection.execute(
                text("SELECT outcome FROM attempt WHERE message_id = :id ORDER BY number"), {"id": message_id}
            )
            return list(rows.scalars())


def daytime_zone() -> str:
    """A zone where it is between 9 and 17 o'clock now, far from quiet hours."""
    zones = (
        "Europe/Berlin",
        "Asia/Karachi",
        "Asia/Tokyo",
        "Pacific/Auckland",
        "Pacific/Honolulu",
        "America/Denver",
    )
    return next(zone for zone in zones if 9 <= utc_now().astimezone(ZoneInfo(zone)).hour < 17)


@pytest.fixture
async def notifier_process(
    notifier: Database, database: Database, owner: Database, team: Team, sms: SmsProvider, mail: MailServer
) -> AsyncIterator[Notifier]:
    async with owner.installation_tx() as connection:
        # What an earlier test left open is not this test's business.
        await connection.execute(text("UPDATE message SET state = 'expired' WHERE state <> 'accepted'"))
        await connection.execute(text("DELETE FROM sender_pace"))
    settings = Settings(
        secret_key="s" * 40,
        public_url="http://127.0.0.1:9",
        sms=SmsSettings(sms.url, ACCOUNT, TOKEN, SENDER),
        mail=MailSettings("127.0.0.1", mail.port, None, None, False, "clinic@northside.example"),
    )
    channels = make_channels(settings, notifier, NORMAL)
    yield Notifier(
        Planner(notifier, settings.secret_key),
        Delivery(notifier, channels, Renderer(settings), "worker", asyncio.Event()),
        Reconciler(notifier, channels),
        database,
        owner,
        team,
    )
    for channel in channels.values():
        await channel.close()


@pytest.fixture
async def process(notifier_process: Notifier) -> Notifier:
    """With a clinic of its own, which says nothing by itself when a week is over: the tests run on any weekday."""
    notifier_process.team = await make_team(notifier_process.database, now=utc_now(), week_text=False)
    return notifier_process
