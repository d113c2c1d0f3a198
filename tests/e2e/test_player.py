"""The moves of a day with a timer, in a real browser whose clock the tests turn."""

from typing import Any

import pytest

from service.clock import utc_now
from tests.e2e.conftest import DAILY, Newcomer, Site, TabFor, make_newcomer, says_in_bar, until_kept
from tests.e2e.player import TWICE, opened, run, says, sessions, step, tap, tap_twice, timer

CLAM = {"exercise": "glu-clam", "routine": "Strength", "cadence": DAILY, "side": "right", "sets": 2, "reps": 8}
CLAM |= {"rest_seconds": 45}
STRAP = {"exercise": "ham-strap", "routine": "Stretch", "cadence": DAILY, "side": "right", "reps": 2}
STRAP |= {"hold_seconds": 20, "rest_seconds": 10}
DOG = {"exercise": "glu-bird-dog", "routine": "Strength", "cadence": DAILY, "side": "both", "sets": 2, "reps": 5}
DOG |= {"hold_seconds": 5, "rest_seconds": 30}
SPY = """
window.asked = [];
navigator.wakeLock.request = async (kind) => { window.asked.push(kind); return { release() {} }; };
"""
NO_DATABASE = "Object.defineProperty(globalThis, 'indexedDB', { value: undefined })"

# The page's own clock stands still meanwhile; what it asks the server for takes as long as ever.
AND_AGAIN = f"""(name) => {{
  ({TWICE})(name);
  const again = async () => {{
    for (let asked = 0; asked < 30; asked += 1) await fetch("/manifest.webmanifest");
    document.querySelector("[data-finish]").click();
  }};
  again();
}}"""


@pytest.fixture
def nia(site: Site) -> Newcomer:
    """Clamshells counted in sets, then a stretch that is held twice."""
    return make_newcomer(site, [CLAM, STRAP])


def test_sets_rests_and_holds_go_by_themselves_and_what_was_done_is_kept(
    tab_for: TabFor, nia: Newcomer, site: Site
) -> None:
    tab = opened(tab_for, nia)
    assert (step(tab), says(tab, "place"), says(tab, "main")) == ("Clamshell", "1 of 2", "Done with set 1")
    assert timer(tab) is None
    tap(tab, "main")
    assert timer(tab) == ("Rest", "45")
    run(tab, 10)
    assert timer(tab) == ("Rest", "35")
    tap(tab, "rest-more")
    assert timer(tab) == ("Rest", "50")
    tap(tab, "rest-skip")
    assert (timer(tab), says(tab, "main")) == (None, "Done with set 2")
    tap(tab, "main")
    assert (step(tab), says(tab, "main")) == ("Lying hamstring stretch with strap", "Start 20 s hold × 2")
    tap(tab, "main")
    assert timer(tab) == ("Get ready", "3")
    run(tab, 3)
    assert (timer(tab), says(tab, "say")) == (("Hold, 1 of 2", "20"), "Hold, 1 of 2, 20 seconds")
    run(tab, 10)
    assert (timer(tab), says(tab, "say")) == (("Hold, 1 of 2", "10"), "10 seconds left")
    run(tab, 10)
    # One set of holds rests between them.
    assert timer(tab) == ("Relax", "10")
    run(tab, 10)
    assert timer(tab) == ("Hold, 2 of 2", "20")
    run(tab, 20)
    tab.wait_for_url("**/today/moves/felt")
    [kept] = sessions(site, nia)
    assert (kept["outcome"], [result["done"] for result in kept["results"]]) == ("done", [True, True])


def test_a_pause_holds_the_time(tab_for: TabFor, nia: Newcomer) -> None:
    tab = opened(tab_for, nia)
    tap(tab, "main")
    run(tab, 5)
    tap(tab, "main")
    assert (says(tab, "what"), says(tab, "main")) == ("Paused", "Go on")
    run(tab, 300)
    assert timer(tab) == ("Paused", "40")
    tap(tab, "main")
    run(tab, 1)
    assert (timer(tab), says(tab, "main")) == (("Rest", "39"), "Pause")


