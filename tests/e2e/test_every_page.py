"""Every page and state of the made-up views, looked at by the checks of `accessible`."""

from pathlib import Path
from typing import Any

import pytest

from tests.all_samples import CLIENT_PAGES, STAFF_PAGES
from tests.e2e.accessible import (
    CLIENT_TARGET,
    NARROW,
    OPEN_FOLDS,
    STAFF_TARGET,
    ZOOMED,
    every_way,
    looked_at,
    lost_focus,
    told,
)
from tests.shots import write_samples


@pytest.fixture(scope="module", params=["en", "es"])
def samples(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    write_samples(folder, request.param)
    return request.param, folder / "html"


@pytest.mark.parametrize("name", [*CLIENT_PAGES, "error"])
def test_a_page_of_a_client_is_for_everybody(samples: tuple[str, Path], bare_tab: Any, name: str) -> None:
    locale, folder = samples
    bare_tab.goto((folder / f"{name}.html").as_uri())
    if locale != "en":
        # The same page in longer words: what can differ is where they go.
        assert not (found := _narrow(bare_tab)), told(found)
        return
    found = every_way(bare_tab, CLIENT_TARGET)
    bare_tab.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    bare_tab.reload()
    found |= lost_focus(bare_tab)
    assert not found, told(found)


def _narrow(tab: Any) -> set[Any]:
    tab.evaluate(OPEN_FOLDS)
    tab.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    return looked_at(tab, CLIENT_TARGET)


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_a_page_of_staff_is_for_everybody(samples: tuple[str, Path], bare_tab: Any, name: str) -> None:
    bare_tab.goto((samples[1] / f"{name}.html").as_uri())
    assert not (found := every_way(bare_tab, STAFF_TARGET)), told(found)
