"""A session that has ended while the page was open."""

from collections.abc import Callable
from typing import Any

from tests.acceptance.processes import eventually
from tests.e2e.conftest import Newcomer, Site, scores, sign_in


def test_what_was_typed_without_script_is_sent_by_one_tap_after_signing_in(
    tab_for: Callable[..., Any], newcomer: Newcomer, site: Site
) -> None:
    tab, used = tab_for(newcomer, java_script_enabled=False), site.codes(newcomer.address)
    tab.goto("/today")
    tab.fill("#messages textarea", "I am away on Friday.")
    tab.context.clear_cookies()
    tab.click("#messages .write button")
    assert tab.locator("h1").inner_text() == "Please sign in again"
    tab.fill("input[name=address]", newcomer.address)
    tab.click("main form button")
    tab.fill("input[name=code]", site.new_code(newcomer.address, used))
    tab.click("main form button")
    assert tab.locator("h1").inner_text() == "You are signed in"
    assert tab.locator(".note-words").inner_text() == "I am away on Friday."
    tab.get_by_role("button", name="Send it now").click()
    tab.wait_for_url("**/today?saved=sent#messages")
    assert tab.locator("#messages .note-words").all_inner_texts() == ["I am away on Friday."]


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