def test_a_page_that_slept_for_a_minute_is_where_the_clock_is(tab_for: TabFor, site: Site) -> None:
    dora = make_newcomer(site, [DOG])
    tab = opened(tab_for, dora)
    assert says(tab, "main") == "Start 5 s hold × 5, left side"
    tap(tab, "main")
    # 3 to get ready, five holds of 5 with 4 between them: 44. The other leg waits for a tap.
    tab.clock.fast_forward(60_000)
    assert (timer(tab), says(tab, "main")) == (None, "Start 5 s hold × 5, right side")
    tap(tab, "main")
    # After 44 again the rest of 30 began: 16 of it are gone.
    tab.clock.fast_forward(60_000)
    assert timer(tab) == ("Rest", "14")
    assert tab.get_attribute("[data-leg=left]", "aria-current") == "step"


def test_hands_free_runs_through_all_with_one_tap(tab_for: TabFor, nia: Newcomer, site: Site) -> None:
    tab = opened(tab_for, nia)
    tap(tab, "auto")
    assert timer(tab) == ("Get ready", "3")
    # Two sets of 8 reps, 2 seconds up and 3 down, and 45 between them.
    run(tab, 3 + 40 + 45)
    assert timer(tab) == ("Set 2", "40")
    run(tab, 40)
    assert (step(tab), timer(tab)) == ("Lying hamstring stretch with strap", ("Get ready", "10"))
    run(tab, 10 + 20 + 10 + 20)
    tab.wait_for_url("**/today/moves/felt")
    assert [kept["outcome"] for kept in sessions(site, nia)] == ["done"]


def test_who_slept_through_hands_free_is_asked_before_it_is_told(tab_for: TabFor, nia: Newcomer, site: Site) -> None:
    tab = opened(tab_for, nia)
    tap(tab, "auto")
    tab.clock.fast_forward(3_600_000)
    assert step(tab) == "That was the last move."
    assert tab.is_visible("[data-finish]")
    assert sessions(site, nia) == []


def test_the_screen_stays_on_while_somebody_moves_and_sound_waits_for_a_tap(tab_for: TabFor, nia: Newcomer) -> None:
    tab = tab_for(nia)
    tab.add_init_script(SPY)
    tab.goto("/today/moves")
    assert (tab.evaluate("asked"), says(tab, "sound")) == ([], "Sound: off")
    tap(tab, "main")
    assert tab.evaluate("asked") == ["screen"]
    assert tab.is_hidden("[data-screen]")
    tab.click("[data-sound]")
    assert (says(tab, "sound"), tab.get_attribute("[data-sound]", "aria-pressed")) == ("Sound: on", "true")


def test_where_the_screen_cannot_be_held_a_line_says_so(tab_for: TabFor, nia: Newcomer) -> None:
    tab = tab_for(nia)
    tab.add_init_script("navigator.wakeLock.request = async () => { throw new Error('no'); };")
    tab.goto("/today/moves")
    tap(tab, "main")
    tab.get_by_text("Keep the screen on.").wait_for()


def test_a_killed_tab_goes_on_where_it_was(tab_for: TabFor, nia: Newcomer, site: Site) -> None:
    tab = opened(tab_for, nia)
    tab.click("section:not([hidden]) summary")
    tab.click("section:not([hidden]) .amount:has([name^=reps]) [data-by='-1']")
    tap(tab, "main")
    again = tab.context.new_page()
    tab.close()
    again.goto("/today/moves")
    assert (says(again, "main"), again.input_value("section:not([hidden]) [name^=reps]")) == ("Done with set 2", "7")
    tap(again, "main")
    tap(again, "skip")
    again.wait_for_url("**/today/moves/felt")
    [kept] = sessions(site, nia)
    assert kept["outcome"] == "partly"
    assert [one["reps"] for result in kept["results"] for one in result.get("sets", [])] == [7, 7]
    # The clinic has it: this browser keeps nothing of the day.
    assert again.evaluate("Object.keys(localStorage)") == []


