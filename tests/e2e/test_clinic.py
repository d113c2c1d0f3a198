"""Running a clinic in a browser, with and without script: the menu of a phone, an invitation, a name that is tried."""

import re
from collections.abc import Callable
from typing import Any

import httpx

from tests.acceptance.processes import eventually
from tests.e2e.conftest import Site

PASSWORD = "four words and a comma"


def test_an_invitation_arrives_and_its_link_leads_to_the_staff_pages(site: Site, tab_for: Callable[..., Any]) -> None:
    tab, address = tab_for("sam", java_script_enabled=False), "nina@northside.example"
    tab.goto("/caseload")
    tab.click(".bar-menu > summary")
    tab.click(".bar-menu >> text=Team")
    tab.fill("input[name=name]", "Nina New")
    tab.fill("input[name=email]", address)
    tab.click("text=Send the invitation")
    assert "The invitation is on its way." in tab.inner_text("main")

    def link() -> list[str]:
        inbox = httpx.get(f"{site.url}/dev/inbox/messages", params={"to": address}, trust_env=False)
        return re.findall(r"/staff/join/[0-9a-f]{32}\.\w{22}", inbox.text)

    path = eventually("the invitation", link)[0]
    new = tab_for("nobody", size="desk")
    new.goto(path)
    new.fill("#password", PASSWORD)
    new.fill("#again", PASSWORD)
    new.click("text=Save and sign in")
    new.wait_for_url("**/staff/sign-in")
    new.fill("#email", address)
    new.fill("#password", PASSWORD)
    new.click("form[action='/staff/sign-in'] button")
    new.wait_for_url("**/caseload")
    assert "Nina New" in new.inner_text("header")


def test_the_texts_follow_the_name_that_is_typed(tab_for: Callable[..., Any]) -> None:
    tab = tab_for("sam", size="desk")
    tab.goto("/wording")
    tab.fill("#short_name", "Harbour Street")
    tab.locator("#texts", has_text="Harbour Street: ").wait_for()
    tab.reload()
    assert "Harbour Street" not in tab.inner_text("#texts")
