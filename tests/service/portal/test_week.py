"""A week in words: what was done first, and a day of which nothing was told is no "no"."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from service.accounts.rules import LinkPurpose
from service.database.tenancy import Database
from service.diary.actions import NewPain, NewSession, record_pain, record_session
from service.diary.entries import When
from service.diary.rules import DayState, Outcome
from service.portal.rules import Reader
from service.portal.rules.week import Week, trend_words, week_of, week_words
from service.portal.rules.went_well import Tally, went_well
from service.progress.rules import DayRecord
from tests.conftest import Clock
from tests.make import NOW, Team, item
from tests.service.portal.conftest import Browser, Person, make_person, section, shown, watched, writes

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
    # Today is not over, and what is to come is due.
    assert week_of(days(done, nothing, nothing, rest, nothing), (), (), MONDAY + timedelta(days=2)) == Week(
        4, 1, not_told=1, is_open=True
    )
    twice = week_of([], [MONDAY, MONDAY], [MONDAY])
    assert (twice.checked_in, twice.habits, twice.is_empty) == (1, 1, False)


def test_its_words() -> None:
    nothing = "We heard nothing about this week. That is fine: it does not count as a no."
    rows = [
        (Week(due=7, not_told=7), [nothing]),
        (
            Week(due=4, done=3, not_told=1),
            ["You did your plan on 3 of 4 days.", "We heard nothing about 1 plan day. It does not count as a no."],
        ),
        (Week(due=2, partly=2), ["You did your plan on 2 of 2 days.", "On 2 of them, a part of it."]),
        (
            Week(due=1, let_go=1, extra=2),
            ["And on 2 days when none was asked.", "You let it go on 1 day, and told us."],
        ),
        (Week(due=4, done=1, is_open=True), ["You did your plan on 1 of 4 days so far."]),
        (Week(due=4, is_open=True), ["You have not told us about this week yet."]),
        (
            Week(due=5, done=1, partly=1),
            ["You did your plan on 2 of 5 days.", "You moved some. That counts.", "On 1 of them, a part of it."],
        ),
        (Week(checked_in=1, habits=5), ["You checked in on 1 day.", "You told us about your habits on 5 days."]),
    ]
    for week, expected in rows:
        assert week_words(week, READER) == expected, week
    assert trend_words(4.0, 5.25, READER) == "Your pain was about 4 this week. It was about 5.2 the week before."
    assert trend_words(4.0, 5.25, READER, is_open=True) == (
        "Your pain was about 4 in the last 7 days. It was about 5.2 in the 7 days before."
    )
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
    assert "Mon, Mar 2 – Sun, Mar 8 You did your plan on 2 of 7 days. You moved some. That counts." in page
    assert "That counts. On 1 of them, a part of it." in page
    assert "You checked in on 1 day." in page
    assert "We heard nothing about 5 plan days. They do not count as a no." in page
    assert "pain" not in page.lower()
    assert "trend" not in page
    assert "Maria" not in page
    assert (await api.post(link, data={"answer": "6"})).status_code == 303
    browser = await Browser(api).enter(maria)
    own = shown(await browser.api.get("/week?of=2026-03-04"))
    assert "You did your plan on 2 of 7 days." in own
    assert "We need a few more days before we can show a trend." in own
    for wrong in ("soon", "2026-03-11", "2025-01-01"):
        assert (await browser.api.get(f"/week?of={wrong}")).status_code == 422, wrong


async def test_a_link_to_the_plan_shows_nothing_of_it_before_somebody_signs_in(api: AsyncClient, maria: Person) -> None:
    page = shown(await api.get(await maria.link(LinkPurpose.LOOK)))
    assert "To keep it private, it is shown after you sign in. Have a look" in page
    assert "bridge" not in page.lower()


FULL = Tally(3, 3, 3)
NONE = Tally(3, 0, 0)


def test_what_went_well_by_hand() -> None:
    first = "For the first time you moved on each day of your plan."
    rows: list[tuple[list[Tally], int | None, str | None]] = [
        ([NONE], None, None),
        ([Tally(3, 1, 1)], None, None),
        ([FULL], None, first),
        ([Tally(1, 1, 1)], None, None),
        ([Tally(3, 2, 2), FULL], None, first),
        ([FULL, Tally(3, 2, 2), FULL], None, "You moved on each day of your plan."),
        # Three days, of which one was not asked for, are not each day of the plan.
        ([Tally(3, 2, 2), Tally(3, 2, 3)], None, "3 days: more than in any week before."),
        ([FULL, NONE, Tally(3, 1, 1)], None, "You came back after a break."),
        ([NONE, Tally(3, 1, 1)], None, None),
        ([NONE, Tally(3, 2, 2)], None, "2 days: more than in any week before."),
        ([FULL, NONE, Tally(3, 2, 2)], 2, "You reached your aim of 2 days."),
        ([FULL, Tally(3, 2, 2)], 4, None),
    ]
    for weeks, aim, words in rows:
        found = went_well(weeks, aim)
        assert (str(found) if found else None) == words, (weeks, aim)


TALLIES = st.builds(
    lambda due, kept, extra: Tally(due, min(due, kept), min(due, kept) + extra),
    st.integers(0, 7),
    st.integers(0, 7),
    st.integers(0, 2),
)


@given(st.lists(TALLIES, min_size=1, max_size=12), st.sampled_from([None, 2, 3, 4, 5]))
def test_what_went_well_is_true_of_the_week(weeks: list[Tally], aim: int | None) -> None:
    found = went_well(weeks, aim)
    *before, week = weeks
    if week.moved == 0:
        assert found is None
    if found is not None and "each day" in str(found):
        assert week.kept == week.due
    if found is not None and "more than" in str(found):
        assert all(week.moved > one.moved for one in before)
    if week.moved and aim is not None and week.moved >= aim:
        assert str(found) == f"You reached your aim of {aim} days."


async def test_the_week_that_runs_tells_what_was_done_so_far_and_asks_for_an_aim(
    api: AsyncClient, database: Database, team: Team, clock: Clock
) -> None:
    """Today is Tuesday the 10th; the plan is for Monday, Tuesday and Friday."""
    days = {"cadence": "weekdays", "weekdays": 0b0010011}
    items = [item("glu-squeeze", cadence=days)]
    long_ago = NOW - timedelta(days=20)
    maria = await make_person(database, team, plan_items=items, plan_starts_on=date(2026, 2, 23), plan_now=long_ago)
    async with database.clinic_tx(team.clinic_id, maria.actor) as session:
        await record_session(session, maria.client, NewSession(Outcome.DONE), When(date(2026, 3, 9)), NOW)
        for back in range(5):
            await record_pain(session, maria.client, NewPain(4), When(date(2026, 3, 10) - timedelta(days=back)), NOW)
    browser = await Browser(api).enter(maria)
    with watched(database) as statements:
        html = (await browser.api.get("/week")).text
    assert writes(statements) == []
    page = shown(await browser.api.get("/week"))
    assert "Mon, Mar 9 – Sun, Mar 15 You did your plan on 1 of 3 days so far." in page
    assert "You told us nothing" not in page
    assert "We need a few more days before we can show a trend." in page
    titles = re.findall(r"<title>([A-Z][a-z]{2}, [^<]+)</title>", html)
    states = [title.rpartition(": ")[2] for title in titles[:7]]
    assert states == ["done", "not logged", "rest day", "rest day", "to come", "rest day", "rest day"]
    assert "What will you aim for next week? 2 days 3 days 4 days 5 days" in page
    assert 'role="status"' not in (await browser.api.get("/week?saved=aim")).text
    for days_aimed in ("4", "3", "3"):
        answer = await browser.send("/week/aim", days=days_aimed)
        assert answer.headers["location"] == "/week?saved=aim#aim"
    html = (await browser.api.get("/week?saved=aim")).text
    assert "Saved." in section(html, "aim")
    assert re.findall(r'value="(\d)" aria-pressed="true"', html) == ["3"]
    assert "Your aim for this week" not in await browser.today()
    for wrong in ("1", "6", "", "four", "２"):
        refused = await browser.send("/week/aim", days=wrong)
        assert (refused.status_code, "Tap one of the answers." in section(refused.text, "aim")) == (422, True), wrong
    clock.now = NOW + timedelta(days=7)
    assert "Your aim for this week: 3 days." in await browser.today()
    assert "Your aim for this week: 3 days." in shown(await browser.api.get("/week"))


async def test_two_weeks_of_answers_are_told_in_words_before_they_are_drawn(
    api: AsyncClient, database: Database, team: Team
) -> None:
    """Of the week before: 4 on five days, and 6 on five days of the one before that."""
    maria = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        for day, score in [*((d, 4) for d in range(2, 7)), *((d, 6) for d in range(23, 28))]:
            month = 3 if day < 8 else 2
            await record_pain(session, maria.client, NewPain(score), When(date(2026, month, day)), NOW)
    html = (await (await Browser(api).enter(maria)).api.get("/week?of=2026-03-04")).text
    page = re.sub(r"\s+", " ", html)
    words = "Your pain was about 4 this week. It was about 6 the week before."
    assert page.index(f">{words}<") < page.index(f"<title>{words}</title>")
    assert ">↑ more pain</text>" in page
    assert html.count('class="pain-dot"') == 10
    table = shown_table(html)
    assert table[0][:2] == ("Sun, Mar 8", "–")
    assert ("Fri, Mar 6", "4") in [row[:2] for row in table]
    assert "What will you aim for" not in page


def shown_table(html: str) -> list[tuple[str, ...]]:
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [tuple(re.findall(r">([^<>]+)</t[hd]>", row)) for row in rows]


async def test_an_aim_is_kept_for_ones_own_and_only_from_our_own_page(
    browser: Browser, maria: Person, database: Database
) -> None:
    assert (await browser.api.post("/week/aim", data={"days": "4"})).status_code == 403
    await browser.send("/week/aim", days="4")
    stranger = await make_person(database, maria.team)
    assert await maria.rows("SELECT monday, days FROM week_aim WHERE client_id = :client") == [(date(2026, 3, 16), 4)]
    assert await stranger.rows("SELECT days FROM week_aim WHERE client_id = :client") == []
    assert "Your aim" not in await (await Browser(browser.api).enter(stranger)).today()
