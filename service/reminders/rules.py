"""When a reminder is due in the client's own time, and whether it may be sent.

Every conversion between local time and UTC in the project is made here, never in SQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import chain, count
from typing import Final, Literal, NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
CATCH_UP: Final = timedelta(hours=4)
DISPATCH_MARGIN: Final = timedelta(minutes=15)
TRAVEL_GAP: Final = timedelta(hours=12)
FUSE: Final = 4

ReminderKind = Literal["check_in", "plan", "habit"]
NotSent = Literal["skipped", "expired", "suppressed", "failed"]

# ZoneInfo keeps only eight zones alive and reads the rest from disk again; a planner walks hundreds.
_zone = lru_cache(maxsize=1024)(ZoneInfo)


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
    CLIENT_SKIPPED = "client_skipped", "skipped", "Not sent: skipped for today by the client."
    BUNDLED = "bundled", "skipped", "Not sent alone: part of another message."
    CHANGED = "changed", "skipped", "Not sent: the reminder was changed first."
    LOCAL_DATE_ABSENT = "local_date_absent", "skipped", "Not sent: the local calendar has no such moment."
    PLAN_PAUSED = "plan_paused", "skipped", "Not sent: the plan is paused."
    PLAN_ENDED = "plan_ended", "skipped", "Not sent: the plan has ended."
    OPTED_OUT = "opted_out", "suppressed", "Not sent: the client asked us to stop."
    NO_CONSENT = "no_consent", "suppressed", "Not sent: the client has not said yes to messages."
    RED_FLAG = "red_flag", "suppressed", "Not sent: a warning sign is open."
    FLARE = "flare", "suppressed", "Not sent: a day off after a high score."
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
    RENDER = "render", "failed", "Not sent: the message could not be written."


SENTENCES: Final[Mapping[Reason, str]] = {reason: reason.msgid for reason in Reason}


@dataclass(frozen=True, slots=True)
class Rule:
    """Local times of day on weekdays (bit 0 is Monday), from and until local days, both included.

    Each time has a slot of its own that lasts as long as it does (`slots_after_edit`); left out, its position.
    """

    local_times: tuple[time, ...]
    weekdays: int
    starts_on: date
    ends_on: date | None = None
    slots: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.local_times or not 0 < self.weekdays < 128:
            raise ValueError("A rule needs at least one time and one weekday.")


def slots_after_edit(times: Sequence[time], slots: Sequence[int], wanted: Sequence[time]) -> list[int]:
    """A time that stays keeps its slot; of equally many, a changed one takes the slot of the one that went."""
    known = dict(zip(times, slots, strict=True))
    gone = iter([slot for wall, slot in known.items() if wall not in wanted] if len(wanted) == len(times) else ())
    fresh = count(max(slots, default=-1) + 1)
    new = chain(gone, fresh)
    return [known[wall] if wall in known else next(new) for wall in wanted]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFacts:
    """What is true just before the wire. `at` is that moment, `zone` the client's zone at that moment."""

    kind: ReminderKind
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


def sentence(reason: Reason) -> str:
    return SENTENCES[reason]


def dedupe_key(reminder: UUID, day: date, slot: int, channel: str) -> str:
    return f"rem:{reminder}:{day.isoformat()}:{slot}:{channel}"


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(_zone(zone)).date()


def _instant(day: date, wall: time, zone: str, fold: int = 0) -> datetime:
    """With fold 0 a time in a gap moves forward by the gap and a time in a fold is the first of the two."""
    return datetime.combine(day, wall.replace(fold=fold), _zone(zone)).astimezone(UTC)


def local_to_utc(day: date, wall: time, zone: str) -> datetime | None:
    """None when the local calendar has no such moment on that day."""
    at = _instant(day, wall, zone)
    return at if local_day(at, zone) == day else None


def _slots_on(rule: Rule, day: date, zone: str, after: datetime) -> Iterator[Slot]:
    # Written out instead of calling local_to_utc: this is the planner's inner loop.
    tz = _zone(zone)
    for number, wall in zip(rule.slots or range(len(rule.local_times)), rule.local_times, strict=True):
        at = datetime.combine(day, wall, tz).astimezone(UTC)
        if at > after:
            absent = at.astimezone(tz).date() != day
            yield Slot(day, number, at, Reason.LOCAL_DATE_ABSENT if absent else None)


def _days(rule: Rule, first: date, last: date) -> Iterator[date]:
    day = max(first, rule.starts_on)
    last = min(last, rule.ends_on or last)
    while day <= last:
        if rule.weekdays >> day.weekday() & 1:
            yield day
        day += DAY


