"""What a diary may hold: states of a day, scores, how far back, and which habit answers meet their target."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from service.catalogue.rules import Sentence
from service.catalogue.rules.habits import AMOUNT_HINTS, NOT_SURE, Good, Habit, believable

WORST_SCORE = 10
"""The 11-point numeric scale, whole numbers from 0 to 10."""

CLIENT_BACK_DAYS = 7
"""How many days before today a client may still fill in or correct: our own choice, not a trial's."""

STAFF_BACK_DAYS = 400
"""As far back as any view of a record reaches (`LONGEST_WINDOW`): an entry from before could never be seen."""

CLOCK_AHEAD = timedelta(days=1)
"""A phone's clock may be wrong, or set to another day by a traveller; by more than a day it cannot be meant."""

LONGEST_NOTE = 2000
MOST_SETS, MOST_REPS, MOST_SECONDS, MOST_LOAD = 50, 1000, 7200, 500
"""Of an exercise in one session, of a set (two hours), and of a load in its unit. More is a slip of the finger."""

SET_HINTS = {
    "reps": "Use a whole number from 0 to 1000.",
    "seconds": "Use a whole number from 0 to 7200.",
    "load": "Use a number from 0 to 500.",
}

FLARE_REST = timedelta(hours=24)
"""How long exercise reminders rest after a high score: pain should be back to where it was within a day (PAIN-TL)."""


_LESS = frozenset({"max", "max_km", "max_from_plan"})
NUMBER_RULES = _LESS | {"min", "min_per_sitting_hour", "min_from_plan"}
"""Rules of a habit that compare a number, which the therapist may set."""


def does_less(good: Mapping[str, Any]) -> bool:
    """Whether a habit is one to do less: fewer of something, or a no. An answer that was not given meets neither."""
    return good.get("rule") in _LESS or (good.get("rule") == "equals" and good.get("value") is False)


class Outcome(StrEnum):
    DONE = "done"
    PARTLY = "partly"
    SKIPPED = "skipped"


class DayState(StrEnum):
    """`NO_ENTRY` is silence, not a no: it is never counted or drawn as `SKIPPED`. `NOT_YET` comes before any plan."""

    DONE = "done"
    PARTLY = "partly"
    SKIPPED = "skipped"
    REST = "rest"
    NO_ENTRY = "no_entry"
    NOT_YET = "not_yet"


class Response(StrEnum):
    """The next morning against before the session, in the person's own judgement (PAIN-TL, PHT-GOOM)."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class SkipReason(StrEnum):
    NO_TIME = "no_time"
    HURTS = "hurts"
    UNSURE_HOW = "unsure_how"
    NO_GEAR = "no_gear"
    UNWELL = "unwell"
    AWAY = "away"


class Problem(NamedTuple):
    """`message` says what would be right."""

    code: str
    message: Sentence


def pain_score_problem(value: object) -> Problem | None:
    """True is no score and neither is 4.0: what was not written as a whole number is asked for again."""
    if type(value) is int and 0 <= value <= WORST_SCORE:
        return None
    return Problem("pain_score", Sentence("Use a whole number from 0 to 10."))


def set_problem(reps: int | None, seconds: int | None, load: float | None) -> tuple[str, Problem] | None:
    """Which field of a set is wrong (the set itself as ""), and what would be right."""
    if reps is None and seconds is None and load is None:
        return "", Problem("nothing", Sentence("Say the reps, the seconds or the load of this set."))
    for name, value, most in (("reps", reps, MOST_REPS), ("seconds", seconds, MOST_SECONDS)):
        if value is not None and not (type(value) is int and 0 <= value <= most):
            return f"/{name}", Problem("range", Sentence(SET_HINTS[name]))
    if load is not None and not 0 <= load <= MOST_LOAD:
        return "/load", Problem("range", Sentence(SET_HINTS["load"]))
    return None


def flare_until(score: int, done_at: datetime, flare_score: int) -> datetime | None:
    """Until when exercise reminders rest. The clinic sets `flare_score`, 6 unless changed: 0 to 3 is fine, 4 and 5 are
    acceptable if they settle within a day, 6 and more is too much (clinical facts 0.5, PAIN-TL and PAIN-TL2)."""
    return done_at + FLARE_REST if score >= flare_score else None


def day_problem(day: date, today: date, back_days: int = CLIENT_BACK_DAYS) -> Problem | None:
    """`today` is the client's local day."""
    if day > today:
        return Problem("day_in_future", Sentence("Use today or a day before it."))
    if day < today - timedelta(days=back_days):
        return Problem("day_too_old", Sentence("Use a day of the last %(days)s days.", {"days": back_days}))
    return None


