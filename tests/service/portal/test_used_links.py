"""What a link shows of what was saved: what came through a link, beside its question, and nothing else."""

import re
from datetime import timedelta

import pytest
from httpx import AsyncClient, Response

from service.accounts.rules import LinkPurpose
from service.database.tenancy import Database
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team
from tests.service.portal.conftest import Browser, Person, make_person, section, shown, status
from tests.service.portal.test_links import tap

pytestmark = pytest.mark.anyio


def plain(answer: Response) -> str:
    return shown(answer).replace("\u202f", " ")


async def test_a_habit_link_confirms_one_habit(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.HABIT)
    page = shown(await api.get(link))
    assert "Did you stand evenly on both feet when waiting? Yes No" in page
    answer = await tap(api, link, "yes", habit=str(maria.habit(0)))
    assert "Saved." in shown(answer)
    assert re.findall(r'value="([^"]*)" aria-pressed="true"', answer.text) == ["yes"]
    answer = await tap(api, link, "60", habit=str(maria.habit(1)))
    assert re.findall(r'value="([^"]*)" aria-pressed="true"', answer.text) == ["yes", "60"]
    assert [(m.day, m.channel) for m in (await maria.diary()).habits] == [(TODAY, "link")] * 2
    again = await api.get(link)
    assert re.findall(r'value="([^"]*)" aria-pressed="true"', again.text) == ["yes", "60"]
    assert "What you saved is marked. Tap another answer to change it." in shown(again)
    assert "60 minutes" in shown(again)


async def test_a_saved_habit_is_confirmed_beside_it(api: AsyncClient, maria: Person) -> None:
    anchor = f"habit-{maria.habit(1)}"
    html = (await tap(api, await maria.link(LinkPurpose.HABIT), "45", habit=str(maria.habit(1)))).text
    assert status(html) == "Saved."
    assert 'role="status"' in section(html, anchor)
    assert f"#{anchor}" in html
    assert "45 minutes" in section(html, anchor)


async def test_a_number_no_day_can_hold_is_refused_beside_its_habit(api: AsyncClient, maria: Person) -> None:
    refused = await tap(api, await maria.link(LinkPurpose.HABIT), "99999", habit=str(maria.habit(1)))
    assert refused.status_code == 422
    assert "Use a whole number from 0 to 1440." in section(refused.text, f"habit-{maria.habit(1)}")
    assert refused.text.count("Use a whole number") == 1
    assert list((await maria.diary()).habits) == []


async def test_a_link_that_was_used_tells_what_it_saved_and_when(api: AsyncClient, maria: Person, clock: Clock) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    await tap(api, link, "6")
    clock.now = NOW + timedelta(hours=8, minutes=12)
    page = await api.get(link)
    # 15:00 in UTC is 11:00 in New York.
    assert "You saved 6 at 11:00 AM. Tap another number to change it." in plain(page)
    assert re.findall(r'value="(\d+)" class="level-\d+ is-picked" aria-pressed="true"', page.text) == ["6"]
    assert "Save 6" not in plain(await api.get(f"{link}?answer=6"))
    assert "You saved 6 at 11:00 AM. Save 4" in plain(await api.get(f"{link}?answer=4"))
    await tap(api, link, "4")
    assert "You saved 4 at 7:12 PM." in plain(await api.get(link))
    clock.now = NOW + timedelta(hours=20)
    assert "You saved 4 on Tue, Mar 10 at 7:12 PM." in plain(await api.get(link))
    assert [pain.entry.score for pain in (await maria.diary()).pains] == [4]


async def test_a_used_plan_link_tells_its_answer_and_no_move(api: AsyncClient, maria: Person, clock: Clock) -> None:
    link = await maria.link(LinkPurpose.PLAN)
    await tap(api, link, "partly")
    page = await api.get(link)
    assert "You saved “I did some of it” at 11:00 AM. Tap another answer to change it." in plain(page)
    assert re.findall(r'value="(\w+)" aria-pressed="true"', page.text) == ["partly"]
    assert not re.search(r"Maria|Lopez|bridge|squeeze", page.text, re.IGNORECASE)


async def test_a_used_link_speaks_the_clients_language(api: AsyncClient, database: Database, team: Team) -> None:
    person = await make_person(database, team, locale="es")
    plan = await person.link(LinkPurpose.PLAN)
    await tap(api, plan, "skipped")
    assert "Guardaste “Hoy no” a las 11:00. Toca otra respuesta para cambiarlo." in plain(await api.get(plan))


async def test_a_link_shows_nothing_that_was_told_another_way(
    api: AsyncClient, maria: Person, browser: Browser
) -> None:
    first = maria.plan.items[0].row.id
    check_in, plan, habit = [await maria.link(p) for p in list(LinkPurpose)[:3]]
    await browser.send("/today/pain", score="6")
    await browser.send("/today/session", outcome="partly", **{f"item_{first}": "on"})
    await browser.send(f"/today/habits/{maria.habit(0)}", answer="yes")
    # The links are used, for the one habit that was not told on the page.
    for link in (plan, habit):
        await tap(api, link, "60", habit=str(maria.habit(1)))
    for link in (check_in, plan, habit):
        page = await api.get(link)
        assert "You saved" not in plain(page)
        assert 'value="yes" aria-pressed="true"' not in page.text
    # Told by a link and corrected on the page, it is the page's again.
    await browser.send(f"/today/habits/{maria.habit(1)}", answer="30")
    assert 'aria-pressed="true"' not in (await api.get(habit)).text


async def test_a_link_that_was_not_used_shows_nothing(api: AsyncClient, maria: Person) -> None:
    used, unused = await maria.link(LinkPurpose.PLAN), await maria.link(LinkPurpose.PLAN)
    await tap(api, used, "done")
    assert "You saved" not in shown(await api.get(unused))
