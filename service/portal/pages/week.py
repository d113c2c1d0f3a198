"""A week that is over: behind a link without what it is done for, and in full for whoever is signed in."""

from datetime import date, timedelta

from litestar import route
from litestar.params import FromQuery
from litestar.response import Response

from service.accounts.guards import AnyCaller, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary import queries as diaries
from service.diary.entries import today_of
from service.errors import Refused
from service.page import Owner, page
from service.plans.queries import contents
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.rules.week import trend_words, week_of, week_words
from service.portal.schemas import LinkLine, WeekDay, WeekView
from service.progress.facts.links import LINK_DAYS, habit_links
from service.progress.queries import Progress, progress_of
from service.progress.rules.links import WORDS
from service.terms import prompt_words

A_WEEK = timedelta(days=7)
WEEKS_BACK = 12


def week_before(day: date) -> date:
    """The Monday of the week that was over on that day."""
    return day - timedelta(days=day.weekday()) - A_WEEK


async def week_view(session: ClinicSession, client: Client, monday: date, today: date, *, in_full: bool) -> WeekView:
    """`in_full` also tells how it felt, which no link shows."""
    reader, last = reader_of(client), monday + A_WEEK - timedelta(days=1)
    back = (today - monday).days + 1
    [progress] = (await progress_of(session, [client], reader.noon(today), back)).values()
    told = await diaries.diary(session, client.id, monday, last)
    days = [day for day in progress.days if monday <= day.day <= last]
    week = week_of(days, {pain.entry.day for pain in told.pains}, {mark.day for mark in told.habits})
    trend = trend_words(progress.mean_on(last), progress.mean_on(last - A_WEEK), reader) if in_full else None
    return WeekView(
        clinic_name=(await find_clinic(session)).short_name,
        first=monday,
        last=last,
        sentences=week_words(week, reader),
        days=[WeekDay(day.day, day.due, day.state) for day in days],
        trend=trend,
        before_url=_url(monday - A_WEEK) if in_full and back < WEEKS_BACK * 7 else None,
        links=await _links(session, client, progress) if in_full and client.links_shown else [],
        after_url=_url(monday + A_WEEK) if in_full and monday + A_WEEK <= today else None,
    )


async def _links(session: ClinicSession, client: Client, progress: Progress) -> list[LinkLine]:
    """In words only: a client has no use for a range."""
    reader, first = reader_of(client), progress.today - timedelta(days=LINK_DAYS - 1)
    marks = await diaries.habit_marks(session, client.id, first, progress.today)
    found = habit_links(await contents(session, client.id), marks, progress)
    return [LinkLine(prompt_words(one.prompt, client.locale), reader.say(WORDS[one.found.link])) for one in found]


def _url(monday: date) -> str:
    return f"/week?of={monday.isoformat()}"


@route("/week", http_method=READ)
async def show_week(client: AnyCaller, of: FromQuery[str | None] = None) -> Response[str]:
    """Without a day, the week that was over last."""
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        today = today_of(own, client.now)
        monday = week_before(today) if of is None else _monday(of, today)
        view = await week_view(session, own, monday, today, in_full=True)
    owner = Owner(own.id, own.zone)
    return page("portal/week.html", locale=own.locale, owner=owner, view=view, csrf=client.csrf)


def _monday(day: str, today: date) -> date:
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        asked = None
    if asked is None or not today - A_WEEK * WEEKS_BACK <= asked <= today:
        raise Refused.one("/of", "day", "Use a day of the last 12 weeks, such as 2026-03-10.")
    return asked - timedelta(days=asked.weekday())


handlers = [show_week]
