"""What a client asked of the whole of their record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index

from service.database.columns import Tenant, of_client


class ErasureRequest(Tenant, table=True):
    """Somebody asked to be forgotten. It erases nothing by itself; taken back, it stays as what was asked."""

    __tablename__ = "erasure_request"
    __table_args__ = (
        of_client(),
        Index(
            "uq_erasure_request_open",
            "clinic_id",
            "client_id",
            unique=True,
            postgresql_where="taken_back_at IS NULL",
        ),
    )

    client_id: UUID
    asked_at: datetime
    taken_back_at: datetime | None = None
