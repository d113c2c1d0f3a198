"""Messages and settings in a browser: the text follows what is picked, with and without script."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from tests.e2e.conftest import Newcomer, Site, change_plan

TEXT = "#text-plan .note-words"


@pytest.fixture
def reminded(site: Site, newcomer: Newcomer) -> Newcomer:
    """Reminded of the plan by email, at noon each day."""
    wish = {"local_times": ["12:00"], "channels": ["email"]}
    answer = site.api.put(f"/v1/clients/{newcomer.id}/reminders/plan", json=wish)
    assert answer.status_code == 200, answer.text
    return newcomer


def reminder(site: Site, who: Newcomer) -> dict[str, Any]:
    [found] = site.api.get(f"/v1/clients/{who.id}/reminders").json()["data"]
    return dict(found)


def test_the_text_follows_what_is_picked(site: Site, reminded: Newcomer, tab_for: Callable[..., Any]) -> None:
    tab = tab_for(reminded)
    tab.goto("/reminders")
    assert "Your plan for today is ready." in tab.inner_text(TEXT)
    tab.select_option("#act", "lunch")
    tab.locator(TEXT, has_text="after lunch is a good time").wait_for()
    assert "anchor" not in reminder(site, reminded), "Nothing is kept before it is saved."
    tab.click("#plan button:has-text('Save')")
    tab.wait_for_url("**/reminders?saved=plan#plan")
    assert reminder(site, reminded)["anchor"] == "after lunch"


def test_it_all_works_without_script(site: Site, reminded: Newcomer, tab_for: Callable[..., Any]) -> None:
    tab = tab_for(reminded, java_script_enabled=False)
    tab.goto("/reminders")
    tab.select_option("#act", "home")
    tab.click("text=Show the text")
    assert "when you get home is a good time" in tab.inner_text(TEXT)
    tab.click("summary:has-text('Stop all messages')")
    tab.click("text=Yes, stop all of them")
    assert "You will get no more messages from us." in tab.inner_text("#start")
    tab.click("text=Start emails again")
    assert "Saved. You will get our messages again." in tab.inner_text("#reach")


def test_the_file_is_a_zip_that_a_browser_saves(newcomer: Newcomer, tab_for: Callable[..., Any]) -> None:
    tab = tab_for(newcomer, size="desk")
    tab.goto("/my-data")
    with tab.expect_download() as saving:
        tab.click("text=Get my data")
    assert saving.value.suggested_filename.startswith("my-data-")
    with open(saving.value.path(), "rb") as file:
        packed = ZipFile(BytesIO(file.read()))
    assert {"data.json", "client.csv", "plan_item.csv", "read-me.txt"} <= set(packed.namelist())


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_plan_that_changes_while_today_is_open_loses_no_answer(
    site: Site, newcomer: Newcomer, tab_for: Callable[..., Any], script: bool
) -> None:
    tab = tab_for(newcomer, java_script_enabled=script)
    tab.goto("/today")
    change_plan(site, newcomer)
    tab.click("text=I did all of it")
    if not script:
        assert "Your plan changed while this page was open." in tab.inner_text("h1")
        tab.click("text=Save it for the new plan")
    # With a script the answer comes from the outbox, which asks nobody back.
    words = "we kept what is in the new plan" if script else "Saved."
    tab.locator("#plan [role=status]", has_text=words).wait_for()
    assert [one["outcome"] for one in site.diary(newcomer)["sessions"]] == ["partly"]
