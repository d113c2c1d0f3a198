"""The page of a day's moves in a browser, its clock in the hand of a test: opened, tapped, and read."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from playwright.sync_api import Error  # type: ignore[import-not-found, unused-ignore]

from tests.e2e.conftest import Newcomer, Site, TabFor

NOON = datetime(2026, 3, 10, 12)
BETWEEN_TAPS_MS = 400
"""Two taps that come faster are one."""
TWICE = """(name) => {
  const button = document.querySelector(`[data-${name}]`);
  const { x, y, width, height } = button.getBoundingClientRect();
  button.click();
  document.elementFromPoint(x + width / 2, y + height / 2).click();
}"""


def opened(tab_for: TabFor, who: Newcomer, before: str = "", **options: Any) -> Any:
    """The page with its clock stopped; `before` runs in it before anything of ours."""
    tab = tab_for(who, **options)
    tab.add_init_script(before)
    tab.clock.install(time=NOON)
    tab.goto("/today/moves")
    tab.clock.pause_at(NOON.replace(hour=13))
    return tab


def tap(tab: Any, name: str) -> None:
    """Whether the page's clock goes or stands still, some of its time passes before the next tap."""
    tab.wait_for_timeout(BETWEEN_TAPS_MS)
    tab.clock.run_for(BETWEEN_TAPS_MS)
    tab.click(f"[data-{name}]")


def tap_twice(tab: Any, name: str, taps: str = TWICE) -> None:
    """Where the button is: the second tap falls on what is there by then. The page may be left meanwhile."""
    tab.wait_for_timeout(BETWEEN_TAPS_MS)
    tab.clock.run_for(BETWEEN_TAPS_MS)
    with suppress(Error):
        tab.evaluate(taps, name)


def run(tab: Any, seconds: float) -> None:
    tab.clock.run_for(int(seconds * 1000))


def says(tab: Any, name: str) -> str:
    return str(tab.text_content(f"[data-{name}]")).strip()


def step(tab: Any) -> str:
    return str(tab.text_content("section.step:not([hidden]) h2")).strip()


def timer(tab: Any) -> tuple[str, str] | None:
    return (says(tab, "what"), says(tab, "left")) if tab.is_visible("[data-timer]") else None


def sessions(site: Site, who: Newcomer) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = site.diary(who)["sessions"]
    return kept
