"""The programme builder in a real browser: what it takes to prescribe, by keyboard alone, and what waits half done."""

from typing import Any

import pytest

from tests.e2e.accessible import go_to
from tests.e2e.conftest import Newcomer, Site, TabFor, taps_of

LONG = "Maximiliane-" * 16
ARABIC = "ببطء وبدون ألم"


def plan_of(site: Site, who: Newcomer) -> dict[str, Any]:
    plan: dict[str, Any] = site.api.get(f"/v1/clients/{who.id}/plan").json()
    return plan


def builder(who: Newcomer) -> str:
    return f"/clients/{who.id}/plan/new"


def saved(tab: Any) -> None:
    tab.locator("#draft-state", has_text="Your draft was saved").wait_for()


@pytest.mark.parametrize("way", [{"size": "desk"}, {"size": "phone", "java_script_enabled": False}])
def test_a_programme_is_prescribed_with_two_taps_and_a_look(
    tab_for: TabFor, site: Site, newcomer: Newcomer, way: dict[str, Any]
) -> None:
    """The legs are the therapist's to choose where there is a choice: this programme's first phase has none."""
    tab = tab_for("sam", **way)
    taps = taps_of(tab)
    tab.goto(f"/clients/{newcomer.id}/plan/start")
    tab.locator("a[href*='from=prog-gt-leap']").first.click()
    for side in tab.locator("select[name^=side_]").all():
        if side.input_value() == "":
            side.select_option("right")
    tab.get_by_role("button", name="Send the plan").click()
    tab.get_by_text("The plan is on its way.").wait_for()
    assert plan_of(site, newcomer)["version"] == 2
    # Without script nothing counts them.
    assert taps() == (2 if way.get("java_script_enabled", True) else 0)


def test_a_dose_changes_and_what_was_logged_stays_under_the_version_before(
    tab_for: TabFor, site: Site, newcomer: Newcomer
) -> None:
    theirs = tab_for(newcomer)
    theirs.goto("/today")
    theirs.locator("#plan").get_by_role("button", name="I did all of it").click()
    theirs.locator("#plan .said-done").wait_for()
    before = site.diary(newcomer)["sessions"]

    tab = tab_for("sam", "desk")
    tab.goto(builder(newcomer))
    tab.fill("input[name='reps_glu-bridge-double']", "11")
    saved(tab)
    tab.get_by_role("button", name="Send the plan").click()
    tab.get_by_text("The plan is on its way.").wait_for()
    assert site.diary(newcomer)["sessions"] == before
    tab.goto(f"/clients/{newcomer.id}/plan/versions")
    assert tab.get_by_text("Double-leg bridge: 2 x 10 to 2 x 11").count() >= 1
    assert tab.get_by_text("1 day logged under it").count() == 1


def test_by_keyboard_alone_and_what_is_half_done_is_there_again(
    tab_for: TabFor, site: Site, newcomer: Newcomer
) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(builder(newcomer))
    assert tab.evaluate("document.activeElement.name") == "find"
    tab.keyboard.type("clamshell")
    assert [one.get_attribute("aria-label") for one in tab.locator(".result:visible button").all()] == [
        "Add: Clamshell",
        "Add: Clamshell with band",
    ]
    go_to(tab, "+")
    assert tab.evaluate("document.activeElement.value") == "add:glu-clam"
    tab.keyboard.press("Enter")
    tab.locator("#line-glu-clam").wait_for()
    # The dose of what came in is where one goes on.
    assert tab.evaluate("document.activeElement.name") == "sets_glu-clam"
    tab.keyboard.press("Control+a")
    tab.keyboard.type("3")
    tab.locator("button[value='up:glu-clam']").focus()
    tab.keyboard.press("Enter")
    tab.locator("#line-glu-clam + #line-glu-squeeze").wait_for()
    assert tab.evaluate("document.activeElement.value") == "up:glu-clam"
    saved(tab)
    assert tab.locator("#plan-sum").inner_text().startswith("4 exercises, about ")
    assert plan_of(site, newcomer)["version"] == 1

    later = tab_for("sam", "phone")
    later.goto(builder(newcomer))
    assert later.locator("input[name='sets_glu-clam']").input_value() == "3"
    later.get_by_role("button", name="Throw the draft away").click()
    later.get_by_text("Your draft was thrown away.").wait_for()


