"""What staff print: one sheet of a client, on either paper, and nothing of it beside the paper."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.conftest import Site, make_newcomer

INCH = 96
WIDE = {"A4": 210 / 25.4 * INCH, "Letter": 8.5 * INCH}
MARGINS = 2 * 10 / 25.4 * INCH
LINES = "\n".join(f"Line {n} of what she said" for n in range(1, 41))
ARABIC = "أشعر بألم خفيف في الليل عند صعود الدرج"
# Whatever ends to the right of the paper is cut off, unless it is not printed at all.
BESIDE = """() => [...document.querySelectorAll("main *")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 80))"""


def sheets(tab: Any, paper: str) -> int:
    tab.emulate_media(media="print")
    return len(re.findall(rb"/Type\s*/Page[^s]", tab.pdf(format=paper)))


def beside(tab: Any, paper: str) -> list[str]:
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": int(WIDE[paper] - MARGINS), "height": 1000})
    found: list[str] = tab.evaluate(BESIDE)
    return found


# As if the plan had been changed eight times more.
CHANGED = """() => {
  const changes = document.querySelector(".changes");
  for (let n = 0; n < 8; n++) changes.append(changes.firstElementChild.cloneNode(true));
}"""
# Where the words below the ranges say that 0 is, and where it is drawn.
ZEROS = """() => [...document.querySelectorAll(".links .axis-number, .links .baseline")].map((one) => {
  const box = one.getBoundingClientRect();
  return Math.round(box.left + box.width / 2);
})"""


def maria_of(site: Site) -> str:
    people = site.api.get("/v1/clients").json()["data"]
    [maria] = [one["id"] for one in people if one["name"] == "Maria Lopez"]
    return str(maria)


@pytest.mark.parametrize("paper", WIDE)
def test_all_days_and_a_dozen_changes_are_one_sheet(tab_for: Callable[..., Any], site: Site, paper: str) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(f"/clients/{maria_of(site)}?days=all")
    tab.evaluate(CHANGED)
    assert sheets(tab, paper) == 1
    assert beside(tab, paper) == []
    zeros = tab.evaluate(ZEROS)
    assert len(zeros) > 2
    assert max(zeros) - min(zeros) <= 2


@pytest.mark.parametrize("paper", WIDE)
def test_sixty_days_of_a_client_are_one_sheet_and_none_of_it_is_cut(
    tab_for: Callable[..., Any], site: Site, paper: str
) -> None:
    maria = maria_of(site)
    tab = tab_for("sam", "desk")
    tab.goto(f"/clients/{maria}")
    assert sheets(tab, paper) == 1
    assert beside(tab, paper) == []
    # The last rows of each column are on it, and what is pressed is not.
    for last in ("#plan li >> nth=-1", ".entries .entry >> nth=8", ".key li >> nth=-1"):
        assert tab.locator(last).is_visible()
    assert tab.locator("main button:visible").count() == 0
    tab.goto(f"/clients/{maria}/summary")
    assert sheets(tab, paper) == 1
    assert beside(tab, paper) == []


def test_long_names_forty_lines_and_words_from_the_right_stay_on_the_paper_and_the_screen(
    tab_for: Callable[..., Any], site: Site
) -> None:
    who = make_newcomer(site, called="Maximiliane-" * 16)
    for words in (LINES, ARABIC):
        body = {"score": 4, "note": words}
        assert site.api.put(f"/v1/clients/{who.id}/pain-entries/{uuid4()}", json=body).is_success
    for size in ("phone", "desk"):
        tab = tab_for("sam", size)
        for path in (f"/clients/{who.id}", f"/clients/{who.id}/summary", "/caseload", "/bulk"):
            tab.goto(path)
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (size, path)
    tab.goto(f"/clients/{who.id}")
    assert ARABIC in tab.locator(".entries").inner_text()
    assert sheets(tab, "Letter") <= 2
    assert beside(tab, "Letter") == []
