"""The chain of a clinic's trail. Pure.

Each row is signed when it is written, and later linked to the one before it: to change, drop, add or move one, somebody
needs the key, which is not in the database. `docs/decisions/0047`.
"""

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """What one row says: ids and names of fields, never values."""

    clinic_id: UUID
    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    channel: str
    action: str
    record_kind: str
    record_id: UUID | None
    client_id: UUID | None
    fields: list[str]

    def in_bytes(self) -> bytes:
        """The same for the same row, and for no other."""
        micros = (self.at - _BEGINNING) // timedelta(microseconds=1)
        ids = (self.clinic_id, self.id, self.actor_id, self.record_id, self.client_id)
        words = (self.actor_kind, self.channel, self.action, self.record_kind)
        return msgspec.json.encode([micros, [str(one) if one else None for one in ids], words, self.fields])


@dataclass(frozen=True, slots=True)
class Row:
    """As the database has it. A row that was written a moment ago has no place in the chain yet."""

    told: Told
    mac: bytes | None
    number: int | None
    link: bytes | None


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends, as the database has it."""

    number: int
    unsigned: int
    link: bytes | None
    key_mark: bytes | None


def mark_of(key: bytes) -> bytes:
    """Tells keys apart, and says nothing of them."""
    return hmac.digest(key, b"which key", "sha256")[:8]


def signed(key: bytes, told: Told) -> bytes:
    return hmac.digest(key, b"row" + told.in_bytes(), "sha256")


def first_link(key: bytes, clinic_id: UUID, unsigned: int) -> bytes:
    """`unsigned`: how many rows were there before rows were signed; they come first."""
    return hmac.digest(key, b"begin" + clinic_id.bytes + unsigned.to_bytes(8, "big"), "sha256")


def next_link(key: bytes, previous: bytes, number: int, told: Told) -> bytes:
    return hmac.digest(key, b"link" + number.to_bytes(8, "big") + previous + told.in_bytes(), "sha256")


class Harm(StrEnum):
    EDITED = "edited"
    DELETED = "deleted"
    MOVED = "moved"
    INSERTED = "inserted"
    CUT = "cut"
    REWRITTEN = "rewritten"
    END_CHANGED = "end_changed"
    ANOTHER_KEY = "another_key"


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first row that is wrong, and how. `row`: what stands there now, if anything."""

    harm: Harm
    number: int | None
    row: Row | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of the chain that somebody kept outside the database."""

    link: bytes
    number: int


def read_anchor(text: str) -> Anchor | None:
    """`HASH:COUNT`, as the mail writes it."""
    link, colon, number = text.strip().partition(":")
    try:
        read = bytes.fromhex(link)
    except ValueError:
        return None
    is_count = number.isascii() and number.isdecimal() and 0 < int(number) < 1 << 62
    return Anchor(read, int(number)) if colon and len(read) == 32 and is_count else None


def written_anchor(anchor: Anchor) -> str:
    return f"{anchor.link.hex()}:{anchor.number}"


@dataclass(slots=True)
class Walk:
    """Along the chain from its beginning: how far it is as it was written."""

    key: bytes
    clinic_id: UUID
    unsigned: int
    number: int = 0
    link: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.link = first_link(self.key, self.clinic_id, self.unsigned)

    @property
    def next_number(self) -> int:
        return self.number + 1

    def step(self, row: Row) -> bool:
        """False when this row is not the next one, as it was written."""
        link = self.link_of(row)
        if row.number != self.next_number or row.link != link or not self.is_signed(row):
            return False
        self.number, self.link = self.next_number, link
        return True

    def link_of(self, row: Row) -> bytes:
        """What its link would be if it came next."""
        return next_link(self.key, self.link, self.next_number, row.told)

    def is_signed(self, row: Row) -> bool:
        if row.mac is None:
            return row.number is not None and row.number <= self.unsigned
        return hmac.compare_digest(row.mac, signed(self.key, row.told))

    def belongs_here(self, row: Row, link_here: bytes | None) -> bool:
        """Whether it was the next one once, by its own link or by the one that is kept at this place."""
        return self.link_of(row) in (row.link, link_here)


def harm_at(walk: Walk, row: Row, following: Row | None, end: bytes | None, is_elsewhere: bool) -> Harm:
    """How the row after `walk` came to be wrong. `end`: the head's link. `is_elsewhere`: the one that belongs there
    stands somewhere else."""
    if row.number != walk.next_number:
        return Harm.MOVED if is_elsewhere else Harm.DELETED
    if not walk.is_signed(row):
        was_next = following is not None and walk.link_of(following) == following.link
        return Harm.INSERTED if was_next else Harm.EDITED
    if is_elsewhere:
        return Harm.MOVED
    return Harm.EDITED if _goes_on(walk, row, following, end) else Harm.DELETED


def _goes_on(walk: Walk, row: Row, following: Row | None, end: bytes | None) -> bool:
    """Whether the chain goes on behind this row, so that only what is kept beside it was changed."""
    here = walk.link_of(row)
    if following is None:
        return here == end
    return following.link == next_link(walk.key, here, walk.next_number + 1, following.told)


def row_of(columns: dict[str, Any]) -> Row:
    chain = {name: columns.pop(name) for name in ("mac", "number", "link")}
    return Row(Told(**columns), **chain)
