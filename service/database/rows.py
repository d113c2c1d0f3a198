"""Many rows as one parameter of a statement: a JSON document that `json_to_recordset` reads as a table.

psycopg writes an array for each column value by value in Python, which costs twenty times as much
(`docs/decisions/0018`). Where a statement needs the rows more than once, a MATERIALIZED part of it reads them once.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

_ENCODER: Final = msgspec.json.Encoder()
_NUMBERS: Final = msgspec.json.Decoder(list[int])
_MAYBE_NUMBERS: Final = msgspec.json.Decoder(list[float | None])


def as_rows(rows: Iterable[dict[str, Any]]) -> str:
    """For `json_to_recordset(CAST(:rows AS json))`. Ids, dates and times as they are, bytes through `octets`; what is
    left out is NULL."""
    return _ENCODER.encode(list(rows)).decode()


def octets(value: bytes) -> str:
    """For a column of type bytea: JSON knows no bytes."""
    return f"\\x{value.hex()}"


def uuids(ids: Iterable[UUID]) -> str:
    """For `ANY(CAST(:ids AS uuid[]))`: PostgreSQL's own way of writing an array."""
    return f"{{{','.join(map(str, ids))}}}"


def texts(words: Iterable[str]) -> str:
    """For `json_array_elements_text(CAST(:words AS json))`."""
    return _ENCODER.encode(list(words)).decode()


def numbers(listed: str) -> list[int]:
    """Of `string_agg(….::text, ',')`: an array of the driver's is made value by value, here and in PostgreSQL, which
    costs three times as much."""
    return _NUMBERS.decode(f"[{listed}]")


def maybe_numbers(listed: str | None) -> Sequence[float | None]:
    """The same, with `null` where there is none; of no row at all it is none."""
    return _MAYBE_NUMBERS.decode(f"[{listed or ''}]")
