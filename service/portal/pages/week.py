"""A week: the one that runs, or one that is over; behind a link without what it is done for, and in full for whoever is
signed in."""

from datetime import date, timedelta
from typing import Any

from litestar import post, route
from litestar.params import FromQuery
from litestar.response import Response
from msgspec.structs import replace

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary import queries as diaries
from service.diary.actions.aims import aim_for_next_week
from service.diary.entries import today_of
from service.diary.rules import DayState
from service.diary.rules.aims import FEWEST_DAYS, MOST_DAYS, monday_of
from service.errors import Refused
from service.plans.queries import contents
from service.portal.guards import form_of, own_page
from service.portal.pages.keeping import kept
from service.portal.pages.plan_card import aim_words
from service.portal.pages.showing import reader_of, safety_of
from service.portal.pages.today import READ
from service.portal.queries import record_on
from service.portal.rules import told_at
from service.portal.rules.week import Week, trend_words, week_of, week_words
from service.portal.rules.went_well import Tally, went_well
from service.portal.schemas import AimForm, Choice, LinkLine, WeekDay, WeekPain, WeekView
from service.progress.facts import warning_signs_of
from service.progress.facts.links import LINK_DAYS, habit_links
from service.progress.queries import Progress, days_asked, progress_of
from service.progress.rules import DayRecord
from service.progress.rules.links import WORDS
from service.remedies import day_or_none
from service.terms import prompt_words

A_WEEK = timedelta(days=7)
WEEKS_BACK = 12


def week_before(day: date) -> date:
    """The Monday of the week that was over on that day."""
    return monday_of(day) - A_WEEK


async def week_view(session: ClinicSession, client: Client, monday: date, today: date, *, in_full: bool) -> WeekView:
    """`in_full` also tells how it felt, which no link shows."""
    reader, last = reader_of(client), monday + A_WEEK - timedelta(days=1)
    is_open = monday <= today <= last
    [progress] = (await progress_of(session, [client], reader.noon(today), WEEKS_BACK * 7)).values()
    told = await diaries.diary(session, client.id, monday, last)
    days = [day for day in progress.days if monday <= day.day <= last]
    coming = _coming(progress, last)
    open_day = today if is_open else None
    week = week_of(days + coming, {pain.entry.day for pain in told.pains}, {mark.day for mark in told.habits}, open_day)
    view = WeekView(
        clinic_name=(await find_clinic(session)).short_name,
        first=monday,
        last=last,
        sentences=week_words(week, reader),
        days=[
            WeekDay(day.day, day.due, None if day.day > today else day.state) for day in _whole(monday, days, coming)
        ],
        today=open_day,
    )
    return await _in_full(session, client, view, week, progress) if in_full else view


def _coming(progress: Progress, last: date) -> list[DayRecord]:
    """The days after today on which something is due, as the plan stands now."""
    first = progress.today + timedelta(days=1)
    done = {day for day, logged in progress.sessions.items() if logged.outcome != "skipped"}
    due = days_asked(progress.stretches, first, last, done, habits=False) if first <= last else set()
    return [DayRecord(day, DayState.NO_ENTRY, True) for day in sorted(due)]


def _whole(monday: date, days: list[DayRecord], coming: list[DayRecord]) -> list[DayRecord]:
    known = {day.day: day for day in (*days, *coming)}
    return [
        known.get(day) or DayRecord(day, DayState.REST, False) for day in (monday + timedelta(days=n) for n in range(7))
    ]


async def _in_full(session: ClinicSession, client: Client, view: WeekView, week: Week, progress: Progress) -> WeekView:
    reader, today = reader_of(client), progress.today
    last = view.today or view.last
    aim = await diaries.week_aim(session, client.id, view.first)
    well = went_well(_tallies(progress, view.first, week), aim.days if aim else None)
    back = (today - view.first).days + 1
    now, before = progress.mean_on(last), progress.mean_on(last - A_WEEK)
    return replace(
        view,
        trend=trend_words(now, before, reader, is_open=view.today is not None),
        pain=_pain(progress, last) if now is not None else None,
        went_well=reader.read(well) if well else None,
        aim=aim_words(aim.days, reader) if aim else None,
        aim_form=await _aim_form(session, client, today) if view.today else None,
        before_url=_url(view.first - A_WEEK) if back < WEEKS_BACK * 7 else None,
        after_url=_url(view.first + A_WEEK) if view.first + A_WEEK <= today else None,
        links=await _links(session, client, progress) if client.links_shown else [],
    )


