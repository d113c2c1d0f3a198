"""How often to ask, and what follows a later, a good rhythm, a miss or silence. Days are the client's local dates.

The figures are the product's own choices (the wording study of texts, 5.2), not a trial's, unless it says otherwise.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Final

from service.plans.rules import DAYS_A_WEEK
from service.reminders.rhythm.hours import LAST_ASK, shifted
from service.reminders.rules import DAY, local_day, local_to_utc, next_wall, sendable
from service.worded import Worded

AGAIN_AFTER: Final = timedelta(hours=2)
MORNING_AFTER: Final = timedelta(hours=1)
EVENING_BEFORE: Final = timedelta(hours=2)
WITHOUT_NIGHT: Final = (time(9), time(19))
"""When to look at somebody whose clinic has no quiet hours."""

EVENINGS_A_WEEK: Final = 2
GOOD_DAYS, OF_DAYS = 10, 14
PACES: Final = (2, 1)
"""Texts a week after one step and after two."""

MISSES_BACK: Final = 2
RUNGS: Final = (3, 10, 30)
SILENT_RUNG: Final = 10
LOOK_BACK: Final = timedelta(days=7 * RUNGS[-1])
"""Thirty planned days of a plan for once a week."""

WHY_AGAIN_AFTER: Final = timedelta(days=28)
WEEK_WAITS: Final = 3
"""Mornings from Monday on on which a week that is over may be told of, when something else came first."""

RECHECK_WAITS: Final = 3
"""Days from the one on which a one-off fix is to be looked at again on which that may be said, until it was."""

BREAK: Final = timedelta(days=7)
"""How long PAUSE, or "away or ill", rests the reminders."""


class Extra(IntEnum):
    """Slots of due moments that are no time of the reminder, below all that are; each at most once a local day."""

    AGAIN = -1
    EVENING = -2
    LAPSE = -3
    WHY = -4
    TAPER = -5
    CHANGED = -6
    MOVED = -7
    WEEK = -8
    RECHECK = -9


class Asking(Worded):
    """How often somebody is asked at present, and the msgid that tells why."""

    STOPPED = "stopped", "We ask nothing while a warning sign is open. The clinic looks into it."
    NOT_NOW = "not_now", "We do not ask now, because we heard nothing for a while. Text BACK to start again."
    RESTING = "resting", "We do not ask about exercise for a day after a high score."
    FEWER_DAYS = "fewer_days", "We ask on fewer days, because you are in a good rhythm. Text DAILY to change that."
    WANTED_DAILY = "wanted_daily", "We ask on each day you chose, because you texted DAILY."
    EVERY_DAY = "every_day", "We ask on each day you chose."


def asking(
    *,
    red_flag_open: bool,
    rung: int,
    flare_until: datetime | None,
    texts_a_week: int | None,
    daily: bool,
    now: datetime,
) -> Asking:
    """What outranks the rest is said first."""
    if red_flag_open:
        return Asking.STOPPED
    if rung >= SILENT_RUNG:
        return Asking.NOT_NOW
    if flare_until is not None and now < flare_until:
        return Asking.RESTING
    if texts_a_week is not None:
        return Asking.FEWER_DAYS
    return Asking.WANTED_DAILY if daily else Asking.EVERY_DAY


@dataclass(frozen=True, slots=True)
class Past:
    """`planned`: the days up to yesterday that asked for something, in order. `kept`: days on which it was done, at
    least in part. `logged`: days on which anything was told. `weekdays`: those the plan asks on next, Monday is 0."""

    planned: Sequence[date]
    kept: Collection[date]
    logged: Collection[date]
    weekdays: Sequence[int]


@dataclass(frozen=True, slots=True)
class Pace:
    """Every day when `texts_a_week` is None."""

    texts_a_week: int | None = None
    weekdays: tuple[int, ...] = ()

    @property
    def mask(self) -> int | None:
        return sum(1 << weekday for weekday in self.weekdays) or None


def asked_again_at(
    now: datetime, zone: str, quiet_from: time, quiet_until: time, wall: time | None = None
) -> datetime | None:
    """At the local time that was named, or two hours from now; what falls into the night comes just before it.

    None when today has no such moment any more.
    """
    today = local_day(now, zone)
    wanted = _on_five_minutes(now + AGAIN_AFTER) if wall is None else local_to_utc(today, wall, zone)
    if wanted is None or wanted <= now:
        return None
    last = _last_ask(now, zone, quiet_from)
    return next((at for at in (wanted, last) if at > now and _today(at, today, zone, quiet_from, quiet_until)), None)


def _on_five_minutes(at: datetime) -> datetime:
    """Rounded up, so that the answer names a time one can remember."""
    whole = at.replace(second=0, microsecond=0)
    return whole + timedelta(minutes=(5 - whole.minute % 5) % 5 or (5 if at > whole else 0))


def _last_ask(now: datetime, zone: str, quiet_from: time) -> datetime:
    return next_wall(now, quiet_from, zone) - LAST_ASK


def _today(at: datetime, today: date, zone: str, quiet_from: time, quiet_until: time) -> bool:
    return local_day(at, zone) == today and sendable(at, zone, quiet_from, quiet_until)


def looks(quiet_from: time, quiet_until: time) -> tuple[time, time]:
    """The local times at which somebody is looked at: in the morning and in the evening."""
    if quiet_from == quiet_until:
        return WITHOUT_NIGHT
    return shifted(quiet_until, MORNING_AFTER), shifted(quiet_from, -EVENING_BEFORE)


def look_due(now: datetime, zone: str, wall: time, last_on: date | None) -> bool:
    """Once a local day, from that time on. A day that comes a second time on a journey is not looked at again."""
    today = local_day(now, zone)
    at = local_to_utc(today, wall, zone)
    return at is not None and at <= now and (last_on is None or last_on < today)


def next_look(now: datetime, zone: str, walls: Sequence[time]) -> datetime:
    return min(next_wall(now, wall, zone) for wall in walls)


def nudges_tonight(*, now: datetime, planned_today: bool, logged_today: bool, last_asked_at: datetime | None) -> bool:
    """Only on a planned day with nothing told at all, some time after the day's own text."""
    asked_before = last_asked_at is not None and now - last_asked_at >= AGAIN_AFTER
    return planned_today and not logged_today and asked_before


