"""What the therapist's pages and the caseload API show. Instants carry the zone they are to be read in.

`None` in a series is a day without an answer: it is never zero, and never filled.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from service.diary.rules import DayState
from service.review.rules import Rule, Tier
from service.review.rules.sorting import ROWS_OF_A_PAGE, Listing
from service.review.schemas.alerts import GoodNews, QuestionsAnswered, RedFlagShown
from service.review.schemas.bar import StaffBar as StaffBar
from service.review.schemas.entries import Entry as Entry
from service.review.schemas.entries import EntryKind as EntryKind
from service.review.schemas.fixes import FixLine
from service.review.schemas.forms import NOTHING_SENT, Option, Sent, StepLine
from service.review.schemas.helping import Helping
from service.review.schemas.ledger import Channel as Channel
from service.review.schemas.ledger import Contact as Contact
from service.review.schemas.ledger import LedgerRow as LedgerRow
from service.review.schemas.ledger import OccurrenceState as OccurrenceState
from service.review.schemas.links import HabitLink
from service.review.schemas.listed import Part
from service.review.schemas.noting import Noting
from service.review.schemas.pauses import PlanPause
from service.review.schemas.proposals import ExerciseProposal, ProgrammeLine, StepTaken
from service.review.schemas.stack import BodyMap, Kinds, MessageDay, Range
from service.review.schemas.texts import DangerText, ReadyText, UnplacedText
from service.review.schemas.warnings import PassedWarning

HabitState = Literal["met", "nearly", "not_met", "unclear", "no_entry", "not_asked"]
ReminderKind = Literal["check_in", "plan", "habit"]


class TextsView(Struct, frozen=True):
    bar: StaffBar
    texts: list[UnplacedText]
    status: str | None = None


class TierCounts(Struct, frozen=True):
    call: int
    look: int
    quiet: int
    new: int
    on_track: int


class PainSpark(Struct, frozen=True, omit_defaults=True):
    """28 days, oldest first, up to `last_day`. `means` are trailing 7-day means (4 answers at least)."""

    last_day: date
    points: list[int | None]
    means: list[float | None]
    baseline: float | None = None


class AdherenceWords(Struct, frozen=True):
    """The last four weeks, due days only: "9 of 12 done"; of the others, those partly done and those without entry."""

    done: int
    due: int
    not_logged: int
    partly: int = 0


class CaseloadRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`waiting_since` is when the reason became true; `events` counts what fell under the same open alert.

    `rule` is what a mark (seen, snoozed, done) is about. `local_now` is the client's own time, where it is not the
    clinic's. `look_by` is set while nobody has looked at a row to call; `flag_open`: a clinician must clear a warning
    sign, with a note. `can_wait`: asked, the client said that it can wait for the visit.
    """

    client_id: UUID
    name: str
    tier: Tier
    reason: str
    spark: PainSpark
    rule: Rule = Rule.ON_TRACK
    adherence: AdherenceWords | None = None
    waiting_since: datetime | None = None
    events: int = 1
    seen_by: str | None = None
    seen_at: datetime | None = None
    snoozed_until: date | None = None
    next_visit: date | None = None
    local_now: datetime | None = None
    look_by: datetime | None = None
    is_overdue: bool = False
    flag_open: bool = False
    can_wait: bool = False


class Notice(Struct, frozen=True, omit_defaults=True):
    """Something that keeps messages from people, for staff to know; about one client when it names one."""

    sentence: str
    client_id: UUID | None = None
    name: str | None = None


