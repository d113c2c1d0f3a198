"""One day of a client, in every chart and in the list."""

from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import Newcomer, Site, taps_of
from tests.e2e.test_caseload import tell_pain


def press_until(tab: Any, there: str) -> None:
    """Tab by Tab; what holds the focus on the way is seen to, or the keys are lost."""
    for _ in range(150):
        tab.keyboard.press("Tab")
        if tab.evaluate(there):
            return
    raise AssertionError(f"never came to {there}")


def test_arrow_keys_pick_a_day_in_every_chart_in_the_list_and_in_words(
    tab_for: Callable[..., Any], site: Site, newcomer: Newcomer
) -> None:
    tell_pain(site, newcomer)
    tab = tab_for("sam", "desk")
    tab.goto(f"/clients/{newcomer.id}?days=14")
    tab.locator("[data-timeline]").focus()
    tab.keyboard.press("ArrowRight")
    assert "Pain: 5" in tab.locator("[data-told]").inner_text()
    panels = tab.locator(".stack.on-wide [data-first]").count()
    assert panels >= 3
    assert tab.locator(".stack.on-wide .day-mark").count() == panels
    assert "Pain 5" in " ".join(tab.locator(".entry.is-picked").all_inner_texts())
    tab.keyboard.press("ArrowLeft")
    assert "Pain" not in tab.locator("[data-told]").inner_text()
    assert tab.locator(".entry.is-picked").count() == 0
    tab.locator(".entry", has_text="Pain 5").hover()
    assert "Pain: 5" in tab.locator("[data-told]").inner_text()


def test_an_alert_is_answered_with_ready_words_in_three_taps(
    tab_for: Callable[..., Any], site: Site, newcomer: Newcomer
) -> None:
    tab = tab_for("sam", "phone")
    taps = taps_of(tab)
    tab.goto("/caseload?tier=call")
    tab.locator("[data-message]").first.click()
    tab.get_by_role("link", name="I read your note. How are you today?").or_(
        tab.get_by_role("link", name="Leí tu nota. ¿Cómo estás hoy?")
    ).click()
    tab.locator("#messages .button.primary").click()
    tab.locator("[role=status]", has_text="The message is on the client's page.").first.wait_for()
    tab.locator(".verdict", has_text="Seen by Sam").wait_for()
    assert taps() == 3


def test_a_call_is_looked_at_and_marked_by_keyboard_alone(tab_for: Callable[..., Any]) -> None:
    """By Tab and Enter, without the letters that walk the list."""
    tab = tab_for("sam", "desk")
    taps = taps_of(tab)
    tab.goto("/caseload")
    whom = tab.locator("#fresh .client-name").first.inner_text()
    press_until(tab, f"document.activeElement.textContent.trim() === {whom!r}")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/clients/*")
    assert tab.locator("h1").inner_text() == whom
    press_until(tab, "document.activeElement.name === 'text'")
    tab.keyboard.type("I call you in a minute.")
    press_until(tab, "document.activeElement.matches('#messages .button.primary')")
    tab.keyboard.press("Enter")
    tab.locator("[role=status]", has_text="The message is on the client's page.").first.wait_for()
    tab.locator(".bubble", has_text="I call you in a minute.").wait_for()
    assert taps() == 0
