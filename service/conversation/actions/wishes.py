"""What a text asks of the reminders themselves. What it says about the day goes into the diary (`replies`)."""

from datetime import date, datetime, time
from typing import assert_never
from zoneinfo import ZoneInfo

from service.charts import clock_time, week_day
from service.conversation import rules
from service.conversation.actions import replies
from service.conversation.actions.paper_weeks import UNREAD, take_week
from service.conversation.actions.replies import NOTED, Taken, Told
from service.conversation.rules import KeywordName, Later, Reading
from service.database.tenancy import ClinicSession
from service.diary import queries as diary
from service.diary.actions import NewSession, record_session
from service.diary.entries import When
from service.diary.rules import CLIENT_BACK_DAYS, Outcome, SkipReason
from service.outbox.rules import MessageKind
from service.plans.queries import prescribed_on
from service.reminders import pacing
from service.reminders.rules import DAY
from service.reminders.tables import KINDS

CHANNEL = "sms"
_REASONS = {1: SkipReason.HURTS, 2: SkipReason.UNSURE_HOW, 4: SkipReason.NO_TIME}
_SKIPPED = Taken("later", MessageKind.SKIP_ACK)


async def take(session: ClinicSession, told: Told, reading: Reading) -> list[Taken]:
    match reading:
        case Later():
            return [await _later(session, told, reading)]
        case rules.NewTime():
            return [await _new_time(session, told, reading)]
        case rules.Keyword(name=name):
            return [await _keyword(session, told, name)]
        case rules.Why(number=number):
            return [await _why(session, told, number)]
        case rules.PaperWeek():
            return [await take_week(session, told, reading)]
        case rules.UnreadWeek():
            return [UNREAD]
        case rules.Skip():
            await pacing.let_go(session, told.client, told.at)
            return await replies.take(session, told, reading)
        case _:
            return await replies.take(session, told, reading)


async def _later(session: ClinicSession, told: Told, said: Later) -> Taken:
    """A time that is over for today is no time to ask again, and never the next free one."""
    local = told.at.astimezone(ZoneInfo(told.client.zone))
    wall = said.wall(local.time())
    if told.asked is None or (said.at is not None and wall is None):
        return Taken("later", MessageKind.TOO_LATE_ACK)
    put_off = await pacing.put_off(session, told.client, told.asked, wall, CHANNEL, told.at)
    if put_off.skipped:
        return await _let_go(session, told)
    if put_off.at is None:
        return Taken("later", MessageKind.TOO_LATE_ACK)
    return Taken("later", MessageKind.LATER_ACK, {"time": _clock(told, put_off.at)})


async def _let_go(session: ClinicSession, told: Told) -> Taken:
    """The second time on one day it is a skip. Only exercise can be skipped; the rest is just not asked again."""
    if told.asked == "plan":
        [taken] = await replies.take(session, told, rules.Skip())
        return taken if taken is not NOTED else _SKIPPED
    return _SKIPPED


def _clock(told: Told, at: datetime) -> str:
    return clock_time(at.astimezone(ZoneInfo(told.client.zone)), told.client.locale).lower()


async def _keyword(session: ClinicSession, told: Told, name: KeywordName) -> Taken:
    match name:
        case "easy":
            await pacing.hear(session, told.client, told.at)
            return Taken(name, MessageKind.EASY_ACK)
        case "pause":
            return await _pause(session, told, name)
        case "back":
            await pacing.come_back(session, told.client, told.at)
            return Taken(name, MessageKind.BACK_ACK)
        case "daily":
            await pacing.ask_daily(session, told.client, told.at)
            return Taken(name, MessageKind.DAILY_ACK)
        case "keep" | "change_back":
            return await _keep_time(session, told, name)
        case _:
            assert_never(name)


async def _pause(session: ClinicSession, told: Told, code: str) -> Taken:
    until = await pacing.take_break(session, told.client, told.at)
    if until is None:
        return Taken(code, MessageKind.NOTE_ACK)
    return Taken(code, MessageKind.PAUSE_ACK, {"day": week_day(until, told.client.locale)})


async def _keep_time(session: ClinicSession, told: Told, name: KeywordName) -> Taken:
    wall = await pacing.keep_time(session, told.client, told.at, back=name == "change_back")
    if wall is None:
        return Taken(name, MessageKind.NOTE_ACK)
    return Taken(name, MessageKind.TIME_ACK, {"time": _wall(told, wall)})


async def _new_time(session: ClinicSession, told: Told, said: rules.NewTime) -> Taken:
    """Of what was asked about last; of the plan, when that was nothing with an hour of its own."""
    kind = told.asked if told.asked in KINDS else "plan"
    chosen = await pacing.choose_time(session, told.client, kind, said.walls, told.at)
    if chosen.at is not None:
        return Taken("time", MessageKind.TIME_ACK, {"time": _wall(told, chosen.at)})
    if chosen.between is None:
        return Taken("time note", MessageKind.NOTE_ACK)
    first, last = (_wall(told, wall) for wall in chosen.between)
    return Taken("time", MessageKind.TIME_RANGE_ACK, {"first": first, "last": last})


def _wall(told: Told, wall: time) -> str:
    return clock_time(wall, told.client.locale).lower()


async def _why(session: ClinicSession, told: Told, number: int) -> Taken:
    """The therapist reads each answer, and finds it in the diary where that has a word for it."""
    rhythm = await pacing.hear(session, told.client, told.at)
    if rhythm.missed_on is not None and number in _REASONS:
        await _explain(session, told, rhythm.missed_on, _REASONS[number])
    rhythm.missed_on = None
    match number:
        case 2:
            return Taken("why_unsure_how", MessageKind.HOW_ACK)
        case 3:
            return Taken("why_forgot", MessageKind.FORGOT_ACK)
        case 4:
            return Taken("why_no_time", MessageKind.EASY_ACK)
        case 5:
            return await _pause(session, told, "why_away")
        case 1:
            return Taken("why_hurts", MessageKind.NOTE_ACK)
        case _:
            return Taken("why", MessageKind.NOTE_ACK)


async def _explain(session: ClinicSession, told: Told, day: date, reason: SkipReason) -> None:
    """A skip with its reason, where the day is still empty: what was logged since says more."""
    if day < told.day - CLIENT_BACK_DAYS * DAY or await diary.sessions(session, told.client.id, day, day):
        return
    prescribed = await prescribed_on(session, told.client.id, day)
    if prescribed is not None and prescribed[1]:
        skipped = NewSession(Outcome.SKIPPED, reason=reason)
        await record_session(session, told.client, skipped, When(day, told.at, told.at), told.at)
