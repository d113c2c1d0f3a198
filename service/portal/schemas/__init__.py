"""What each client page shows. Sentences arrive in the reader's language; instants carry the reader's zone.

Codes (states, purposes, kinds) are closed sets: the templates hold the words for them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.diary.rules import DayState
from service.portal.schemas.answers import Choice as Choice
from service.portal.schemas.answers import FeltForm as FeltForm
from service.portal.schemas.answers import PainForm as PainForm
from service.portal.schemas.answers import PainSpan as PainSpan
from service.portal.schemas.answers import PlanItem as PlanItem
from service.portal.schemas.answers import SetBox as SetBox
from service.portal.schemas.answers import SetRow as SetRow
from service.portal.schemas.rows import Habit as Habit
from service.portal.schemas.rows import HabitNumber as HabitNumber

LinkPurpose = Literal[
    "check_in", "plan", "habit", "fix", "message", "week", "look", "questions", "sign_in", "unsubscribe"
]
AskedFor = Literal["words", "pain", "full", "weekly"]
PlanStage = Literal["none", "to_come", "runs", "no_moves", "paused", "ended"]


class SafetyNotice(Struct, frozen=True):
    """Comes before everything else on a page. `emergency_number` is the one of the clinic's country."""

    sentence: str
    emergency_number: str
    stops_plan: bool = False


class Status(Struct, frozen=True):
    """What was just saved, said beside it. `place` is session, pain, safety or the id of a habit."""

    place: str
    words: str


class Banner(Struct, frozen=True):
    """News above the day's plan, such as a change the therapist made."""

    sentence: str
    link_url: str | None = None
    link_words: str | None = None


class PlanCard(Struct, frozen=True):
    """`items` in the order to do them, those of one routine together, of this `version`."""

    minutes: int
    items: list[PlanItem]
    stop_rule: str | None = None
    version: UUID | None = None


class PlanMove(Struct, frozen=True):
    """`when` in words ("Mon, Wed, Fri"); `cues` all of them, the therapist's own first."""

    item: PlanItem
    when: str
    cues: list[str]


class PlanView(Struct, frozen=True):
    """The whole plan, whatever is due today; without one, the lists are empty. `lessons`: title and text."""

    name: str
    clinic_name: str
    help_phone: str
    emergency_number: str
    stage: PlanStage
    moves: list[PlanMove]
    habits: list[str]
    fixes: list[str]
    lessons: list[tuple[str, str]]
    stop_rule: str
    stage_day: date | None = None
    author: str | None = None
    starts_on: date | None = None
    safety: SafetyNotice | None = None


class PainToday(Struct, frozen=True):
    score: int
    at: datetime
    where: str | None = None


class MorningForm(Struct, frozen=True):
    """`day` is the morning asked about: a page left open overnight still tells it of that day."""

    day: date
    responses: list[Choice]
    score: int | None = None
    told: str | None = None
    problem: str | None = None


class WeekDay(Struct, frozen=True):
    """`state` is None for a day that has not come."""

    day: date
    planned: bool
    state: DayState | None


class LinkLine(Struct, frozen=True):
    """One habit, and in three words at most how it goes with pain."""

    name: str
    words: str


class WeekView(Struct, frozen=True, kw_only=True):
    """A week from Monday to Sunday in sentences. Behind a link (`ends_at`) without `trend`, which tells how it felt.
    `links` are of the last 60 days, and there when the therapist turned them on."""

    clinic_name: str
    first: date
    last: date
    sentences: list[str]
    days: list[WeekDay]
    trend: str | None = None
    before_url: str | None = None
    after_url: str | None = None
    links: list[LinkLine] = []
    ends_at: datetime | None = None

    @property
    def is_link(self) -> bool:
        return self.ends_at is not None


class Note(Struct, frozen=True):
    """A message between the client and the therapist."""

    author: str
    text: str
    at: datetime
    from_me: bool = False
    read_at: datetime | None = None

    @property
    def is_new(self) -> bool:
        return not self.from_me and self.read_at is None


class MessageForm(Struct, frozen=True, kw_only=True):
    """`entry` is the id of what will be written: sent twice, it is one message. `as_of` is when the page was made."""

    entry: UUID
    as_of: datetime
    words: str = ""
    problem: str | None = None
    url: str = "/today/messages#messages"
    read_url: str = "/today/messages/read#messages"


