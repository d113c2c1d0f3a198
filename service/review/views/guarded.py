"""What speaks against the plan that a form describes, each with its field for a reason.

The field is called `why_`, the code of the warning, `_` and the code of the exercise: none for the plan as a whole.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.catalogue.library import shipped
from service.catalogue.rules import Sentence
from service.plans.actions import ItemToPrescribe
from service.plans.queries import Content
from service.plans.rules.guard import Warned
from service.plans.tables import PlanWarning
from service.review.guards import Typed
from service.review.schemas.forms import Field
from service.review.schemas.prescribing import WarnedPick
from service.review.schemas.warnings import SourceLink
from service.terms import said

LONGEST_REASON = 500
_DOSE_FIELDS = {"sets": "sets", "reps": "reps", "hold_seconds": "hold_s", "rest_seconds": "rest_s"}


@dataclass(frozen=True, slots=True)
class Guarded:
    """`contexts` are the codes of the client's labels; `others` are reasons typed for what is not warned of now."""

    locale: str
    contexts: Collection[str]
    of_plan: list[WarnedPick]
    by_exercise: Mapping[str, list[WarnedPick]]
    others: list[tuple[str, str]]


def guarded(
    form: Typed,
    found: Sequence[Warned],
    items: Sequence[ItemToPrescribe],
    contexts: Collection[str],
    beside: Mapping[str, str],
    locale: str,
) -> Guarded:
    """`found` are warnings about these items. An exercise done with both legs is warned of once."""
    by_exercise: dict[str, list[WarnedPick]] = defaultdict(list)
    shown: set[str] = set()
    for warned in found:
        exercise = "" if warned.place is None else items[warned.place].exercise
        name = field_name(warned.code, exercise)
        if name not in shown:
            by_exercise[exercise].append(_pick(name, warned, form, beside, locale))
        shown.add(name)
    typed = dict.fromkeys(f"why_{rest}" for rest in form.after("why_"))
    others = [(name, form.one(name)) for name in typed if name not in shown and form.one(name)]
    return Guarded(locale, contexts, by_exercise.pop("", []), by_exercise, others)


def field_name(code: str, exercise: str) -> str:
    return f"why_{code}_{exercise}"


def _pick(name: str, warned: Warned, form: Typed, beside: Mapping[str, str], locale: str) -> WarnedPick:
    beside_field = _DOSE_FIELDS.get(warned.field)
    return WarnedPick(
        name=name,
        words=said(warned.words if beside_field else warned.in_full, locale),
        sources=source_links(warned.sources, locale),
        reason=Field(form.one(name), beside.get(f"/{name}")),
        beside=beside_field,
    )


def source_links(codes: Iterable[str], locale: str) -> list[SourceLink]:
    known = {source.id: source for source in shipped().sources}
    return [SourceLink(said(Sentence(known[code].cite), locale), known[code].url) for code in codes if code in known]


def reasons(form: Typed, items: Sequence[ItemToPrescribe]) -> dict[tuple[int | None, str], str]:
    """One typed at an exercise is for each of its items."""
    given: dict[tuple[int | None, str], str] = {}
    for rest in form.after("why_"):
        code, _, exercise = rest.rpartition("_")
        places = [place for place, item in enumerate(items) if item.exercise == exercise] if exercise else [None]
        if form.one(f"why_{rest}"):
            given |= {(place, code): form.one(f"why_{rest}") for place in places}
    return given


def too_long(form: Typed) -> list[str]:
    return [f"why_{rest}" for rest in form.after("why_") if len(form.one(f"why_{rest}")) > LONGEST_REASON]


def given_before(content: Content, passed: Sequence[PlanWarning]) -> list[tuple[str, str]]:
    """The reasons that the running version was prescribed with, as fields."""
    codes = {item.row.id: item.exercise.code for item in content.items}
    return [
        (field_name(row.code, codes[row.plan_item_id] if row.plan_item_id else ""), row.reason)
        for row in passed
        if row.plan_version_id == content.version.id
    ]
