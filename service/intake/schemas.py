from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.diary.schemas import HabitValue, Note, Score, SideName, SiteIn, SiteOut
from service.intake.rules import LONGEST_GOAL, LONGEST_STORY, MOST_GOALS, MOST_MINUTES, MOST_SITES
from service.intake.rules.helpers import LONGEST_NAME
from service.intake.tables import Helper

Codes = Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=30)]
Story = Annotated[str, Meta(max_length=LONGEST_STORY, description=f"Use at most {LONGEST_STORY} characters.")]
RadiatesTo = Literal["no", "to_thigh", "to_knee", "to_calf", "to_foot"]
Relation = Literal["partner", "family", "friend", "carer", "other"]
KindName = Literal["massage", "trigger_point", "myofascial", "other"]


class GoalIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the client wants to do, in their own words; `now` and `wanted` go from 0 (I can't do it) to 10 (no trouble
    at all)."""

    words: Annotated[
        str, Meta(min_length=1, max_length=LONGEST_GOAL, description=f"Use 1 to {LONGEST_GOAL} characters.")
    ]
    now: Score | UnsetType = UNSET
    wanted: Score | UnsetType = UNSET


class IntakeIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`sites` come with the worst first. `habits` are today's answers by habit of the library. `red_flags` are the
    warning signs that are true now, empty when none is: all are asked every time. `based_on` is the number of the
    version that was on screen, 0 when there was none."""

    red_flags: Codes
    sites: Annotated[list[SiteIn], Meta(max_length=MOST_SITES, description=f"Use at most {MOST_SITES}.")] = []
    radiates: RadiatesTo | UnsetType = UNSET
    qualities: Codes = []
    timing: Codes = []
    aggravators: Codes = []
    onset: Story | UnsetType = UNSET
    previous_care: Story | UnsetType = UNSET
    goals: Annotated[list[GoalIn], Meta(max_length=MOST_GOALS, description=f"Use at most {MOST_GOALS}.")] = []
    habits: dict[str, HabitValue] = {}
    based_on: int | UnsetType = UNSET


class GoalOut(Struct, omit_defaults=True):
    words: str
    now: int | UnsetType = UNSET
    wanted: int | UnsetType = UNSET


class IntakeOut(Struct, omit_defaults=True, kw_only=True):
    """`version` counts from 1; `day` is the client's local day on which it was told."""

    id: UUID
    version: int
    day: date
    told_at: datetime
    entered_by: str
    channel: str
    sites: list[SiteOut]
    radiates: str | UnsetType = UNSET
    qualities: list[str]
    timing: list[str]
    aggravators: list[str]
    onset: str | UnsetType = UNSET
    previous_care: str | UnsetType = UNSET
    goals: list[GoalOut]
    habits: dict[str, bool | float | str]
    red_flags: list[str]


class IntakeList(Struct):
    """Newest version first."""

    data: list[IntakeOut]


class PatternOut(Struct):
    """A reported pattern for a therapist to consider, with its sources: never a finding."""

    reported: str
    suggests: list[str]
    warning: bool
    sources: list[str]


class PatternList(Struct):
    data: list[PatternOut]


class VisitIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    note: Note | UnsetType = UNSET


class VisitOut(Struct, omit_defaults=True):
    id: UUID
    day: date
    staff_id: UUID
    note: str | UnsetType = UNSET


class NextVisitIn(Struct, forbid_unknown_fields=True):
    """`day` is the client's local day."""

    day: date


class TreatmentIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`day` is the client's local day; left out, it is today."""

    kind: KindName
    day: date | UnsetType = UNSET
    site: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    side: SideName | UnsetType = UNSET
    minutes: (
        Annotated[
            int,
            Meta(ge=1, le=MOST_MINUTES, description=f"Use a whole number from 1 to {MOST_MINUTES}."),
        ]
        | UnsetType
    ) = UNSET
    note: Note | UnsetType = UNSET


class TreatmentOut(Struct, omit_defaults=True, kw_only=True):
    id: UUID
    day: date
    staff_id: UUID
    kind: str
    site: str | UnsetType = UNSET
    side: str | UnsetType = UNSET
    minutes: int | UnsetType = UNSET
    note: str | UnsetType = UNSET


class CareList(Struct):
    """Visits and hands-on treatments, each newest first."""

    visits: list[VisitOut]
    treatments: list[TreatmentOut]


class HelperIn(Struct, forbid_unknown_fields=True):
    """`contact` is a phone number or an email. `consent` is what the client said yes to, word for word."""

    name: Annotated[str, Meta(max_length=LONGEST_NAME)]
    relation: Relation
    contact: Annotated[str, Meta(max_length=200)]
    consent: Annotated[str, Meta(min_length=1, max_length=500, description="Use 1 to 500 characters.")]


class HelperOut(Struct, omit_defaults=True, kw_only=True):
    """`told_at`: when they ticked something last."""

    id: UUID
    name: str
    relation: str
    contact: str
    named_at: datetime
    expires_at: datetime
    by_client: bool
    told_at: datetime | UnsetType = UNSET

    @classmethod
    def of(cls, row: Helper) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            relation=row.relation,
            contact=row.contact,
            named_at=row.created_at,
            expires_at=row.expires_at,
            by_client=row.staff_id is None,
            told_at=row.told_at or UNSET,
        )


class HelperList(Struct):
    data: list[HelperOut]


class HelperLink(Struct):
    """`link` is the only key: whoever has it may tick."""

    helper: HelperOut
    link: str
