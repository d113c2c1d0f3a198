"""What providers said about our messages, and whose mail came back."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts.tables import ContactPoint
from service.conversation.tables import REPORT_KINDS, ProviderEvent
from service.database.tenancy import ClinicSession
from service.outbox.tables import Attempt, Message

# A report on a message in flight waits until its worker has spoken.
_READY = (
    "FROM provider_event e LEFT JOIN message m ON m.clinic_id = e.clinic_id AND m.id = e.message_id "
    "WHERE e.acted_at IS NULL AND e.kind = ANY(:kinds) AND (e.try_at IS NULL OR e.try_at <= now())"
    " AND m.state IS DISTINCT FROM 'in_flight'"
)
_CLINICS_WITH_REPORTS = text(f"SELECT DISTINCT e.clinic_id {_READY}")
_WAITING_REPORTS = text(f"SELECT e.id, e.tries {_READY} AND e.clinic_id = :clinic_id ORDER BY e.id LIMIT :most")


@dataclass(frozen=True, slots=True)
class WaitingReport:
    """What a provider said about one of our messages, and nobody has acted on."""

    message_id: UUID | None
    attempt_id: UUID | None
    provider_message_id: str | None
    state: str | None
    code: str | None
    received_at: datetime


async def clinics_with_reports(connection: AsyncConnection) -> list[UUID]:
    """Through the door `find_work`: where a report waits that somebody could act on."""
    values = {"kinds": list(REPORT_KINDS)}
    return list((await connection.execute(_CLINICS_WITH_REPORTS, values)).scalars())


async def waiting_reports(session: ClinicSession, most: int) -> list[tuple[UUID, int]]:
    """Those that somebody could act on, in the order they came, and how often that has failed."""
    values = {"clinic_id": session.clinic_id, "kinds": list(REPORT_KINDS), "most": most}
    return [(row.id, row.tries) for row in await session.execute(_WAITING_REPORTS, values)]


async def waiting_report(session: ClinicSession, event_id: UUID) -> WaitingReport | None:
    """A report nobody has acted on, locked; None when somebody has, or is about to. The columns that the notifier may
    see."""
    columns = [getattr(ProviderEvent, field.name) for field in fields(WaitingReport)]
    statement = (
        select(*columns)
        .where(
            col(ProviderEvent.clinic_id) == session.clinic_id,
            col(ProviderEvent.id) == event_id,
            col(ProviderEvent.kind).in_(REPORT_KINDS),
            col(ProviderEvent.acted_at).is_(None),
        )
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).one_or_none()
    return WaitingReport(*row) if row is not None else None


async def mail_attempt(session: ClinicSession, ids: Sequence[UUID]) -> tuple[Attempt, bytes] | None:
    """The last try of the mail that one of these ids is about, the mail's or a try's, and the mark of
    the address it went to."""
    statement = (
        select(Attempt, col(ContactPoint.address_mark))
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
