"""A session that has ended while the page was open."""

from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import Newcomer, Site, sign_in


def test_a_tap_after_the_session_ended_says_so_and_leads_back_by_signing_in(
    tab_for: Callable[..., Any], newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    tab.context.clear_cookies()
    tab.click("#pain button[value='4']")
    assert tab.locator("h1").inner_text() == "Please sign in."
    assert site.diary(newcomer)["pain"] == []
    tab.get_by_role("link", name="First page").click()
    tab.wait_for_url("**/sign-in")
    sign_in(site, tab, newcomer.address)
    tab.click("#pain button[value='4']")
    tab.locator("#pain .said-score").wait_for()
    assert [entry["score"] for entry in site.diary(newcomer)["pain"]] == [4]
