"""What clients come for, done in a real browser on a phone and on a desk: with and without script, without motion, by
keyboard alone. What was kept is asked of the API."""

import re
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from service.clock import utc_now
from tests.acceptance.processes import eventually
from tests.e2e.conftest import Newcomer, Site, TabFor, make_newcomer, sign_in

WAYS: dict[str, dict[str, Any]] = {
    "phone": {},
    "desk": {"size": "desk"},
    "phone without script": {"java_script_enabled": False},
    "desk without script": {"size": "desk", "java_script_enabled": False},
    "phone without motion": {"reduced_motion": "reduce"},
}
pytestmark = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def people(site: Site) -> dict[str, Newcomer]:
    """One for each way of coming: what one told is not on the page of another."""
    return {way: make_newcomer(site) for way in WAYS}


@pytest.fixture(scope="module")
def reminded(site: Site) -> dict[str, tuple[Newcomer, dict[str, str]]]:
    """Others, who told nothing yet, each with the links in the mails that are due this minute."""
    people = {way: make_newcomer(site) for way in WAYS}
    for who in people.values():
        this_minute = f"{utc_now().astimezone(ZoneInfo(who.zone)):%H:%M}"
        for kind in ("check_in", "plan"):
            body = {"local_times": [this_minute], "channels": ["email"]}
            assert site.api.put(f"/v1/clients/{who.id}/reminders/{kind}", json=body).status_code == 200
    return {way: (who, eventually("two mails", partial(_links, site, who), 90)) for way, who in people.items()}


def _links(site: Site, who: Newcomer) -> dict[str, str]:
    """By what the page behind each asks; nothing until both are there."""
    inbox = httpx.get(f"{site.url}/dev/inbox/messages", params={"to": who.address}, trust_env=False)
    paths = set(re.findall(r"/r/\w+", inbox.text))
    pages = {path: httpx.get(f"{site.url}{path}", trust_env=False).text for path in paths}
    asked = {"check_in": "How is it right now?", "plan": "Did you do today"}
    found = {kind: path for kind, words in asked.items() for path, page in pages.items() if words in page}
    return found if len(found) == len(asked) else {}


class Hand:
    """Taps what is seen, and counts."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        self.taps = 0

    def tap(self, name: str, within: str = "main") -> None:
        place = self.tab.locator(within)
        seen = place.get_by_role("button", name=name, exact=True).or_(place.locator("summary", has_text=name))
        seen.locator("visible=true").first.click()
        self.taps += 1


def entered(tab_for: TabFor, who: Newcomer | str, way: str) -> Hand:
    return Hand(tab_for(who, **WAYS[way]))


def outcome(site: Site, who: Newcomer) -> tuple[str, str | None, set[str]]:
    """Of the session that stands: how it went, why not, and which exercises were done."""
    [session] = site.diary(who)["sessions"]
    names = {item["id"]: item["exercise"] for item in who.plan["items"]}
    done = {names[result["plan_item_id"]] for result in session["results"] if result["done"]}
    return session["outcome"], session.get("reason"), done


def test_signing_in_takes_an_address_and_the_code_that_was_sent(
    tab_for: TabFor, site: Site, people: dict[str, Newcomer], way: str
) -> None:
    tab = tab_for("nobody", **WAYS[way])
    sign_in(site, tab, people[way].address)
    assert people[way].name.split()[0] in tab.locator(".hello").inner_text()


def test_pain_is_saved_with_one_tap(tab_for: TabFor, site: Site, people: dict[str, Newcomer], way: str) -> None:
    hand = entered(tab_for, people[way], way)
    hand.tab.goto("/today")
    hand.tap("4", "#pain")
    hand.tab.locator("#pain [role=status]", has_text="Saved. 4 out of 10.").wait_for()
    assert [entry["score"] for entry in site.diary(people[way])["pain"]] == [4]
    assert hand.taps == 1


def test_all_some_or_none_of_the_plan(tab_for: TabFor, site: Site, people: dict[str, Newcomer], way: str) -> None:
    who = people[way]
    hand = entered(tab_for, who, way)
    hand.tab.goto("/today")
    hand.tap("I did all of it", "#plan")
    everything = {item["exercise"] for item in who.plan["items"]}
    hand.tab.locator("#plan .said-done").wait_for()
    assert (outcome(site, who), hand.taps) == (("done", None, everything), 1)

    # Whoever was too quick says it again, in part.
    hand.tap("Change", "#plan")
    hand.tap("I did some of it", "#plan")
    hand.tab.locator("#plan .some-move input[type=checkbox]").first.uncheck()
    hand.tab.locator("#plan form").filter(has=hand.tab.locator(".some-move")).get_by_role("button", name="Save").click()
    hand.tab.locator("#plan .said-partly").wait_for()
    assert outcome(site, who) == ("partly", None, everything - {who.plan["items"][0]["exercise"]})

    hand.tap("Change", "#plan")
    hand.tap("Not today", "#plan")
    hand.tap("No time", "#plan")
    hand.tab.locator("#plan .said-skipped").wait_for()
    assert outcome(site, who) == ("skipped", "no_time", set())


def test_a_habit_is_told_with_one_tap(tab_for: TabFor, site: Site, people: dict[str, Newcomer], way: str) -> None:
    who, hand = people[way], entered(tab_for, people[way], way)
    hand.tab.goto("/today")
    habit = who.plan["habits"][0]["id"]
    hand.tap("Yes", f"#habit-{habit}")
    hand.tab.locator(f"#habit-{habit}.is-answered .chip.is-picked", has_text="Yes").wait_for()
    assert [(mark["plan_habit_id"], mark["value"]) for mark in site.diary(who)["habits"]] == [(habit, True)]
    assert hand.taps == 1


def test_a_message_reaches_the_therapist(tab_for: TabFor, site: Site, people: dict[str, Newcomer], way: str) -> None:
    who, hand = people[way], entered(tab_for, people[way], way)
    hand.tab.goto("/today")
    hand.tab.locator("#messages textarea").fill("May I use the old band?")
    hand.tap("Send", "#messages")
    hand.tab.locator("#messages [role=status]", has_text="Sent.").wait_for()
    sent = site.api.get(f"/v1/clients/{who.id}/messages").json()["data"]
    assert [message["text"] for message in sent if message["from_client"]] == ["May I use the old band?"]


def test_a_link_and_one_tap_save_pain_or_the_whole_plan(
    tab_for: TabFor, site: Site, reminded: dict[str, tuple[Newcomer, dict[str, str]]], way: str
) -> None:
    """Opening the link is the other tap."""
    who, links = reminded[way]
    hand = entered(tab_for, "nobody", way)
    hand.tab.goto(links["check_in"])
    hand.tap("6")
    hand.tab.get_by_role("heading", name="Saved: 6 for today.").wait_for()
    assert [entry["score"] for entry in site.diary(who)["pain"]] == [6]
    assert hand.taps == 1

    hand.tab.goto(links["plan"])
    hand.tap("I did all of it")
    hand.tab.locator(".big-tick").wait_for()
    assert outcome(site, who)[0] == "done"
    assert hand.taps == 2
