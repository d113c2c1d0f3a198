import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.tables import Client, ContactPoint
from service.conversation.tables import PROVIDER, REPORT_KINDS, ProviderEvent, ThreadMessage, UnroutedText
from service.database.tenancy import ClinicSession
from service.outbox.tables import Attempt, InboxMessage, Message

OPEN_PROMPT = timedelta(hours=36)
"""How long a question waits for its answer."""

_LEFT_BEHIND = timedelta(minutes=1)
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who may have sent a text. `asked` is the kind of the question open on their phone, or None."""

    clinic_id: UUID
    client_id: UUID
    contact_point_id: UUID
    own_number: bool
    asked: str | None
    told_before: bool


async def senders(session: ClinicSession, *, number: str, sent_to: str, event_key: str, now: datetime) -> list[Sender]:
    """Everybody here with this phone number. A clinic with its own number hears only what came to that."""
    clinic = await accounts.clinic(session)
    if clinic.sms_from not in (None, sent_to):
        return []
    points = [p for p in await accounts.contact_points_with(session, number) if p.channel == "sms"]
    event = await stored_event(session, event_key)
    return [
        Sender(
            clinic_id=session.clinic_id,
            client_id=point.client_id,
            contact_point_id=point.id,
            own_number=clinic.sms_from is not None,
            asked=await open_question(session, point, now),
            told_before=event is not None and event.contact_point_id == point.id,
        )
        for point in points
    ]


async def open_question(session: ClinicSession, point: ContactPoint, now: datetime) -> str | None:
    """The kind of the last question this phone got, while it is still open."""
    statement = (
        select(col(Message.prompt))
        .where(
            col(Message.clinic_id) == session.clinic_id,
            col(Message.client_id) == point.client_id,
            col(Message.contact_point_id) == point.id,
            col(Message.prompt).is_not(None),
            col(Message.accepted_at) > now - OPEN_PROMPT,
            col(Message.accepted_at) <= now,
        )
        .order_by(col(Message.accepted_at).desc())
        .limit(1)
    )
    asked: str | None = await session.scalar(statement)
    return asked


async def stored_event(session: ClinicSession, event_key: str, provider: str = PROVIDER) -> ProviderEvent | None:
    return await session.scalar(
        select(ProviderEvent).where(
            col(ProviderEvent.clinic_id) == session.clinic_id,
            col(ProviderEvent.provider) == provider,
            col(ProviderEvent.event_key) == event_key,
        )
    )


async def waiting_text(session: ClinicSession, event_id: UUID) -> ProviderEvent | None:
    """A stored text nobody has acted on, locked; None when somebody has, or is about to."""
    return await session.scalar(
        select(ProviderEvent)
        .where(
            col(ProviderEvent.clinic_id) == session.clinic_id,
            col(ProviderEvent.id) == event_id,
            col(ProviderEvent.kind) == "text",
            col(ProviderEvent.acted_at).is_(None),
        )
        .with_for_update(skip_locked=True)
    )


async def left_behind(session: ClinicSession, now: datetime) -> list[tuple[UUID, UUID]]:
    """Event and client of the texts that a process stored and did not live to act on, oldest first."""
    statement = (
        select(col(ProviderEvent.id), col(ContactPoint.client_id))
        .join(
            ContactPoint,
            (col(ContactPoint.clinic_id) == col(ProviderEvent.clinic_id))
            & (col(ContactPoint.id) == col(ProviderEvent.contact_point_id)),
        )
        .where(
            col(ProviderEvent.clinic_id) == session.clinic_id,
            col(ProviderEvent.kind) == "text",
            col(ProviderEvent.acted_at).is_(None),
            col(ProviderEvent.received_at) < now - _LEFT_BEHIND,
        )
        .order_by(col(ProviderEvent.id))
        .limit(10)
    )
    return [(event_id, client_id) for event_id, client_id in await session.execute(statement)]


async def waiting_reports(session: ClinicSession) -> Sequence[ProviderEvent]:
    """Stored reports on messages nobody has acted on, in the order they came, locked."""
    statement = (
        select(ProviderEvent)
        .where(
            col(ProviderEvent.clinic_id) == session.clinic_id,
            col(ProviderEvent.kind).in_(REPORT_KINDS),
            col(ProviderEvent.acted_at).is_(None),
        )
        .order_by(col(ProviderEvent.id))
        .limit(50)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def mail_attempt(session: ClinicSession, ids: Sequence[UUID]) -> tuple[Attempt, str] | None:
    """The last try of the mail that one of these ids is about, the mail's or a try's, and where it went."""
    statement = (
        select(Attempt, col(ContactPoint.address))
        .join(
            Message,
            (col(Message.clinic_id) == col(Attempt.clinic_id)) & (col(Message.id) == col(Attempt.message_id)),
        )
        .join(
            ContactPoint,
            (col(ContactPoint.clinic_id) == col(Message.clinic_id))
            & (col(ContactPoint.id) == col(Message.contact_point_id)),
        )
        .where(
            col(Attempt.clinic_id) == session.clinic_id,
            col(Attempt.id).in_(ids) | col(Attempt.message_id).in_(ids),
            col(Message.channel) == "email",
        )
        .order_by(col(Attempt.started_at).desc())
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return (row[0], row[1]) if row else None


async def is_unrouted(connection: AsyncConnection, event_key: str) -> bool:
    condition = (col(UnroutedText.provider) == PROVIDER, col(UnroutedText.event_key) == event_key)
    return bool(await connection.scalar(select(exists(select(col(UnroutedText.event_key)).where(*condition)))))


async def thread(session: ClinicSession, client_id: UUID) -> Sequence[ThreadMessage]:
    """All that was said, oldest first."""
    statement = (
        select(ThreadMessage)
        .where(
            col(ThreadMessage.clinic_id) == session.clinic_id,
            col(ThreadMessage.client_id) == client_id,
            col(ThreadMessage.deleted_at).is_(None),
        )
        .order_by(col(ThreadMessage.sent_at), col(ThreadMessage.id))
    )
    return (await session.scalars(statement)).all()


async def clinics_here(connection: AsyncConnection) -> list[UUID]:
    """Through the door `find_address`: for the test inbox, which never exists beside real providers."""
    rows = await connection.execute(text("SELECT DISTINCT clinic_id FROM staff ORDER BY clinic_id"))
    return [row.clinic_id for row in rows]


@dataclass(frozen=True, slots=True)
class InboxOwner:
    """Somebody with an inbox. `unread` counts what came since the person last wrote."""

    clinic_id: UUID
    client: Client
    phone: str | None
    email: str | None
    our_number: str | None
    unread: int

    @property
    def address(self) -> str:
        return self.phone or self.email or ""

    def is_at(self, address: str | None) -> bool:
        """Whoever has no phone is not found by nobody's phone."""
        return address is not None and address in (self.phone, self.email)