def _tallies(progress: Progress, monday: date, week: Week) -> list[Tally]:
    """Of the weeks before, from the first one with a plan on, and of this one."""
    found: dict[date, Tally] = {}
    for day in progress.days:
        if day.day < monday and day.state is not DayState.NOT_YET:
            known, moved = found.get(monday_of(day.day), Tally()), day.state in (DayState.DONE, DayState.PARTLY)
            found[monday_of(day.day)] = Tally(
                known.due + day.due, known.kept + (day.due and moved), known.moved + moved
            )
    return [*found.values(), Tally(week.due, week.moved, week.moved + week.extra)]


def _pain(progress: Progress, last: date) -> WeekPain:
    days = [last - timedelta(days=back) for back in reversed(range(14))]
    states = {day.day: day.state for day in progress.days}
    return WeekPain(
        [(day, progress.scores.get(day)) for day in days],
        [(day, progress.mean_on(day)) for day in days],
        [(day, states.get(day, DayState.NOT_YET)) for day in days],
    )


async def _aim_form(session: ClinicSession, client: Client, today: date) -> AimForm:
    aim = await diaries.week_aim(session, client.id, monday_of(today) + A_WEEK)
    days = range(FEWEST_DAYS, MOST_DAYS + 1)
    return AimForm([Choice(str(count), str(count), aim is not None and aim.days == count) for count in days])


async def _links(session: ClinicSession, client: Client, progress: Progress) -> list[LinkLine]:
    """In words only: a client has no use for a range."""
    reader, first = reader_of(client), progress.today - timedelta(days=LINK_DAYS - 1)
    marks = await diaries.habit_marks(session, client.id, first, progress.today)
    found = habit_links(await contents(session, client.id), marks, progress)
    return [LinkLine(prompt_words(one.prompt, client.locale), reader.say(WORDS[one.found.link])) for one in found]


def _url(monday: date) -> str:
    return f"/week?of={monday.isoformat()}"


@route("/week", http_method=READ)
async def show_week(client: AnyCaller, of: FromQuery[str | None] = None, saved: FromQuery[str] = "") -> Response[str]:
    """Without a day, the week that runs."""
    return await _shown(client, of, is_saved=saved == "aim")


async def _shown(
    client: Caller, of: str | None = None, *, is_saved: bool = False, problem: str | None = None
) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        today = today_of(own, client.now)
        monday = monday_of(today) if of is None else _monday(of, today)
        view = await week_view(session, own, monday, today, in_full=True)
        record = await record_on(session, own, today)
        signs = await warning_signs_of(session, own.id, record.diary, client.now)
        view = replace(view, safety=safety_of(record, signs, await find_clinic(session), reader_of(own)))
    say = reader_of(own).say
    if view.aim_form and (problem or (is_saved and any(choice.picked for choice in view.aim_form.choices))):
        words = {"problem": say(problem)} if problem else {"status": say("Saved.")}
        view = replace(view, aim_form=replace(view.aim_form, **words))
    return own_page("portal/week.html", client, own, view, status_code=422 if problem else 200)


def _monday(day: str, today: date) -> date:
    asked = day_or_none(day)
    if asked is None or not today - A_WEEK * WEEKS_BACK <= asked <= today:
        raise Refused.one("/of", "day", "Use a day of the last 12 weeks, such as 2026-03-10.")
    return monday_of(asked)


@post("/week/aim")
async def save_aim(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)
    typed = form.one("days")

    async def keep(session: ClinicSession, own: Client) -> str:
        # The week after the one in which it was told.
        at = told_at(form, client.now)
        await aim_for_next_week(session, own, int(typed) if typed in _ONE_DIGIT else None, at)
        return "/week?saved=aim#aim"

    async def again(refused: Refused) -> Response[str]:
        return await _shown(client, problem=refused.problems[0].message)

    return await kept(client, form, keep, again)


_ONE_DIGIT = tuple("0123456789")

handlers = [show_week, save_aim]
