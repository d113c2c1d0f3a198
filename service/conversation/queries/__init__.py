from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.tables import ContactPoint
from service.conversation.tables import PROVIDER, ProviderEvent, ThreadMessage, UnplacedText, UnroutedText
from service.database.reading import Reading, Rows
from service.database.sealing import mark_of
from service.database.tenancy import ClinicSession
from service.outbox.kinds import MessageKind
from service.outbox.tables import Message

OPEN_PROMPT = timedelta(hours=36)
"""How long a question waits for its answer."""

_OPEN_QUESTION = text(
    "SELECT prompt, accepted_at FROM message WHERE clinic_id = :clinic_id AND client_id = :client_id"
    " AND contact_point_id = :point_id AND prompt IS NOT NULL AND accepted_at > :since AND accepted_at <= :now"
    " ORDER BY accepted_at DESC LIMIT 1"
)
_LEFT_BEHIND = timedelta(minutes=1)
_ANSWERS = "(^| )(pain|done|some|skip|week|danger|undo)( |$)"


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who may have sent a text. `asked` is the kind of the question open on their phone, or None, and
    `asked_at` when it got there. `is_invalid`: nothing reached this phone the last time."""

    clinic_id: UUID
    client_id: UUID
    contact_point_id: UUID
    own_number: bool
    asked: str | None
    told_before: bool
    asked_at: datetime | None = None
    is_invalid: bool = False


async def senders(session: ClinicSession, *, number: str, sent_to: str, event_key: str, now: datetime) -> list[Sender]:
    """Everybody here with this phone number. A clinic with its own number hears only what came to that."""
    clinic = await accounts.clinic(session)
    if clinic.sms_from not in (None, sent_to):
        return []
    points = [p for p in await accounts.contact_points_with(session, number) if p.channel == "sms"]
    event = await stored_event(session, event_key)
    found = []
    for point in points:
        asked, asked_at = await open_question(session, point, now)
        found.append(
            Sender(
                clinic_id=session.clinic_id,
                client_id=point.client_id,
                contact_point_id=point.id,
                own_number=clinic.sms_from is not None,
                asked=asked,
                told_before=event is not None and event.contact_point_id == point.id,
                asked_at=asked_at,
                is_invalid=point.invalid_at is not None,
            )
        )
    return found


async def open_question(
    session: ClinicSession, point: ContactPoint, now: datetime
) -> tuple[str | None, datetime | None]:
    """The kind of the last question this phone got, while it is still open, and when it got there."""
    which = {"clinic_id": session.clinic_id, "client_id": point.client_id, "point_id": point.id}
    found = (await session.execute(_OPEN_QUESTION, {**which, "now": now, "since": now - OPEN_PROMPT})).first()
    return (found.prompt, found.accepted_at) if found else (None, None)


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


async def is_unrouted(connection: AsyncConnection, event_key: str) -> bool:
    condition = (col(UnroutedText.provider) == PROVIDER, col(UnroutedText.event_key) == event_key)
    return bool(await connection.scalar(select(exists(select(col(UnroutedText.event_key)).where(*condition)))))


async def clinic_at(connection: AsyncConnection, number: str) -> UUID | None:
    """Through the door `find_address`: whose number this is, or the only clinic there is."""
    statement = (
        "SELECT clinic_id FROM clinic WHERE sms_from = :number "
        "OR (sms_from IS NULL AND (SELECT count(*) FROM clinic) = 1) LIMIT 2"
    )
    found = (await connection.execute(text(statement), {"number": number})).scalars().all()
    return found[0] if len(found) == 1 else None


async def asked_about(session: ClinicSession, number: str, since: datetime) -> UnplacedText | None:
    """The newest text of this phone that a letter was asked for, locked."""
    statement = (
        select(UnplacedText)
        .where(
            col(UnplacedText.clinic_id) == session.clinic_id,
            col(UnplacedText.sent_mark) == await mark_of(session, number),
            col(UnplacedText.asked_at) > since,
            col(UnplacedText.placed_with).is_(None),
        )
        .order_by(col(UnplacedText.received_at).desc())
        .limit(1)
        .with_for_update()
    )
    return await session.scalar(statement)


async def placed_by(session: ClinicSession, event_key: str) -> bool:
    """Whether this text was the letter that placed another one."""
    placed = (col(UnplacedText.clinic_id) == session.clinic_id, col(UnplacedText.placed_by_key) == event_key)
    return bool(await session.scalar(select(exists(select(col(UnplacedText.id)).where(*placed)))))


_UNPLACED = Reading(
    Rows(
        UnplacedText,
        "WHERE t.clinic_id = %(clinic_id)s AND t.received_at > %(since)s AND t.placed_with IS NULL"
        " AND t.seen_at IS NULL ORDER BY t.is_danger DESC, t.received_at DESC LIMIT 100",
    )
)


async def unplaced(session: ClinicSession, since: datetime) -> Sequence[UnplacedText]:
    """What nobody has marked as seen, and nobody has answered with a letter; danger first, then the newest. To be read
    only."""
    return (await _UNPLACED(session, since=since)).of(UnplacedText)


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


def is_danger(row: ThreadMessage) -> bool:
    """The client wrote of a danger sign."""
    return row.direction == "in" and "danger" in (row.reading or "").split()


async def answers_before(session: ClinicSession, client_id: UUID, event_id: UUID, at: datetime) -> list[ThreadMessage]:
    """What this person answered by text up to this instant, newest first, back to the last answer taken back."""
    statement = (
        select(ThreadMessage)
        .where(
            col(ThreadMessage.clinic_id) == session.clinic_id,
            col(ThreadMessage.client_id) == client_id,
            col(ThreadMessage.direction) == "in",
            col(ThreadMessage.channel) == "text",
            col(ThreadMessage.sent_at).between(at - timedelta(days=1), at),
            col(ThreadMessage.provider_event_id) != event_id,
            col(ThreadMessage.reading).regexp_match(_ANSWERS),
        )
        .order_by(col(ThreadMessage.sent_at).desc(), col(ThreadMessage.id).desc())
    )
    return list(takewhile(lambda said: said.reading != "undo", await session.scalars(statement)))


async def staff_wrote_since(session: ClinicSession, client_id: UUID, since: datetime) -> bool:
    wrote = select(col(ThreadMessage.id)).where(
        col(ThreadMessage.clinic_id) == session.clinic_id,
        col(ThreadMessage.client_id) == client_id,
        col(ThreadMessage.staff_id).is_not(None),
        col(ThreadMessage.read_at).is_(None),
        col(ThreadMessage.deleted_at).is_(None),
        col(ThreadMessage.sent_at) > since,
    )
    return bool(await session.scalar(select(exists(wrote))))


async def own_messages(session: ClinicSession, ids: Sequence[UUID]) -> Sequence[ThreadMessage]:
    """Those of these that whoever acts wrote, and did not take back."""
    statement = select(ThreadMessage).where(
        col(ThreadMessage.clinic_id) == session.clinic_id,
        col(ThreadMessage.id).in_(ids),
        col(ThreadMessage.staff_id) == session.actor.id,
        col(ThreadMessage.deleted_at).is_(None),
    )
    return (await session.scalars(statement)).all()


async def unread(session: ClinicSession, client_id: UUID, direction: str, as_of: datetime) -> Sequence[UUID]:
    statement = select(col(ThreadMessage.id)).where(
        col(ThreadMessage.clinic_id) == session.clinic_id,
        col(ThreadMessage.client_id) == client_id,
        col(ThreadMessage.direction) == direction,
        col(ThreadMessage.read_at).is_(None),
        col(ThreadMessage.sent_at) <= as_of,
    )
    return (await session.scalars(statement)).all()


async def asked_by_text(session: ClinicSession, client_id: UUID) -> list[datetime]:
    """When the questions about warning signs went out by text, the newest first."""
    statement = (
        select(col(Message.created_at))
        .where(
            col(Message.clinic_id) == session.clinic_id,
            col(Message.client_id) == client_id,
            col(Message.kind) == MessageKind.QUESTIONS.value,
        )
        .order_by(col(Message.created_at).desc())
        .limit(10)
    )
    return list((await session.scalars(statement)).all())
