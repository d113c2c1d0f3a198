"""Where it hurts, told by taps in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Newcomer, Site

# The side of the largest square that a finger can hit, of each region: what is asked at a point is what a tap hits.
SQUARES = """() => Object.fromEntries([...document.querySelectorAll('[data-box]')].map(region => {
  region.scrollIntoView({block: 'center', behavior: 'instant'});
  const {x, y, width, height} = region.getBoundingClientRect();
  const hit = (h, v) => document.elementFromPoint(x + h, y + v)?.closest('[data-box]') === region;
  let best = 0, above = [];
  for (let v = 0; v < height; v += 2) {
    const row = [];
    for (let h = 0, n = 0; h < width; h += 2, n += 1) {
      row[n] = hit(h, v) ? 1 + Math.min(above[n] ?? 0, row[n - 1] ?? 0, above[n - 1] ?? 0) : 0;
      best = Math.max(best, row[n]);
    }
    above = row;
  }
  return [region.closest('figure').querySelector('strong').textContent + ' ' + region.dataset.box, best * 2];
}))"""


class Taps:
    """Counts what a person taps."""

    def __init__(self, tab: Any) -> None:
        self.tab, self.count = tab, 0

    def tap(self, selector: str) -> None:
        self.tab.locator(selector).first.click()
        self.count += 1


def said(tab: Any) -> str:
    return str(tab.locator("#pain .said").inner_text())


def test_a_score_is_one_tap_and_with_the_map_four_and_the_same_again_two(
    tab_for: Callable[..., Any], newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    first = Taps(tab)
    first.tap("#pain button[value='4']")
    tab.locator("#pain .said").wait_for()
    assert first.count == 1
    first.tap("#pain summary:has-text('Add where')")
    first.tap("[data-box='right:lateral_hip'] polygon")
    assert tab.locator("[data-picked]").inner_text() == "Right side: Outer hip, over the bony point."
    first.tap("#pain button:text-is('Save')")
    tab.get_by_text("Right side · Outer hip, over the bony point").wait_for()
    assert first.count == 4
    [entry] = site.diary(newcomer)["pain"]
    assert (entry["score"], entry["sites"]) == (4, [{"site": "lateral_hip", "side": "right"}])
    # Once more the same day: another score beside it, and the same place.
    tab.locator("#pain summary:has-text('Add more')").click()
    again = Taps(tab)
    again.tap("#pain [aria-label^='Pain now, beside'] button[value='6']")
    again.tap("#pain button[name='same']")
    tab.locator("#pain .said:has-text('Right side')").wait_for()
    assert again.count == 2
    kept = sorted((entry["score"], entry["sites"][0]["site"]) for entry in site.diary(newcomer)["pain"])
    assert kept == [(4, "lateral_hip"), (6, "lateral_hip")]


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_drawing_ticks_the_boxes_and_every_place_on_it_takes_a_finger(
    tab_for: Callable[..., Any], newcomer: Newcomer, size: str
) -> None:
    tab = tab_for(newcomer, size)
    tab.goto("/today")
    tab.click("#pain button[value='3']")
    tab.locator("#pain summary:has-text('Add where')").click()
    squares = tab.evaluate(SQUARES)
    assert len(squares) == 28
    assert {place: side for place, side in squares.items() if side < 48} == {}
    for box in ("left:low_back", "left:groin_front", "right:lateral_knee"):
        tab.locator(f"[data-box='{box}'] polygon").first.click()
    ticked = "[...document.querySelectorAll('[data-list] input:checked')].map(box => box.value)"
    assert tab.evaluate(ticked) == ["left:groin_front", "left:low_back", "right:lateral_knee"]
    # The outer places are on both views, and one box.
    assert tab.locator(".map-region.is-picked").count() == 4
    tab.locator("[data-box='left:low_back'] polygon").click()
    assert tab.evaluate(ticked) == ["left:groin_front", "right:lateral_knee"]
    tab.get_by_role("button", name="Use a list instead").click()
    assert not tab.locator("[data-map]").is_visible()
    tab.get_by_label("Calf").first.check()
    tab.get_by_role("button", name="Use the picture instead").click()
    assert "Calf" in tab.locator("[data-picked]").inner_text()


def test_the_keyboard_comes_to_the_list_and_never_to_the_drawing(
    tab_for: Callable[..., Any], newcomer: Newcomer
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    tab.click("#pain button[value='3']")
    tab.locator("#pain summary:has-text('Add where')").focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Use a list instead"
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.value") == "left:lateral_hip"
    assert not tab.locator("[data-map]").is_visible()
    tab.keyboard.press("Space")
    assert tab.get_by_label("Outer hip").first.is_checked()


def test_without_script_the_list_is_the_form(tab_for: Callable[..., Any], newcomer: Newcomer, site: Site) -> None:
    tab = tab_for(newcomer, java_script_enabled=False)
    tab.goto("/today")
    tab.click("#pain button[value='5']")
    tab.locator("#pain summary:has-text('Add where')").click()
    assert not tab.locator("[data-map]").is_visible()
    tab.get_by_label("Deep in the buttock").nth(1).check()
    tab.click("#pain button:text-is('Save')")
    [entry] = site.diary(newcomer)["pain"]
    assert entry["sites"] == [{"site": "deep_buttock", "side": "right"}]
