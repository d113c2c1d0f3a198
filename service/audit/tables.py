from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text
from sqlmodel import Field

from service.database.columns import Tenant, one_of


class AuditEntry(Tenant, table=True):
    """Who did or saw what. Ids and field names, never values; the application may only append."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        one_of("actor_kind", ["staff", "client", "link", "helper", "provider", "system"]),
        # Read by: the audit page of one client, newest first.
        Index("ix_audit_entry_client", "clinic_id", "client_id", "at"),
    )

    at: datetime
    actor_kind: str
    actor_id: UUID | None = None
    channel: str
    action: str
    record_kind: str
    record_id: UUID | None = None
    client_id: UUID | None = None
    fields: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