def test_the_whole_plan_is_done_without_a_network_and_arrives_when_it_is_back(
    tab_for: TabFor, nia: Newcomer, site: Site
) -> None:
    tab = tab_for(nia)
    tab.clock.install(time=utc_now())
    tab.goto("/today")
    until_kept(tab, "/today", "/today/moves")
    tab.context.set_offline(True)
    tab.click("text=Start my plan")
    tap(tab, "main")
    tap(tab, "rest-skip")
    tap(tab, "main")
    tap(tab, "skip")
    says_in_bar(tab, "1 note waits to be sent. It is safe on this phone.")
    assert tab.locator("#plan .waits").inner_text() == "Your moves – waits to be sent"
    assert sessions(site, nia) == []
    tab.context.set_offline(False)
    says_in_bar(tab, "All saved and sent.")
    tab.locator("#plan .said-partly").wait_for()
    assert [kept["outcome"] for kept in sessions(site, nia)] == ["partly"]


@pytest.mark.parametrize("way", ["from the outbox", "as a plain form"])
def test_two_taps_on_a_button_count_once(tab_for: TabFor, site: Site, way: str) -> None:
    rita = make_newcomer(site, [CLAM])
    tab = opened(tab_for, rita, NO_DATABASE if way == "as a plain form" else "")
    held: list[Any] = []
    tab.route("**/today/moves", lambda way: held.append(way) if way.request.method == "POST" else way.continue_())
    tap_twice(tab, "main")
    assert timer(tab) == ("Rest", "45")
    run(tab, 1)
    tap(tab, "rest-skip")
    run(tab, 1)
    # The last move sends all of it, and the button that sends comes to where the one of the moves was.
    # While its answer is on the way it is tapped once more.
    tap_twice(tab, "main", AND_AGAIN)
    tab.wait_for_timeout(1500)
    assert len(held) == 1
    held[0].continue_()
    tab.wait_for_url("**/today/moves/felt")
    assert [(kept["outcome"], kept["revision"]) for kept in sessions(site, rita)] == [("done", 1)]


def test_the_keyboard_alone_is_enough(tab_for: TabFor, nia: Newcomer, site: Site) -> None:
    tab = opened(tab_for, nia, size="desk")
    tab.keyboard.press("Space")
    assert timer(tab) == ("Rest", "45")
    run(tab, 45)
    tab.keyboard.press("Space")
    assert step(tab) == "Lying hamstring stretch with strap"
    run(tab, 1)
    for _ in range(20):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.dataset.skip !== undefined"):
            break
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/today/moves/felt")
    assert [kept["outcome"] for kept in sessions(site, nia)] == ["partly"]


def test_the_picture_moves_on_a_tap_and_never_for_who_asked_for_less_motion(tab_for: TabFor, nia: Newcomer) -> None:
    tab = tab_for(nia)
    tab.goto("/today/moves")
    picture = tab.locator("section:not([hidden]) img")
    still = picture.get_attribute("src")
    tab.click("section:not([hidden]) [data-show]")
    assert picture.get_attribute("src") not in (still, None)
    assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth > 0; }")
    tab.click("section:not([hidden]) [data-show]")
    assert picture.get_attribute("src") == still
    calm = tab_for(nia, reduced_motion="reduce")
    calm.goto("/today/moves")
    assert calm.locator("[data-show]:visible").count() == 0
    tap(calm, "main")
    assert calm.locator("[data-ring]").evaluate("ring => getComputedStyle(ring).visibility") == "hidden"


def test_without_script_it_goes_step_by_step_to_the_end(tab_for: TabFor, nia: Newcomer, site: Site) -> None:
    tab = tab_for(nia, java_script_enabled=False)
    tab.goto("/today")
    tab.click("text=Start my plan")
    assert (step(tab), says(tab, "main")) == ("Clamshell", "Done with this move")
    tab.click("[data-main]")
    tab.click("[data-skip]")
    assert step(tab) == "That was the last move."
    tab.click("[data-finish]")
    tab.click("button[value=somewhat_hard]")
    tab.click("button[name=during][value='3']")
    [kept] = sessions(site, nia)
    assert (kept["outcome"], kept["effort"], kept["pain_during"]) == ("partly", "somewhat_hard", 3)
