"""The buttons of the form that prescribes: an exercise comes in, goes out, or changes its place. Nothing is sent."""

from collections.abc import Iterable, Mapping, Sequence

from service.catalogue.tables import Exercise
from service.plans.queries import Content
from service.review.guards import Typed
from service.review.views.plan_items import LINE, codes_of, routine_of


def arranged(form: Typed, act: str, running: Content | None, library: Mapping[str, Exercise]) -> Typed:
    """`act` is `add:`, `remove:`, `up:` or `down:` and the code of an exercise; for anything else nothing changes."""
    kind, _, code = act.partition(":")
    codes = codes_of(form)
    if kind == "add" and code in library and code not in codes:
        return in_order(form, _put_in(codes, code, running, library))
    if kind == "remove" and code in codes:
        return without(form, code)
    if kind in ("up", "down") and code in codes:
        return in_order(form, _moved(codes, code, -1 if kind == "up" else 1))
    return form


def by_routine(form: Typed, running: Content | None, library: Mapping[str, Exercise]) -> Typed:
    """What runs already keeps its place, and what is new ends the routine that it belongs to."""
    ticked, codes = codes_of(form), [item.exercise.code for item in running.items] if running else []
    order = [code for code in dict.fromkeys(codes) if code in ticked]
    for code in ticked:
        order = order if code in order else _put_in(order, code, running, library)
    return in_order(form, order)


def _put_in(codes: Sequence[str], code: str, running: Content | None, library: Mapping[str, Exercise]) -> list[str]:
    routine = routine_of(code, running, library)
    same = [place for place, other in enumerate(codes, 1) if routine_of(other, running, library) == routine]
    place = same[-1] if same else len(codes)
    return [*codes[:place], code, *codes[place:]]


def _moved(codes: Sequence[str], code: str, by: int) -> list[str]:
    order = [other for other in codes if other != code]
    place = max(codes.index(code) + by, 0)
    return [*order[:place], code, *order[place:]]


def in_order(form: Typed, codes: Iterable[str]) -> Typed:
    rest = [pair for pair in form.pairs if not pair[0].startswith("item_")]
    return Typed([*((f"item_{code}", "on") for code in codes), *rest])


def without(form: Typed, code: str) -> Typed:
    """Its reasons go with it: put in again, it starts from the library's dose."""
    fields = {f"{prefix}{code}" for prefix in LINE}
    return Typed(
        [
            (name, value)
            for name, value in form.pairs
            if name not in fields and not (name.startswith("why_") and name.endswith(f"_{code}"))
        ]
    )
