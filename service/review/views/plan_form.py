"""How the form of a plan is read, and filled from what is prescribed already.

A field's name ends with the code of its exercise or habit, or with the kind of its reminder.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta

from service.catalogue.rules import Side
from service.catalogue.tables import Exercise, Habit
from service.errors import FieldProblem, Refused
from service.plans.actions import ItemToPrescribe, Prescription
from service.plans.fix_rows import OnceToPrescribe
from service.plans.queries import Content, Item
from service.reminders.tables import KINDS, Reminder
from service.reminders.wishes import Wish, wish_of
from service.review.guards import Typed, whole_number
from service.review.views import guarded, plan_fixes, plan_habits, plan_lessons
from service.review.views.how_often import cadence_columns, cadence_token, usual_cadence
from service.review.views.sides import halves, is_split, paired, places
from service.terms import ROUTINES

MOST_ITEMS = 12
MOST_HABITS = 10
LONGEST_NOTE = 500
FURTHEST_START = timedelta(days=366)
EVERY_WEEKDAY = 127
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_NUMBERS = ("sets_", "reps_", "hold_s_")
_UNSHOWN = ("rest_seconds", "tempo", "load", "load_unit", "effort", "working_side")
"""What the form has no field for: an item that stays keeps it."""


def section_of(exercise: Exercise) -> str:
    """The routine an exercise belongs to, as a msgid."""
    if exercise.group_name == "hamstring" and exercise.body.get("stage") in ("isometric", "loaded"):
        return "Hamstring strength"
    return ROUTINES[exercise.group_name]


def filled(content: Content, library: Sequence[Habit], locale: str) -> Typed:
    """The form of the plan as it is."""
    pairs = [(f"side_{code}", Side.BOTH.value) for code in paired(content.items)]
    pairs += [pair for item in content.items for pair in _fields(item)]
    pairs += plan_habits.filled(content, library) + once_filled(content, locale)
    return Typed([*pairs, ("note", content.version.note or "")])


def once_filled(content: Content | None, locale: str) -> list[tuple[str, str]]:
    """Things to do once and notes to read belong to the person: they stay, whatever the exercises start from."""
    return plan_fixes.filled(content, locale) + plan_lessons.filled(content) if content else []


def swapped(form: Typed, library: Mapping[str, Exercise], old: str, new: str) -> Typed:
    """`new` is ticked instead of `old`, with the dose its sources know; as it was when either is not there."""
    if not form.has(f"item_{old}") or new not in library:
        return form
    return Typed([pair for pair in form.pairs if pair[0] != f"item_{old}"] + [(f"item_{new}", "on")])


def _fields(item: Item) -> list[tuple[str, str]]:
    code, row = item.exercise.code, item.row
    return [
        (f"item_{code}", "on"),
        (f"sets_{code}", str(row.sets)),
        (f"reps_{code}", str(row.reps)),
        (f"hold_s_{code}", str(row.hold_seconds)),
        (f"side_{code}", row.side),
        (f"cadence_{code}", cadence_token(row)),
    ]


def picked_exercises(form: Typed, running: Content | None, library: Mapping[str, Exercise]) -> list[str]:
    """Codes in the order of the plan: what is in it keeps its place, what is new ends the routine it belongs to."""
    ticked = dict.fromkeys(form.after("item_"))
    routines = {item.exercise.code: item.row.routine for item in running.items} if running else {}
    order = [code for code in routines if code in ticked]
    for code in ticked:
        if code not in routines:
            routines[code] = section_of(library[code]) if code in library else ""
            same = [place for place, other in enumerate(order, 1) if routines[other] == routines[code]]
            order.insert(same[-1] if same else len(order), code)
    return order


def prescription(
    form: Typed,
    running: Content | None,
    library: Mapping[str, Exercise],
    habits: Sequence[Habit],
    today: date,
    locale: str,
) -> Prescription:
    """Raises Refused with every field that cannot be read; `/items/0/sets` is the first picked exercise's."""
    codes = picked_exercises(form, running, library)
    problems = _form_problems(form, places(form, codes, library), today)
    problems += plan_habits.problems(form, habits) + plan_fixes.problems(form)
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
    readable = [pair for pair in form.pairs if _is_readable(*pair)]
    day = form.one("starts_on") if _near(form.one("starts_on"), today) else today.isoformat()
    return _written(Typed([("starts_on", day), *readable]), running, library, habits)


def _is_readable(name: str, words: str) -> bool:
    if name.startswith(_NUMBERS):
        return whole_number(words.strip()) is not None
    return not name.startswith("cadence_") or cadence_columns(words.strip()) is not None


def _written(
    form: Typed, running: Content | None, library: Mapping[str, Exercise], habits: Sequence[Habit]
) -> Prescription:
    codes = picked_exercises(form, running, library)
    before = running.items if running else []
    whole = {code for code in codes if is_split(form, code, library.get(code))} | set(paired(before))
    items = [item for code in codes for item in _items(form, code, before, library.get(code), whole)]
    items += _further([code for code in codes if code not in whole], before)
    return Prescription(
        title=running.plan.title if running else "Home exercise plan",
        starts_on=date.fromisoformat(form.one("starts_on")),
        items=items,
        habits=plan_habits.habits(form, running, habits),
        note=form.one("note") or None,
        reasons=guarded.reasons(form, items),
    )


