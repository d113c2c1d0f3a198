"""Messages of days gone by, as the scheduler would have sent them into the test inbox."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.codes import link_token
from service.accounts.sign_in import NewLink, make_links
from service.accounts.tables import Client, Clinic, ContactPoint
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.outbox.actions import Outgoing, deliver_to_inbox, enqueue
from service.outbox.rules import MessageKind, mail_of, text_of
from service.outbox.tables import Attempt, Message
from service.reminders.failures import links_in
from service.words import translator

_ON_ITS_WAY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str | None
    text: str


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Links lead to `public_url`, keyed so that the running demo knows them."""

    clinic: Clinic
    secret_key: str
    public_url: str

    async def deliver(self, session: ClinicSession, client: Client, points: Sequence[ContactPoint]) -> None:
        """Sends what waits for this person, each at its own time."""
        addresses = {point.id: point.address for point in points}
        waiting = select(Message).where(
            col(Message.clinic_id) == session.clinic_id,
            col(Message.client_id) == client.id,
            col(Message.state) == "queued",
        )
        messages = (await session.scalars(waiting)).all()
        links = [link for message in messages for link in self._links(message)]
        if links:
            await make_links(session, links, messages[-1].due_at)
        for message in messages:
            letter = self.letter(message, client)
            attempt_id = _sent(session, message, letter)
            deliver_to_inbox(
                session,
                client_id=client.id,
                message_id=message.id,
                attempt_id=attempt_id,
                medium=message.channel,
                sent_to=addresses[message.contact_point_id],
                subject=letter.subject,
                body=letter.text,
                html=None,
                headers={},
                now=message.due_at + _ON_ITS_WAY,
            )

    def letter(self, message: Message, client: Client) -> Letter:
        kind = MessageKind(message.kind)
        say = translator(client.locale).gettext
        values = {
            **message.params,
            "clinic": self.clinic.short_name,
            "phone": self.clinic.phone,
            "emergency": self.clinic.emergency_number,
            "most": self.clinic.texts_per_day,
            "link": self._link("answer", message),
        }
        if message.channel == "sms":
            return Letter(None, text_of(kind, say, values))
        stop = {"stop": self._link("unsubscribe", message)} if message.occurrence_id else {}
        return Letter(*mail_of(kind, say, values | stop))

    def _link(self, purpose: str, message: Message) -> str:
        return f"{self.public_url}/r/{link_token(self.secret_key, purpose, message.id)}"

    def _links(self, message: Message) -> Iterator[NewLink]:
        if message.occurrence_id is None:
            return
        outgoing = Outgoing(
            message.client_id,
            message.contact_point_id,
            message.channel,
            MessageKind(message.kind),
            message.dedupe_key,
            message.due_at,
            message.expires_at,
            day=message.day,
        )
        yield from links_in(outgoing, message.id, self.secret_key, message.due_at)


def _sent(session: ClinicSession, message: Message, letter: Letter) -> UUID:
    """The message and its attempt as they stand once the test inbox took it."""
    at: datetime = message.due_at + _ON_ITS_WAY
    attempt_id = new_id(message.due_at)
    taken = f"inbox-{attempt_id}"
    message.sqlmodel_update(
        {
            "state": "accepted",
            "attempts": 1,
            "lease_token": 1,
            "provider_message_id": taken,
            "accepted_at": at,
            "settled_at": at,
            "updated_at": at,
        }
    )
    session.add(
        Attempt(
            clinic_id=session.clinic_id,
            id=attempt_id,
            message_id=message.id,
            number=1,
            lease_token=1,
            provider="inbox",
            started_at=message.due_at,
            finished_at=at,
            outcome="accepted",
            provider_message_id=taken,
            body_sha256=hashlib.sha256(letter.text.encode()).digest(),
        )
    )
    return attempt_id


async def welcome(session: ClinicSession, client: Client, point: ContactPoint, at: datetime) -> None:
    outgoing = Outgoing(
        client_id=client.id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=MessageKind.WELCOME,
        dedupe_key=f"welcome:{client.id}:{point.channel}",
        due_at=at,
        expires_at=at + timedelta(days=1),
    )
    await enqueue(session, outgoing, at)
