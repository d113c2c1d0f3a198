"""The clinic's library as its staff look after it."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.catalogue.views import Shown
from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option


class ExerciseRow(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    position: str
    shown: Shown
    is_own: bool
    is_hidden: bool


class ExerciseGroup(Struct, frozen=True):
    name: str
    rows: list[ExerciseRow]


class ExercisesView(Struct, frozen=True, kw_only=True):
    """`total` is of the whole library, `found` what the filter leaves."""

    bar: StaffBar
    groups: list[ExerciseGroup]
    words: str
    which: list[Option]
    found: int
    total: int
    status: str | None = None


class MediaForm(Struct, frozen=True, kw_only=True):
    """A picture or a video, sent or to be sent. `problem` is about the file."""

    kind: Literal["picture", "video"]
    takes: str
    alt: Field
    has_one: bool
    facts: str | None = None
    problem: str | None = None


class RangeField(Struct, frozen=True):
    name: str
    label: str
    low: str
    high: str
    problem: str | None = None


class OwnForm(Struct, frozen=True, kw_only=True):
    """`problems` are those of the lists to choose from."""

    name: Field
    groups: list[Option]
    stages: list[Option]
    position: Field
    equipment: Field
    sides: list[Option]
    working_sides: list[Option]
    ranges: list[RangeField]
    cues: Field
    problems: dict[str, str | None] = {}


class ExerciseView(Struct, frozen=True, kw_only=True):
    """One exercise; `id` is None for one to come. `own` is the form of the clinic's own, `facts` are those of ours."""

    bar: StaffBar
    id: UUID | None
    name: str
    shown: Shown
    cues: list[str]
    facts: list[tuple[str, str]]
    own: OwnForm | None
    media: list[MediaForm]
    is_hidden: bool = False
    status: str | None = None
    problem: str | None = None