def enough_evenings(nudged: Sequence[date], today: date) -> bool:
    """Whether the week from Monday on has had its evening texts."""
    monday = today - DAY * today.weekday()
    return len([day for day in nudged if monday <= day]) >= EVENINGS_A_WEEK


def next_pace(texts_a_week: int | None, since: date | None, past: Past, *, wants_daily: bool) -> Pace | None:
    """One step less or more; None when it stays as it is. Only planned days after the last step count."""
    fresh = [day for day in past.planned if since is None or day > since]
    if texts_a_week is not None and _missed(fresh[-MISSES_BACK:], past) == MISSES_BACK:
        return _pace(_slower(texts_a_week), past.weekdays)
    window = fresh[-OF_DAYS:]
    if wants_daily or len(window) < OF_DAYS or len([day for day in window if day in past.kept]) < GOOD_DAYS:
        return None
    at_present = min(texts_a_week or DAYS_A_WEEK, len(past.weekdays))
    fewer = next((pace for pace in PACES if pace < at_present), None)
    return None if fewer is None else _pace(fewer, past.weekdays)


def _missed(days: Sequence[date], past: Past) -> int:
    """A skip that was told is no miss."""
    return len([day for day in days if day not in past.logged])


def _slower(texts_a_week: int) -> int | None:
    turn = PACES.index(texts_a_week)
    return PACES[turn - 1] if turn else None


def _pace(texts_a_week: int | None, weekdays: Sequence[int]) -> Pace:
    """Spread over the weekdays of the plan: two of every day are Monday and Thursday."""
    if texts_a_week is None or texts_a_week >= len(weekdays):
        return Pace()
    days = sorted(weekdays)
    return Pace(texts_a_week, tuple(days[turn * len(days) // texts_a_week] for turn in range(texts_a_week)))


def silent_days(past: Past, heard_on: date | None) -> int:
    """Planned days since anything was told, or since the client last answered us."""
    since = max([*past.logged, *([heard_on] if heard_on else [])], default=None)
    return len([day for day in past.planned if since is None or day > since])


def next_rung(
    rung: int, rung_on: date | None, past: Past, *, heard_on: date | None, today: date, fresh_start: bool
) -> int | None:
    """One rung at a time; 0 when somebody is back from the first. From the second on only BACK leads back."""
    silent = silent_days(past, heard_on)
    if rung == 0:
        return RUNGS[0] if silent >= RUNGS[0] else None
    if rung == RUNGS[0] and silent < RUNGS[0]:
        return 0
    if rung == RUNGS[-1] or (rung == SILENT_RUNG and not (fresh_start and today.day == 1)):
        return None
    following = RUNGS[RUNGS.index(rung) + 1]
    since_rung = len([day for day in past.planned if rung_on is None or day >= rung_on])
    return following if silent >= following and since_rung >= following - rung else None


def told_of_change(starts: Sequence[date], today: date) -> date | None:
    """The first day of a changed plan that somebody is to have a look at: today's, or yesterday's when it was changed
    after the last look. Once for each such day, whatever else changes from it on."""
    return max((day for day in starts if today - DAY <= day <= today), default=None)


def week_over(today: date, said_on: Sequence[date]) -> date | None:
    """The Monday of the week that is over, in the first days of the next, until it was said once."""
    monday = today - DAY * today.weekday()
    if today.weekday() >= WEEK_WAITS or any(day >= monday for day in said_on):
        return None
    return monday - DAY * DAYS_A_WEEK


def recheck_to_tell(waiting: Sequence[date], said_on: Sequence[date], today: date) -> bool:
    """Once for all that wait, and for what came to wait since. `said_on`: days on which it went out, or may."""
    last = max(said_on, default=None)
    return any(today - day < DAY * RECHECK_WAITS and (last is None or last < day) for day in waiting)


def missed_day(past: Past, *, today: date, asked: bool, asked_why_on: date | None) -> date | None:
    """The day to ask about: yesterday, when it was planned and asked about and nothing was told. Once in four weeks."""
    yesterday = today - DAY
    lately = asked_why_on is not None and today - asked_why_on < WHY_AGAIN_AFTER
    missed = yesterday in past.planned[-1:] and yesterday not in past.logged
    return yesterday if missed and asked and not lately else None
