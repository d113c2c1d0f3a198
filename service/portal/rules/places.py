"""Where it hurts, as the boxes of a form: `left:calf`; `left:` is a side alone, `:calf` a place without a side."""

from collections.abc import Iterable, Sequence

from service.catalogue.rules import Sentence
from service.terms import SIDES, site_label

LEGS = ("left", "right")

Place = tuple[str | None, str | None]
"""Site and side, as the diary keeps them."""


def boxes_of(places: Iterable[Place]) -> list[str]:
    """The boxes that are ticked; both sides of a place are two of them."""
    return [f"{leg}:{site or ''}" for site, side in places for leg in (LEGS if side == "both" else [side or ""])]


def places_of(ticked: Sequence[str], worst: str = "") -> list[Place]:
    """The worst comes first. Two boxes of one place are that place on both sides, unless one of them is the worst.
    Raises ValueError for what is no box."""
    told = [_place(box) for box in dict.fromkeys([worst, *ticked] if worst else ticked)]
    apart = told[0][0] if worst else object()

    def is_both(site: str | None) -> bool:
        return site != apart and all((site, leg) in told for leg in LEGS)

    return list(dict.fromkeys((site, "both" if side and is_both(site) else side) for site, side in told))


def _place(box: str) -> Place:
    side, colon, site = box.partition(":")
    if not colon or side not in ("", *LEGS) or not (side or site):
        raise ValueError(box)
    return site or None, side or None


def worst_of(places: Sequence[Place]) -> str:
    """The box of the first of several; none where it is on both sides, which says nothing of one against the other."""
    return boxes_of(places[:1])[0] if len(places) > 1 and places[0][1] != "both" else ""


def where_words(places: Sequence[Place], more: Sequence[str]) -> list[str | Sentence]:
    """One side of all comes first, then places, then what else was told of it; else each place says its own side."""
    sides = list(dict.fromkeys(side for _, side in places if side is not None))
    if len(sides) > 1 and any(site for site, _ in places):
        return [*(_with_side(*place) for place in dict.fromkeys(places)), *more]
    sites = dict.fromkeys(site_label(site) for site, _ in places if site is not None)
    return [*(SIDES[side] for side in sides), *sites, *more]


def _with_side(site: str | None, side: str | None) -> str | Sentence:
    if site is None or side is None:
        return site_label(site) if site else SIDES[side or "both"]
    return Sentence("%(place)s (%(side)s)", {"place": Sentence(site_label(site)), "side": Sentence(SIDES[side])})
