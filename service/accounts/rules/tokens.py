"""Tokens with which programs use the API for a clinic: what they may do, and for how long."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from service.accounts.rules import Right

PREFIX: Final = "clam_"
"""What every token begins with, so that whoever looks for forgotten secrets finds it."""

SHOWN: Final = 6
"""How many of its signs stay to be recognised by."""

SCOPES: Final[Mapping[Right, str]] = {
    Right.SEE_RECORD: "Plans, diaries, progress and messages of all clients",
    Right.PRESCRIBE: "Write plans, and the library and templates of the clinic",
    Right.SEE_CONTACTS: "Names, phone numbers and emails of clients",
    Right.ADD_CLIENT: "Add clients",
    Right.SETTINGS: "Settings of the clinic",
}
LIFETIMES: Final = (30, 90, 365)
"""Days."""

MOST_TOKENS: Final = 20
CALLS_A_MINUTE: Final = 600
MINUTE: Final = timedelta(minutes=1)
NAME_LIMIT: Final = 60


def token_name(typed: str) -> str | None:
    """None for what cannot be a name."""
    name = typed.strip()
    return name if 1 <= len(name) <= NAME_LIMIT and name.isprintable() else None
