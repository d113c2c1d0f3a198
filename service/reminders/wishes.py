"""What a reminder should be, and which wishes cannot be met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Final

from service.errors import FieldProblem, Refused
from service.outbox.kinds import MessageKind
from service.outbox.words import blocked_words, normalise, segments
from service.plans.rules import DAYS_A_WEEK
from service.reminders.recurrence import MOST_DAYS_APART, MOST_EXCEPTIONS, MOST_TIMES, next_due, rule_of
from service.reminders.tables import KINDS, Reminder

MOST_ANCHOR: Final = 26
"""So long that the text stays in one part in both languages, with the longest name of a clinic."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reminder should be: `channels` in the order to try, and the fields of a `Rule`."""

    kind: str
    local_times: Sequence[time]
    weekdays: int | None
    channels: Sequence[str]
    starts_on: date
    anchor: str | None = None
    every_days: int | None = None
    times_per_week: int | None = None
    ends_on: date | None = None
    except_on: Sequence[date] = ()
    paused_until: date | None = None

    @property
    def slots(self) -> Sequence[int]:
        return range(len(self.local_times))


def sent_as(kind: str, anchor: str | None) -> tuple[MessageKind, dict[str, str]]:
    """The message that a reminder of this kind sends, and what its words need: only the plan's names a daily act."""
    if kind == "plan" and anchor:
        return MessageKind.ANCHOR, {"anchor": anchor}
    return MessageKind(kind), {}


def wish_of(reminder: Reminder) -> Wish:
    """The wish that would leave the reminder as it is."""
    return Wish(**{field.name: getattr(reminder, field.name) for field in fields(Wish)})


def refuse_impossible(wish: Wish) -> None:
    """Raises Refused with every field that is wrong."""
    problems = [*_time_problems(wish), *_day_problems(wish), *_range_problems(wish), *_anchor_problems(wish.anchor)]
    if problems:
        raise Refused(problems)


def _time_problems(wish: Wish) -> Iterator[FieldProblem]:
    if wish.kind not in KINDS:
        yield FieldProblem("/kind", "unknown", "Use check_in, plan or habit.")
    if not 1 <= len(wish.local_times) <= MOST_TIMES or len(set(wish.local_times)) != len(wish.local_times):
        yield FieldProblem("/local_times", "times", f"Give 1 to {MOST_TIMES} different times.")
    if any(wall.tzinfo is not None for wall in wish.local_times):
        yield FieldProblem("/local_times", "zone", "Give local times without an offset, such as 08:00.")
    if not wish.channels or not set(wish.channels) <= {"sms", "email"} or len(set(wish.channels)) < len(wish.channels):
        yield FieldProblem("/channels", "channels", "Use sms, email or both, each once.")


def _anchor_problems(anchor: str | None) -> Iterator[FieldProblem]:
    problem = _anchor_problem(anchor) if anchor is not None else None
    if problem is not None:
        yield FieldProblem("/anchor", *problem)


def _day_problems(wish: Wish) -> Iterator[FieldProblem]:
    given = [way for way in ("weekdays", "every_days", "times_per_week") if getattr(wish, way) is not None]
    if len(given) != 1:
        pointer = f"/{given[-1]}" if given else "/weekdays"
        yield FieldProblem(pointer, "days", "Give one of weekdays, every_days or times_per_week.")
    if wish.weekdays is not None and not 0 < wish.weekdays < 128:
        yield FieldProblem("/weekdays", "required", "Choose at least one weekday.")
    if wish.every_days is not None and not 1 <= wish.every_days <= MOST_DAYS_APART:
        yield FieldProblem("/every_days", "range", f"Use 1 to {MOST_DAYS_APART} days.")
    if wish.times_per_week is not None and not 1 <= wish.times_per_week <= DAYS_A_WEEK:
        yield FieldProblem("/times_per_week", "range", "Use 1 to 7 times a week.")


def _range_problems(wish: Wish) -> Iterator[FieldProblem]:
    last = wish.ends_on or date.max
    if last < wish.starts_on:
        yield FieldProblem("/ends_on", "before_start", "Use the first day or a later one.")
    if len(wish.except_on) > MOST_EXCEPTIONS or len(set(wish.except_on)) < len(wish.except_on):
        yield FieldProblem("/except_on", "days", f"Give at most {MOST_EXCEPTIONS} days, each once.")
    outside = [n for n, day in enumerate(wish.except_on) if not wish.starts_on <= day <= last]
    if outside:
        yield FieldProblem(f"/except_on/{outside[0]}", "range", "Use a day from the first to the last, both included.")
    if wish.paused_until is not None and wish.paused_until >= last:
        yield FieldProblem("/paused_until", "after_end", "Use a day before the last, or end the reminder.")


def refuse_never_due(wish: Wish, zone: str, since: datetime) -> None:
    """Names the field that takes the last due moment away."""
    unbroken = replace(wish, except_on=(), paused_until=None)
    in_turn = (
        ("/ends_on", "Use a later day: until this one it would never come due.", unbroken),
        ("/except_on", "Leave at least one day on which it comes due.", replace(wish, paused_until=None)),
        ("/paused_until", "Use a day before the last one on which it comes due.", wish),
    )
    for pointer, message, part in in_turn:
        if next_due(rule_of(part), zone, since) is None:
            raise Refused.one(pointer, "never_due", message)


def _anchor_problem(anchor: str) -> tuple[str, str] | None:
    """A code, and what would be right. It stands in a text that anybody may see on the phone."""
    try:
        plain = normalise(anchor)
    except ValueError:
        plain = ""
    if not plain.strip() or len(plain) > MOST_ANCHOR or segments(plain).encoding != "gsm7":
        return "words", f"Use 1 to {MOST_ANCHOR} plain letters."
    if blocked := blocked_words(plain):
        return "private", f"Leave out {', '.join(blocked)}: others may see the text."
    return None
