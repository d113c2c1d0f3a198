"""Local time, quiet hours, and whether a due moment may be sent. Every conversion between local time and UTC in the
project is made here and in `recurrence`, never in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from service.reminders.reasons import NotSent, Reason

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

# ZoneInfo keeps only eight zones alive and reads the rest from disk again; a planner walks hundreds.
time_zone = lru_cache(maxsize=1024)(ZoneInfo)


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
