from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from service.database.columns import check


class OwnerKey(SQLModel, table=True):
    """The key of a client, or of the clinic itself, wrapped by the installation's. Without this row nothing that was
    sealed for the owner can be opened again."""

    __tablename__ = "owner_key"

    clinic_id: UUID = Field(primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    wrapped: bytes


class KeyCheck(SQLModel, table=True):
    """The one row that says which key this database is kept under, and which ones it was kept under before. `marking`
    is the key of the marks by which sealed values are found, wrapped by it."""

    __tablename__ = "key_check"
    __table_args__ = (check("one_row", "only_row"),)

    only_row: bool = Field(primary_key=True)
    key_id: str
    marking: bytes
    retired: list[str] = Field(default=[], sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"})
