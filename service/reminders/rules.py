"""Local time, quiet hours, and whether a due moment may be sent. Every conversion between local time and UTC in the
project is made here and in `recurrence`, never in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from service.outbox.codes import Failure

DAY: Final = timedelta(days=1)
CATCH_UP: Final = timedelta(hours=4)
DISPATCH_MARGIN: Final = timedelta(minutes=15)
TRAVEL_GAP: Final = timedelta(hours=12)
FUSE: Final = 4

ReminderKind = Literal["check_in", "plan", "habit"]
Asked = ReminderKind | Literal["fix"]
ASKS_FOR: Final[Mapping[str, Asked]] = {
    "check_in": "check_in",
    "plan": "plan",
    "habit": "habit",
    "anchor": "plan",
    "evening": "plan",
    "bundle": "check_in",
    "recheck": "fix",
}
"""By kind of message. The others ask for nothing that could be done by now: they are words about the reminders."""
PROMPTS: Final[Mapping[str, str]] = {kind: asked for kind, asked in ASKS_FOR.items() if asked != "fix"} | {"why": "why"}
"""What a bare number in answer to a kind of message is about. A look at a one-off fix is answered on its page."""

EVERY_DAY: Final = 127
NotSent = Literal["skipped", "expired", "suppressed", "failed"]

# ZoneInfo keeps only eight zones alive and reads the rest from disk again; a planner walks hundreds.
time_zone = lru_cache(maxsize=1024)(ZoneInfo)


class Reason(StrEnum):
    """Why a due moment was not sent, the ledger state it leads to, and the msgid that tells a person."""

    state: NotSent
    msgid: str

    # The defaults are never used: they let type checkers accept the look-up Reason("late").
    def __new__(cls, code: str, state: NotSent = "failed", msgid: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.state, member.msgid = code, state, msgid
        return member

    DONE_TODAY = "done_today", "skipped", "Not sent: already done today."
    REST_DAY = "rest_day", "skipped", "Not sent: a rest day."
    NOTHING_ASKED = "nothing_asked", "skipped", "Not sent: there was nothing left to ask."
    CLIENT_SKIPPED = "client_skipped", "skipped", "Not sent: skipped for today by the client."
    BUNDLED = "bundled", "skipped", "Not sent alone: part of another message."
    CHANGED = "changed", "skipped", "Not sent: the reminder was changed first."
    LOCAL_DATE_ABSENT = "local_date_absent", "skipped", "Not sent: the local calendar has no such moment."
    PAUSED = "paused", "skipped", "Not sent: the reminder is paused."
    PLAN_PAUSED = "plan_paused", "skipped", "Not sent: the plan is paused."
    PLAN_ENDED = "plan_ended", "skipped", "Not sent: the plan has ended."
    OPTED_OUT = "opted_out", "suppressed", "Not sent: messages to this address are stopped."
    NO_CONSENT = "no_consent", "suppressed", "Not sent: the client has not said yes to messages."
    RED_FLAG = "red_flag", "suppressed", "Not sent: a warning sign is open."
    FLARE = "flare", "suppressed", "Not sent: a day off after a high score."
    TAPER = "taper", "skipped", "Not sent: in a good rhythm, so we ask on fewer days."
    SILENT = "silent", "skipped", "Not sent: quiet until the client texts BACK."
    NOTHING_TOLD = "nothing_told", "skipped", "Not sent: nothing was told in that week."
    TWO_EVENINGS = "two_evenings", "skipped", "Not sent: two evening texts this week already."
    QUIET_HOURS = "quiet_hours", "suppressed", "Not sent: quiet hours."
    TRAVEL_GAP = "travel_gap", "suppressed", "Not sent: too soon after a change of time zone."
    DAILY_CAP = "daily_cap", "suppressed", "Not sent: the most for one day was reached."
    WEEKLY_CAP = "weekly_cap", "suppressed", "Not sent: the most for one week was reached."
    FUSE = "fuse", "suppressed", "Not sent: too many messages in 24 hours."
    LATE = "late", "expired", "Not sent: it was too late to be of use."
    OUTAGE = "outage", "expired", "Not sent: our service was down."
    UNCERTAIN = "uncertain", "expired", "Not known: the message service never told us if it went out."
    UNREACHABLE = "unreachable", "failed", "Not delivered: the phone or mailbox could not be reached."
    REFUSED = "refused", "failed", "Not sent: the message service refused it."
    INVALID_ADDRESS = "invalid_address", "failed", "Not sent: this address does not work."
    NO_TEXTS = "no_texts", "failed", "Not delivered: this phone takes no texts."
    HELD_BACK = "held_back", "failed", "Not delivered: the phone company held it back."
    SENDER_STOPPED = "sender_stopped", "failed", "Not sent: the phone company does not take our texts now."
    NOT_IN_TIME = "not_in_time", "expired", "Not delivered: the phone company was too slow."
    SENT_OTHERWISE = "sent_otherwise", "skipped", "Not sent: it went out another way."
    RENDER = "render", "failed", "Not sent: the message could not be written."
    TEST_MODE = "test_mode", "suppressed", "Not sent: the clinic was in test mode."


class NoMoment(StrEnum):
    """Why a day has no due moment, or none that anything was written about, and the msgid that tells a person."""

    msgid: str

    def __new__(cls, code: str, msgid: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.msgid = code, msgid
        return member

    NO_REMINDER = "no_reminder", "No reminder was set for that day."
    NOT_BEGUN = "not_begun", "Nothing was due: the reminder had not begun."
    ENDED = "ended", "Nothing was due: the reminder had ended."
    OTHER_DAYS = "other_days", "Nothing was due: it is not one of the chosen days."
    LEFT_OUT = "left_out", "Nothing was due: that day was left out on purpose."
    SET_LATER = "set_later", "Nothing was due: the reminder was set after its time that day."
    CHANGED_LATER = "changed_later", "Nothing was due: the reminder has changed since."
    TO_COME = "to_come", "Waits for its time."
    NOT_WRITTEN = "not_written", "Not known: nothing was written about it, so our service may have been down."


FAILED: Final[Mapping[Failure, Reason]] = {
    Failure.REFUSED: Reason.REFUSED,
    Failure.LOGIN: Reason.REFUSED,
    Failure.INVALID_ADDRESS: Reason.INVALID_ADDRESS,
    Failure.OPTED_OUT: Reason.OPTED_OUT,
    Failure.UNREACHABLE: Reason.UNREACHABLE,
    Failure.NO_TEXTS: Reason.NO_TEXTS,
    Failure.TOO_LATE: Reason.NOT_IN_TIME,
    Failure.UNREGISTERED: Reason.HELD_BACK,
    Failure.FILTERED: Reason.HELD_BACK,
    Failure.RATE: Reason.HELD_BACK,
}
"""What the ledger says of a message that a provider will not deliver."""


class Slot(NamedTuple):
    """One due moment. `at` orders it on the time line even when it does not exist in the local calendar."""

    day: date
    slot: int
    at: datetime
    reason: Reason | None

    @property
    def due_at(self) -> datetime | None:
        return self.at if self.reason is None else None


class Window(NamedTuple):
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    reason: Reason

    @property
    def state(self) -> NotSent:
        return self.reason.state


class SendFacts(Struct, frozen=True, kw_only=True):
    """What is true just before the wire. `at` is that moment, `zone` the client's zone at that moment.

    `kind` None is a word about the reminders themselves. `asked_on` is the mask of the weekdays that are asked about,
    `day` the local day the moment belongs to.
    """

    kind: Asked | None
    at: datetime
    expires_at: datetime
    zone: str
    quiet_from: time
    quiet_until: time
    opted_out: bool
    consented: bool
    red_flag_open: bool
    plan: Literal["active", "paused", "ended"]
    done: bool
    client_skipped: bool
    rest_day: bool
    flare: bool
    previous_at: datetime | None
    previous_zone: str | None
    sent_today: int
    daily_cap: int
    sent_this_week: int
    weekly_cap: int
    sent_in_24_h: int
    fuse: int = FUSE
    day: date | None = None
    asked_on: int = EVERY_DAY
    silent: bool = False
    reminder_ended: bool = False
    reminder_paused: bool = False


def dedupe_key(reminder: UUID, day: date, slot: int, channel: str) -> str:
    return f"rem:{reminder}:{day.isoformat()}:{slot}:{channel}"


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(time_zone(zone)).date()


def _instant(day: date, wall: time, zone: str, fold: int = 0) -> datetime:
    """With fold 0 a time in a gap moves forward by the gap and a time in a fold is the first of the two."""
    return datetime.combine(day, wall.replace(fold=fold), time_zone(zone)).astimezone(UTC)


def local_to_utc(day: date, wall: time, zone: str) -> datetime | None:
    """None when the local calendar has no such moment on that day."""
    at = _instant(day, wall, zone)
    return at if local_day(at, zone) == day else None


def _quiet_wall(wall: time, quiet_from: time, quiet_until: time) -> bool:
    if quiet_from <= quiet_until:
        return quiet_from <= wall < quiet_until
    return wall >= quiet_from or wall < quiet_until


def quiet(at: datetime, zone: str, quiet_from: time, quiet_until: time) -> bool:
    """From is included, until is not. Equal times mean that there are no quiet hours."""
    return _quiet_wall(at.astimezone(time_zone(zone)).time(), quiet_from, quiet_until)


# Everybody of a batch is asked about at the same moment.
@lru_cache(maxsize=256)
def sendable(at: datetime, zone: str, quiet_from: time, quiet_until: time) -> bool:
    """Not quiet, and far enough from quiet hours for a slow carrier."""
    moments = (at, at + DISPATCH_MARGIN)
    return not any(quiet(moment, zone, quiet_from, quiet_until) for moment in moments)


def next_wall(at: datetime, wall: time, zone: str) -> datetime:
    """The next moment after `at` when clocks there show that time."""
    day = local_day(at, zone)
    moments = (_instant(d, wall, zone, fold) for d in (day, day + DAY, day + 2 * DAY) for fold in (0, 1))
    return next(moment for moment in moments if moment > at)


def next_allowed(at: datetime, zone: str, quiet_from: time, quiet_until: time) -> datetime:
    """`at` itself, or the end of the quiet hours it falls in."""
    while quiet(at, zone, quiet_from, quiet_until):
        at = next_wall(at, quiet_until, zone)
    return at


@lru_cache(maxsize=256)
def expires_at(due: datetime, zone: str, quiet_from: time, quiet_until: time) -> datetime:
    """Four hours after it may be sent, or the start of quiet hours. `due` is already out of quiet hours."""
    if quiet_from == quiet_until:
        return due + CATCH_UP
    return min(due + CATCH_UP, next_wall(due, quiet_from, zone))


def window(slot: Slot, zone: str, quiet_from: time, quiet_until: time) -> Window | Skip:
    """When a slot may go out. One that quiet hours would push into another local day is not sent at all."""
    if slot.reason is not None:
        return Skip(slot.reason)
    opens = next_allowed(slot.at, zone, quiet_from, quiet_until)
    if local_day(opens, zone) != slot.day or not sendable(opens, zone, quiet_from, quiet_until):
        return Skip(Reason.QUIET_HOURS)
    return Window(opens, expires_at(opens, zone, quiet_from, quiet_until))


def _too_soon_after_travel(facts: SendFacts) -> bool:
    if facts.previous_at is None or facts.previous_zone == facts.zone:
        return False
    return facts.at - facts.previous_at < TRAVEL_GAP


def _day_is_asked(facts: SendFacts) -> bool:
    return bool(facts.asked_on >> (facts.day or local_day(facts.at, facts.zone)).weekday() & 1)


def _objection(facts: SendFacts) -> Reason | None:
    """In order: STOP, danger, nothing to do, the wrong time, too much. The first that holds is the reason."""
    return _wished_otherwise(facts) or _nothing_to_do(facts) or _wrong_time(facts) or _too_much(facts)


def _wished_otherwise(facts: SendFacts) -> Reason | None:
    if facts.opted_out:
        return Reason.OPTED_OUT
    if not facts.consented:
        return Reason.NO_CONSENT
    if facts.red_flag_open:
        return Reason.RED_FLAG
    if facts.reminder_ended:
        return Reason.CHANGED
    return Reason.PAUSED if facts.reminder_paused and facts.kind is not None else None


def _nothing_to_do(facts: SendFacts) -> Reason | None:
    if facts.plan != "active":
        return Reason.PLAN_ENDED if facts.plan == "ended" else Reason.PLAN_PAUSED
    if facts.done:
        return Reason.DONE_TODAY
    if facts.client_skipped:
        return Reason.CLIENT_SKIPPED
    if facts.kind == "plan" and facts.rest_day:
        return Reason.REST_DAY
    return Reason.FLARE if facts.kind == "plan" and facts.flare else None


def _wrong_time(facts: SendFacts) -> Reason | None:
    if facts.kind is not None and facts.silent:
        return Reason.SILENT
    if facts.kind is not None and not _day_is_asked(facts):
        return Reason.TAPER
    if facts.at >= facts.expires_at:
        return Reason.LATE
    if not sendable(facts.at, facts.zone, facts.quiet_from, facts.quiet_until):
        return Reason.QUIET_HOURS
    return Reason.TRAVEL_GAP if _too_soon_after_travel(facts) else None


def _too_much(facts: SendFacts) -> Reason | None:
    if facts.sent_today >= facts.daily_cap:
        return Reason.DAILY_CAP
    if facts.sent_this_week >= facts.weekly_cap:
        return Reason.WEEKLY_CAP
    return Reason.FUSE if facts.sent_in_24_h >= facts.fuse else None


_SEND: Final = Send()


def decide(facts: SendFacts) -> Send | Skip:
    against = _objection(facts)
    return _SEND if against is None else Skip(against)
