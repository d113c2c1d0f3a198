"""A provider that texts us as somebody's phone would, and looks into what came of it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select
from sqlmodel import col

from service.accounts.queries import contact_points
from service.accounts.tables import Client, ContactPoint
from service.conversation.queries import thread
from service.conversation.tables import ThreadMessage
from service.database.tenancy import Actor, ClinicSession, Database
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MESSAGES, MessageKind
from service.outbox.tables import Attempt, Message
from service.reminders.actions import set_reminder
from service.reminders.rules import Slot
from service.reminders.tables import Occurrence
from service.reminders.wishes import Wish
from service.settings import Settings, SmsProvider
from tests.conftest import Clock, Urls, serving
from tests.far_ends import ACCOUNT, TOKEN, signature
from tests.make import NOW, TODAY, Team, add_occurrence, make_client, make_plan, make_team

INBOUND = "/hooks/sms/inbound"
OUR_NUMBER = "+13035550100"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
SYSTEM = Actor("system", None, "web")
_texts = count(1)


def with_provider(public_url: str = "http://testserver.local") -> Settings:
    provider = SmsProvider("http://127.0.0.1:9", ACCOUNT, TOKEN, OUR_NUMBER)
    return Settings(secret_key="s" * 40, public_url=public_url, sms=provider)


@dataclass
class Provider:
    """Every text comes a second after the one before."""

    api: AsyncClient
    public_url: str
    clock: Clock

    async def post(self, path: str, form: Mapping[str, str]) -> Response:
        headers = {"X-Twilio-Signature": signature(self.public_url + path, form)}
        return await post_form(self.api, path, form, headers)

    async def text(self, number: str, body: str, **fields: str) -> Response:
        answer = await self.post(INBOUND, text_form(number, body, **fields))
        self.clock.now += timedelta(seconds=1)
        return answer


def text_form(number: str, body: str = "", **fields: str) -> dict[str, str]:
    key = f"SM{next(_texts):032x}"
    return {"MessageSid": key, "From": number, "To": OUR_NUMBER, "Body": body, "NumMedia": "0"} | fields


async def post_form(api: AsyncClient, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return await api.post(path, content=urlencode(form), headers={**kind, **headers})


@pytest.fixture
async def provider(database: Database, clock: Clock) -> AsyncIterator[Provider]:
    settings = with_provider()
    async with serving(settings, database, clock) as client:
        yield Provider(client, settings.public_url, clock)


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


@dataclass(frozen=True)
class Person:
    """A client with a phone."""

    database: Database
    clinic_id: UUID
    client: Client
    point: ContactPoint

    @property
    def phone(self) -> str:
        return self.point.address

    async def thread(self) -> list[ThreadMessage]:
        async with self.database.clinic_tx(self.clinic_id, SYSTEM) as session:
            return list(await thread(session, self.client.id))

    async def answers(self) -> list[tuple[str, str]]:
        """Kind and words of what was queued for this person, in the order it was, but for questions."""
        async with self.database.clinic_tx(self.clinic_id, SYSTEM) as session:
            sent = [m for m in await messages_of(session, self.client.id) if m.prompt is None]
        messages = [m for m in sent if m.kind != MessageKind.QUESTIONS]
        facts = {"clinic": "Northside", "phone": "(202) 555-0100", "emergency": "911", "most": 4, "link": "…"}
        return [(m.kind, MESSAGES[MessageKind(m.kind)].sms % {**facts, **m.params}) for m in messages]

    async def questions(self) -> list[Message]:
        """The texts with a link to the questions about warning signs."""
        async with self.database.clinic_tx(self.clinic_id, SYSTEM) as session:
            return [m for m in await messages_of(session, self.client.id) if m.kind == MessageKind.QUESTIONS]

    async def opted_out_at(self) -> datetime | None:
        async with self.database.clinic_tx(self.clinic_id, SYSTEM) as session:
            return next(p for p in await contact_points(session, self.client.id) if p.channel == "sms").opted_out_at

    async def opted_out(self) -> bool:
        return await self.opted_out_at() is not None


async def messages_of(session: ClinicSession, client_id: UUID) -> list[Message]:
    statement = (
        select(Message)
        .where(col(Message.clinic_id) == session.clinic_id, col(Message.client_id) == client_id)
        .order_by(col(Message.id))
    )
    return list(await session.scalars(statement))


async def make_person(database: Database, team: Team, *, plan: bool = True, **fields: Any) -> Person:
    """Two exercises a day and one yes-or-no habit, and nothing asked yet. `plan_` fields are the plan's."""
    prescribed = {name.removeprefix("plan_"): fields.pop(name) for name in list(fields) if name.startswith("plan_")}
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id, **fields)
        if plan:
            await make_plan(session, client, **prescribed)
        point = next(p for p in await contact_points(session, client.id) if p.channel == "sms")
    return Person(database, team.clinic_id, client, point)


TABLES = ("provider_event", "unrouted_text", "thread_message", "message", "pain_entry", "exercise_session")


def rows(urls: Urls) -> dict[str, int]:
    """How many rows each table holds, seen by its owner."""
    with psycopg.connect(urls.owner) as connection:
        counted = [(t, connection.execute(f"SELECT count(*) FROM {t}").fetchone()) for t in TABLES]
    return {table: row[0] if row else 0 for table, row in counted}


def turned_away(urls: Urls, kind: str) -> int:
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute("SELECT total FROM webhook_counter WHERE kind = %s", [kind]).fetchone()
    return row[0] if row else 0


async def sent(session: ClinicSession, person: Person, state: str, *, ledger: str = "queued") -> tuple[UUID, UUID]:
    """A reminder with one attempt; the ids of the message and of the attempt."""
    wish = Wish("check_in", [NOW.time()], 127, [person.point.channel], TODAY)
    reminder = await set_reminder(session, person.client, wish, NOW)
    occurrence_id = await add_occurrence(
        session,
        client_id=person.client.id,
        reminder_id=reminder.id,
        kind="check_in",
        slot=Slot(TODAY, 0, NOW, None),
        zone=person.client.zone,
        state=ledger,
        reason=None if ledger in ("queued", "sent") else "uncertain",
        channel=person.point.channel,
        now=NOW,
    )
    outgoing = Outgoing(
        client_id=person.client.id,
        contact_point_id=person.point.id,
        channel=person.point.channel,
        kind=MessageKind.CHECK_IN,
        dedupe_key=f"test:{uuid4()}",
        due_at=NOW,
        expires_at=NOW + timedelta(hours=4),
        occurrence_id=occurrence_id,
        prompt="check_in",
    )
    message_id = await enqueue(session, outgoing, NOW)
    message = await session.get_one(Message, (session.clinic_id, message_id))
    message.state, message.attempts = state, 1
    attempt_id = new_id(NOW)
    session.add(
        Attempt(
            clinic_id=session.clinic_id,
            id=attempt_id,
            message_id=message.id,
            number=1,
            lease_token=1,
            provider="twilio" if person.point.channel == "sms" else "smtp",
            started_at=NOW,
            body_sha256=b"x" * 32,
        )
    )
    return message.id, attempt_id


async def state_of(database: Database, team: Team, message_id: UUID) -> tuple[str, str | None, str, str | None]:
    """State and reason of the message, and of its ledger row."""
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        message = await session.get_one(Message, (team.clinic_id, message_id))
        row = await session.get_one(Occurrence, (team.clinic_id, message.occurrence_id))
    return message.state, message.reason, row.state, row.reason
