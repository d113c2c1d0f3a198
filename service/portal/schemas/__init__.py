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
from service.portal.schemas.answers import PlaceGroup as PlaceGroup
from service.portal.schemas.answers import PlanItem as PlanItem
from service.portal.schemas.answers import SetBox as SetBox
from service.portal.schemas.answers import SetRow as SetRow
from service.portal.schemas.notices import SafetyNotice as SafetyNotice
from service.portal.schemas.rows import Habit as Habit
from service.portal.schemas.rows import HabitNumber as HabitNumber
from service.portal.schemas.week import AimForm as AimForm
from service.portal.schemas.week import LinkLine as LinkLine
from service.portal.schemas.week import WeekDay as WeekDay
from service.portal.schemas.week import WeekPain as WeekPain
from service.portal.schemas.week import WeekView as WeekView

LinkPurpose = Literal[
    "check_in", "plan", "habit", "fix", "message", "week", "look", "questions", "sign_in", "unsubscribe", "helper"
]
AskedFor = Literal["words", "pain", "full", "weekly"]
PlanStage = Literal["none", "to_come", "runs", "no_moves", "paused", "ended"]


class Status(Struct, frozen=True):
    """What was just saved, said beside it. `place` is session, pain, safety or the id of a habit; `undo` is the entry
    that can be taken back, and its revision, so that a second tap takes back no more."""

    place: str
    words: str
    undo: tuple[UUID, int] | None = None


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
    """`when` in words ("Mon, Wed, Fri"); `cues` all of them, the therapist's own first; `code` is its letter on
    paper."""

    item: PlanItem
    when: str
    cues: list[str]
    code: str


class PlanView(Struct, frozen=True):
    """The whole plan, whatever is due today; without one, the lists are empty. `lessons`: title and text. `country` is
    the clinic's."""

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
    country: str = "US"


class PainToday(Struct, frozen=True):
    """The latest of the day; `earlier` are those before it, as score and time."""

    score: int
    at: datetime
    where: str | None = None
    earlier: list[tuple[int, datetime]] = []


class MorningForm(Struct, frozen=True):
    """`day` is the morning asked about: a page left open overnight still tells it of that day."""

    day: date
    responses: list[Choice]
    score: int | None = None
    told: str | None = None
    problem: str | None = None


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
    `urgency_entry` is the id of the answer whether it can wait, when that is asked. `undo`: by place, the entry that
    can be taken back and its revision. `last_score` is the score told last, of now or of the last 24 hours.
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
    skip_reasons: tuple[Choice, ...]
    stage: PlanStage = "runs"
    stage_day: date | None = None
    plan_note: PlanNote | None = None
    week_words: str | None = None
    week_aim: str | None = None
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
    undo: dict[str, tuple[UUID, int]] = {}
    last_score: int | None = None
    status: Status | None = None
    help_phone: str | None = None
    session_url: str = "/today/session#plan"
    pain_url: str = "/today/pain#pain"

    @property
    def is_all_told(self) -> bool:
        """Nothing that the day asks for is left to tell."""
        if self.safety or self.pain is None or (self.morning and self.morning.told is None):
            return False
        return self.session is not DayState.NO_ENTRY and all(habit.answer is not None for habit in self.habits)

    @property
    def asks_first(self) -> bool:
        """Something was told that makes the questions about warning signs the first thing on the page."""
        return self.questions in ("words", "pain")


class HelpLines(Struct, frozen=True):
    """What a helper reads beside the plan. `told` by the person, which only they change; `asks`: there is one today."""

    reminders: list[str]
    asks: bool
    told: bool


class LinkView(Struct, frozen=True, kw_only=True):
    """A page that anybody who holds the link can open: it names nobody, and tells nothing but what a link told.

    `picked` is the answer tapped in an email, waiting for its button; `told` is the one that is kept, and `saved`
    the sentence about it. `initial` ("M.") is for sign-in links.
    `about` is the day the answer counts for, when it is not today. `entry` and `words` are of a message being written.
    `plan` is the version that is asked about.
    `on_hold` while a warning sign is open: then a plan asks for nothing.
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
    plan: UUID | None = None
    on_hold: SafetyNotice | None = None
    help: HelpLines | None = None


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
    today_url: str | None = "/today"


class LinkEndedView(Struct, frozen=True, kw_only=True):
    """`is_sent`: a new one was asked for. Nothing here comes from a record."""

    clinic_name: str | None = None
    is_sent: bool = False
    sign_in_url: str = "/sign-in"


class OfflineView(Struct, frozen=True, kw_only=True):
    """Shown by a phone that has no network and no copy of the page it was asked for."""

    clinic_name: str | None = None
    today_url: str = "/today"
