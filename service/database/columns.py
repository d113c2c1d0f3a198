"""What every tenant table shares: its key, and the constraints that are written the same everywhere."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, MetaData
from sqlalchemy.orm import LoaderCallableStatus
from sqlalchemy.orm.attributes import instance_state
from sqlmodel import Field, SQLModel

from service.database.box import OVERHEAD

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

metadata: MetaData = SQLModel.metadata


class Row(SQLModel):
    """Made past SQLModel's constructor, which hands each field through three libraries and takes three times as long.
    What is told is noted as new all the same: who seals a row asks for it."""

    def __init__(self, **values: Any) -> None:
        fields = type(self).model_fields
        told = {name: value for name, value in values.items() if name in fields}
        left = {name: field for name, field in fields.items() if name not in told and not field.is_required()}
        defaults = {name: field.get_default(call_default_factory=True) for name, field in left.items()}
        self.__dict__.update(defaults, **told)
        instance_state(self).committed_state.update(dict.fromkeys((*defaults, *told), LoaderCallableStatus.NO_VALUE))
        object.__setattr__(self, "__pydantic_fields_set__", set(told))
        for name in self.__sqlmodel_relationships__.keys() & values.keys():
            setattr(self, name, values[name])


class Tenant(Row):
    """Key `(clinic_id, id)`: everything belongs to one clinic, and nothing can point outside it."""

    clinic_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)


class ClientOwned(Tenant):
    """A row of one client's record. `sync_seq` has no default, so a write that forgets it fails."""

    client_id: UUID
    sync_seq: int
    created_at: datetime
    deleted_at: datetime | None = None


def of_client() -> ForeignKeyConstraint:
    return belongs("client_id", "client")


def belongs(column: str, table: str, on_delete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key inside the clinic; it cannot name a row of another one."""
    return ForeignKeyConstraint(["clinic_id", column], [f"{table}.clinic_id", f"{table}.id"], ondelete=on_delete)


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """States are text with a CHECK: comparing an enum is not leakproof and loses the index under row security."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def sealed_length(name: str, column: str, longest: int, shortest: int = 0) -> CheckConstraint:
    """In letters. Of what is sealed the database knows the bytes alone, up to four a letter."""
    return check(name, f"octet_length({column}) BETWEEN {shortest + OVERHEAD} AND {longest * 4 + OVERHEAD}")


NAMED_ZONE = "zone = 'UTC' OR (zone LIKE '%/%' AND zone !~ '^(Etc|posix|right|SystemV)/')"
"""What `accounts.rules.valid_zone` says of every name there is. That there is a place of this name, the code knows."""


def named_zone() -> CheckConstraint:
    """Of a table with a `zone`."""
    return check("zone_named", NAMED_ZONE)


def check(name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=name)
