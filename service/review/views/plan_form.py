"""How the form of a plan is read, and filled from what is prescribed already.

A field's name ends with the code of its exercise or habit, or with the kind of its reminder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from msgspec import UNSET

from service.catalogue.tables import Exercise, Habit
from service.errors import FieldProblem, Refused
from service.plans.actions import Prescription
from service.plans.fix_rows import OnceToPrescribe
from service.plans.queries import Content
from service.plans.tables import LOAD_PAIN
from service.remedies import day_or_none
from service.review.guards import Typed, whole_number
from service.review.views import guarded, plan_fixes, plan_habits, plan_items, plan_lessons
from service.review.views.arranging import in_order, without
from service.review.views.sides import places

MOST_ITEMS = 12
MOST_HABITS = 10
LONGEST_NOTE = 500
PAIN_LIMITS = tuple(map(str, range(LOAD_PAIN.low, LOAD_PAIN.high + 1)))
FURTHEST_START = timedelta(days=366)


def filled(content: Content, library: Sequence[Habit], locale: str) -> Typed:
    """The form of the plan as it is."""
    pairs = plan_items.filled(content.items)
    pairs += plan_habits.filled(content, library) + once_filled(content, locale)
    return Typed([*pairs, ("note", content.version.note or "")])


def once_filled(content: Content | None, locale: str) -> list[tuple[str, str]]:
    """Things to do once, notes to read and a limit of pain belong to the person: they stay, whatever the exercises
    start from."""
    if content is None:
        return []
    limit = content.version.load_pain
    own = [("load_pain", "" if limit is None else str(limit))]
    return plan_fixes.filled(content, locale) + plan_lessons.filled(content) + own


def swapped(form: Typed, library: Mapping[str, Exercise], old: str, new: str) -> Typed:
    """`new` stands where `old` was, with the dose its sources know; as it was when either is not there."""
    if not form.has(f"item_{old}") or (new and new not in library):
        return form
    codes = [new if code == old else code for code in plan_items.codes_of(form)]
    return in_order(without(form, old), dict.fromkeys(code for code in codes if code))


def prescription(
    form: Typed,
    running: Content | None,
    library: Mapping[str, Exercise],
    habits: Sequence[Habit],
    today: date,
    locale: str,
    beside: Sequence[FieldProblem] = (),
) -> Prescription:
    """Raises Refused with every field that cannot be read, `beside` them what is wrong in the rest of the form;
    `/items/0/sets` is the first picked exercise's."""
    problems = [*beside]
    problems += _form_problems(form, places(form, plan_items.codes_of(form), library), today)
    problems += plan_habits.problems(form, running, habits) + plan_fixes.problems(form)
    if problems:
        raise Refused(problems)
    once = OnceToPrescribe(plan_fixes.fixes(form, locale), plan_lessons.lessons(form))
    return replace(_written(form, running, library, habits), once=once)


def draft(
    form: Typed,
    running: Content | None,
    library: Mapping[str, Exercise],
    habits: Sequence[Habit],
    today: date,
) -> Prescription:
    """What the form says already, to be looked at: what cannot be read counts as left empty."""
    readable = [pair for pair in form.pairs if plan_items.is_readable(*pair)]
    day = form.one("starts_on") if _near(form.one("starts_on"), today) else today.isoformat()
    return _written(Typed([("starts_on", day), *readable]), running, library, habits)


def _written(
    form: Typed, running: Content | None, library: Mapping[str, Exercise], habits: Sequence[Habit]
) -> Prescription:
    items = plan_items.items(form, running.items if running else [], library)
    return Prescription(
        title=running.plan.title if running else "Home exercise plan",
        starts_on=date.fromisoformat(form.one("starts_on")),
        items=items,
        habits=plan_habits.habits(form, running, habits),
        note=form.one("note") or None,
        load_pain=whole_number(form.one("load_pain")) if form.has("load_pain") else UNSET,
        reasons=guarded.reasons(form, items),
    )


def _form_problems(form: Typed, codes: Mapping[str, int], today: date) -> list[FieldProblem]:
    """`codes` are the exercises of the form, each with its place in the plan."""
    problems = plan_items.problems(form, codes)
    problems += [FieldProblem(f"/{name}", "too_long", "Use at most 500 characters.") for name in guarded.too_long(form)]
    if not _near(form.one("starts_on"), today):
        problems.append(FieldProblem("/starts_on", "day", "Use a day within a year, such as today."))
    if form.one("load_pain") not in ("", *PAIN_LIMITS):
        problems.append(FieldProblem("/load_pain", "range", "Use 3, 4 or 5."))
    if len(form.one("note")) > LONGEST_NOTE:
        problems.append(FieldProblem("/note", "too_long", "Use at most 500 characters."))
    if len(codes) > MOST_ITEMS or len(list(form.after("habit_"))) > MOST_HABITS:
        problems.append(FieldProblem("/items", "too_many", "Use at most 12 exercises and 10 habits."))
    return problems


def _near(words: str, today: date) -> bool:
    day = day_or_none(words)
    return day is not None and abs(day - today) <= FURTHEST_START
