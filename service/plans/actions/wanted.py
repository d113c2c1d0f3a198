"""What somebody wants to prescribe, before anybody has looked at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.catalogue.rules import Sentence, Side
from service.plans.fix_rows import NOTHING, OnceToPrescribe
from service.plans.rules.ahead import Direction
from service.plans.rules.programmes import Place


@dataclass(frozen=True, slots=True)
class AheadWanted:
    """Steps to allow ahead: to which exercise, and with which leg where it cannot be told from the item. Without
    `until` it ends by itself."""

    steps: Mapping[Direction, tuple[str, Side | None]]
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was allowed ahead makes this version: on the item of `key`, by `by`; `why` is what the rule said."""

    key: UUID
    by: UUID
    way: Direction
    why: Sentence


@dataclass(frozen=True, slots=True)
class ItemToPrescribe:
    """`dose_fields` are the fields of Dose the therapist chose; `cadence` is the cadence as columns."""

    exercise: str
    routine: str | None
    dose_fields: Mapping[str, Any]
    cadence: Mapping[str, Any]
    cue: str | None
    item_key: UUID | None
    ahead: AheadWanted | None = None


@dataclass(frozen=True, slots=True)
class HabitToPrescribe:
    habit: str
    target: float | None
    habit_key: UUID | None


@dataclass(frozen=True, slots=True)
class Prescription:
    title: str
    starts_on: date
    items: Sequence[ItemToPrescribe]
    habits: Sequence[HabitToPrescribe]
    note: str | None = None
    once: OnceToPrescribe = NOTHING
    place: Place | UnsetType | None = UNSET
    """Where in a programme; left out, the version before says it."""
    load_pain: int | UnsetType | None = UNSET
    """The most pain while exercising for this person; left out, the version before says it."""
    reasons: Mapping[tuple[int | None, str], str] = field(default_factory=dict)
    """Why a warning is passed, by the item's place (None for the plan as a whole) and the warning's code."""
    step: Taken | None = None