class Caseload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Rows in reading order, of the tier `shown`, all of them or a `part`. `counts` is of all tiers, without those who
    are snoozed; with those to call are counted `danger_texts`, which may be anybody's and come before all rows.
    Every instant is in the clinic's `zone`, but a row's `local_now`.
    `late_minutes` is set when reminders lag; without `heartbeat_at` they have never run. `steps` were taken by
    themselves, since somebody allowed them ahead.
    """

    as_of: datetime
    zone: str
    counts: TierCounts
    rows: list[CaseloadRow]
    good_news: list[GoodNews]
    steps: list[GoodNews] = []
    notices: list[Notice] = []
    danger_texts: list[DangerText] = []
    heartbeat_at: datetime | None = None
    late_minutes: int | None = None
    shown: Tier | None = None
    part: Part | None = None


class CaseloadView(Caseload, frozen=True, kw_only=True):
    """`pulse` is what an open page compares with, to hear of what it does not show yet."""

    bar: StaffBar
    pulse: str = ""
    listing: Listing = Listing()
    status: str | None = None
    set_up: list[StepLine] | None = None  # what a new clinic has still before it

    @property
    def most_news(self) -> int:
        return ROWS_OF_A_PAGE

    def url(self, **other: Any) -> str:
        """Of this list; of another tier or order it begins anew."""
        query = replace(self.listing, **({"page": 1} | other)).query
        return f"/caseload?{query}" if query else "/caseload"


class PlanChange(Struct, frozen=True):
    """A vertical line through every chart; `letter` leads to the sentence in the key. Visits and treatments have
    numbers."""

    day: date
    letter: str
    sentence: str


class HabitStrip(Struct, frozen=True, omit_defaults=True):
    name: str
    days: list[tuple[date, HabitState]]
    met: int
    answered: int
    strength: int | None = None  # 0 to 100; None while nothing was told


class PlanItemLine(Struct, frozen=True, omit_defaults=True):
    name: str
    dose: str
    cadence: str
    routine: str
    side: str | None = None


class PlanVersion(Struct, frozen=True, omit_defaults=True):
    """`change` is the one-line difference to the version before; the newest version comes first.
    One that was replaced before its first day `never_ran`, and has no last day."""

    number: int
    starts_on: date
    author: str
    change: str
    items: list[PlanItemLine]
    habits: list[str]
    ends_on: date | None = None
    note: str | None = None
    never_ran: bool = False
    passed: list[PassedWarning] = []
    lessons: list[str] = []
    load_pain: int | None = None


class ThreadMessage(Struct, frozen=True, omit_defaults=True):
    """`state` is what became of a message of ours; `read_at` when it was read; `is_new` that nobody here read it."""

    at: datetime
    text: str
    author: str
    from_client: bool
    channel: str
    state: str | None = None
    read_at: datetime | None = None
    is_new: bool = False


class Snoozed(Struct, frozen=True):
    """A reason that was put aside until the morning of a day."""

    tier: Tier
    reason: str
    until: date


class Timeline(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`pain`, `pain_means`, `adherence` and every habit strip cover the same days, oldest first.

    Instants are in the client's `zone`; `clinic_now` is the clinic's time, where it is another one. A mark is about
    the `reason`; `snoozed` are other reasons that were put aside. `links_shown`: the client sees `habit_links` too.
    `forget_asked_at`: they asked to be forgotten.
    `silent_since` is the last day anything is known of, once it is some days ago.
    Between the two of `too_small` a 7-day mean is too near to the `baseline` to call it a change.
    """

    client_id: UUID
    name: str
    as_of: datetime
    zone: str
    language: str
    tier: Tier
    reason: str
    summary: str
    pain: list[tuple[date, int | None]]
    pain_means: list[tuple[date, float | None]]
    plan_changes: list[PlanChange]
    visits: list[PlanChange] = []
    adherence: list[tuple[date, DayState]]
    habits: list[HabitStrip]
    plan: PlanVersion | None = None
    older_versions: list[PlanVersion]
    entries: list[Entry]
    fixes: list[FixLine] = []
    messages: list[ThreadMessage]
    ledger: list[LedgerRow]
    contacts: list[Contact]
    rule: Rule = Rule.ON_TRACK
    contexts: list[str] = []
    baseline: float | None = None
    too_small: tuple[float, float] | None = None
    adherence_words: AdherenceWords | None = None
    since: date | None = None
    last_visit: date | None = None
    next_visit: date | None = None
    waiting_since: datetime | None = None
    seen_by: str | None = None
    seen_at: datetime | None = None
    snoozed_until: date | None = None
    snoozed: list[Snoozed] = []
    clinic_now: datetime | None = None
    phone_seen_at: datetime | None = None
    forget_asked_at: datetime | None = None
    proposals: list[ExerciseProposal] = []
    steps: list[StepTaken] = []
    programme: ProgrammeLine | None = None
    pauses: list[PlanPause] = []
    habit_links: list[HabitLink] = []
    links_shown: bool = False
    has_monitoring: bool = False
    look_by: datetime | None = None
    is_overdue: bool = False
    escalated: list[str] = []
    asked_by_text: datetime | None = None
    questions: list[QuestionsAnswered] = []
    red_flags: list[RedFlagShown] = []
    message_days: list[MessageDay] = []
    body_map: BodyMap | None = None
    silent_since: date | None = None


class ClientView(Timeline, frozen=True, kw_only=True):
    bar: StaffBar
    entry: UUID  # of the message being written: sent twice, it is one
    status: str | None = None
    labels: list[Option] = []
    words: str = ""
    sent: Sent = NOTHING_SENT
    noting: Noting
    helping: Helping
    ready: list[ReadyText] = []
    range: Range = Range.TWO_MONTHS
    kinds: Kinds = Kinds.ALL

    @property
    def goes_on(self) -> bool:
        """Nobody ended the plan: the version of now may have a last day because another one waits for its first."""
        versions = ([self.plan] if self.plan else []) + self.older_versions
        return any(not (version.ends_on or version.never_ran) for version in versions)

    @property
    def open_flags(self) -> list[RedFlagShown]:
        return [flag for flag in self.red_flags if flag.cleared_at is None]