_UNREAD = text(
    "SELECT i.client_id, max(i.received_at) AS latest,"
    "  count(*) FILTER (WHERE t.wrote_at IS NULL OR i.received_at > t.wrote_at) AS unread "
    "FROM test_inbox_message i LEFT JOIN ("
    "  SELECT client_id, max(sent_at) AS wrote_at FROM thread_message"
    "  WHERE clinic_id = :clinic_id AND direction = 'in' GROUP BY client_id) t ON t.client_id = i.client_id "
    "WHERE i.clinic_id = :clinic_id GROUP BY i.client_id"
)


async def inbox_owners(session: ClinicSession) -> list[InboxOwner]:
    """Everybody with an address; who was written to last comes first, who never was comes last."""
    clinic = await accounts.clinic(session)
    counted = {row.client_id: row for row in await session.execute(_UNREAD, {"clinic_id": session.clinic_id})}
    statement = (
        select(ContactPoint)
        .where(col(ContactPoint.clinic_id) == session.clinic_id)
        .order_by(col(ContactPoint.position).desc())
    )
    addresses: dict[UUID, dict[str, str]] = {}
    for point in await session.scalars(statement):
        addresses.setdefault(point.client_id, {})[point.channel] = point.address
    owners = [
        InboxOwner(
            session.clinic_id,
            client,
            addresses[client.id].get("sms"),
            addresses[client.id].get("email"),
            clinic.sms_from,
            counted[client.id].unread if client.id in counted else 0,
        )
        for client in await accounts.clients_of(session, None)
        if client.id in addresses
    ]
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(owners, key=lambda o: counted[o.client.id].latest if o.client.id in counted else never, reverse=True)


def picked_owner(owners: Sequence[InboxOwner], address: str | None, client_id: UUID | None) -> InboxOwner | None:
    """The person asked for; when nobody was, the first."""
    if address is None and client_id is None:
        return owners[0] if owners else None
    return next((o for o in owners if o.client.id == client_id or o.is_at(address)), None)


@dataclass(frozen=True, slots=True)
class Received:
    """A message in the test inbox, and the row it was sent from."""

    inbox: InboxMessage
    message: Message

    @property
    def links(self) -> list[str]:
        return _LINK.findall(self.inbox.body)


async def received(session: ClinicSession, client_id: UUID | None = None, to: str | None = None) -> list[Received]:
    """The newest 200, oldest first, of one person or address or of all."""
    wanted = [col(InboxMessage.clinic_id) == session.clinic_id]
    wanted += [col(InboxMessage.client_id) == client_id] if client_id else []
    wanted += [col(InboxMessage.sent_to) == to] if to else []
    statement = (
        select(InboxMessage, Message)
        .join(
            Message,
            (col(Message.clinic_id) == col(InboxMessage.clinic_id)) & (col(Message.id) == col(InboxMessage.message_id)),
        )
        .where(*wanted)
        .order_by(col(InboxMessage.received_at).desc(), col(InboxMessage.id).desc())
        .limit(200)
    )
    return [Received(inbox, message) for inbox, message in await session.execute(statement)][::-1]
