"""What staff note for a client who told them: the form, with what was typed into it."""

from msgspec import Struct


class Noting(Struct, frozen=True):
    """`day` is the client's local day; all of it as typed. `reasons` and `kinds` are pairs of code and words."""

    day: str
    reasons: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    outcome: str = ""
    reason: str = ""
    during: str = ""
    score: str = ""
    kind: str = "now"
    note: str = ""
    problem: str | None = None
