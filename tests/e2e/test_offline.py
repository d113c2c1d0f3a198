"""Without a network: what is told waits on the phone and comes once, and what is refused stays with its reason."""

from datetime import timedelta
from typing import Any

import pytest

from service.clock import utc_now
from tests.e2e.conftest import Newcomer, Site, TabFor, change_plan, scores, until, until_kept
from tests.e2e.conftest import says_in_bar as says

NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })"
# What the outbox of the page's own script holds.
OUTBOX = "import(document.querySelector('script[src$=\"/client.js\"]').src.replace('client.js', 'outbox.js'))"
KEPT = f"async () => (await (await {OUTBOX}).all()).map((one) => one.path)"
KEEP_REFUSED = f"""async (person) => (await {OUTBOX}).add({{
  id: "019cd843-1180-7834-932d-9ca146080ab9", person, path: "/today/pain", fields: [["score", "4"]], label: "4",
  slot: "", hidden: "", day: "2026-01-01", madeAt: "2026-01-01T12:00:00Z", problem: "",
}})"""


def back_online(tab: Any) -> None:
    tab.evaluate("dispatchEvent(new Event('online'))")


def test_what_is_told_without_a_network_waits_over_a_reload_and_arrives(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    until_kept(tab, "/today")
    tab.context.set_offline(True)
    tab.click("#pain button[value='4']")
    tab.click("#plan button[value='done']")
    tab.click("#habits button[value='yes'] >> nth=0")
    says(tab, "3 notes wait to be sent. They are safe on this phone.")
    tab.reload()
    says(tab, "You are offline. You can still do your plan and log it.")
    says(tab, "3 notes wait to be sent. They are safe on this phone.")
    assert tab.locator("#pain .waits").inner_text() == "4 – waits to be sent"
    assert tab.locator("#plan .waits").inner_text() == "I did all of it – waits to be sent"
    assert tab.locator("#habits button.is-picked").inner_text() == "Yes"
    assert site.diary(newcomer)["pain"] == []
    tab.context.set_offline(False)
    says(tab, "All saved and sent.")
    kept = site.diary(newcomer)
    assert (scores(site, newcomer), [one["outcome"] for one in kept["sessions"]]) == ([4], ["done"])
    assert [one["value"] for one in kept["habits"]] == [True]
    tab.locator("#pain .said-score", has_text="4").wait_for()


def test_an_answer_that_never_came_back_is_asked_for_again_and_kept_once(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer, service_workers="block")
    tab.goto("/today")
    lost: list[str] = []

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()
        lost.append(route.request.url)

    tab.route("**/today/pain", lose)
    tab.route("**/today/habits/*", lose)
    tab.click("#pain button[value='6']")
    says(tab, "1 note waits to be sent. It is safe on this phone.")
    tab.click("#habits button[value='no'] >> nth=0")
    says(tab, "2 notes wait")
    until(tab, "two tries of the first", lambda: len(lost) == 2)
    assert scores(site, newcomer) == [6]
    tab.unroute("**/today/pain")
    tab.unroute("**/today/habits/*")
    back_online(tab)
    says(tab, "All saved and sent.")
    kept = site.diary(newcomer)
    assert [(entry["score"], entry["revision"]) for entry in kept["pain"]] == [(6, 1)]
    assert [(mark["value"], mark["revision"]) for mark in kept["habits"]] == [(False, 1)]


@pytest.mark.parametrize("script", ["", NO_LOCKS], ids=["locks", "no locks"])
def test_two_tabs_send_what_waits_once(tab_for: TabFor, newcomer: Newcomer, site: Site, script: str) -> None:
    first = tab_for(newcomer, service_workers="block")
    first.context.add_init_script(script)
    second, sent = first.context.new_page(), []
    first.context.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for tab in (first, second):
        tab.goto("/today")
    first.context.set_offline(True)
    first.click("#pain button[value='5']")
    says(first, "1 note waits")
    # What one tab keeps the other shows.
    says(second, "1 note waits")
    sent.clear()
    first.context.set_offline(False)
    until(first, "the score", lambda: scores(site, newcomer) == [5])
    for tab in (first, second):
        tab.locator("#phone-bar", has_text="wait").wait_for(state="hidden")
    assert len(sent) == 1


def test_a_plan_that_changed_meanwhile_keeps_what_is_in_it_and_says_so(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    until_kept(tab, "/today", "/today/moves")
    tab.context.set_offline(True)
    tab.click("#plan button[value='done']")
    tab.click("#pain button[value='3']")
    says(tab, "2 notes wait")
    tab.goto("/today/moves")
    change_plan(site, newcomer)
    tab.context.set_offline(False)
    # On whichever page they are: what they read stays.
    says(tab, "Saved. Your plan changed meanwhile: we kept what is in the new plan.")
    assert tab.url.endswith("/today/moves")
    kept = site.diary(newcomer)
    assert ([one["outcome"] for one in kept["sessions"]], scores(site, newcomer)) == (["partly"], [3])


def test_what_is_refused_later_stays_with_its_reason_until_its_person_removes_it(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer, service_workers="block")
    tab.clock.install(time=utc_now())
    tab.goto("/today")
    tab.context.set_offline(True)
    tab.click("#pain button[value='5']")
    says(tab, "1 note waits")
    tab.clock.set_system_time(utc_now() + timedelta(days=8))
    tab.evaluate("dispatchEvent(new Event('offline'))")
    says(tab, "The oldest has waited for more than a day.")
    tab.context.set_offline(False)
    row = tab.locator(".phone-refused li")
    row.wait_for()
    assert "5 – this could not be saved: Use a day of the last 7 days." in row.inner_text()
    tab.reload()
    row.locator("button").click()
    row.wait_for(state="detached")
    assert scores(site, newcomer) == []


def test_an_answer_that_is_refused_at_once_stands_beside_its_question(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    tab.click("#plan summary:has-text('I did some of it')")
    boxes = tab.locator("#plan .some-move > .box input[type=checkbox]")
    for number in range(boxes.count()):
        boxes.nth(number).uncheck()
    tab.click("#plan details[open] button:has-text('Save')")
    tab.locator("#plan .problem", has_text="Tick what you did.").wait_for()
    boxes.first.check()
    tab.click("#plan details[open] button:has-text('Save')")
    tab.locator("#plan .said-partly").wait_for()
    assert [one["outcome"] for one in site.diary(newcomer)["sessions"]] == ["partly"]
    assert not tab.locator("#phone-bar").is_visible()


def test_a_correction_takes_the_place_of_what_waits_and_two_messages_are_two(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    tab = tab_for(newcomer, service_workers="block")
    tab.goto("/today")
    tab.context.set_offline(True)
    for score in ("4", "5"):
        tab.click(f"#pain button[value='{score}']")
        tab.locator("#pain .waits", has_text=score).wait_for()
    says(tab, "1 note waits")
    for words in ("I am away on Friday.", "And on Monday."):
        tab.fill("#messages textarea", words)
        tab.click("#messages .write button")
        tab.locator("#messages .waits", has_text=words).wait_for()
    says(tab, "3 notes wait")
    tab.context.set_offline(False)
    says(tab, "All saved and sent.")
    assert [(entry["score"], entry["revision"]) for entry in site.diary(newcomer)["pain"]] == [(5, 1)]
    assert tab.locator("#messages .note-words").all_inner_texts() == ["I am away on Friday.", "And on Monday."]


def test_a_message_of_blanks_is_refused_before_it_is_kept(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    sent: list[str] = []
    tab.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    box = tab.locator("#messages textarea")
    for _ in range(2):
        box.fill("  \n ")
        tab.click("#messages .write button")
        tab.locator("#messages .problem").wait_for()
    problem = tab.locator("#messages .problem")
    assert problem.all_inner_texts() == ["Write something first."]
    assert box.get_attribute("aria-describedby") == problem.get_attribute("id")
    assert (tab.evaluate(KEPT), sent, tab.locator("#phone-bar").is_visible()) == ([], [], False)
    box.fill("I am away on Friday.")
    tab.click("#messages .write button")
    tab.locator("#messages .note-words", has_text="I am away on Friday.").wait_for()
    assert not problem.is_visible()


@pytest.mark.parametrize("path", ["/today", "/today/moves", "/week", "/help"])
def test_what_was_refused_goes_with_one_tap_on_any_page_and_without_a_network(
    tab_for: TabFor, newcomer: Newcomer, path: str
) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    tab.evaluate(KEEP_REFUSED, str(newcomer.id))
    tab.goto(path)
    row = tab.locator(".phone-refused li", has_text="4 – this could not be saved: Your plan has changed since.")
    row.wait_for()
    tab.context.set_offline(True)
    row.locator("button").click()
    row.wait_for(state="detached")
    assert tab.evaluate(KEPT) == []
    assert tab.locator(".waits").count() == 0


def test_what_is_written_while_a_message_is_on_its_way_stays(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for(newcomer, service_workers="block")
    tab.goto("/today")
    on_their_way: list[Any] = []

    def hold(route: Any) -> None:
        on_their_way.append(route)

    tab.route("**/today/messages", hold)
    tab.fill("#messages textarea", "I am away on Friday.")
    tab.click("#messages .write button")
    until(tab, "the message is on its way", lambda: bool(on_their_way))
    tab.fill("#messages textarea", "And on Mon")
    on_their_way[0].continue_()
    says(tab, "All saved and sent.")
    assert tab.input_value("#messages textarea") == "And on Mon"


def test_a_phone_without_a_database_sends_the_plain_form(tab_for: TabFor, newcomer: Newcomer, site: Site) -> None:
    tab = tab_for(newcomer)
    tab.add_init_script("Object.defineProperty(globalThis, 'indexedDB', { value: undefined })")
    tab.goto("/today")
    tab.click("#pain button[value='1']")
    tab.locator("#pain .said-score", has_text="1").wait_for()
    assert scores(site, newcomer) == [1]
