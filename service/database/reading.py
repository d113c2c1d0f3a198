"""Several tables in one statement, as rows that are only read.

A page needs the rows of a dozen tables of one slice. A statement for each costs more in SQLAlchemy and psycopg than
what it brings (`docs/decisions/0040`): here each table is one JSON array of one row, which msgspec decodes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import GenericAlias
from typing import Any, Final, TypedDict, TypeVar, cast

import msgspec
from sqlmodel import SQLModel

from service.database.driving import one_row
from service.database.sealing import opened, packed, sealed_type
from service.database.tenancy import ClinicSession

T = TypeVar("T", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Rows:
    """Which of a table. `rest` follows FROM, where the table is called `t` and values are written `%(name)s`; the
    clinic is `%(clinic_id)s`, and every part must ask for it. Of `columns` those alone are read, and the others are
    not there."""

    table: type[SQLModel]
    rest: str
    columns: Collection[str] = ()

    def without(self, *columns: str) -> "Rows":
        """Those that the reader does not look at."""
        return replace(self, columns=[name for name in self.fields if name not in columns])

    @property
    def fields(self) -> dict[str, Any]:
        """Name to type. Ids, days and times are decoded to what the driver would give."""
        fields = self.table.model_fields.items()
        wanted = {name: field.annotation for name, field in fields if not self.columns or name in self.columns}
        return wanted | dict.fromkeys(self.sealed, str | None)

    @property
    def sealed(self) -> list[str]:
        """The columns that come in hex, to be opened."""
        names = self.columns or self.table.model_fields
        return [name for name in names if sealed_type(self.table, name)]


@dataclass(frozen=True, slots=True)
class Found:
    _rows: Mapping[type[SQLModel], Sequence[Any]]

    def of(self, table: type[T]) -> list[T]:
        made = _read_only(table)
        return [_row(made, values) for values in self._rows[table]]

    def first(self, table: type[T]) -> T | None:
        return next(iter(self.of(table)), None)


class Reading:
    """One statement, written once; each table stands in it at most once."""

    def __init__(self, *parts: Rows) -> None:
        self._parts: Final = parts

    async def __call__(self, session: ClinicSession, **values: Any) -> Found:
        if session.autoflush:
            # What the transaction is about to write is part of what it reads, as with every other statement.
            await session.flush_written()
        values = {"clinic_id": session.clinic_id, **values}
        row = await one_row(await session.connection(), self._statement, values)
        told = zip(self._readers, row, strict=True)
        return Found({reader.table: reader.read(text) if text else () for reader, text in told})

    @cached_property
    def _statement(self) -> str:
        return f"SELECT {', '.join(map(_as_array, self._parts))}"

    @cached_property
    def _readers(self) -> list["_Reader"]:
        return [_Reader(part.table, _decoder(part), part.sealed) for part in self._parts]


@dataclass(frozen=True, slots=True)
class _Reader:
    table: type[SQLModel]
    decoder: msgspec.json.Decoder[Any]
    sealed: Sequence[str]

    def read(self, text: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.decoder.decode(text)
        for name in self.sealed:
            for row in rows:
                row[name] = opened(self.table, name, row[name])
        return rows


def _as_array(part: Rows) -> str:
    # Nothing in it comes from outside.
    columns = ", ".join(_in_json(part.table, name, kind) for name, kind in part.fields.items())
    rows = f'SELECT {columns} FROM "{part.table.__tablename__}" t {part.rest}'  # noqa: S608
    return f"(SELECT json_agg(r)::text FROM ({rows}) r)"  # noqa: S608


def _in_json(table: type[SQLModel], name: str, kind: Any) -> str:
    if sealed_type(table, name):
        return f'{packed(table, name, "t")} AS "{name}"'
    return f'encode(t."{name}", \'base64\') AS "{name}"' if kind is bytes else f't."{name}"'


def _decoder(part: Rows) -> msgspec.json.Decoder[Any]:
    described: Any = cast(Any, TypedDict)(part.table.__name__, part.fields)
    return msgspec.json.Decoder(GenericAlias(list, (described,)))


def _row(made: type[T], values: dict[str, Any]) -> T:
    row: T = object.__new__(made)
    object.__setattr__(row, "__dict__", values)
    return row


class _NotRead:
    """Stands where SQLAlchemy would look up what a row has, four thousand times a page. What was read is before it."""

    def __get__(self, row: object, _: type) -> Any:
        raise AttributeError("this column was not asked for")


def _refuse(row: object, name: str, _: object) -> None:
    raise AttributeError(f"{name}: this row is only read")


@cache
def _read_only(table: type[T]) -> type[T]:
    """A class of the table's rows that belong to no session: to change one, or to add it to one, is an error at once.

    Past the metaclass, for which each class is one more table.
    """
    own: dict[str, Any] = dict.fromkeys(table.model_fields, _NotRead())
    own |= {"__setattr__": _refuse, "__slots__": (), "__module__": table.__module__}
    own |= {"__pydantic_fields_set__": frozenset(), "__pydantic_extra__": None, "__pydantic_private__": None}
    return type.__new__(type(table), table.__name__, (table,), own)
