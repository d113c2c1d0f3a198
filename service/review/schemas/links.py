"""A habit against the pain of the day after, as the therapist sees it."""

from typing import Literal

from msgspec import Struct

LinkName = Literal["too_few", "unclear", "less_pain", "more_pain"]


class HabitLink(Struct, frozen=True, omit_defaults=True):
    """`points`: the best guess, below zero for less pain, and from how `low` to how `high` it could be. `with_habit`
    and `without` are days; under ten of either there is no guess. `sentence` says it in words."""

    name: str
    link: LinkName
    words: str
    with_habit: int
    without: int
    points: float | None = None
    low: float | None = None
    high: float | None = None
    sentence: str | None = None


class ShowLinksIn(Struct, forbid_unknown_fields=True):
    """Whether the client sees, beside their week, which habits may go with less pain or more."""

    shown: bool
