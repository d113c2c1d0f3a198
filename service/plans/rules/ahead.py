"""A step that a therapist allows ahead on an item: to which exercise, until when, and when it may be taken.

The 24-hour rule proposes and a therapist decides; here the decision came first. It names one exercise in each
direction, it ends by itself, it is taken once, and whatever is not as it was when it was given stops it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from service.catalogue.rules import Exercise, Side
from service.plans.rules import DAYS_A_WEEK, Cadence, FixedWeekdays, TimesPerWeek
from service.plans.rules.guard import days_a_week

LASTS = timedelta(days=28)
"""How long it holds when no end was given: our own choice, about as long as people wait for their next visit."""

LONGEST = timedelta(days=84)
"""At most so long after the version starts: twelve weeks, as long as most programmes of the library; our own choice."""

LOOK_AT = time(20)
"""By the client's clock. What the rule waits for is told in the morning, or with the session of the day; and a step
that is taken in the evening changes nothing of a day that has begun. Our own choice."""


class Direction(StrEnum):
    HARDER = "harder"
    EASIER = "easier"


@dataclass(frozen=True, slots=True)
class Target:
    """An exercise of the chain, and the leg it is to be done with; `both` of one that works one leg is each in turn."""

    exercise: str
    side: Side


@dataclass(frozen=True, slots=True)
class Ahead:
    """`until` is the last day on which it may be taken, `by` and `at` who allowed it and when."""

    steps: Mapping[Direction, Target]
    until: date
    by: UUID
    at: datetime

    def stored(self) -> dict[str, Any]:
        steps = {way.value: {"exercise": to.exercise, "side": to.side.value} for way, to in self.steps.items()}
        return {**steps, "until": self.until.isoformat(), "by": str(self.by), "at": self.at.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        told = {way: stored[way] for way in Direction if way in stored}
        return cls(
            steps={way: Target(to["exercise"], Side(to["side"])) for way, to in told.items()},
            until=date.fromisoformat(stored["until"]),
            by=UUID(stored["by"]),
            at=datetime.fromisoformat(stored["at"]),
        )

    def says_as(self, other: "Ahead | None") -> bool:
        return other is not None and (self.steps, self.until) == (other.steps, other.until)


def chain(entry: Exercise, way: Direction) -> Sequence[str]:
    return entry.harder if way is Direction.HARDER else entry.easier


def sides_offered(entry: Exercise) -> tuple[Side, ...]:
    """An exercise that works one leg may be done with each in turn."""
    return (*entry.sides, Side.BOTH) if set(entry.sides) == {Side.LEFT, Side.RIGHT} else entry.sides


def side_after(now: Collection[Side | None], entry: Exercise) -> Side | None:
    """The leg that is worked now, or the only choice there is; None where somebody has to choose, for it is never
    guessed. `now`: the sides of the items it takes the place of."""
    offered = sides_offered(entry)
    if len(offered) == 1:
        return offered[0]
    if len(now) > 1:
        return Side.BOTH
    [side] = now
    return side if side in entry.sides else None


def wrong_leg(now: Collection[Side | None], to: Target, entry: Exercise) -> Side | None:
    """The leg that is worked now, where the step would go to the other one."""
    if len(now) != 1 or entry.sides == (Side.BOTH,):
        return None
    [side] = now
    return side if side in (Side.LEFT, Side.RIGHT) and side in entry.sides and to.side is not side else None


def legs(to: Target, entry: Exercise) -> Sequence[Side]:
    """One item each."""
    return (Side.LEFT, Side.RIGHT) if to.side is Side.BOTH and Side.BOTH not in entry.sides else (to.side,)


def cadence_after(now: Cadence, entry: Exercise) -> Cadence:
    """The days stay, unless they are more or fewer than the library has for the exercise: then the fewest it has."""
    (low, high), (fewest, most) = entry.dose.days_per_week, days_a_week(now)
    if fewest <= high and most >= low and now.times_per_day <= entry.dose.per_day[1]:
        return now
    times = entry.dose.per_day[0]
    return FixedWeekdays(127, times) if low == DAYS_A_WEEK else TimesPerWeek(low, times)


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be so in the evening on which a step may be taken, in the order in which it is told."""

    is_allowed: bool
    """A step this way stands on the item, the same on each leg of the exercise, and has not ended."""
    is_proposed: bool
    """The rule says so by all that is known, and by the sessions under this version alone."""
    may_still_prescribe: bool
    """Whoever allowed it works here, and may prescribe for this client."""
    no_warning_sign: bool
    no_alert: bool
    """Nobody waits for staff with anything."""
    not_paused: bool
    """Neither today nor on the day the step would start."""
    is_newest: bool
    """No change of the plan waits to begin, and nothing has ended it."""
    is_in_chain: bool
    """The link is there, the exercise is in the library, and it does not stand in the plan."""

    @property
    def against(self) -> str | None:
        """The first that is not so; None when the step may be taken."""
        return next((field.name for field in fields(self) if not getattr(self, field.name)), None)