def _form_problems(form: Typed, codes: Mapping[str, int], today: date) -> list[FieldProblem]:
    """`codes` are the picked exercises, each with its place in the plan."""
    problems = [
        FieldProblem(f"/items/{index}/{field}", "number", "Use a whole number.")
        for code, index in codes.items()
        for field in ("sets", "reps", "hold_s")
        if form.one(f"{field}_{code}") and whole_number(form.one(f"{field}_{code}")) is None
    ]
    problems += [
        FieldProblem(f"/items/{index}/cadence", "unknown", "Choose how often.")
        for code, index in codes.items()
        if form.one(f"cadence_{code}") and cadence_columns(form.one(f"cadence_{code}")) is None
    ]
    problems += [FieldProblem(f"/{name}", "too_long", "Use at most 500 characters.") for name in guarded.too_long(form)]
    if not _near(form.one("starts_on"), today):
        problems.append(FieldProblem("/starts_on", "day", "Use a day within a year, such as today."))
    if len(form.one("note")) > LONGEST_NOTE:
        problems.append(FieldProblem("/note", "too_long", "Use at most 500 characters."))
    if len(codes) > MOST_ITEMS or len(list(form.after("habit_"))) > MOST_HABITS:
        problems.append(FieldProblem("/items", "too_many", "Use at most 12 exercises and 10 habits."))
    return problems


def _near(words: str, today: date) -> bool:
    try:
        return abs(date.fromisoformat(words) - today) <= FURTHEST_START
    except ValueError:
        return False


def _items(
    form: Typed, code: str, before: Sequence[Item], exercise: Exercise | None, whole: Collection[str]
) -> list[ItemToPrescribe]:
    """A line of the form speaks for the first item of its exercise, or for every one where it is `whole`."""
    known = [item for item in before if item.exercise.code == code]
    if is_split(form, code, exercise):
        return [
            _item(form, code, half or next(iter(known), None), exercise, side, is_new=half is None)
            for side, half in halves(known)
        ]
    typed = form.one(f"side_{code}")
    side = Side(typed) if typed in set(Side) else None
    same = [item for item in known if code in whole and item.row.side == side]
    return [_item(form, code, next(iter(same or known), None), exercise, side)]


def _item(
    form: Typed, code: str, known: Item | None, exercise: Exercise | None, side: Side | None, *, is_new: bool = False
) -> ItemToPrescribe:
    """What the form has no field for stays as it was; an empty field means the library's own dose.

    One that `is_new` takes from `known` all but its key.
    """
    dose = {name: getattr(known.dose, name) for name in _UNSHOWN} if known else {}
    numbers = {"sets": "sets", "reps": "reps", "hold_s": "hold_seconds"}
    dose |= {
        column: whole_number(form.one(f"{field}_{code}"))
        for field, column in numbers.items()
        if form.one(f"{field}_{code}")
    }
    if side is not None:
        dose["side"] = side
    return ItemToPrescribe(
        exercise=code,
        routine=known.row.routine if known else section_of(exercise) if exercise else None,
        dose_fields=dose,
        cadence=cadence_columns(form.one(f"cadence_{code}") or usual_cadence(exercise)) or {},
        cue=known.row.cue if known else None,
        item_key=known.row.item_key if known and not is_new else None,
    )


def _further(codes: Sequence[str], before: Sequence[Item]) -> list[ItemToPrescribe]:
    """An exercise may stand in a plan twice; the form shows the first, and the second stays as it is."""
    seen: set[str] = set()
    kept = []
    for item in before:
        code, row = item.exercise.code, item.row
        if code in seen and code in codes:
            dose = {name: getattr(item.dose, name) for name in (*_UNSHOWN, "sets", "reps", "hold_seconds", "side")}
            columns = cadence_columns(cadence_token(row)) or {}
            kept.append(ItemToPrescribe(code, row.routine, dose, columns, row.cue, row.item_key))
        seen.add(code)
    return kept


def wishes(form: Typed, known: Mapping[str, Reminder], first_day: date) -> dict[str, Wish | None]:
    """By kind what is to change: None ends a reminder, and one that stays as it is is left out."""
    changed: dict[str, Wish | None] = {}
    for kind in KINDS:
        reminder = known.get(kind)
        if form.has(f"remind_{kind}"):
            wish = _wish(form, kind, reminder, first_day)
            if reminder is None or _differs(wish, reminder):
                changed[kind] = wish
        elif reminder is not None:
            changed[kind] = None
    return changed


def _differs(wish: Wish, reminder: Reminder) -> bool:
    return (wish.local_times, wish.channels) != (reminder.local_times, reminder.channels)


def _wish(form: Typed, kind: str, known: Reminder | None, first_day: date) -> Wish:
    """The form has one time and one channel; further ones of a reminder stay behind them."""
    words, channel = form.one(f"remind_at_{kind}"), form.one(f"remind_by_{kind}")
    if not _CLOCK.fullmatch(words):
        raise Refused.one(f"/reminders/{kind}", "time", "Use a local time such as 08:00.")
    at = time.fromisoformat(words)
    if known is None:
        return Wish(kind, [at], EVERY_WEEKDAY, [channel], first_day)
    times = [at, *(wall for wall in known.local_times[1:] if wall != at)]
    channels = [channel, *(other for other in known.channels if other != channel)]
    return replace(wish_of(known), local_times=times, channels=channels)
