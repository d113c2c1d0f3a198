"""A week in words: what was done first, and a day of which nothing was told is no "no"."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient

from service.accounts.rules import LinkPurpose
from service.database.tenancy import Database
from service.diary.actions import NewPain, NewSession, record_pain, record_session
from service.diary.entries import When
from service.diary.rules import DayState, Outcome
from service.portal.rules import Reader
from service.portal.rules.week import Week, trend_words, week_of, week_words
from service.progress.rules import DayRecord
from tests.make import NOW, Team
from tests.service.portal.conftest import Browser, Person, make_person, shown, watched, writes

pytestmark = pytest.mark.anyio

READER = Reader("en", ZoneInfo("UTC"))
MONDAY = date(2026, 3, 2)


def days(*states: DayState) -> list[DayRecord]:
    return [DayRecord(MONDAY + timedelta(days=n), s, s is not DayState.REST) for n, s in enumerate(states)]


def test_what_a_week_counts() -> None:
    done, partly, skipped, nothing, rest = (
        DayState.DONE,
        DayState.PARTLY,
        DayState.SKIPPED,
        DayState.NO_ENTRY,
        DayState.REST,
    )
    unasked = DayRecord(MONDAY, done, False)
    rows = [
        ([], Week()),
        (days(rest, rest), Week()),
        (days(done, done, partly, skipped, nothing, rest, nothing), Week(6, 2, 1, 1, 2)),
        ([unasked, *days(done)[:1]], Week(1, 1, extra=1)),
        ([DayRecord(MONDAY, DayState.NOT_YET, False)], Week()),
    ]
    for told, expected in rows:
        assert week_of(told, (), ()) == expected, told
    twice = week_of([], [MONDAY, MONDAY], [MONDAY])
    assert (twice.checked_in, twice.habits, twice.is_empty) == (1, 1, False)


def test_its_words() -> None:
    nothing = "You told us nothing of this week. That is fine: it does not count as no."
    rows = [
        (Week(due=7, not_told=7), [nothing]),
        (
            Week(due=4, done=3, not_told=1),
            ["You did your plan on 3 of 4 days.", "You told us nothing of 1 plan day. It does not count as no."],
        ),
        (Week(due=2, partly=2), ["You did your plan on 2 of 2 days.", "On 2 of them, a part of it."]),
        (
            Week(due=1, let_go=1, extra=2),
            ["And on 2 days when none was asked.", "You let it go on 1 day, and told us."],
        ),
        (Week(checked_in=1, habits=5), ["You checked in on 1 day.", "You kept note of your habits on 5 days."]),
    ]
    for week, expected in rows:
        assert week_words(week, READER) == expected, week
    assert trend_words(4.0, 5.25, READER) == "Your pain was about 4 this week. It was about 5.2 the week before."
    assert (
        trend_words(None, 5.0, READER)
        == trend_words(4.0, None, READER)
        == "We need a few more days before we can show a trend."
    )


async def test_the_link_tells_the_days_and_not_how_it_felt_and_whoever_signs_in_both(
    api: AsyncClient, database: Database, team: Team
) -> None:
    """A daily plan since Monday the 2nd: done on Wednesday, a part on Friday, and a score of 6 on Wednesday."""
    first = date(2026, 3, 2)
    maria = await make_person(database, team, plan_starts_on=first, plan_now=NOW - timedelta(days=9))
    async with database.clinic_tx(team.clinic_id, maria.actor) as session:
        for day, outcome in ((4, Outcome.DONE), (6, Outcome.PARTLY)):
            await record_session(session, maria.client, NewSession(outcome), When(date(2026, 3, day)), NOW)
        await record_pain(session, maria.client, NewPain(6), When(date(2026, 3, 4)), NOW)
    link = await maria.link(LinkPurpose.WEEK)
    assert (await api.get("/week")).headers["location"] == "/sign-in"
    with watched(database) as statements:
        page = shown(await api.get(link))
    assert writes(statements) == []
    assert "Mon, Mar 2 – Sun, Mar 8 You did your plan on 2 of 7 days. On 1 of them, a part of it." in page
    assert "You checked in on 1 day." in page
    assert "You told us nothing of 5 plan days. They do not count as no." in page
    assert "pain" not in page.lower()
    assert "trend" not in page
    assert "Maria" not in page
    assert (await api.post(link, data={"answer": "6"})).status_code == 303
    browser = await Browser(api).enter(maria)
    own = shown(await browser.api.get("/week"))
    assert "You did your plan on 2 of 7 days." in own
    assert "We need a few more days before we can show a trend." in own
    for wrong in ("soon", "2026-03-11", "2025-01-01"):
        assert (await browser.api.get(f"/week?of={wrong}")).status_code == 422, wrong


async def test_a_link_to_the_plan_shows_nothing_of_it_before_somebody_signs_in(api: AsyncClient, maria: Person) -> None:
    page = shown(await api.get(await maria.link(LinkPurpose.LOOK)))
    assert "To keep it private, it is shown after you sign in. Have a look" in page
    assert "bridge" not in page.lower()
