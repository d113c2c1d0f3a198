"""What the test inbox reads: whose inboxes there are, and what came."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.tables import Client, ContactPoint
from service.database.tenancy import ClinicSession
from service.outbox.tables import InboxMessage, Message

_LINK = re.compile(r"https?://[^\s<>\"]+")


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


def links_in(body: str) -> list[str]:
    return _LINK.findall(body)


@dataclass(frozen=True, slots=True)
class Received:
    """A message in the test inbox, and the row it was sent from."""

    inbox: InboxMessage
    message: Message

    @property
    def links(self) -> list[str]:
        return links_in(self.inbox.body)


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


async def mail_to_staff(session: ClinicSession, to: str | None) -> Sequence[InboxMessage]:
    """The newest 50, oldest first, of one address or of all."""
    wanted = [col(InboxMessage.clinic_id) == session.clinic_id, col(InboxMessage.client_id).is_(None)]
    wanted += [col(InboxMessage.sent_to) == to] if to else []
    statement = select(InboxMessage).where(*wanted).order_by(col(InboxMessage.received_at).desc()).limit(50)
    return (await session.scalars(statement)).all()[::-1]
