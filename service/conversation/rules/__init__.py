"""What a text message can mean. How one is read: `grammar.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final, Literal

from service.diary.rules import SkipReason

Side = Literal["left", "right", "both"]
LONGEST_MESSAGE: Final = 2000
"""Of what is written on a page: two screens of a phone."""

UNPLACED_KEPT: Final = timedelta(days=30)
"""How long a text that is nobody's for sure is kept: as long as one that belongs to no clinic at all."""

WITHOUT_WORDS: Final = "…"
PICTURE: Final = "A picture was sent. We do not keep pictures."

KeywordName = Literal["easy", "pause", "back", "daily", "keep", "change_back"]


@dataclass(frozen=True, slots=True)
class PainScore:
    """0 to 10; sites and aggravators are catalogue codes; `also_done` replaces a Done beside it, and
    `corrects` is said in words: "I meant 5"."""

    score: int
    rounded: bool = False
    side: Side | None = None
    sites: tuple[str, ...] = ()
    aggravators: tuple[str, ...] = ()
    also_done: bool = False
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """All of it, or the item with this number on the list that was asked about."""

    item: int | None = None


@dataclass(frozen=True, slots=True)
class Some:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    reason: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """`either_half`: a bare "7" is the next 7 o'clock, in the morning or in the evening."""

    at: time | None = None
    either_half: bool = False

    def wall(self, now: time) -> time | None:
        """The local time meant, or None when none was named or it is over for today."""
        if self.at is None:
            return None
        hours = (self.at.hour % 12, self.at.hour % 12 + 12) if self.either_half else (self.at.hour,)
        return next((wall for hour in hours if (wall := self.at.replace(hour=hour)) > now), None)


@dataclass(frozen=True, slots=True)
class NewTime:
    """For every day from now on; `either_half` as in Later."""

    at: time
    either_half: bool = False

    @property
    def walls(self) -> tuple[time, ...]:
        hours = (self.at.hour % 12, self.at.hour % 12 + 12) if self.either_half else (self.at.hour,)
        return tuple(self.at.replace(hour=hour) for hour in hours)


@dataclass(frozen=True, slots=True)
class PaperWeek:
    """What was ticked on a hand-out: by its letter, the weekdays of each exercise, Monday is 0. `which` is None when
    nobody said this week or last week. Of what is not in it, it says nothing."""

    ticks: tuple[tuple[str, tuple[int, ...]], ...]
    which: Literal["this", "last"] | None = None

    def monday(self, today: date) -> date | None:
        """Of the week meant; None when it may be either. A day to come is one of last week; on a Sunday this week is
        whole, and all of last week is too long ago to be told."""
        this = today - timedelta(days=today.weekday())
        last = this - timedelta(days=7)
        if self.which is not None:
            return this if self.which == "this" else last
        if today.weekday() == 6:
            return this
        latest = max(day for _, days in self.ticks for day in days)
        return last if latest > today.weekday() else None


@dataclass(frozen=True, slots=True)
class UnreadWeek:
    """Meant as one, and not to be read."""


@dataclass(frozen=True, slots=True)
class Undo:
    pass


@dataclass(frozen=True, slots=True)
class Keyword:
    name: KeywordName


@dataclass(frozen=True, slots=True)
class Why:
    """The answer with this number on the list of reasons that was sent."""

    number: int


@dataclass(frozen=True, slots=True)
class Stop:
    pass


@dataclass(frozen=True, slots=True)
class Start:
    pass


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class OutOfRange:
    pass


@dataclass(frozen=True, slots=True)
class TwoNumbers:
    pass


@dataclass(frozen=True, slots=True)
class Danger:
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    text: str


Asked = Later | NewTime | Keyword | Why
Answer = PainScore | Done | Some | Skip | PaperWeek | UnreadWeek | Undo | Start | Help | OutOfRange | TwoNumbers | Asked
Reading = Answer | Stop | Danger | Note
Readings = tuple[Reading, ...]


def shown_words(body: str, has_picture: bool, say: Callable[[str], str]) -> str:
    """What was said, and that a picture came with it, of which nothing is kept."""
    if not has_picture:
        return body
    return say(PICTURE) if body == WITHOUT_WORDS else f"{body} ({say(PICTURE)})"


def message_problem(words: str) -> str | None:
    """What would be right about a message written on a page."""
    if not words:
        return "Write something first."
    return None if len(words) <= LONGEST_MESSAGE else "Use at most 2000 characters."
