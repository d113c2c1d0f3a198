"""The phases of a programme: what each prescribes, which week a plan is in, and which phase is due.

Weeks are counted from 1. A pause makes no weeks: who did not train is not further on.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from service.catalogue.library import Phase, Programme
from service.catalogue.rules import Dose, Exercise, dose_default
from service.plans.rules import DAYS_A_WEEK, Cadence, FixedWeekdays, Pause, TimesPerWeek, is_paused

EVERY_WEEKDAY = 127


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a programme a version of a plan is; `began_on` is the first day of its first week."""

    programme: str
    phase: int
    began_on: date


@dataclass(frozen=True, slots=True)
class PhaseDue:
    """`week` is the programme week from which on the phase may start, `now` the one that was reached."""

    phase: int
    phases: int
    week: int
    now: int


@dataclass(frozen=True, slots=True)
class PhaseItem:
    """One exercise of a phase. The dose's side stays open where there is a choice."""

    exercise: str
    dose: Dose
    cadence: Cadence


def week_on(began_on: date, day: date, pauses: Iterable[Pause] = ()) -> int:
    """0 before the first day."""
    pauses = list(pauses)
    days = (began_on + timedelta(days=n) for n in range((day - began_on).days))
    trained = sum(not is_paused(passed, pauses) for passed in days)
    return trained // DAYS_A_WEEK + 1 if day >= began_on else 0


def began_on(programme: Programme, phase: int, starts_on: date) -> date:
    """When a plan that starts with this phase would have begun with the first one."""
    return starts_on - timedelta(weeks=programme.phases[phase - 1].weeks[0] - 1)


def entry_week(phase: Phase, library: Mapping[str, Exercise], contexts: Collection[str]) -> int:
    """The first week of a phase, or the first in which all of its exercises may be done."""
    gates = [
        week
        for code in phase.exercises
        if code in library
        for context, week in library[code].not_before_week.items()
        if context in contexts
    ]
    return max([phase.weeks[0], *gates])


def phase_from(places: Sequence[tuple[date, Place | None]]) -> date:
    """Since when the newest version's phase holds. `places` are those of a plan's versions, oldest first."""
    newest, since = places[-1][1], places[-1][0]
    for starts_on, place in reversed(places):
        if place != newest:
            break
        since = starts_on
    return since


def phase_due(
    programme: Programme,
    place: Place,
    since: date,
    day: date,
    library: Mapping[str, Exercise],
    pauses: Iterable[Pause] = (),
    labels: Collection[str] = (),
) -> PhaseDue | None:
    """The phase after this one, never a later one: when its week is reached, and this one lasted as long as it should.

    `since` is when this phase began; whoever began it late has its weeks before them all the same. `labels` are the
    client's own, beside those that the programme is for.
    """
    if not 1 <= place.phase < len(programme.phases):
        return None
    pauses = list(pauses)
    phase, following = programme.phases[place.phase - 1 : place.phase + 1]
    reached = week_on(place.began_on, day, pauses)
    first = entry_week(following, library, {*programme.contexts, *labels})
    lasted = week_on(since, day, pauses) - 1
    if reached < first or lasted < phase.weeks[1] - phase.weeks[0] + 1:
        return None
    return PhaseDue(place.phase + 1, len(programme.phases), first, reached)


def phase_items(
    phase: Phase, library: Mapping[str, Exercise], doses: Mapping[str, Sequence[Dose]] | None = None
) -> list[PhaseItem]:
    """In the order of the phase. What is prescribed already keeps its `doses`; the rest starts with the gentlest.

    An exercise that the clinic has hidden is left out.
    """
    known = doses or {}
    return [
        PhaseItem(code, replace(dose, effort=phase.effort or dose.effort), _cadence(phase, library[code]))
        for code in phase.exercises
        if code in library
        for dose in known.get(code) or [dose_default(library[code])]
    ]


def _cadence(phase: Phase, exercise: Exercise) -> Cadence:
    per_day = exercise.dose.per_day[0]
    if phase.per_week == DAYS_A_WEEK:
        return FixedWeekdays(EVERY_WEEKDAY, per_day)
    return TimesPerWeek(phase.per_week, per_day)
