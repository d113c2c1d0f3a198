"""Keeps what the person chose on their own settings page. Fields of a form are named in what is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from service.accounts import queries as people
from service.accounts.actions import next_seq, opt_in, opt_out
from service.accounts.actions.own import agree, set_quiet_hours
from service.accounts.tables import Client, ContactPoint
from service.charts import clock_time
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import GONE, FieldProblem, NotFound, Refused
from service.portal.rules import Form, Reader
from service.portal.rules.own import ACTS, AGREES, NO_ACT, OTHER, wall_of
from service.remedies import day_or_none
from service.reminders import pacing
from service.reminders import queries as reminders
from service.reminders.actions import end_reminder, set_reminder, wake
from service.reminders.rhythm.hours import last_ask, standing_time
from service.reminders.schemas import EVERY_DAY
from service.reminders.tables import Reminder
from service.reminders.wishes import Wish, wish_of

STOPPED_HERE: Final = ("page", "link")
"""How a stop was said that the person can lift here. A STOP by text, the phone company lifts by START alone."""

FIRST_TIME: Final = time(18)
"""Of somebody who never had a reminder and asks for one; the form to change it opens with it."""

LONGEST_PAUSE: Final = timedelta(days=366)
PAUSES: Final = ("3", "7")


async def reminder_of(session: ClinicSession, client: Client, kind: str) -> Reminder:
    found = next((one for one in await reminders.reminders(session, client.id) if one.kind == kind), None)
    if found is None:
        raise NotFound
    return found


def wish_in(form: Form, reminder: Reminder, reader: Reader, quiet: tuple[time, time]) -> Wish:
    """What the form wishes; raises Refused with every field that cannot be right."""
    walls, problems = [wall_of(words) for words in form.each("time") if words], list[FieldProblem]()
    if not walls or None in walls:
        problems.append(FieldProblem("/time", "time", reader.say("Use a time such as 8:00 or 19:30.")))
    elif not all(_by_day(wall, quiet) for wall in walls if wall):
        problems.append(FieldProblem("/time", "quiet", _between(reader, quiet)))
    days = [day for day in EVERY_DAY if day in form.each("day")]
    if not set(form.each("day")) <= set(EVERY_DAY):
        problems.append(FieldProblem("/day", "gone", reader.say(GONE)))
    elif reminder.weekdays is not None and not days:
        problems.append(FieldProblem("/day", "required", reader.say("Pick at least one day.")))
    if problems:
        raise Refused(problems)
    return replace(
        wish_of(reminder),
        local_times=sorted({wall for wall in walls if wall}),
        weekdays=sum(1 << EVERY_DAY.index(day) for day in days) if reminder.weekdays is not None else None,
        anchor=_anchor(form, reader) if reminder.kind == "plan" else reminder.anchor,
    )


def _anchor(form: Form, reader: Reader) -> str | None:
    act = form.one("act") or NO_ACT
    if act == NO_ACT:
        return None
    if act == OTHER:
        return form.one("own_act")
    if act not in ACTS:
        raise Refused.one("/act", "unknown", reader.say("Tap one of the answers."))
    return reader.say(ACTS[act][1])


def _by_day(wall: time, quiet: tuple[time, time]) -> bool:
    return standing_time([wall], wall, *quiet) is not None


def _between(reader: Reader, quiet: tuple[time, time]) -> str:
    words = "That is in your quiet hours. Use a time from %(first)s to %(last)s."
    return reader.say(words) % {
        "first": clock_time(quiet[1], reader.locale),
        "last": clock_time(last_ask(quiet[0]), reader.locale),
    }


async def quiet_of(session: ClinicSession, client: Client) -> tuple[time, time]:
    return people.quiet_hours(client, await people.clinic(session))


async def keep_reminder(
    session: ClinicSession, client: Client, kind: str, form: Form, reader: Reader, now: datetime
) -> None:
    await next_seq(session, client.id)
    reminder = await reminder_of(session, client, kind)
    wish = wish_in(form, reminder, reader, await quiet_of(session, client))
    await pacing.choose(session, client, wish, now)


async def keep_reach(session: ClinicSession, client: Client, form: Form, reader: Reader, now: datetime) -> None:
    """By text, by email, or not at all: then nothing is sent until another way is picked."""
    await next_seq(session, client.id)
    way, running = form.one("way"), await reminders.reminders(session, client.id)
    if way == "app":
        for reminder in running:
            await end_reminder(session, client.id, reminder.kind, now)
        return
    point = next((one for one in await people.contact_points(session, client.id) if one.channel == way), None)
    if point is None:
        raise Refused.one("/way", "unknown", reader.say("Tap one of the answers."))
    _refuse_closed(point, reader)
    await agree(session, client.id, way, reader.say(AGREES[way]), now)
    for wish in [wish_of(one) for one in running] or await _had_before(session, client, now):
        others = [channel for channel in wish.channels if channel != way]
        await set_reminder(session, client, replace(wish, channels=[way, *others]), now)


def _refuse_closed(point: ContactPoint, reader: Reader) -> None:
    if point.opted_out_at is not None:
        raise Refused.one("/way", "stopped", reader.say("You stopped these. Start them again first."))
    if point.invalid_at is not None:
        raise Refused.one("/way", "invalid", reader.say("This address does not work. Call your clinic to mend it."))


async def _had_before(session: ClinicSession, client: Client, now: datetime) -> list[Wish]:
    """Open-ended again; whoever never had one gets one for the plan."""
    ended = await reminders.ended_last(session, client.id)
    had = [replace(wish_of(one), ends_on=None, except_on=(), paused_until=None) for one in ended]
    return had or [Wish("plan", [FIRST_TIME], 127, [], today_of(client, now))]


async def keep_quiet(session: ClinicSession, client: Client, form: Form, reader: Reader, now: datetime) -> None:
    await next_seq(session, client.id)
    hours = None if form.one("of") == "clinic" else _hours(form, reader)
    clinic = await people.clinic(session)
    quiet = hours or (clinic.quiet_from, clinic.quiet_until)
    walls = [wall for one in await reminders.reminders(session, client.id) for wall in one.local_times]
    inside = sorted(wall for wall in walls if not _by_day(wall, quiet))
    if inside:
        words = reader.say("You asked for a message at %(time)s. Move it first, or pick other hours.")
        raise Refused.one("/quiet", "reminder", words % {"time": clock_time(inside[0], reader.locale)})
    await set_quiet_hours(session, client, hours, now)
    await wake(session, client.id, now)


def _hours(form: Form, reader: Reader) -> tuple[time, time]:
    quiet_from, quiet_until = wall_of(form.one("from")), wall_of(form.one("until"))
    if quiet_from is None or quiet_until is None:
        raise Refused.one("/quiet", "time", reader.say("Use a time such as 8:00 or 19:30."))
    if quiet_from == quiet_until:
        raise Refused.one("/quiet", "same", reader.say("Use two times that are not the same."))
    return quiet_from, quiet_until


async def keep_pause(session: ClinicSession, client: Client, form: Form, reader: Reader, now: datetime) -> None:
    if form.one("end"):
        await pacing.come_back(session, client, now)
        return
    last_day = _last_day(form, today_of(client, now), reader)
    try:
        until = await pacing.take_break(session, client, now, last_day)
    except Refused as refused:
        raise Refused.one("/until", "pause", reader.say(refused.problems[0].message)) from None
    if until is None:
        raise Refused.one("/until", "nothing", reader.say("There is no message that could pause."))


def _last_day(form: Form, today: date, reader: Reader) -> date:
    days = form.one("days")
    if days in PAUSES:
        return today + timedelta(days=int(days) - 1)
    last_day = day_or_none(form.one("until"))
    if last_day is None or not today <= last_day <= today + LONGEST_PAUSE:
        raise Refused.one("/until", "day", reader.say("Pick a day from today on, at most a year from now."))
    return last_day


async def stop_all(session: ClinicSession, client: Client, now: datetime) -> None:
    """STOP, as by a text: every address that is open. Nobody but the person starts it again."""
    for point in await people.contact_points(session, client.id):
        if point.opted_out_at is None:
            await opt_out(session, point.id, "page", now)


async def start_again(session: ClinicSession, client: Client, form: Form, reader: Reader, now: datetime) -> None:
    by_id: Mapping[str, ContactPoint] = {one.channel: one for one in await people.contact_points(session, client.id)}
    point = by_id.get(form.one("channel"))
    if point is None or point.opted_out_at is None or point.opted_out_how not in STOPPED_HERE:
        raise Refused.one("/channel", "elsewhere", reader.say("This cannot be started here."))
    await agree(session, client.id, point.channel, reader.say(AGREES[point.channel]), now)
    await session.flush()
    await opt_in(session, point.id, now)


def problems_of(refused: Refused) -> Iterator[tuple[str, str]]:
    """By the field of the form."""
    named = {"local_times": "time", "weekdays": "day", "anchor": "act"}
    for problem in refused.problems:
        field = problem.pointer.split("/")[1] if "/" in problem.pointer else ""
        yield named.get(field, field), problem.message
