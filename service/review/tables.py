from datetime import datetime
from uuid import UUID

from sqlalchemy import Index

from service.database.columns import Tenant, belongs, check, of_client, one_of

MARK_STATES = ("seen", "snoozed")


class ReviewMark(Tenant, table=True):
    """A therapist looked at a client on the caseload: seen, or snoozed until a time. The newest one counts."""

    __tablename__ = "review_mark"
    __table_args__ = (
        of_client(),
        belongs("staff_id", "staff"),
        one_of("state", MARK_STATES),
        check("snoozed_has_end", "(state = 'snoozed') = (until_at IS NOT NULL)"),
        Index("ix_review_mark_client", "clinic_id", "client_id", "marked_at"),
    )

    client_id: UUID
    staff_id: UUID
    rule: str
    state: str
    until_at: datetime | None = None
    note: str | None = None
    marked_at: datetime