class PlanNote(Struct, frozen=True):
    """What the therapist wrote with a version of the plan. `starts_on` is the day of a version to come."""

    author: str
    text: str
    at: datetime
    starts_on: date | None = None


class TodayView(Struct, frozen=True, kw_only=True):
    """`plan` is None while there is no plan; `session` tells a rest day from a day not logged.

    `stage_day` is the first day of a plan to come, the day a paused one goes on, or the last day of an ended one.
    `felt` is None until something was done today; `untold` are days before it that can still be told of; `questions`
    says why those about warning signs are due; `week_words` is None when there is nothing to say about the week.
    `urgency_entry` is the id of the answer whether it can wait, when that is asked.
    """

    name: str
    day: date
    clinic_name: str
    emergency_number: str
    read_when: str  # said after "your clinic reads this"
    session: DayState
    plan: PlanCard | None
    pain: PainToday | None
    pain_form: PainForm
    habits: list[Habit]
    fixes: list[Habit] = []
    yesterday: list[Habit] = []
    lessons: list[tuple[str, str]] = []
    week: list[WeekDay]
    skip_reasons: list[Choice]
    stage: PlanStage = "runs"
    stage_day: date | None = None
    plan_note: PlanNote | None = None
    week_words: str | None = None
    untold: list[date] = []
    session_words: str | None = None
    session_problem: str | None = None
    messages: list[Note] = []
    message_form: MessageForm | None = None
    banners: list[Banner] = []
    safety: SafetyNotice | None = None
    morning: MorningForm | None = None
    felt: FeltForm | None = None
    questions: AskedFor | None = None
    urgency_entry: UUID | None = None
    status: Status | None = None
    help_phone: str | None = None
    session_url: str = "/today/session#plan"
    pain_url: str = "/today/pain#pain"
    sign_out_url: str = "/sign-out"

    @property
    def asks_first(self) -> bool:
        """Something was told that makes the questions about warning signs the first thing on the page."""
        return self.questions in ("words", "pain")


class LinkView(Struct, frozen=True, kw_only=True):
    """A page that anybody who holds the link can open: it names nobody, and tells nothing but what a link told.

    `picked` is the answer tapped in an email, waiting for its button; `told` is the one that is kept, and `saved`
    the sentence about it. `initial` ("M.") is for sign-in links.
    `about` is the day the answer counts for, when it is not today. `entry` and `words` are of a message being written.
    `on_hold` while a warning sign is open: then a plan asks for nothing.
    `plan` is the version that is asked about.
    """

    purpose: LinkPurpose
    url: str
    clinic_name: str
    ends_at: datetime | None = None
    picked: str | None = None
    told: str | None = None
    saved: str | None = None
    habits: list[Habit] = []
    fixes: list[Habit] = []
    initial: str | None = None
    about: date | None = None
    status: Status | None = None
    problem: str | None = None
    entry: UUID | None = None
    words: str = ""
    on_hold: SafetyNotice | None = None
    plan: UUID | None = None


class PlanChangedView(Struct, frozen=True, kw_only=True):
    """`fields` are the answer for the plan of now. The lists are empty behind a link, which shows nothing private."""

    clinic_name: str
    url: str
    fields: Sequence[tuple[str, str]]
    done: list[str] = []
    gone: list[str] = []
    added: list[str] = []


class SavedView(Struct, frozen=True, kw_only=True):
    """After an answer: `sentence` repeats what was saved, without health words when it came by a link."""

    sentence: str
    clinic_name: str
    change_url: str | None = None
    more: list[str] = []
    safety: SafetyNotice | None = None
    questions_url: str | None = None
    today_url: str = "/today"


class LinkEndedView(Struct, frozen=True, kw_only=True):
    """`is_sent`: a new one was asked for. Nothing here comes from a record."""

    clinic_name: str | None = None
    is_sent: bool = False
    sign_in_url: str = "/sign-in"


class OfflineView(Struct, frozen=True, kw_only=True):
    """Shown by a phone that has no network and no copy of the page it was asked for."""

    clinic_name: str | None = None
    today_url: str = "/today"
