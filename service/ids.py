"""Ids are UUIDv7 (RFC 9562): made by whoever creates the thing, sortable by the time it was made."""

import secrets
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(now: datetime) -> UUID:
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    random_a = secrets.randbits(12) << 64
    return UUID(int=(milliseconds << 80) | _VERSION_7 | random_a | _VARIANT | secrets.randbits(62))
