"""What a clinic may set about how its clients are asked. Each setting may only be made stricter than it comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.catalogue.rules import Sentence
from service.errors import FieldProblem, Refused


@dataclass(frozen=True, slots=True)
class Setting:
    """Whole numbers from `low` to `high`, which is what it comes with; `label` and `source` are msgids."""

    low: int
    high: int
    label: str
    source: str

    @property
    def words(self) -> Sentence:
        """What would be right."""
        parts = {"low": self.low, "high": self.high}
        return Sentence("Use a whole number from %(low)s to %(high)s: a clinic may only be stricter.", parts)

    @property
    def hint(self) -> str:
        return str(self.words)


NUMBERS: Final[Mapping[str, Setting]] = {
    "flare_score": Setting(
        4,
        6,
        "A score from here on rests exercise reminders for a day",
        "The pain traffic light: 0 to 3 is fine, 4 and 5 are fine when they settle within 24 hours, 6 is too much.",
    ),
    "texts_per_day": Setting(
        1,
        4,
        "The most reminders a day",
        "The notifier's fuse: never more than 4 to one address in 24 hours. Our own choice, not a trial's.",
    ),
    "texts_per_week": Setting(
        1,
        20,
        "The most reminders a week",
        "Our own choice: 5 days of 4. Rules for health texts elsewhere speak of 3 a week.",
    ),
    "escalate_minutes": Setting(
        10,
        60,
        "Nobody has looked at a client to call in time: minutes of office hours until the next person is told",
        "The catalogue asks for one working hour in an emergency. That each step has as long is our own choice.",
    ),
    "traces_days": Setting(
        30,
        90,
        "Days for which we keep links, sign-ins, reports of providers and emails to staff once they are over",
        "Our own choice: long enough to find out what went wrong. What clients told you is kept until you erase it.",
    ),
}
CAPS: Final = frozenset(("texts_per_day", "texts_per_week"))
SWITCHES: Final[Mapping[str, tuple[str, str]]] = {
    "fresh_start": (
        "One last text when a month begins, to whoever was silent for 30 planned days",
        "Off unless a clinic wants it: whoever stays silent is left alone.",
    ),
    "week_text": (
        "A text when a week is over in which somebody told us something",
        "Once a week at most. Our own choice, not a trial's.",
    ),
    "monitoring": (
        "Remote therapeutic monitoring (US only): a page for each client that counts data days and minutes",
        "For staff only. It changes nothing of what clients are asked, or when.",
    ),
}
"""On or off, each with its label and where it comes from."""


OFFICE: Final = ("office_hours", "closed_days")


def refuse_impossible(numbers: Mapping[str, int], office: Sequence[FieldProblem] = ()) -> None:
    """Raises Refused with every field that is out of bounds, and what would be right. `office`: what is wrong with the
    office hours."""
    problems = [
        FieldProblem(f"/{name}", "range", NUMBERS[name].hint)
        for name, number in numbers.items()
        if not NUMBERS[name].low <= number <= NUMBERS[name].high
    ]
    day, week = numbers.get("texts_per_day"), numbers.get("texts_per_week")
    if not problems and day is not None and week is not None and week < day:
        problems = [FieldProblem("/texts_per_week", "below_day", "Use at least as many a week as a day.")]
    if problems or office:
        raise Refused([*problems, *office])
