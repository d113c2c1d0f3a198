"""One page of facts for the next visit."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from service.review.schemas import PlanChange, StaffBar


class Counted(Struct, frozen=True):
    """Something told, and how often."""

    words: str
    count: int


class PainFacts(Struct, frozen=True, omit_defaults=True):
    """`answered` days of those in the window. `then` and `now` are 7-day means at its ends, of four answers at least;
    `change` says what became of it, `since_start` the same against the first seven answered days."""

    answered: int
    then: float | None = None
    now: float | None = None
    worst: int | None = None
    worst_on: date | None = None
    change: str | None = None
    since_start: str | None = None


class HabitFacts(Struct, frozen=True, omit_defaults=True):
    name: str
    met: int
    answered: int
    strength: int | None = None


class Summary(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was told from the day `since` to `today`, both included, and nothing that was not. `skipped` are the reasons
    given; `mornings` how it was after sessions; `messages` of the client and ours."""

    client_id: UUID
    name: str
    since: date
    today: date
    days: int
    pain: PainFacts
    plan: str
    plan_changes: list[PlanChange]
    habits: list[HabitFacts]
    places: list[Counted]
    aggravators: list[Counted]
    skipped: list[Counted]
    mornings: list[Counted]
    proposals: list[str]
    from_client: int
    from_us: int
    warnings: int
    strength: int | None = None
    next_visit: date | None = None


class SummaryView(Summary, frozen=True, kw_only=True):
    bar: StaffBar
