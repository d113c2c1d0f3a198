"""What is prescribed, and what was done of it set by set, as therapists write it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from service.catalogue.rules import Dose, LoadUnit, Sentence
from service.diary.queries import Session
from service.diary.tables import ExerciseSet
from service.plans.queries import Item
from service.terms import SIDES, listed

LOADS = {LoadUnit.KG: "%(load)s kg", LoadUnit.LB: "%(load)s lb", LoadUnit.BAND: "band %(load)s"}


def dose_words(dose: Dose) -> Sentence:
    """As therapists write it: "2 × 10, hold 5 s, 4 kg", or "3 × 30 s" for a single long hold."""
    if dose.reps == 1 and dose.hold_seconds:
        parts = [Sentence("%(sets)s × %(seconds)s s", {"sets": dose.sets, "seconds": dose.hold_seconds})]
    else:
        parts = [Sentence("%(sets)s × %(reps)s", {"sets": dose.sets, "reps": dose.reps})]
        if dose.hold_seconds:
            parts.append(Sentence("hold %(seconds)s s", {"seconds": dose.hold_seconds}))
    if dose.load is not None and dose.load_unit is not None:
        parts.append(Sentence(LOADS[dose.load_unit], {"load": f"{dose.load:g}"}))
    return listed(parts)


def sets_done(session: Session, items: Mapping[UUID, Item]) -> list[Sentence]:
    """For each exercise of which sets were counted: "Clamshell 12, 8 (plan: 2 × 12)"."""
    found = []
    for result in session.results:
        sets = [one for one in session.sets if one.result_id == result.id]
        item = items.get(result.plan_item_id)
        if sets and item is not None:
            parts = {"name": Sentence(item.exercise.name), "done": _by_side(sets), "dose": dose_words(item.dose)}
            found.append(Sentence("%(name)s: %(done)s (plan: %(dose)s)", parts))
    return found


def _by_side(sets: Sequence[ExerciseSet]) -> Sentence:
    sides = dict.fromkeys(one.side for one in sets)
    return listed([_of_one_side(side, [_set(one) for one in sets if one.side == side]) for side in sides])


def _of_one_side(side: str | None, sets: Sequence[str]) -> Sentence:
    told = ", ".join(sets)
    if side is None:
        return Sentence("%(sets)s", {"sets": told})
    return Sentence("%(side)s %(sets)s", {"side": Sentence(SIDES[side]), "sets": told})


def _set(one: ExerciseSet) -> str:
    """ "12 × 5 s (4)": reps, seconds, and the load in the unit that stands in the plan beside it."""
    told = [str(one.reps)] if one.reps is not None else []
    told += [f"{one.seconds} s"] if one.seconds is not None else []
    load = f"({one.load:g})" if one.load is not None else ""
    return " ".join(part for part in (" × ".join(told), load) if part)
