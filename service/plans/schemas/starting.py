"""What a plan can start from, and where in a programme it is."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.plans.schemas import PrescriptionIn

TemplateName = Annotated[str, Meta(min_length=1, max_length=80, description="Use a name of 1 to 80 characters.")]


class DraftOut(Struct, omit_defaults=True):
    """`prescription` can be sent as it is once every pointer of `to_choose` has been chosen. `left_out` are codes
    that the clinic's library no longer has."""

    prescription: PrescriptionIn
    to_choose: list[str] = []
    left_out: list[str] = []


class PhaseOut(Struct, omit_defaults=True):
    number: int
    name: str
    first_week: int
    last_week: int
    per_week: int
    exercises: list[str]
    note: str | UnsetType = UNSET


class PhaseDueOut(Struct):
    """A proposal: nothing changes until somebody changes the plan. `draft` opens it as a draft."""

    phase: int
    words: str
    draft: str


class InProgrammeOut(Struct, omit_defaults=True):
    """`week` counts from 1, without the days of pauses; 0 before the first day."""

    code: str
    name: str
    phase: int
    began_on: date
    week: int
    phases: list[PhaseOut]
    due: PhaseDueOut | UnsetType = UNSET


class NewTemplate(Struct, forbid_unknown_fields=True):
    """Made from a version of a client's plan, of which it keeps nothing that is the client's own."""

    name: TemplateName
    plan_version: UUID


class TemplateChange(Struct, forbid_unknown_fields=True):
    name: TemplateName


class TemplateOut(Struct):
    id: UUID
    name: str
    exercises: list[str]
    habits: list[str]
    created_at: datetime


class TemplateList(Struct):
    data: list[TemplateOut]


class ResumeIn(Struct, forbid_unknown_fields=True):
    from_day: date
