"""One-off fixes: done once by a day, and, where the therapist wants it, looked at again some days later.

Days are the client's local dates. What was not told is open, however late it is: silence is never "done".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

LONGEST_FIX: Final = 200
"""Characters: one line of a phone or two."""

LATEST_RECHECK: Final = 366
MOST_FIXES: Final = 5

LONGEST_TITLE, LONGEST_LESSON, MOST_LESSONS = 80, 1500, 5
"""Of a note to read: characters of its title and its text, and how many a plan may have."""


class FixAnswer(StrEnum):
    """What a client can say about a fix."""

    DONE = "done"
    STILL_FINE = "still_fine"
    NOT_ANY_MORE = "not_any_more"


class FixState(StrEnum):
    """`NOT_ANY_MORE` is to be done again; when it is, the days to the next look start anew."""

    OPEN = "open"
    DONE = "done"
    RECHECK_DUE = "recheck_due"
    STILL_FINE = "still_fine"
    NOT_ANY_MORE = "not_any_more"


class FixTold(Protocol):
    """One answer of a day; there is at most one a day. `in_place` is None for "done"."""

    @property
    def day(self) -> date: ...
    @property
    def told(self) -> str: ...
    @property
    def in_place(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """`told_on`: the day of the answer that stands. `recheck_on`: when it is looked at again, or was to be."""

    state: FixState
    told_on: date | None = None
    recheck_on: date | None = None


def standing(recheck_days: int | None, told: Iterable[FixTold], today: date) -> Standing:
    """Only what was told up to today counts, and of a look only one after the fix was done."""
    so_far = sorted((one for one in told if one.day <= today), key=lambda one: one.day)
    done_on = max((one.day for one in so_far if one.told == "done"), default=None)
    if done_on is None:
        return Standing(FixState.OPEN)
    looks = [one for one in so_far if one.told == "check" and one.day > done_on]
    if looks:
        state = FixState.STILL_FINE if looks[-1].in_place else FixState.NOT_ANY_MORE
        return Standing(state, looks[-1].day, None)
    if recheck_days is None:
        return Standing(FixState.DONE, done_on)
    recheck_on = done_on + timedelta(days=recheck_days)
    return Standing(FixState.RECHECK_DUE if recheck_on <= today else FixState.DONE, done_on, recheck_on)


def told_as(one: FixTold) -> FixAnswer:
    if one.told == "done":
        return FixAnswer.DONE
    return FixAnswer.STILL_FINE if one.in_place else FixAnswer.NOT_ANY_MORE


def answers_to(state: FixState) -> Sequence[FixAnswer]:
    """The answers that make sense then."""
    match state:
        case FixState.OPEN | FixState.NOT_ANY_MORE:
            return [FixAnswer.DONE]
        case FixState.RECHECK_DUE:
            return [FixAnswer.STILL_FINE, FixAnswer.NOT_ANY_MORE]
        case FixState.DONE | FixState.STILL_FINE:
            return []
