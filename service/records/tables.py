from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from service.database.columns import Row


class ErasedClient(Row, table=True):
    """All that is left of somebody who was erased, beside the audit: an id that names nobody any more. Schedulers note
    it outside the database too, so that a backup that is brought back does not bring the person back."""

    __tablename__ = "erased_client"

    clinic_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    erased_at: datetime
