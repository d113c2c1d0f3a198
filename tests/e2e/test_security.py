"""How staff get in, in a browser: a passkey, an app's code without script, a code from paper."""

import re
from base64 import b32decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from service.accounts.rules.factors import app_code, step_of
from service.clock import utc_now
from tests.acceptance.processes import eventually
from tests.e2e.conftest import Site

PASSWORD = "four words and a comma"
SIGN_IN = "form[action='/staff/sign-in']"


@pytest.fixture(scope="module")
def ana(site: Site) -> str:
    """Her email: she was invited, and chose `PASSWORD`."""
    address = "ana@northside.example"
    path = invited(site, "Ana Abel", address)
    joined = httpx.post(f"{site.url}{path}", data={"password": PASSWORD, "again": PASSWORD}, trust_env=False)
    assert joined.status_code == 303
    return address


def invited(site: Site, name: str, address: str) -> str:
    """Where the link in the mail leads."""
    # An invitation asks for a sign-in of the last minutes: the one of `site.api` is as old as the demo.
    with httpx.Client(base_url=site.url, trust_env=False, follow_redirects=True) as sam:
        page = sam.post(site.sam_link.partition("?")[0], data={"to": "/team"}).text
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
        assert found
        form = {"name": name, "email": address, "role": "therapist", "csrf": found[1]}
        assert sam.post("/team", data=form, follow_redirects=False).status_code == 303
    return eventually("the invitation", lambda: mailed(site, address, r"/staff/join/[0-9a-f]{32}\.\w{22}"))[0]


def mailed(site: Site, address: str, link: str) -> list[str]:
    inbox = httpx.get(f"{site.url}/dev/inbox/messages", params={"to": address}, trust_env=False)
    return re.findall(link, inbox.text)


@contextmanager
def with_authenticator(tab: Any) -> Iterator[None]:
    """A phone that says yes to whatever it is asked."""
    session = tab.context.new_cdp_session(tab)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    session.detach()


def type_password(tab: Any, address: str) -> None:
    tab.goto("/staff/sign-in")
    tab.fill(f"{SIGN_IN} input[name=email]", address)
    tab.fill(f"{SIGN_IN} input[name=password]", PASSWORD)
    tab.click(f"{SIGN_IN} button")


def test_an_app_is_added_and_signs_in_without_script_and_so_does_a_code_from_paper(
    site: Site, ana: str, tab_for: Callable[..., Any]
) -> None:
    tab = tab_for("nobody", size="phone", java_script_enabled=False)
    type_password(tab, ana)
    tab.wait_for_url("**/caseload")
    tab.click("text=Add a second way to sign in by")
    tab.click("text=Set up an app")
    assert tab.get_by_role("img", name="The secret below").is_visible()
    secret = b32decode(tab.inner_text(".secret").replace(" ", ""))
    tab.fill("#code", "000000")
    tab.click("text=Add the app")
    assert "This code does not match." in tab.inner_text("main")
    assert b32decode(tab.inner_text(".secret").replace(" ", "")) == secret
    step = step_of(utc_now()) - 1
    tab.fill("#code", app_code(secret, step))
    tab.click("text=Add the app")
    codes = tab.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    tab.click("text=I have kept them")
    assert "10 of 10 left." in tab.inner_text("main")
    for typed in (app_code(secret, step + 1), codes[3].upper()):
        tab.context.clear_cookies()
        type_password(tab, ana)
        tab.wait_for_url("**/second-step")
        tab.fill("#code", typed)
        tab.click("main form button")
        tab.wait_for_url("**/caseload")
    tab.goto("/security")
    assert "9 of 10 left." in tab.inner_text("main")


def add_app(tab: Any) -> None:
    tab.click("text=Set up an app")
    secret = b32decode(tab.inner_text(".secret").replace(" ", ""))
    tab.fill("#code", app_code(secret, step_of(utc_now())))
    tab.click("text=Add the app")


def add_passkey(tab: Any) -> None:
    tab.fill("form[data-passkey] input[name=name]", "Work laptop")
    tab.click("form[data-passkey] button")


@pytest.mark.parametrize(("size", "add"), [("phone", add_app), ("desk", add_passkey)])
def test_who_is_invited_joins_and_adds_the_second_way_that_is_asked_for(
    site: Site, tab_for: Callable[..., Any], size: str, add: Callable[[Any], None]
) -> None:
    address = f"joins-by-{size}@northside.example"
    tab = tab_for("nobody", size=size, base_url=f"http://localhost:{urlsplit(site.url).port}")
    with with_authenticator(tab):
        tab.goto(invited(site, "Maximiliane-" * 16, address))
        for again in ("another one, as long", PASSWORD):
            # What was typed before did not come back.
            assert [tab.input_value(field) for field in ("#password", "#again")] == ["", ""]
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
            tab.fill("#password", PASSWORD)
            tab.fill("#again", again)
            tab.click("main form button")
            if again != PASSWORD:
                assert tab.inner_text("#again-problem") == "Type the same password twice."
        tab.wait_for_url("**/staff/sign-in")
        type_password(tab, address)
        tab.wait_for_url("**/caseload")
        tab.click("text=Add a second way to sign in by")
        add(tab)
        tab.locator(".codes li").nth(9).wait_for()
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        tab.click("text=I have kept them")
        assert "10 of 10 left." in tab.inner_text("main")
        # From now on a password is the first of two steps.
        tab.context.clear_cookies()
        type_password(tab, address)
        tab.wait_for_url("**/second-step")


def test_a_passkey_is_added_and_alone_signs_in_on_a_phone_and_on_a_desk(
    site: Site, tab_for: Callable[..., Any]
) -> None:
    """A passkey belongs to a name: on this machine, to localhost."""
    tab = tab_for("nobody", size="desk", base_url=f"http://localhost:{urlsplit(site.url).port}")
    with with_authenticator(tab):
        tab.goto(urlsplit(site.sam_link).path)
        tab.click("main form button")
        tab.goto("/security")
        tab.fill("form[data-passkey] input[name=name]", "Work laptop")
        tab.click("form[data-passkey] button")
        tab.locator(".codes li").nth(9).wait_for()
        for size in ({"width": 360, "height": 740}, {"width": 1280, "height": 800}):
            tab.context.clear_cookies()
            tab.set_viewport_size(size)
            tab.goto("/staff/sign-in")
            tab.click("text=Sign in with a passkey")
            tab.wait_for_url("**/caseload")
            assert "Sam Carter" in tab.locator("header.bar").text_content()
        tab.goto("/security")
        assert "Work laptop" in tab.inner_text("#main")
        assert "Last used on" in tab.inner_text("#main")
        # Another press asks for what is there already: the browser refuses, and the page says so.
        tab.fill("form[data-passkey] input[name=name]", "Again")
        tab.click("form[data-passkey] button")
        tab.get_by_text("That did not work.").wait_for()


def test_where_there_are_no_passkeys_the_page_speaks_of_none(tab_for: Callable[..., Any]) -> None:
    """127.0.0.1 is a number."""
    tab = tab_for("nobody")
    tab.goto("/staff/sign-in")
    assert not tab.locator("text=Sign in with a passkey").is_visible()
    assert tab.locator(SIGN_IN).is_visible()
