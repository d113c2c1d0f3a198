"""An answer about a plan that changed while the page was open: what it says of the plan that runs now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from service.errors import Stale
from service.plans.queries import Content, Item
from service.portal.queries import Record
from service.portal.rules import Form, id_of

UNNAMED = "unnamed"
"""A field: some of it was done, of which nothing is in the plan any more."""


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
    same = len(kept) == len(did) and not added and all(old.dose == new.dose for old, new in kept)
    if same:
        return moved
    gone = [item.exercise.name for item in did if item.row.item_key not in now]
    done, more = [new.exercise.name for _, new in kept], [item.exercise.name for item in added]
    raise PlanChanged(moved, done, gone, more)


def _version(record: Record, version_id: UUID | None) -> Content | None:
    return next((content for content in record.plans if content.version.id == version_id), None)


def _ticked(form: Form, items: Sequence[Item]) -> list[Item]:
    """Those that are ticked, and those of which a set was counted."""
    named = [name for name, value in form.pairs if name.startswith("item_") or (name.startswith("set_") and value)]
    return [item for item in items if any(str(item.row.id) in name for name in named)]


def _moved(form: Form, before: Content, now: Content, kept: Sequence[tuple[Item, Item]], answer: str) -> Form:
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
