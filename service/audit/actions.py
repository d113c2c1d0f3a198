from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service.audit.tables import AuditEntry
from service.database.tenancy import ClinicSession
from service.ids import new_id


def record(
    session: ClinicSession,
    now: datetime,
    action: str,
    record_kind: str,
    record_id: UUID | None,
    *,
    client_id: UUID | None = None,
    fields: Sequence[str] = (),
) -> None:
    """Appends to the trail in the caller's transaction: what was done is never kept without who did it."""
    session.add(
        AuditEntry(
            clinic_id=session.clinic_id,
            id=new_id(now),
            at=now,
            actor_kind=session.actor.kind,
            actor_id=session.actor.id,
            channel=session.actor.channel,
            action=action,
            record_kind=record_kind,
            record_id=record_id,
            client_id=client_id,
            fields=sorted(fields),
        )
    )
