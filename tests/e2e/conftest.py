"""A real browser against a running demo: `./run e2e`. Every test brings people of its own."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import sync_playwright  # type: ignore[import-not-found, unused-ignore]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from service.clock import utc_now
from tests.acceptance.processes import Demo, eventually
from tests.far_ends import free_port
from tests.scheduler.conftest import daytime_zone
from tests.shots import CALM, SIZES, chromium, end

WORDING = "Yes, send me messages about my plan, up to 1 a day. I can stop at any time."
DAILY = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
PLAN: list[dict[str, Any]] = [
    {"exercise": "glu-bridge-double", "routine": "Glute strength", "cadence": DAILY, "sets": 2, "reps": 10},
    {"exercise": "glu-squeeze", "routine": "Glute strength", "cadence": DAILY},
    {"exercise": "ham-strap", "routine": "Hamstring stretch", "cadence": DAILY, "side": "right"},
]
HABITS = ("hab-hang-hip", "hab-low-chair", "hab-walk")

Size = Literal["phone", "desk"]
TabFor = Callable[..., Any]
"""What the fixture `tab_for` gives."""
_numbers = count(1)
BAR = "#phone-bar .phone-says"
WITHOUT_DEMO = ("test_accessible.py", "test_every_page.py", "test_crowd.py")
PATHS = "async () => (await (await caches.open('pages')).keys()).map((one) => new URL(one.url).pathname)"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A client of Sam's with a plan for today: `PLAN` and `HABITS`. `plan` is what the API answered."""

    id: UUID
    name: str
    address: str
    zone: str
    plan: dict[str, Any]


@dataclass
class Site:
    """A running demo. `api` is signed in as Sam, who treats everybody here."""

    url: str
    sam_link: str
    api: httpx.Client
    demo: Demo
    states: dict[str, Any] = field(default_factory=dict)

    def diary(self, who: Newcomer) -> dict[str, Any]:
        """What is kept of this person, as the API tells it."""
        kept: dict[str, Any] = self.api.get(f"/v1/clients/{who.id}/diary").json()
        return kept

    def codes(self, address: str) -> list[str]:
        """The codes that were sent to an address, oldest first."""
        inbox = httpx.get(f"{self.url}/dev/inbox/messages", params={"to": address}, trust_env=False)
        return re.findall(r"code is (\d{6})", inbox.text)

    def new_code(self, address: str, used: list[str]) -> str:
        """Each sign-in has a code of its own: the one that came before is used up."""
        return eventually(f"a code for {address}", lambda: [c for c in self.codes(address) if c not in used])[0]


class _Shares(LoadScopeScheduling):  # type: ignore[misc]
    """For two workers: the demo and its people are one share, so that there is one demo; what needs none comes in
    shares of a language, and the last of them goes to whoever is free first."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        if Path(file).name not in WITHOUT_DEMO:
            return "demo"
        return "Spanish pages" if "[es-" in name else "pages"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return _Shares(config, log)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    demo = Demo(tmp_path_factory.mktemp("demo") / "data", free_port())
    try:
        assert "  24 of 24 people" in demo.until_ready()
        link = demo.links["who needs you first"]
        with httpx.Client(base_url=demo.url, trust_env=False, follow_redirects=True) as api:
            assert api.post(link.partition("?")[0], data={"to": "/caseload"}).status_code == 200
            yield Site(demo.url, link, api, demo)
    finally:
        demo.stop()


@pytest.fixture(scope="session")
def chrome() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CALM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def bare_tab(chrome: Any) -> Iterator[Any]:
    """A tab at nothing, in which nothing moves: what is half on its way to another colour says nothing of either."""
    context = chrome.new_context(reduced_motion="reduce")
    yield context.new_page()
    end(context)


@pytest.fixture
def newcomer(site: Site) -> Newcomer:
    return make_newcomer(site)


@pytest.fixture
def tab_for(site: Site, chrome: Any) -> Iterator[TabFor]:
    """`tab_for("sam" | "nobody" | a Newcomer, size="phone", **options of the browser's context)` → a signed-in tab.

    What a tab throws, or is refused by the content policy, fails the test.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def make(who: Newcomer | str, size: Size = "phone", **options: Any) -> Any:
        width, height = SIZES[size]
        settings = {"viewport": {"width": width, "height": height}, "base_url": site.url, **options}
        context = chrome.new_context(storage_state=state_of(site, chrome, who), **settings)
        contexts.append(context)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        return context.new_page()

    yield make
    for context in contexts:
        end(context)
    assert complaints == []


