"""Things to do once, as the page of a client shows them."""

from typing import Literal

from msgspec import Struct

LedgerKind = Literal["check_in", "plan", "habit", "fix"]


class FixLine(Struct, frozen=True):
    """A thing to do once and how it stands, in words."""

    prompt: str
    words: str
