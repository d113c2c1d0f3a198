"""The four places at the foot of every page, and the page that says how to reach somebody."""

import re

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests.make import make_team
from tests.service.portal.conftest import Browser, make_person, section, shown, watched, writes

pytestmark = pytest.mark.anyio

PLACES = ["/today", "/week", "/plan", "/help"]


async def test_the_same_four_places_stand_at_the_foot_of_every_page_and_the_open_one_is_told(browser: Browser) -> None:
    """`page` is the one that is open, `true` the one that led to what is."""
    opened = {
        "/today": [("/today", "page")],
        "/week": [("/week", "page")],
        "/plan": [("/plan", "page")],
        "/help": [("/help", "page")],
        "/today/why": [("/help", "true")],
        "/today/intake": [("/help", "true")],
        "/questions": [("/today", "true")],
    }
    for path, current in opened.items():
        html = (await browser.api.get(path)).text
        bar = html[html.index('<nav class="tabs"') :]
        assert re.findall(r'<a href="([^"]+)"', bar) == PLACES, path
        assert re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', bar) == current, path
        assert html.index("</main>") < html.index('<nav class="tabs"')


async def test_help_names_the_clinic_and_the_emergency_number_of_its_country(
    api: AsyncClient, browser: Browser, database: Database
) -> None:
    with watched(database) as statements:
        page = shown(await browser.api.get("/help"))
    assert writes(statements) == []
    assert (
        "In an emergency call 911. Call 911 Northside Clinic Call your clinic in office hours: (202) 555-0100" in page
    )
    assert "Sign out of this phone" in page
    elsewhere = await make_team(database, name="Clínica Sur", country="ES", emergency_number="112", phone="900 100 200")
    stranger = await make_person(database, elsewhere, locale="es")
    page = shown(await (await Browser(api).enter(stranger)).api.get("/help"))
    assert "En una emergencia" in page
    assert "112" in page
    assert "911" not in page
    assert "Clínica Sur" in page


async def test_nobody_reads_help_of_a_clinic_without_signing_in(api: AsyncClient) -> None:
    assert (await api.get("/help")).headers["location"] == "/sign-in"


async def test_a_high_score_stands_above_every_page(browser: Browser) -> None:
    await browser.send("/today/pain", score="8")
    for path in ("/help", "/week", "/plan"):
        html = (await browser.api.get(path)).text
        assert "If you can&#39;t put weight on your leg, call 911." in section(html, "main"), path