def test_an_empty_form_says_that_it_is_empty_for_as_long_as_it_is(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(f"{builder(newcomer)}?from=empty")
    none = tab.get_by_text("None yet. Search, and press the plus of an exercise.")
    none.wait_for()
    tab.locator("button[value='add:glu-clam']").click()
    tab.locator("#line-glu-clam").wait_for()
    none.wait_for(state="detached")
    tab.locator("button[value='remove:glu-clam']").click()
    none.wait_for()


def test_many_quick_presses_lose_nothing(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(builder(newcomer))
    tab.evaluate(
        "['add:glu-clam', 'add:glu-sidestep', 'add:ham-wall'].forEach("
        "one => document.querySelector(`button[value='${one}']`).click())"
    )
    for code in ("glu-clam", "glu-sidestep", "ham-wall"):
        tab.locator(f"#line-{code}").wait_for()
    # What speaks against so many is said at once, with its source, and asks for a reason.
    assert "at a time" in tab.locator("#warned-plan .warning").inner_text()


def test_the_plan_is_seen_as_the_client_would(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(builder(newcomer))
    tab.fill("input[name='reps_glu-bridge-double']", "13")
    with tab.context.expect_page() as opened:
        tab.get_by_role("button", name="See it as").click()
    seen = opened.value
    seen.get_by_text("It was not sent.").wait_for()
    seen.locator("summary", has_text="See each move").click()
    assert seen.get_by_text("2 sets of 13", exact=True).is_visible()
    assert seen.evaluate("document.body.getBoundingClientRect().width") <= 417


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_long_and_strange_words_hold_the_layout(tab_for: TabFor, site: Site, newcomer: Newcomer, size: str) -> None:
    tab = tab_for("sam", size)
    tab.goto(builder(newcomer))
    tab.fill("input[name='cue_glu-squeeze']", ARABIC)
    tab.fill("input[name='cue_glu-bridge-double']", LONG)
    tab.fill("textarea[name='note']", f"{ARABIC}\n" * 30 + "x\n" * 10)
    saved(tab)
    tab.reload()
    assert tab.locator("textarea[name='note']").input_value().count(ARABIC) == 30
    assert tab.locator("input[name='cue_glu-bridge-double']").input_value() == LONG
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_goal_of_a_habit_that_is_not_ticked_any_more_is_shown_and_typing_it_ticks_the_habit(
    tab_for: TabFor, newcomer: Newcomer
) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(builder(newcomer))
    tab.locator("#habits-title ~ details summary").click()
    box, goal = "input[name='habit_hab-car-min']", "input[name='goal_hab-car-min']"
    tab.check(box)
    tab.fill(goal, "20")
    tab.uncheck(box)
    tab.get_by_role("button", name="Send the plan").click()
    tab.get_by_text("Tick this habit, or empty its goal.").wait_for()
    assert tab.input_value(goal) == "20"
    tab.fill(goal, "25")
    assert tab.is_checked(box)


def test_a_session_that_ends_while_a_plan_is_written_loses_nothing(
    tab_for: TabFor, site: Site, newcomer: Newcomer
) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(builder(newcomer))
    tab.context.clear_cookies()
    tab.fill("input[name='reps_glu-bridge-double']", "12")
    tab.fill("#note", ARABIC)
    tab.get_by_role("heading", name="You were signed out").wait_for()
    other = tab.context.new_page()
    other.goto(site.sam_link)
    other.click("main form button")
    other.wait_for_url("**/caseload")
    tab.get_by_role("button", name="Send it now").click()
    saved(tab)
    assert tab.input_value("input[name='reps_glu-bridge-double']") == "12"
    assert tab.input_value("#note") == ARABIC
