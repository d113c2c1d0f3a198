"""The client's page about themselves: one form, without script, kept in versions; no pattern is shown on it."""

import re

import pytest
from httpx import Response

from service.database.tenancy import Database
from tests.service.portal.conftest import Browser, Person, field, make_person, shown, status, watched, writes

pytestmark = pytest.mark.anyio

URL = "/today/intake"
GT = {"site_0": "lateral_hip", "side_0": "right", "timing": "night_lying_on_side", "aggravators": "stairs_up"}


async def told(maria: Person) -> list[tuple[int, str, list[str]]]:
    rows = await maria.rows(
        "SELECT version, entered_by, red_flags FROM intake WHERE client_id = :client ORDER BY version"
    )
    return [tuple(row) for row in rows]


async def tell(browser: Browser, **fields: str) -> Response:
    html = (await browser.api.get(URL)).text
    hidden = {name: field(html, name) for name in ("entry", "based_on")}
    return await browser.send(URL, **{**hidden, **fields})


async def test_today_asks_for_it_until_it_is_filled_in(browser: Browser, maria: Person, database: Database) -> None:
    assert 'href="/today/intake">Tell about you' in (await browser.api.get("/today")).text
    with watched(database) as statements:
        assert "Your answers help your therapist to plan with you." in shown(await browser.api.get(URL))
    assert writes(statements) == []
    answer = await tell(browser, **GT, red_flags="none")
    assert answer.headers["location"] == "/today/intake?saved=yes"
    saved = await browser.api.get("/today/intake?saved=yes")
    assert status(saved.text) == "Saved. Your clinic can read it now."
    assert "Tell about you" not in (await browser.api.get("/today")).text
    assert await told(maria) == [(1, "client", [])]
    # What it suggests to a therapist is not for the client.
    assert not re.search("tendin|consider|pattern|NHS", saved.text, re.IGNORECASE)


async def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(browser: Browser, maria: Person) -> None:
    wrong = {"side_0": "left", "goal_0": "Walk the dog", "now_0": "6", "wanted_0": "4", "habit_hab-walk": "long"}
    refused = await tell(browser, **wrong)
    assert refused.status_code == 422
    page = shown(refused)
    for words in (
        "Not saved yet. Please look at what is marked.",
        "Choose a place.",
        "Use a number that is not below the one for now.",
        "Use a whole number from 0 to 1440.",
        "Tick what is true right now, or tick: none of these.",
    ):
        assert words in page
    html = refused.text
    assert 'value="Walk the dog"' in html
    assert 'value="long"' in html
    assert '<option value="6" selected>' in html
    assert await told(maria) == []
    # A form that our page did not write for this session.
    assert (await browser.api.post(URL, data={**GT, "red_flags": "none"})).status_code == 403
    assert await told(maria) == []


async def test_a_ticked_warning_sign_says_what_to_do_and_is_not_ticked_again_by_itself(
    browser: Browser, maria: Person
) -> None:
    await tell(browser, **GT, red_flags="rf-saddle")
    page = await browser.api.get(URL)
    assert "Call 911" in shown(page)
    assert 'value="rf-saddle" checked' not in page.text
    rows = await maria.rows("SELECT source FROM red_flag WHERE client_id = :client AND closed_at IS NULL")
    assert [row.source for row in rows] == ["intake"]


async def test_a_form_that_somebody_was_faster_than_is_shown_again_and_can_be_saved(
    browser: Browser, maria: Person
) -> None:
    html = (await browser.api.get(URL)).text
    old = {name: field(html, name) for name in ("entry", "based_on")}
    await tell(browser, **GT, red_flags="none")
    late = await browser.send(URL, **old, onset="In May", red_flags="none")
    assert (late.status_code, "Somebody changed this while you had it open." in shown(late)) == (409, True)
    again = {name: field(late.text, name) for name in ("entry", "based_on")}
    await browser.send(URL, **again, onset="In May", red_flags="none")
    # Tapped twice: the second tells nothing new.
    await browser.send(URL, **again, onset="In May", red_flags="none")
    assert [version for version, _, _ in await told(maria)] == [1, 2]


async def test_it_speaks_spanish_from_its_first_line_to_its_last(
    database: Database, team: object, browser: Browser
) -> None:
    ana = await make_person(database, team, locale="es")  # type: ignore[arg-type]
    await browser.enter(ana)
    page = await browser.api.get(URL)
    words = shown(page)
    assert "Empieza por el lugar que más duele." in words
    assert not re.findall(r"\b(?:the|you|your|with|none)\b", words)
