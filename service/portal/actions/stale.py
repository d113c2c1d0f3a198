"""An answer about a plan that changed while the page was open: what it says of the plan that runs now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from service.errors import Refused, Stale
from service.plans.queries import Content, Item
from service.portal.queries import Record
from service.portal.rules import Form, id_of

UNNAMED = "unnamed"
"""A field: some of it was done, of which nothing is in the plan any more."""
Kept = Sequence[tuple[Item, Item]]
"""What was done and is in the plan of now: as it was, and as it is."""


@dataclass
class PlanChanged(Stale):
    """Nothing was kept. `form` is the same answer for the new plan, one tap away; `done` and `gone` are what was done
    and is in it, or not; `added` what it asks for besides."""

    form: Form
    done: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def for_the_plan_now(record: Record, form: Form, answer: str = "outcome") -> Form:
    """The form as the plan of now would have sent it. Raises PlanChanged where it says another thing by now.

    A form that names no version of this client's is taken as it is.
    """
    before = _version(record, id_of(form.one("plan")))
    if before is None or record.content is None or before.version.id == record.content.version.id:
        return form
    told = form.one(answer)
    if told not in ("done", "partly"):
        return form
    asked = replace(record, plans=[before]).items_to_do
    did = asked if told == "done" else _ticked(form, before.items)
    now = {item.row.item_key: item for item in record.content.items}
    kept = [(item, now[item.row.item_key]) for item in did if item.row.item_key in now]
    known = {item.row.item_key for item in asked}
    added = [item for item in record.items_to_do if item.row.item_key not in known]
    all_of_it = told == "done" and {item.row.item_key for item in record.items_to_do} <= known
    moved = _moved(form, before, record.content, kept, answer)
    moved = Form([(answer, "done" if all_of_it else "partly"), *moved.pairs])
    return _unless_changed(moved, did, kept, added)


def _unless_changed(moved: Form, did: Sequence[Item], kept: Kept, added: Sequence[Item]) -> Form:
    if len(kept) == len(did) and not added and all(old.dose == new.dose for old, new in kept):
        return moved
    still = {new.row.item_key for _, new in kept}
    gone = [item.exercise.name for item in did if item.row.item_key not in still]
    raise PlanChanged(moved, [new.exercise.name for _, new in kept], gone, [item.exercise.name for item in added])


def moves_of_now(record: Record, form: Form) -> Form:
    """The same for the moves that were told one by one: each under its name of now."""
    before = {item.row.id: item for content in record.plans for item in content.items}
    now = {item.row.item_key: item for item in (record.content.items if record.content else [])}
    told = form.ids_after("did_") or []
    if not set(told) <= before.keys():
        raise Refused.one("/did", "stale", "Your plan has changed. Please look at it again.")
    if {before[id_].row.item_key: id_ for id_ in told}.items() <= {
        key: item.row.id for key, item in now.items()
    }.items():
        return form
    did = [before[id_] for id_ in told if form.one(f"did_{id_}") == "done"]
    kept = [(item, now[item.row.item_key]) for item in did if item.row.item_key in now]
    known = {before[id_].row.item_key for id_ in told}
    added = [item for item in record.items_to_do if item.row.item_key not in known]
    names = {id_: now[item.row.item_key].row.id for id_, item in before.items() if item.row.item_key in now}
    pairs = [(_renamed(name, names), value) for name, value in form.pairs if name != "csrf"]
    unnamed = [(UNNAMED, "yes")] if did and not kept else []
    moved = Form([*((name, value) for name, value in pairs if name), *unnamed])
    return _unless_changed(moved, did, kept, added)


def _renamed(name: str, names: Mapping[UUID, UUID]) -> str | None:
    """None for what is said of a move that is gone."""
    kind, _, part = name.rpartition("_")
    item = id_of(part)
    if item is None:
        return name
    return f"{kind}_{names[item]}" if item in names else None


def _version(record: Record, version_id: UUID | None) -> Content | None:
    return next((content for content in record.plans if content.version.id == version_id), None)


def _ticked(form: Form, items: Sequence[Item]) -> list[Item]:
    """Those that are ticked, and those of which a set was counted."""
    named = [name for name, value in form.pairs if name.startswith("item_") or (name.startswith("set_") and value)]
    return [item for item in items if any(str(item.row.id) in name for name in named)]


def _moved(form: Form, before: Content, now: Content, kept: Kept, answer: str) -> Form:
    """Each item under its name of now. "All of it" names what that was: more may be asked by now."""
    names = {str(old.row.id): str(new.row.id) for old, new in kept}
    gone = {str(item.row.id) for item in before.items} - names.keys()
    pairs = [("plan", str(now.version.id))]
    if form.one(answer) == "done":
        pairs += [(f"item_{new.row.id}", "on") for _, new in kept]
    for name, value in form.pairs:
        part = name.split("_")[1] if name.startswith(("item_", "set_")) else ""
        if name not in ("plan", answer, "csrf") and part not in gone:
            pairs.append((name.replace(part, names.get(part, part), 1) if part else name, value))
    return Form([*pairs, *([] if kept else [(UNNAMED, "yes")])])
