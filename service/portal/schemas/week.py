"""What a week's page shows."""

from datetime import date, datetime

from msgspec import Struct

from service.diary.rules import DayState
from service.portal.schemas.answers import Choice
from service.portal.schemas.notices import SafetyNotice


class WeekDay(Struct, frozen=True):
    """`state` is None for a day that has not come."""

    day: date
    planned: bool
    state: DayState | None


class LinkLine(Struct, frozen=True):
    """One habit, and in three words at most how it goes with pain."""

    name: str
    words: str


class WeekPain(Struct, frozen=True):
    """Two weeks of scores and 7-day means, and what became of each day; the last is the day they are told of."""

    scores: list[tuple[date, int | None]]
    means: list[tuple[date, float | None]]
    states: list[tuple[date, DayState]]


class AimForm(Struct, frozen=True):
    """The days to aim for in the week to come."""

    choices: list[Choice]
    status: str | None = None
    problem: str | None = None


class WeekView(Struct, frozen=True, kw_only=True):
    """A week from Monday to Sunday in sentences. Behind a link (`ends_at`) without `trend` and `pain`, which tell how
    it felt. `links` are of the last 60 days, and there when the therapist turned them on. `today` is a day of the week
    that runs; `aim` the days that were aimed for in it, `aim_form` asks for those of the next."""

    clinic_name: str
    first: date
    last: date
    sentences: list[str]
    days: list[WeekDay]
    trend: str | None = None
    pain: WeekPain | None = None
    went_well: str | None = None
    aim: str | None = None
    aim_form: AimForm | None = None
    today: date | None = None
    before_url: str | None = None
    after_url: str | None = None
    links: list[LinkLine] = []
    ends_at: datetime | None = None
    safety: SafetyNotice | None = None

    @property
    def is_link(self) -> bool:
        return self.ends_at is not None
