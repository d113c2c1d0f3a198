"""The habits of the clinic's library as its staff look after them."""

from uuid import UUID

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option


class HabitRow(Struct, frozen=True, kw_only=True):
    id: UUID
    prompt: str
    facts: str
    is_own: bool
    is_hidden: bool


class HabitsView(Struct, frozen=True, kw_only=True):
    """`total` is of the whole library, `found` what the filter leaves."""

    bar: StaffBar
    groups: list[tuple[str, list[HabitRow]]]
    words: str
    which: list[Option]
    found: int
    total: int


class AnswerField(Struct, frozen=True):
    """One answer of a choice, and whether it is a good one."""

    words: str
    is_good: bool


class OwnHabitForm(Struct, frozen=True, kw_only=True):
    """`aims` are what counts as good; `goal` and `unit` belong to an amount, `answers` and `not_sure` to a choice.
    `cadences` are there as long as the habit is new."""

    kind: str
    prompt: Field
    why: Field
    cadences: list[Option] = []
    aims: list[Option] = []
    goal: Field | None = None
    unit: Field | None = None
    answers: list[AnswerField] = []
    has_not_sure: bool = False
    problems: dict[str, str | None] = {}


class HabitView(Struct, frozen=True, kw_only=True):
    """One habit; `id` is None for one to come, which has no `form` before its kind is chosen out of `kinds`."""

    bar: StaffBar
    id: UUID | None
    prompt: str
    facts: list[tuple[str, str]] = []
    kinds: list[tuple[str, str, str]] = []
    form: OwnHabitForm | None = None
    is_hidden: bool = False
    status: str | None = None
    problem: str | None = None
