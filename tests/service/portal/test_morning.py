"""The morning after a session, on Today: asked only when there was one the day before."""

from datetime import timedelta

import pytest

from service.database.tenancy import Database
from tests import told
from tests.make import TODAY
from tests.service.portal.conftest import Browser, Person, make_person, section, status, watched, writes

pytestmark = pytest.mark.anyio

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
async def maria(database: Database, team: object) -> Person:
    return await make_person(database, team, plan_starts_on=TODAY - timedelta(days=9))  # type: ignore[arg-type]


async def test_it_is_asked_only_after_a_day_with_a_session(browser: Browser, maria: Person, database: Database) -> None:
    assert 'id="morning"' not in (await browser.api.get("/today")).text
    await told.did(database, maria.client, TODAY - timedelta(days=2))
    await told.did(database, maria.client, YESTERDAY, "skipped")
    await told.did(database, maria.client, TODAY)
    assert 'id="morning"' not in (await browser.api.get("/today")).text
    await told.did(database, maria.client, YESTERDAY, "partly")
    with watched(database) as statements:
        assert 'id="morning"' in (await browser.api.get("/today")).text
    assert writes(statements) == []


async def test_it_is_told_in_two_taps_and_corrected_in_two_more(
    browser: Browser, maria: Person, database: Database
) -> None:
    await told.did(database, maria.client, YESTERDAY)
    answer = await browser.send("/today/morning", day=TODAY.isoformat(), response="worse", score="6")
    assert answer.headers["location"] == "/today?saved=morning#morning"
    html = (await browser.api.get("/today?saved=morning")).text
    assert (status(html), "You said: worse." in section(html, "morning")) == ("Saved.", True)
    await browser.send("/today/morning", day=TODAY.isoformat(), response="same", score="4")
    [kept] = (await maria.diary()).mornings
    assert (kept.day, kept.response, kept.score, kept.revision) == (TODAY, "same", 4, 2)


async def test_a_bad_morning_opens_the_page_at_whom_to_call(
    browser: Browser, maria: Person, database: Database
) -> None:
    await told.did(database, maria.client, YESTERDAY)
    answer = await browser.send("/today/morning", day=TODAY.isoformat(), response="worse", score="8")
    assert answer.headers["location"] == "/questions?saved=morning#top"
    assert "call 911." in await browser.today()


async def test_what_is_missing_is_asked_for_beside_the_card_and_nothing_is_kept(
    browser: Browser, maria: Person, database: Database
) -> None:
    await told.did(database, maria.client, YESTERDAY)
    for fields, words in (
        ({"day": TODAY.isoformat(), "score": "4"}, "Tap better, the same or worse first."),
        ({"day": TODAY.isoformat(), "response": "same", "score": "11"}, "Use a whole number from 0 to 10."),
        ({"day": "tomorrow", "response": "same", "score": "4"}, "Use a day such as 2026-03-10."),
        ({"day": "2026-03-11", "response": "same", "score": "4"}, "Use today or a day before it."),
        ({"day": YESTERDAY.isoformat(), "response": "same", "score": "4"}, "Use the day after a session."),
    ):
        refused = await browser.send("/today/morning", **fields)
        assert (refused.status_code, words in section(refused.text, "morning")) == (422, True), words
    assert list((await maria.diary()).mornings) == []


async def test_pain_while_exercising_is_told_after_it_and_stays_when_the_rest_is_corrected(
    browser: Browser, maria: Person
) -> None:
    early = await browser.send("/today/session/felt", during="3")
    assert (early.status_code, "Tell first what you did today." in early.text) == (422, True)
    await browser.send("/today/session", outcome="done")
    assert "How was the pain while you did it?" in await browser.today()
    assert (await browser.send("/today/session/felt", during="11")).status_code == 422
    await browser.send("/today/session/felt", during="3")
    assert "Pain while you did it: 3." in await browser.today()
    first = maria.plan.items[0].row.id
    await browser.send("/today/session", outcome="partly", **{f"item_{first}": "on"})
    [kept] = (await maria.diary()).sessions
    assert (kept.row.outcome, kept.row.pain_during, [r.plan_item_id for r in kept.results if r.done]) == (
        "partly",
        3,
        [first],
    )
    await browser.send("/today/session", outcome="skipped", reason="hurts")
    [kept] = (await maria.diary()).sessions
    assert (kept.row.outcome, kept.row.pain_during) == ("skipped", None)
