"""Steps that a therapist allows ahead of the 24-hour rule: on an item as it is sent, and as it stands."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.catalogue.rules import Side
from service.plans.actions.wanted import AheadWanted
from service.plans.queries import Item
from service.plans.rules.ahead import Direction, Target

Leg = Literal["left", "right", "both"]


class StepIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An exercise of the item's chain. `side` is the leg the item works, unless it is given."""

    exercise: Annotated[str, Meta(max_length=60, description="Use the code of an exercise in the library.")]
    side: Leg | UnsetType = UNSET


class AheadIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Each way one step, taken once, when the rule proposes it and nothing speaks against it. `until` is the last day:
    left out, four weeks after the version starts."""

    harder: StepIn | UnsetType = UNSET
    easier: StepIn | UnsetType = UNSET
    until: date | UnsetType = UNSET


class StepOut(Struct):
    exercise: str
    side: Leg


class AheadOut(Struct, omit_defaults=True):
    """Told to staff only."""

    until: date
    allowed_by: UUID
    allowed_at: datetime
    harder: StepOut | UnsetType = UNSET
    easier: StepOut | UnsetType = UNSET


def ahead_wanted(data: AheadIn | UnsetType) -> AheadWanted | None:
    if data is UNSET:
        return None
    steps = {way: step for way, step in zip(Direction, (data.harder, data.easier), strict=True) if step is not UNSET}
    return AheadWanted(
        {way: (step.exercise, None if step.side is UNSET else Side(step.side)) for way, step in steps.items()},
        None if data.until is UNSET else data.until,
    )


def ahead_out(item: Item) -> AheadOut | UnsetType:
    if (ahead := item.ahead) is None:
        return UNSET
    steps = {way.value: _step(to) for way, to in ahead.steps.items()}
    return AheadOut(ahead.until, ahead.by, ahead.at, **steps)


def _step(to: Target) -> StepOut:
    return StepOut(to.exercise, to.side.value)
