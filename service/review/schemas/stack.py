"""What stands under each other on a client's page, day by day, and where it hurt."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from service.body_map import Figure, figures, outline
from service.review.schemas.entries import EntryKind


class Range(StrEnum):
    """How many days are looked back on."""

    FORTNIGHT = "14"
    TWO_MONTHS = "60"
    ALL = "all"


class Kinds(StrEnum):
    """What the list of entries is cut to."""

    ALL = "all"
    DIARY = "diary"
    MESSAGES = "messages"
    CHANGES = "changes"
    ALERTS = "alerts"


KINDS: dict[Kinds, frozenset[EntryKind]] = {
    Kinds.DIARY: frozenset({"pain", "session", "habit"}),
    Kinds.MESSAGES: frozenset({"text"}),
    Kinds.CHANGES: frozenset({"plan", "visit"}),
    Kinds.ALERTS: frozenset({"alert"}),
}


class MessageDay(Struct, frozen=True):
    """`sent` are ours that a message service took, `answers` what came back."""

    day: date
    sent: int
    answers: int


class Place(Struct, frozen=True):
    """Of the check-ins that named a place, how many named this one. `box` is "left:lateral_hip"."""

    box: str
    label: str
    now: int
    before: int


class BodyMap(Struct, frozen=True):
    """Where it hurt in the last weeks and in as many before them; of answers that named a place alone."""

    days: int
    answers_now: int
    answers_before: int
    places: list[Place]

    @property
    def figures(self) -> Sequence[Figure]:
        return figures()

    @property
    def outline(self) -> str:
        return outline()

    def share(self, box: str, *, before: bool = False) -> int | None:
        """Of a hundred; None where it was never named, and while too few answers name a place to speak of shares."""
        count = next((place.before if before else place.now for place in self.places if place.box == box), 0)
        answers = self.answers_before if before else self.answers_now
        return round(100 * count / answers) if count and answers else None
