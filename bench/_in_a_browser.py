"""What a browser on a slow phone network makes of the first page: its bytes, when it shows, and what jumps."""

from typing import Any, NamedTuple

from playwright.sync_api import sync_playwright  # type: ignore[import-not-found, unused-ignore]

from service.accounts.guards import COOKIE
from tests.shots import CALM, SIZES, chromium

# What Lighthouse calls "slow 4G".
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 768_000 / 8}
WATCH = """
window.shifts = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifts += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


class View(NamedTuple):
    """`bytes` as they came over the wire, pictures of exercises left out; `paint` in ms; `shifts` summed."""

    bytes: int
    requests: int
    paint: float
    shifts: float

    def told(self) -> str:
        sent = f"{self.bytes:6,} bytes in {self.requests} requests"
        return f"{sent}, first paint {self.paint:.0f} ms, shift {self.shifts:.3f}"


def seen(tab: Any, url: str) -> View:
    """One view of the page, scrolled through to its end so that what comes late has come."""
    session = tab.context.new_cdp_session(tab)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    session.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    tab.goto(url, wait_until="networkidle")
    tab.wait_for_function(PAINTED)
    tab.mouse.wheel(0, 100_000)
    tab.wait_for_load_state("networkidle")
    counted = [size for request, size in sizes.items() if kinds.get(request) != "Image"]
    return View(
        int(sum(counted)), len([size for size in counted if size]), tab.evaluate(PAINTED), tab.evaluate("shifts")
    )


def first_and_repeat(chrome: Any, url: str, cookies: list[dict[str, Any]]) -> tuple[View, View]:
    """On a phone that was never here, and there once more; without the service worker, whose copies cost nothing."""
    width, height = SIZES["phone"]
    context = chrome.new_context(viewport={"width": width, "height": height}, service_workers="block")
    context.add_cookies(cookies)
    context.add_init_script(WATCH)
    try:
        tab = context.new_page()
        return seen(tab, url), seen(tab, url)
    finally:
        context.close()


def told_by_browser(url: str, token: str) -> str:
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=CALM)
        first, repeat = first_and_repeat(chrome, f"{url}/today", [{"name": COOKIE, "value": token, "url": url}])
        chrome.close()
    return f"first view:  {first.told()}\nrepeat view: {repeat.told()}"