def make_newcomer(
    site: Site, items: list[dict[str, Any]] = PLAN, habits: tuple[str, ...] = HABITS, called: str = ""
) -> Newcomer:
    number, zone = next(_numbers), daytime_zone()
    name, address = called or f"Nia Newcomer {number}", f"nia.newcomer.{number}@mail.example"
    body = {"name": name, "zone": zone, "email": address, "consent": {"email": WORDING}}
    client = UUID(_made(site.api.post("/v1/clients", json=body))["id"])
    today = utc_now().astimezone(ZoneInfo(zone)).date().isoformat()
    plan = {"starts_on": today, "items": items, "habits": [{"habit": habit} for habit in habits]}
    return Newcomer(client, name, address, zone, _made(prescribed(site.api.post, f"/v1/clients/{client}/plan", plan)))


def prescribed(send: Callable[..., httpx.Response], path: str, plan: dict[str, Any], **more: Any) -> httpx.Response:
    """A reason for each warning: what is daily here is so for the sake of the test."""
    answer = send(path, json=plan, **more)
    if answer.json().get("type") != "urn:clamshell:problem:reason-needed":
        return answer
    warned = [{"pointer": one["pointer"], "code": one["code"], "reason": "Agreed."} for one in answer.json()["errors"]]
    return send(path, json=plan | {"reasons": warned}, **more)


def scores(site: Site, who: Newcomer) -> list[int]:
    return [entry["score"] for entry in site.diary(who)["pain"]]


def change_plan(site: Site, who: Newcomer) -> None:
    """Another plan than the one that was prescribed, from today."""
    path = f"/v1/clients/{who.id}/plan"
    old = site.api.get(path)
    body = {"items": [{"exercise": "glu-sidestep", "cadence": DAILY}], "starts_on": old.json()["starts_on"]}
    answer = prescribed(site.api.put, path, body, headers={"If-Match": old.headers["etag"]})
    assert answer.status_code == 200, answer.text


def _made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _is_complaint(said: Any) -> bool:
    return said.type == "error" and "Content Security Policy" in said.text


def state_of(site: Site, chrome: Any, who: Newcomer | str) -> Any:
    """The cookies of somebody signed in: everybody signs in once, and tabs of theirs share the session."""
    if who == "nobody":
        return None
    key = who if isinstance(who, str) else who.address
    if key not in site.states:
        site.states[key] = _client_state(site, who.address) if isinstance(who, Newcomer) else _sam_state(site, chrome)
    return site.states[key]


def _sam_state(site: Site, chrome: Any) -> Any:
    context = chrome.new_context(base_url=site.url)
    tab = context.new_page()
    tab.goto(site.sam_link)
    tab.click("main form button")
    tab.wait_for_url("**/caseload")
    state = context.storage_state()
    end(context)
    return state


def _client_state(site: Site, address: str) -> Any:
    """What `sign_in` leaves in a browser, without one: nearly every test begins here."""
    used = site.codes(address)
    with httpx.Client(base_url=site.url, trust_env=False) as web:
        web.post("/sign-in", data={"address": address})
        entered = web.post("/sign-in/code", data={"address": address, "code": site.new_code(address, used)})
        assert entered.headers["location"] == "/today", entered.text
        held = {"domain": web.base_url.host, "path": "/", "expires": -1, "secure": False, "sameSite": "Lax"}
        cookies = [{"name": name, "value": value, "httpOnly": True, **held} for name, value in web.cookies.items()]
    return {"cookies": cookies, "origins": []}


def sign_in(site: Site, tab: Any, address: str) -> None:
    """As a client would: the address, the code that arrives, in."""
    used = site.codes(address)
    tab.goto("/sign-in")
    tab.fill("input[name=address]", address)
    tab.click("main form button")
    tab.fill("input[name=code]", site.new_code(address, used))
    tab.click("main form button")
    tab.wait_for_url("**/today")


def taps_of(tab: Any) -> Callable[[], int]:
    """How often somebody pressed something in this tab, from now on and over its pages."""
    tab.context.add_init_script(
        "addEventListener('click', (it) => it.isTrusted && it.detail > 0"
        " && sessionStorage.setItem('taps', 1 + Number(sessionStorage.getItem('taps'))), true)"
    )
    return lambda: int(tab.evaluate("Number(sessionStorage.getItem('taps'))"))


def until(tab: Any, what: str, look: Callable[[], bool]) -> None:
    """Waits in the browser, where routes are answered meanwhile."""
    for _ in range(200):
        if look():
            return
        tab.wait_for_timeout(50)
    raise AssertionError(what)


def until_kept(tab: Any, *paths: str) -> None:
    until(tab, f"copies of {paths}", lambda: set(paths) <= set(tab.evaluate(PATHS)))


def says_in_bar(tab: Any, words: str) -> None:
    tab.locator(BAR, has_text=words).wait_for()