def done_at_problem(done_at: datetime, now: datetime) -> Problem | None:
    """Compared before it is converted: an instant at the ends of the calendar has no time in UTC."""
    if now - timedelta(days=STAFF_BACK_DAYS) <= done_at <= now + CLOCK_AHEAD:
        return None
    words = Sentence("Use a time of the last %(days)s days.", {"days": STAFF_BACK_DAYS})
    return Problem("done_at_out_of_range", words)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone has no local day")
    return instant.astimezone(zone).date()


HabitValue = bool | int | float | str


@dataclass(frozen=True, slots=True)
class HabitAnswer:
    """One answer about one habit and one day. `value` None takes an earlier answer back."""

    id: UUID
    value: HabitValue | None
    written_at: datetime
    received_at: datetime


def merged(answers: Iterable[HabitAnswer]) -> HabitAnswer | None:
    """The answer that stands when text, app and page all told us: the last written, whichever came first."""
    return max(answers, key=lambda answer: (answer.written_at, answer.received_at, answer.id), default=None)


def habit_met(
    habit: Habit,
    value: HabitValue | None,
    plan_target: float | None = None,
    sitting_hours: float | None = None,
) -> bool | None:
    """None when it cannot be said: no answer, "not sure", or no number of the therapist's to compare with."""
    return meets(habit.good, value, plan_target, sitting_hours)


def meets(
    good: Good,
    value: HabitValue | None,
    plan_target: float | None = None,
    sitting_hours: float | None = None,
) -> bool | None:
    """`plan_target` is for the same stretch of time as `value`, and goes before the library's number; for shoes
    `value` is the kilometres."""
    if value is None or value == NOT_SURE:
        return None
    if plan_target is not None and good.rule in NUMBER_RULES:
        return _number(value) <= plan_target if does_less({"rule": good.rule}) else _number(value) >= plan_target
    match good.rule:
        case "equals":
            return value is good.value
        case "any_of":
            return value in good.values
        case "max" | "max_km":
            return _number(value) <= good.value
        case "min":
            return _number(value) >= good.value
        case "min_per_sitting_hour":
            return None if sitting_hours is None else _number(value) >= good.value * sitting_hours
        case "max_from_plan" | "min_from_plan":
            return None
        case _:
            assert_never(good.rule)


def _number(value: HabitValue) -> float:
    if isinstance(value, bool | str):
        raise ValueError(f"{value!r} is not an amount")
    return value


def habit_answer(
    kind: str, options: Sequence[str], value: HabitValue | None
) -> tuple[dict[str, HabitValue | None], Problem | None]:
    """The answer in the one column of its kind (`yes`, `amount`, `choice`), or what would be right. None is skipped."""
    columns: dict[str, HabitValue | None] = {"yes": None, "amount": None, "choice": None, "skipped": value is None}
    if value is None:
        return columns, None
    if kind == "yes_no":
        right = isinstance(value, bool)
        return columns | {"yes": value}, None if right else Problem("answer", Sentence("Answer yes or no."))
    if kind == "choice":
        problem = Problem("answer", Sentence("Choose one of: %(options)s.", {"options": ", ".join(options)}))
        return columns | {"choice": value}, None if value in options else problem
    if isinstance(value, bool | str) or not believable(kind, value):
        return columns, Problem("answer", Sentence(AMOUNT_HINTS[kind]))
    return columns | {"amount": float(value)}, None


LONGEST_WINDOW = timedelta(days=400)


def window(first: date | None, last: date | None, latest: date) -> tuple[date, date] | None:
    """The days asked for, both included, by default the 28 up to `latest`; None when they cannot be meant."""
    last = last or latest
    if last < date.min + LONGEST_WINDOW:
        return None
    first = first or last - timedelta(days=27)
    return (first, last) if timedelta() <= last - first <= LONGEST_WINDOW else None
