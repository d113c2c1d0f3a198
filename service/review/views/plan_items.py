"""The exercises of the form that prescribes: one line each, in the order in which they stand there."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

from service.catalogue.rules import Side
from service.catalogue.tables import Exercise
from service.errors import GONE, FieldProblem
from service.plans.actions import ItemToPrescribe
from service.plans.actions.allowing import ahead_of
from service.plans.queries import Content, Item
from service.review.guards import Typed, whole_number
from service.review.views import allowing, finer
from service.review.views.how_often import PICK, cadence_columns, cadence_token, usual_cadence
from service.review.views.sides import halves, is_split, paired
from service.terms import ROUTINES

_COMMON = ("item_", "sets_", "reps_", "hold_s_", "load_", "unit_", "side_", "cadence_", "cue_")
LINE = (*_COMMON, *finer.FIELDS, *allowing.FIELDS)
"""What the names of the fields of a line begin with; each ends with the code of the exercise."""

LONGEST_CUE = 200
MOST_LOAD = 500
_LOAD = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?")
_NUMBERS = ("sets_", "reps_", "hold_s_")
_OF_A_DOSE = (*finer.COLUMNS.values(), "load", "load_unit")
"""An item that stays keeps it where the form has no field for it."""


def section_of(exercise: Exercise) -> str:
    """The routine an exercise belongs to, as a msgid."""
    if exercise.group_name == "hamstring" and exercise.body.get("stage") in ("isometric", "loaded"):
        return "Hamstring strength"
    return ROUTINES[exercise.group_name]


def routine_of(code: str, running: Content | None, library: Mapping[str, Exercise]) -> str:
    """A msgid, or the therapist's own name for it where it has one."""
    named = {item.exercise.code: item.row.routine for item in running.items} if running else {}
    if code in named:
        return ROUTINES.get(named[code], named[code])
    return section_of(library[code]) if code in library else ""


def codes_of(form: Typed) -> list[str]:
    return list(dict.fromkeys(form.after("item_")))


def filled(items: Sequence[Item]) -> list[tuple[str, str]]:
    pairs = [(f"side_{code}", Side.BOTH.value) for code in paired(items)]
    return pairs + [pair for item in items for pair in _fields(item)]


def _fields(item: Item) -> list[tuple[str, str]]:
    code, row = item.exercise.code, item.row
    return [
        (f"item_{code}", "on"),
        (f"sets_{code}", str(row.sets)),
        (f"reps_{code}", str(row.reps)),
        (f"hold_s_{code}", str(row.hold_seconds)),
        *load_fields(code, row.load, row.load_unit),
        (f"side_{code}", row.side),
        (f"cadence_{code}", cadence_token(row)),
        (f"cue_{code}", row.cue or ""),
        *finer.filled(code, asdict(item.dose)),
        *allowing.filled(code, item.ahead),
    ]


def load_fields(code: str, load: float | None, unit: str | None) -> list[tuple[str, str]]:
    return [(f"load_{code}", "" if load is None else f"{load:g}"), (f"unit_{code}", unit or "")]


def problems(form: Typed, places: Mapping[str, int]) -> list[FieldProblem]:
    """`places` are the exercises of the form, each with its place in the plan."""
    found = []
    for code, place in places.items():
        for field in ("sets", "reps", "hold_s"):
            if form.one(f"{field}_{code}") and whole_number(form.one(f"{field}_{code}")) is None:
                found.append(FieldProblem(f"/items/{place}/{field}", "number", "Use a whole number."))
        if form.one(f"load_{code}") and _load(form.one(f"load_{code}")) is None:
            found.append(FieldProblem(f"/items/{place}/load", "number", "Use a number from 0 to 500, such as 2.5."))
        if form.one(f"cadence_{code}") and cadence_columns(form.one(f"cadence_{code}")) is None:
            words = "Tick at least one weekday." if form.one(f"cadence_{code}") == PICK else "Choose how often."
            found.append(FieldProblem(f"/items/{place}/cadence", "unknown", words))
        if form.one(f"unit_{code}") not in ("", "kg", "lb", "band"):
            found.append(FieldProblem(f"/items/{place}/load_unit", "unknown", "Choose kg, lb or band."))
        if form.one(f"side_{code}") not in ("", *Side):
            found.append(FieldProblem(f"/items/{place}/side", "gone", GONE))
        if len(form.one(f"cue_{code}")) > LONGEST_CUE:
            found.append(FieldProblem(f"/items/{place}/cue", "too_long", "Use at most 200 characters."))
        found += finer.problems(form, code, f"/items/{place}")
        found += allowing.problems(form, code, f"/items/{place}/ahead")
    return found


