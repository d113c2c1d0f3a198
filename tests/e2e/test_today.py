"""The client's first page in a real browser."""

from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import Newcomer, Site


def test_one_tap_saves_the_pain_of_now(tab_for: Callable[..., Any], newcomer: Newcomer, site: Site) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    tab.click("#pain button[value='4']")
    tab.get_by_role("status").first.wait_for()
    assert [entry["score"] for entry in site.diary(newcomer)["pain"]] == [4]
