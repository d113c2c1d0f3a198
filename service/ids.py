"""Ids are UUIDv7 (RFC 9562): made by whoever creates the thing, sortable by the time it was made."""

import os
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_B = (1 << 62) - 1


def new_id(now: datetime) -> UUID:
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    chance = int.from_bytes(os.urandom(10), "big")
    random_a, random_b = chance >> 68 << 64, chance & _RANDOM_B
    return UUID(int=(milliseconds << 80) | _VERSION_7 | random_a | _VARIANT | random_b)