def _load(words: str) -> float | None:
    number = float(words.replace(",", ".")) if _LOAD.fullmatch(words) else None
    return number if number is not None and number <= MOST_LOAD else None


def is_readable(name: str, words: str) -> bool:
    """A field of a line that is not counts as left empty, where the plan is only looked at."""
    if name.startswith(_NUMBERS):
        return whole_number(words.strip()) is not None
    if name.startswith("load_"):
        return not words.strip() or _load(words.strip()) is not None
    if name.startswith(finer.FIELDS):
        return finer.is_readable(name, words.strip())
    if name.startswith(allowing.FIELDS):
        return allowing.is_readable(name, words.strip())
    return not name.startswith("cadence_") or cadence_columns(words.strip()) is not None


def items(form: Typed, before: Sequence[Item], library: Mapping[str, Exercise]) -> list[ItemToPrescribe]:
    codes = codes_of(form)
    whole = {code for code in codes if is_split(form, code, library.get(code))} | set(paired(before))
    found = [item for code in codes for item in _items(form, code, before, library.get(code), whole)]
    return found + _further([code for code in codes if code not in whole], before)


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
    dose = finer.applied({name: getattr(known.dose, name) for name in _OF_A_DOSE} if known else {}, form, code)
    numbers = {"sets": "sets", "reps": "reps", "hold_s": "hold_seconds"}
    dose |= {
        column: whole_number(form.one(f"{field}_{code}"))
        for field, column in numbers.items()
        if form.one(f"{field}_{code}")
    }
    if form.has(f"load_{code}"):
        dose |= _loaded(form, code)
    if side is not None:
        dose["side"] = side
    cue = form.one(f"cue_{code}") if form.has(f"cue_{code}") else known.row.cue if known else None
    return ItemToPrescribe(
        exercise=code,
        routine=known.row.routine if known else section_of(exercise) if exercise else None,
        dose_fields=dose,
        cadence=cadence_columns(form.one(f"cadence_{code}") or usual_cadence(exercise)) or {},
        cue=cue or None,
        item_key=known.row.item_key if known and not is_new else None,
        ahead=allowing.wanted(form, code),
    )


def _loaded(form: Typed, code: str) -> dict[str, object]:
    """Without a number there is no load, whichever unit stands beside it."""
    load = _load(form.one(f"load_{code}"))
    unit = form.one(f"unit_{code}")
    return {"load": load, "load_unit": unit if load is not None and unit else None}


def _further(codes: Sequence[str], before: Sequence[Item]) -> list[ItemToPrescribe]:
    """An exercise may stand in a plan twice; the form shows the first, and the second stays as it is."""
    seen: set[str] = set()
    kept = []
    for item in before:
        code, row = item.exercise.code, item.row
        if code in seen and code in codes:
            dose = {name: getattr(item.dose, name) for name in (*_OF_A_DOSE, "sets", "reps", "hold_seconds", "side")}
            columns = cadence_columns(cadence_token(row)) or {}
            kept.append(ItemToPrescribe(code, row.routine, dose, columns, row.cue, row.item_key, ahead_of(item)))
        seen.add(code)
    return kept
