"""A session that has ended while the page was open."""

from collections.abc import Callable
from typing import Any

from tests.acceptance.processes import eventually
from tests.e2e.conftest import Newcomer, Site, sign_in


def scores(site: Site, who: Newcomer) -> list[int]:
    return [entry["score"] for entry in site.diary(who)["pain"]]


def test_a_tap_without_script_says_so_and_signing_in_leads_back(
    tab_for: Callable[..., Any], newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer, java_script_enabled=False)
    tab.goto("/today")
    tab.context.clear_cookies()
    tab.click("#pain button[value='4']")
    assert tab.locator("h1").inner_text() == "Please sign in."
    assert scores(site, newcomer) == []
    tab.get_by_role("link", name="First page").click()
    tab.wait_for_url("**/sign-in")
    sign_in(site, tab, newcomer.address)
    tab.click("#pain button[value='4']")
    tab.locator("#pain .said-score").wait_for()
    assert scores(site, newcomer) == [4]


def test_a_tap_with_script_waits_on_the_phone_until_who_tapped_is_back(
    tab_for: Callable[..., Any], newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    tab.context.clear_cookies()
    tab.click("#pain button[value='4']")
    tab.get_by_text("Please sign in again").wait_for()
    assert scores(site, newcomer) == []
    sign_in(site, tab, newcomer.address)
    eventually("what was tapped arrives", lambda: scores(site, newcomer) == [4])
