"""The whole plan on a page of its own, to read and to print."""

from datetime import timedelta

import pytest

from service.catalogue.rules import Side
from service.database.tenancy import Database
from service.diary.red_flags import open_red_flag
from service.plans import actions as plans
from tests.make import NOW, TODAY, Team, item
from tests.service.portal.conftest import Browser, Person, make_person, shown, watched, writes

pytestmark = pytest.mark.anyio

MONDAYS = {"cadence": "weekdays", "weekdays": 1}


async def test_it_shows_every_move_with_picture_and_cues_whatever_is_due_today(
    browser: Browser, database: Database, team: Team
) -> None:
    """TODAY is a Tuesday: the clamshell is not due."""
    clam = item("glu-clam", dose_fields={"side": Side.RIGHT}, cadence=MONDAYS, cue="Slow, please")
    ines = await make_person(database, team, plan_items=[item("glu-squeeze"), clam])
    await browser.enter(ines)
    assert "Clamshell" not in await browser.today()
    with watched(database) as statements:
        answer = await browser.api.get("/plan")
    assert writes(statements) == []
    words = shown(answer)
    for told in ("Glute squeeze", "Clamshell", "Mon", "Slow, please", "Open the knee without rolling back", "From Sam"):
        assert told in words, told
    assert answer.text.count('class="move-picture"') == 2


async def test_a_plan_to_come_can_be_read_and_printed_before_its_first_day(
    browser: Browser, database: Database, team: Team
) -> None:
    ines = await make_person(database, team, plan_starts_on=TODAY + timedelta(days=3))
    await browser.enter(ines)
    assert "starts on Friday, March 13" in shown(await browser.api.get("/plan"))


async def test_without_a_plan_it_says_so(browser: Browser, maria: Person, database: Database) -> None:
    async with database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        await plans.end(session, maria.client.id, TODAY - timedelta(days=1), NOW)
    assert "Your plan ended on Monday, March 9" in shown(await browser.api.get("/plan"))


async def test_while_a_warning_sign_is_open_no_move_is_shown(
    browser: Browser, maria: Person, database: Database
) -> None:
    async with database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        await open_red_flag(session, maria.client.id, "staff", NOW)
    words = shown(await browser.api.get("/plan"))
    assert ("Your plan is on hold" in words, "Call 911" in words) == (True, True)
    assert ("Glute squeeze" in words, "Squeeze both buttocks the same" in words) == (False, False)


async def test_everybody_sees_their_own_and_who_is_not_signed_in_none(
    browser: Browser, maria: Person, database: Database, team: Team
) -> None:
    """The page has no address of its own: it is always that of whoever is signed in."""
    ines = await make_person(database, team, plan_items=[item("glu-sit-stand")])
    assert "Glute squeeze" in shown(await browser.api.get("/plan"))
    await browser.enter(ines)
    words = shown(await browser.api.get("/plan"))
    assert ("Sit to stand" in words, "Glute squeeze" in words) == (True, False)
    browser.api.cookies.clear()
    answer = await browser.api.get("/plan")
    assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in")
