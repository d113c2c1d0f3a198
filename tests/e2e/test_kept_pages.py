"""The pages that a phone keeps: gone with whoever signs out, nobody else's, and shown as the copies that they are."""

import socket
from contextlib import suppress
from datetime import timedelta
from threading import Thread
from time import sleep
from urllib.parse import urlsplit

from service.clock import utc_now
from tests.e2e.conftest import BAR, PATHS, Newcomer, Site, TabFor, make_newcomer, scores, sign_in, until_kept
from tests.e2e.conftest import says_in_bar as says

PEOPLE = """async () => {
  const cache = await caches.open('pages');
  const kept = await Promise.all((await cache.keys()).map((one) => cache.match(one)));
  return [...new Set(kept.map((copy) => copy.headers.get('Clamshell-Person')).filter(Boolean))];
}"""


def test_a_session_that_ended_loses_nothing_and_leaves_no_page(tab_for: TabFor, newcomer: Newcomer, site: Site) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    # What comes of itself with Today brings the cookie anew: it ends after that.
    until_kept(tab, "/today", "/plan", "/today/moves", "/help")
    tab.context.clear_cookies()
    tab.click("#pain button[value='3']")
    says(tab, "Please sign in again to send 1 note. It is safe on this phone.")
    tab.click(f"{BAR} a")
    says(tab, "Please sign in again to send 1 note. It is safe on this phone.")
    tab.goto("/today")
    assert tab.url.endswith("/sign-in")
    assert tab.evaluate(PATHS) == []
    sign_in(site, tab, newcomer.address)
    says(tab, "All saved and sent.")
    assert scores(site, newcomer) == [3]


def test_another_person_on_the_phone_neither_sends_nor_sees_what_waits(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    other, tab = make_newcomer(site), tab_for(newcomer)
    for path in ("/plan", "/today"):
        tab.goto(path)
        until_kept(tab, path)
    # What comes of itself with Today is asked for before the network goes.
    until_kept(tab, "/today", "/plan", "/today/moves", "/help")
    tab.context.set_offline(True)
    tab.click("#pain button[value='7']")
    says(tab, "1 note waits")
    tab.context.clear_cookies()
    # The worker is not asked on the way in: it has to notice by itself whose page comes.
    tab.context.set_offline(False)
    says(tab, "Please sign in again to send 1 note.")
    sign_in(site, tab, other.address)
    until_kept(tab, "/today", "/plan", "/today/moves", "/help")
    # No copy of the first person's: what stands in for them is the second's.
    assert tab.evaluate(PEOPLE) == [str(other.id)]
    tab.click("#pain button[value='2']")
    tab.locator("#pain .said-score", has_text="2").wait_for()
    assert "wait" not in tab.inner_text(BAR)
    assert (scores(site, newcomer), scores(site, other)) == ([], [2])
    sign_in(site, tab, newcomer.address)
    says(tab, "All saved and sent.")
    assert (scores(site, newcomer), scores(site, other)) == ([7], [2])


def test_who_signs_out_leaves_no_page_behind(tab_for: TabFor, site: Site) -> None:
    # A session of her own: it ends here. What is said then is said in her browser's language.
    tab = tab_for("nobody", locale="es-MX")
    sign_in(site, tab, make_newcomer(site).address)
    until_kept(tab, "/today")
    tab.goto("/help")
    tab.click(".foot button")
    tab.wait_for_url("**/sign-in")
    tab.context.set_offline(True)
    tab.goto("/today")
    assert "No pudimos cargar esta página." in tab.inner_text("main")


def test_a_page_can_be_installed(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    devtools = tab.context.new_cdp_session(tab)
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The windows of tests are private ones, which install nothing.
    assert [error["errorId"] for error in errors] == ["in-incognito"]


def test_who_signs_out_without_a_network_is_told_so_and_leaves_no_page(tab_for: TabFor, newcomer: Newcomer) -> None:
    tab = tab_for(newcomer)
    tab.goto("/today")
    until_kept(tab, "/today")
    tab.goto("/help")
    tab.context.set_offline(True)
    tab.click(".foot button")
    tab.locator(".foot [role=alert]", has_text="The pages kept on this phone are removed.").wait_for()
    assert tab.evaluate(PATHS) == []


def test_a_copy_shown_because_the_server_was_slow_says_when_the_page_is_there(
    tab_for: TabFor, newcomer: Newcomer, site: Site
) -> None:
    with SlowWire(site.url) as wire:
        tab = tab_for(newcomer, base_url=wire.url)
        tab.goto("/today")
        until_kept(tab, "/today", "/plan", "/today/moves", "/help")
        # A copy of some minutes ago, by the clock of the page.
        tab.clock.install(time=utc_now() + timedelta(minutes=5))
        wire.seconds = 5
        tab.goto("/today")
        says(tab, "Still loading. You can use the last saved page.")
        says(tab, "The newest page is here now. Show it")
        wire.seconds = 0
        tab.click(f"{BAR} a")
        tab.locator("#phone-bar").wait_for(state="hidden")


class SlowWire:
    """Passes on what goes to a site, each piece so many seconds late."""

    def __init__(self, url: str) -> None:
        self.seconds = 0.0
        self._target = urlsplit(url)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = [self._door]
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> "SlowWire":
        Thread(target=self._let_in, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for end in self._ends:
            # Whoever waits in it is woken first.
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection((self._target.hostname, self._target.port))
                self._ends += [near, far]
                Thread(target=self._pass_on, args=(near, far, True), daemon=True).start()
                Thread(target=self._pass_on, args=(far, near, False), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket, is_slow: bool) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                if is_slow:
                    sleep(self.seconds)
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)
