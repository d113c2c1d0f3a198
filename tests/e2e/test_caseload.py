"""The caseload while it is open: keys, and news that moves nothing."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.e2e.conftest import Newcomer, Site

FOCUSED_ROW = "document.activeElement.closest('[data-row]')?.querySelector('.client-name').textContent"


def tell_pain(site: Site, who: Newcomer) -> None:
    answer = site.api.put(f"/v1/clients/{who.id}/pain-entries/{uuid4()}", json={"score": 5})
    assert answer.is_success, answer.text


def test_news_is_told_over_the_page_and_shown_when_asked_for(
    tab_for: Callable[..., Any], site: Site, newcomer: Newcomer
) -> None:
    tab = tab_for("sam", "desk")
    tab.goto("/caseload?sort=name")
    row = tab.locator(f'[data-row="{newcomer.id}"]')
    assert row.locator(".last-score").inner_text() == "–"
    tab.keyboard.press("j")
    place = tab.evaluate("document.activeElement.getBoundingClientRect().top")
    focused = tab.evaluate(FOCUSED_ROW)
    tell_pain(site, newcomer)
    tab.locator(".live-line [data-said]", has_text="change").wait_for(timeout=20_000)
    assert row.locator(".last-score").inner_text() == "–"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().top") == place
    tab.get_by_role("button", name="Show", exact=True).click()
    row.locator(".last-score", has_text="5").wait_for()
    assert tab.evaluate(FOCUSED_ROW) == focused


def test_keys_walk_the_list_and_stay_silent_for_whoever_turned_them_off(
    tab_for: Callable[..., Any], newcomer: Newcomer
) -> None:
    tab = tab_for("sam", "desk")
    tab.goto("/caseload")
    names = tab.locator("#fresh [data-row] .client-name").all_inner_texts()
    for key, expected in (("j", names[0]), ("j", names[1]), ("k", names[0])):
        tab.keyboard.press(key)
        assert tab.evaluate(FOCUSED_ROW) == expected
    tab.keyboard.press("?")
    tab.locator("[data-keys][open]").wait_for()
    tab.locator("[data-keys-on]").uncheck()
    tab.locator("#fresh .client-name").nth(1).focus()
    tab.keyboard.press("k")
    assert tab.evaluate(FOCUSED_ROW) == names[1]
    tab.locator("[data-keys-on]").check()
    tab.locator("#fresh .client-name").nth(1).focus()
    tab.keyboard.press("m")
    tab.wait_for_url("**/clients/*#messages")


def test_a_page_that_hears_nothing_says_how_old_it_is(tab_for: Callable[..., Any]) -> None:
    tab = tab_for("sam", "desk")
    tab.clock.install()
    tab.route("**/caseload/live*", lambda route: route.abort())
    tab.goto("/caseload")
    tab.clock.fast_forward("14:20")
    tab.locator(".live-line [data-said]", has_text="Last update 14 min ago").wait_for()
