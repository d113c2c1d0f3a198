"""What a version says of itself: where in a programme it is, and how it differs from the one before."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import UNSET

from service.catalogue.library import Programme, shipped
from service.catalogue.rules import Sentence
from service.errors import FieldProblem, Refused
from service.plans.actions.wanted import Prescription, Taken
from service.plans.queries import Content
from service.plans.rules import Prescribed, change_summary
from service.plans.rules.ahead import Direction
from service.plans.rules.changes import (
    Asked,
    Once,
    Words,
    count_changes,
    fix_changes,
    habit_changes,
    lesson_changes,
    limit_changes,
    place_changes,
    word_changes,
)
from service.plans.rules.programmes import Place
from service.plans.tables import PlanVersion

LONGEST_PROGRAMME = timedelta(days=2 * 366)


MOST_BESIDE_A_PHASE = 3
"""How many changes of exercises are told one by one beside a new phase, which changes nearly all of them."""


def programme_of(code: str) -> Programme | None:
    return next((programme for programme in shipped().programmes if programme.id == code), None)


def set_place(version: PlanVersion, wanted: Prescription, before: Content | None) -> None:
    """Raises Refused for a place that no programme has."""
    if wanted.place is UNSET:
        place = before.place if before else None
    else:
        place = wanted.place
        _refuse_impossible(place, wanted.starts_on)
    if place is not None:
        version.programme, version.phase = place.programme, place.phase
        version.programme_began_on = place.began_on


def _refuse_impossible(place: Place | None, starts_on: date) -> None:
    if place is None:
        return
    programme = programme_of(place.programme)
    if programme is None:
        raise Refused.one("/programme/code", "unknown", "Use the code of a programme in the catalogue.")
    problems = []
    if not 1 <= place.phase <= len(programme.phases):
        message = f"This programme has phases 1 to {len(programme.phases)}."
        problems.append(FieldProblem("/programme/phase", "range", message))
    if not starts_on - LONGEST_PROGRAMME <= place.began_on <= starts_on:
        message = "Use the day the version starts, or one at most two years before."
        problems.append(FieldProblem("/programme/began_on", "day", message))
    if problems:
        raise Refused(problems)


def change_lines(before: Content, after: Content, title: str, step: Taken | None = None) -> list[dict[str, Any]]:
    place = after.place
    programme = programme_of(place.programme) if place else None
    phase = place_changes(before.place, place, len(programme.phases) if programme else 0)
    items = change_summary(_prescribed(before), _prescribed(after))
    if phase and len(items) > MOST_BESIDE_A_PHASE:
        items = [count_changes([item.key for item in _prescribed(before)], [item.key for item in _prescribed(after)])]
    lines = [
        *_stepped(before, after, step),
        *phase,
        *items,
        *habit_changes(_asked(before), _asked(after)),
        *fix_changes(_once(before), _once(after)),
        *limit_changes(before.version.load_pain, after.version.load_pain),
        *lesson_changes(_lessons(before), _lessons(after)),
        *word_changes(_words(before, before.plan.title), _words(after, title)),
    ]
    return [line.stored() for line in lines]


def _stepped(before: Content, after: Content, step: Taken | None) -> list[Sentence]:
    if step is None:
        return []
    known = {item.row.item_key for item in before.items}
    [name, *_] = [item.exercise.name for item in after.items if item.row.item_key not in known]
    words = {
        Direction.HARDER: "A step that was allowed ahead: on to %(name)s",
        Direction.EASIER: "A step that was allowed ahead: back to %(name)s",
    }
    return [Sentence(words[step.way], {"name": Sentence(name)})]


def _prescribed(content: Content) -> Sequence[Prescribed]:
    return [item.prescribed(content.version.starts_on) for item in content.items]


def _asked(content: Content) -> list[Asked]:
    return [Asked(str(habit.habit_key), habit.prompt, habit.target) for habit in content.habits]


def _once(content: Content) -> list[Once]:
    return [Once(str(fix.fix_key), fix.prompt, fix.due_on, fix.recheck_days) for fix in content.fixes]


def _lessons(content: Content) -> dict[str, tuple[str, str]]:
    return {str(lesson.lesson_key): (lesson.title, lesson.body) for lesson in content.lessons}


def _words(content: Content, title: str) -> Words:
    tips = {str(item.row.item_key): (item.exercise.name, item.row.cue) for item in content.items}
    return Words(title, content.version.note, tips)
