"""The page of a client: what was told, what was due, and what is still missing, in words."""

import re
from datetime import timedelta

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.diary.rules import SkipReason
from tests import told
from tests.make import NOW, TODAY, make_plan
from tests.service.review.browsing import World, ago, look, send, shown, words

pytestmark = pytest.mark.anyio


async def test_a_snoozed_alert_says_so_on_the_client_page_with_its_end(
    api: AsyncClient, database: Database, world: World
) -> None:
    await told.pain(database, world.maria, TODAY, 9)
    form = {"rule": "pain_jump", "as_of": NOW.isoformat(), "days": "3"}
    await send(api, world, "/caseload/MARIA/snooze", form, page="/caseload")
    html = (await look(api, world, "/clients/MARIA")).text
    assert "· Snoozed until Fri, Mar 13" in words(html)
    assert "End the snooze" in words(html)
    assert "/snooze" not in html
    await told.text_in(database, world.maria, "my leg is numb", "danger")
    page = await shown(api, world, "/clients/MARIA")
    assert "Call Told us of a danger sign on Tue, Mar 10 at 11:00 AM: “my leg is numb”" in page
    assert "Snoozed until Fri, Mar 13: Call, Pain 9 today." in page


async def test_older_reminders_are_folded_and_every_row_names_what_it_shows(
    api: AsyncClient, database: Database, notifier: Database, world: World
) -> None:
    await told.due_moments(database, world.maria)
    html = (await look(api, world, "/clients/MARIA")).text
    [table] = re.findall(r'<table class="ledger">.*?</table>', html, re.DOTALL)
    assert table.count('data-label="Sent"') == table.count(", text</td>") == 2


async def test_the_client_page_shows_what_happened_in_words(api: AsyncClient, database: Database, world: World) -> None:
    maria = world.maria
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        plan = await make_plan(session, maria, starts_on=ago(9), now=NOW - timedelta(days=9))
    await told.pain(database, maria, ago(1), 6, channel="text", sites=[(None, "right")], aggravators=["driving"])
    await told.pain(database, maria, ago(2), 5, note="after <i>gardening</i>")
    await told.did(database, maria, ago(1))
    await told.did(database, maria, ago(3), "skipped", reason=SkipReason.HURTS)
    await told.habit(database, maria, ago(1), plan.habits[0].id, True)
    await told.habit(database, maria, ago(2), plan.habits[0].id, False)
    html = (await look(api, world, "/clients/MARIA")).text
    seen = words(html)
    assert "Pain 6, right side, car text" in seen
    assert "Pain 5, “after <i>gardening</i>”" in seen
    assert "<i>gardening" not in html
    assert "Plan done, all 2 moves" in seen
    assert "Plan skipped: it hurts too much" in seen
    assert "Did you stand evenly on both feet when waiting? Yes page" in seen
    assert "Did you stand evenly on both feet when waiting? met on 1 of 2 answered days" in seen
    # Nine days are over, one of them done and one skipped.
    assert "Last 4 weeks: 1 of 9 done, 7 not logged." in seen
    assert "Version 1 by Sam, from Mar 1" in seen
    assert "Too few answers to say how pain changes." in seen
    assert "Said yes on Wed, Feb 18, 10:00 AM:" in seen


async def test_the_ledger_has_a_reason_for_every_due_moment(
    api: AsyncClient, database: Database, notifier: Database, world: World
) -> None:
    await told.due_moments(database, world.maria)
    seen = await shown(api, world, "/clients/MARIA")
    assert "Mon, Mar 9, 8:00 AM Check-in answered Sent and answered. 8:00 AM, text 9:00 AM" in seen
    assert "Sun, Mar 8, 8:00 AM Check-in held back Not sent: quiet hours. – –" in seen
    assert "Sat, Mar 7, 8:00 AM Check-in sent Delivered. No answer yet. 8:00 AM, text –" in seen
    assert "Northside: time for today's check-in. Reply with a number from 0 to 10, or tap " in seen


async def test_a_client_without_anything_has_an_empty_page_and_not_a_broken_one(api: AsyncClient, world: World) -> None:
    seen = await shown(api, world, "/clients/MARIA")
    for sentence in (
        "Nothing logged yet.",
        "No plan yet.",
        "No reminder has been due yet.",
        "No messages yet.",
        "Make a plan",
    ):
        assert sentence in seen
