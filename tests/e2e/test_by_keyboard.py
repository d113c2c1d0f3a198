"""The main job without a pointer: Tab, Enter and Space, and always a ring where one is."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.accessible import FOCUSED, go_to
from tests.e2e.conftest import Newcomer, Site


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_day_is_told_by_keyboard_alone(
    tab_for: Callable[..., Any], newcomer: Newcomer, site: Site, size: str
) -> None:
    # What glides to its place is not there yet when it is looked at.
    tab = tab_for(newcomer, size, reduced_motion="reduce")
    tab.goto("/today")
    go_to(tab, "7")
    tab.keyboard.press("Space")
    tab.locator("#pain .said-score").wait_for()
    assert [entry["score"] for entry in site.diary(newcomer)["pain"]] == [7]

    tab.goto("/today")
    go_to(tab, "I did all of it")
    tab.keyboard.press("Enter")
    tab.locator("#plan .said-done").wait_for()
    assert [session["outcome"] for session in site.diary(newcomer)["sessions"]] == ["done"]

    # What folds opens and closes by the same keys, and what was in it is reached next.
    tab.goto("/today")
    go_to(tab, "Add where")
    tab.keyboard.press("Enter")
    go_to(tab, "left:")
    assert tab.evaluate("document.activeElement.name") == "place"
    tab.keyboard.press("Space")
    go_to(tab, "Save")
    tab.keyboard.press("Enter")
    tab.locator("#pain [role=status]", has_text="Saved.").wait_for()
    assert [entry["sites"] for entry in site.diary(newcomer)["pain"]] == [[{"side": "left"}]]


def test_the_first_stop_leads_past_the_head_of_the_page(tab_for: Callable[..., Any], newcomer: Newcomer) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    tab.keyboard.press("Tab")
    assert tab.evaluate(FOCUSED)["name"] == "<a> Skip to the page"
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.querySelector('main').contains(document.activeElement)")
