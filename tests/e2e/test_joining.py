"""How people come in, in a browser: a client by an invitation, a helper by a link, a plan on weekdays of its own."""

import re

import httpx

from service.clock import utc_now
from tests.acceptance.processes import eventually
from tests.e2e.conftest import Newcomer, Site, TabFor
from tests.scheduler.conftest import daytime_zone


def invitation(site: Site, address: str) -> str:
    def links() -> list[str]:
        inbox = httpx.get(f"{site.url}/dev/inbox/messages", params={"to": address}, trust_env=False)
        return re.findall(r"(/r/[0-9A-Za-z]{22})", inbox.text)

    return eventually(f"an invitation for {address}", links)[0]


def test_a_client_is_invited_says_yes_and_staff_see_it(tab_for: TabFor, site: Site) -> None:
    staff = tab_for("sam", "desk")
    address = f"nell.{utc_now().timestamp():.0f}@mail.example"
    staff.goto("/clients/new")
    staff.locator("#name").fill("Nell Newly")
    staff.locator("#email").fill(address)
    staff.locator("#zone").fill(daytime_zone())
    staff.locator("input[name=invite]").check()
    staff.get_by_role("button", name="Add client").click()
    staff.locator("#contacts", has_text="Invitation").wait_for()

    theirs = tab_for("nobody", "phone", java_script_enabled=False)
    theirs.goto(invitation(site, address))
    theirs.get_by_role("button", name="Open the invitation").click()
    theirs.get_by_role("button", name="Yes, I agree").click()
    theirs.get_by_role("heading", name="Thank you. Your yes is saved.").wait_for()
    staff.reload()
    assert "Yes, send me emails about my plan." in staff.locator("#contacts").inner_text()


def test_a_helper_ticks_what_is_asked_until_the_client_ends_it(tab_for: TabFor, site: Site, newcomer: Newcomer) -> None:
    theirs = tab_for(newcomer)
    theirs.goto("/devices")
    theirs.get_by_text("Name a helper").click()
    theirs.locator("input[name=name]").fill("Ana Lopez")
    theirs.locator("input[value=family]").check()
    theirs.locator("input[name=contact]").fill("ana@mail.example")
    theirs.get_by_role("button", name="Make the link").click()
    link = theirs.locator(".hand-over code").inner_text()
    helper = tab_for("nobody", "phone", java_script_enabled=False)
    helper.goto(link)
    helper.get_by_role("button", name="All of it").click()
    helper.get_by_role("heading", name="Saved: all of it is done.").wait_for()
    [told] = site.diary(newcomer)["sessions"]
    assert (told["outcome"], told["entered_by"]) == ("done", "helper")
    theirs.get_by_role("button", name="End this").click()
    helper.goto(link)
    helper.get_by_role("heading", name="This link has run out.").wait_for()


def test_a_weekday_that_is_ticked_is_meant(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for("sam", "desk")
    tab.goto(f"/clients/{newcomer.id}/plan/new")
    line = tab.locator("#line-glu-bridge-double")
    for day in ("Mon", "Wed", "Fri", "Sun"):
        line.get_by_role("checkbox", name=day).uncheck()
    assert line.locator("select[name^=cadence_]").input_value() == "pick"
    tab.get_by_role("button", name="Send the plan").click()
    tab.get_by_text("The plan is on its way.").wait_for()
    assert "Tue, Thu, Sat" in tab.locator("#plan").inner_text()
