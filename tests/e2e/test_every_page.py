"""Every page and state of the made-up views, looked at by the checks of `accessible`."""

from pathlib import Path
from typing import Any

import pytest

from tests.all_samples import CLIENT_PAGES, STAFF_PAGES
from tests.e2e.accessible import (
    CLIENT_TARGET,
    DESK,
    NARROW,
    OPEN_FOLDS,
    PHONE,
    STAFF_TARGET,
    ZOOMED,
    every_way,
    looked_at,
    lost_focus,
    told,
)
from tests.samples_huge import huge
from tests.shots import write_samples


@pytest.fixture(scope="module", params=["en", "es"])
def samples(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    write_samples(folder, request.param)
    return request.param, folder / "html"


@pytest.fixture(scope="module")
def samples_huge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("huge")
    write_samples(folder, "en", {name: (template, huge(view)) for name, (template, view) in STAFF_PAGES.items()})
    return folder / "html"


@pytest.mark.parametrize("name", [*CLIENT_PAGES, "error"])
def test_a_page_of_a_client_is_for_everybody(samples: tuple[str, Path], bare_tab: Any, name: str) -> None:
    locale, folder = samples
    bare_tab.goto((folder / f"{name}.html").as_uri())
    if locale != "en":
        assert not (found := _in_longer_words(bare_tab, CLIENT_TARGET)), told(found)
        return
    found = every_way(bare_tab, CLIENT_TARGET)
    bare_tab.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    bare_tab.reload()
    found |= lost_focus(bare_tab)
    assert not found, told(found)


def _in_longer_words(tab: Any, least: int) -> set[Any]:
    """What can differ is where they go: in the narrowest window, and where tables stand side by side."""
    tab.evaluate(OPEN_FOLDS)
    found = set()
    for width, height in (NARROW, DESK):
        tab.set_viewport_size({"width": width, "height": height})
        found |= looked_at(tab, least)
    return found


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_a_page_of_staff_is_for_everybody(samples: tuple[str, Path], bare_tab: Any, name: str) -> None:
    locale, folder = samples
    bare_tab.goto((folder / f"{name}.html").as_uri())
    look = every_way if locale == "en" else _in_longer_words
    assert not (found := look(bare_tab, STAFF_TARGET)), told(found)


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_the_longest_names_and_notes_stay_inside_a_page_of_staff(samples_huge: Path, bare_tab: Any, name: str) -> None:
    bare_tab.goto((samples_huge / f"{name}.html").as_uri())
    bare_tab.evaluate(OPEN_FOLDS)
    found = set()
    for width, height in (PHONE, DESK):
        bare_tab.set_viewport_size({"width": width, "height": height})
        found |= {wrong for wrong in looked_at(bare_tab, STAFF_TARGET) if wrong.rule == "width"}
    assert not found, told(found)