def _order(slot: Slot) -> tuple[datetime, date, int]:
    return slot.at, slot.day, slot.slot


def next_slot(rule: Rule, zone: str, after: datetime) -> Slot | None:
    """The first slot strictly after an instant; store its `at` as the reminder's next moment.

    Do not walk a rule with it: a gap can put two slots on one instant. `due_slots` gives both.
    """
    found: list[Slot] = []
    today = local_day(after, zone)
    # From yesterday, whose slots a gap may have moved over midnight, to the same weekday of next week.
    for day in _days(rule, max(today, rule.starts_on) - DAY, max(today, rule.starts_on) + WEEK):
        found += _slots_on(rule, day, zone, after)
        if found and found[-1].reason is None:
            break
    return min(found, key=_order, default=None)


def due_slots(rule: Rule, zone: str, after: datetime, until: datetime) -> list[Slot]:
    """All slots with after < at <= until, in order. Meant for hours or days, not for years."""
    days = _days(rule, local_day(after, zone) - DAY, local_day(until, zone) + DAY)
    slots = (slot for day in days for slot in _slots_on(rule, day, zone, after))
    return sorted((slot for slot in slots if slot.at <= until), key=_order)


def _quiet_wall(wall: time, quiet_from: time, quiet_until: time) -> bool:
    if quiet_from <= quiet_until:
        return quiet_from <= wall < quiet_until
    return wall >= quiet_from or wall < quiet_until


def quiet(at: datetime, zone: str, quiet_from: time, quiet_until: time) -> bool:
    """From is included, until is not. Equal times mean that there are no quiet hours."""
    return _quiet_wall(at.astimezone(_zone(zone)).time(), quiet_from, quiet_until)


def sendable(at: datetime, zone: str, quiet_from: time, quiet_until: time) -> bool:
    """Not quiet, and far enough from quiet hours for a slow carrier."""
    moments = (at, at + DISPATCH_MARGIN)
    return not any(quiet(moment, zone, quiet_from, quiet_until) for moment in moments)


def _next_wall(at: datetime, wall: time, zone: str) -> datetime:
    day = local_day(at, zone)
    moments = (_instant(d, wall, zone, fold) for d in (day, day + DAY, day + 2 * DAY) for fold in (0, 1))
    return next(moment for moment in moments if moment > at)


def next_allowed(at: datetime, zone: str, quiet_from: time, quiet_until: time) -> datetime:
    """`at` itself, or the end of the quiet hours it falls in."""
    while quiet(at, zone, quiet_from, quiet_until):
        at = _next_wall(at, quiet_until, zone)
    return at


def expires_at(due: datetime, zone: str, quiet_from: time, quiet_until: time) -> datetime:
    """Four hours after it may be sent, or the start of quiet hours. `due` is already out of quiet hours."""
    if quiet_from == quiet_until:
        return due + CATCH_UP
    return min(due + CATCH_UP, _next_wall(due, quiet_from, zone))


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


def _objections(facts: SendFacts) -> Iterator[tuple[bool, Reason]]:
    """In order: STOP, danger, nothing to do, the wrong time, too much. The first that holds is the reason."""
    exercise = facts.kind == "plan"
    yield facts.opted_out, Reason.OPTED_OUT
    yield not facts.consented, Reason.NO_CONSENT
    yield facts.red_flag_open, Reason.RED_FLAG
    yield facts.plan == "ended", Reason.PLAN_ENDED
    yield facts.plan == "paused", Reason.PLAN_PAUSED
    yield facts.done, Reason.DONE_TODAY
    yield facts.client_skipped, Reason.CLIENT_SKIPPED
    yield exercise and facts.rest_day, Reason.REST_DAY
    yield exercise and facts.flare, Reason.FLARE
    yield facts.at >= facts.expires_at, Reason.LATE
    yield not sendable(facts.at, facts.zone, facts.quiet_from, facts.quiet_until), Reason.QUIET_HOURS
    yield _too_soon_after_travel(facts), Reason.TRAVEL_GAP
    yield facts.sent_today >= facts.daily_cap, Reason.DAILY_CAP
    yield facts.sent_this_week >= facts.weekly_cap, Reason.WEEKLY_CAP
    yield facts.sent_in_24_h >= facts.fuse, Reason.FUSE


def decide(facts: SendFacts) -> Send | Skip:
    return next((Skip(reason) for refused, reason in _objections(facts) if refused), Send())
