"""Pictures of the pages, on a phone and on a desk: `./run shots --out shots/`.

They are taken from a demo started for them; `--samples` renders every template with made-up views instead, states
that a demo does not show among them. Needs Chromium, and Playwright from requirements/e2e.txt.
"""

import argparse
import asyncio
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from playwright.sync_api import sync_playwright  # type: ignore[import-not-found, unused-ignore]

import service
from service.page import environment
from service.pictures import pictures
from tests.acceptance.processes import Demo, eventually
from tests.all_samples import PAGES
from tests.far_ends import free_port
from tests.samples import error_page

SERVICE = Path(service.__file__).parent
ROOT = SERVICE.parent
SIZES = {"phone": (360, 740), "desk": (1280, 800)}
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CLOSING_SECONDS = 20
CALM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True)
class Page:
    """`kind` is who must be signed in: staff, client or nobody."""

    name: str
    path: str
    kind: str = "nobody"


SIGNED_OUT = [Page("sign_in", "/sign-in"), Page("staff_sign_in", "/staff/sign-in"), Page("api", "/docs/api")]
README = {"caseload": "desk", "today": "phone"}


def write_samples(out: Path, locale: str, pages: Mapping[str, tuple[str, object]] = PAGES) -> list[Page]:
    folder = out / "html"
    shutil.copytree(SERVICE / "static", folder / "static", dirs_exist_ok=True)
    templates = environment(locale)
    shared = {"csrf": "sample", "locale": locale, "static": lambda path: f"static/{path}"}
    made = {name: templates.get_template(one).render(view=view, **shared) for name, (one, view) in pages.items()}
    made["error"] = templates.get_template("error.html").render(**vars(error_page()), **shared)
    (folder / "pictures").mkdir(exist_ok=True)
    for name, html in made.items():
        (folder / f"{name}.html").write_text(html.replace('"/pictures/', '"pictures/'))
        for picture in set(re.findall(r'"/pictures/([^"]+)"', html)):
            (folder / "pictures" / picture).write_text(pictures()[picture])
    return [Page(name, (folder / f"{name}.html").resolve().as_uri()) for name in made]


@dataclass(frozen=True, slots=True)
class Site:
    """A running demo: where it is, and how each kind of person gets in."""

    url: str
    enter: Mapping[str, Callable[[Any], None]]
    pages: list[Page]


@contextmanager
def demo_site(folder: Path) -> Iterator[Site]:
    demo = Demo(folder, free_port())
    try:
        demo.until_ready()
        maria = demo.links["Maria's timeline"].partition("?to=")[2]
        staff = [
            Page("caseload", "/caseload", "staff"),
            Page("client", maria, "staff"),
            Page("prescribe", f"{maria}/plan/new", "staff"),
            Page("add_client", "/clients/new", "staff"),
            Page("inbox", "/dev/inbox", "staff"),
        ]
        enter = {
            "staff": partial(enter_as_sam, demo.links["who needs you first"]),
            "client": partial(enter_as_maria, demo.url),
        }
        yield Site(demo.url, enter, [*SIGNED_OUT, Page("today", "/today", "client"), *staff])
    finally:
        demo.stop()


def enter_as_sam(link: str, tab: Any) -> None:
    """Opening a link changes nothing; its button does."""
    tab.goto(link)
    tab.click("main form button")


def enter_as_maria(url: str, tab: Any) -> None:
    """As she would: her address, the code that arrives, in."""
    address = "maria.lopez@mail.example"
    inbox = f"{url}/dev/inbox/messages?to={address}"

    def codes() -> list[str]:
        return re.findall(r"code is (\d{6})", httpx.get(inbox, trust_env=False).text)

    # Each window signs in with a code of its own: the one that came before is used up.
    used = codes()
    tab.goto(f"{url}/sign-in")
    tab.fill("input[name=address]", address)
    tab.click("main form button")
    code = eventually("a code", lambda: [code for code in codes() if code not in used])[0]
    tab.fill("input[name=code]", code)
    tab.click("main form button")
    tab.wait_for_url("**/today")


def take(site: Site, out: Path, *, dark: bool = False, fold: bool = False) -> Iterator[Path]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CALM)
        for size, (width, height) in SIZES.items():
            for kind in sorted({page.kind for page in site.pages}):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
                )
                tab = context.new_page()
                if kind in site.enter:
                    site.enter[kind](tab)
                for page in (page for page in site.pages if page.kind == kind):
                    name = f"{page.name}-{size}{'-dark' if dark else ''}.png"
                    yield shoot(tab, page, site.url, out / name, fold=fold)
                end(context)
        browser.close()


def end(context: Any) -> None:
    """Closes it, without waiting for ever: now and then Chromium never answers (puppeteer/puppeteer#11627), and
    Playwright knows no limit for this one call. Such a context ends with its browser."""
    with suppress(TimeoutError):
        context._sync(asyncio.wait_for(context._impl_obj.close(reason=None), CLOSING_SECONDS))


def shoot(tab: Any, page: Page, url: str, picture: Path, *, fold: bool) -> Path:
    """The window is made as tall as the page, so that what sticks to its edge is drawn once, at the end.

    With `fold` only what is seen without scrolling.
    """
    size = tab.viewport_size
    tab.goto(page.path if "://" in page.path else url + page.path)
    if not fold:
        tall = tab.evaluate("document.documentElement.scrollHeight")
        tab.set_viewport_size({"width": size["width"], "height": max(size["height"], tall)})
    tab.screenshot(path=str(picture))
    tab.set_viewport_size(size)
    return picture


def chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        sys.exit(f"No Chromium found: install one of {', '.join(CHROMIUM)}.")
    return found


def readme_pictures(folder: Path) -> None:
    """The two pictures of the README, as they are seen without scrolling."""
    pictures = ROOT / "docs" / "pictures"
    with demo_site(folder) as site:
        wanted = replace(site, pages=[page for page in site.pages if page.name in README])
        for picture in take(wanted, folder.parent, fold=True):
            name, _, size = picture.stem.rpartition("-")
            if README[name] == size:
                picture.rename(pictures / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run shots", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--samples", action="store_true", help="made-up views of every state instead of the demo")
    parser.add_argument("--readme", action="store_true", help="only the two pictures of the README")
    parser.add_argument("--locale", default="en", help="language of the samples")
    parser.add_argument("--dark", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        if arguments.readme:
            return readme_pictures(Path(folder) / "data")
        if arguments.samples:
            site = Site("", {}, write_samples(arguments.out, arguments.locale))
        else:
            site = stack.enter_context(demo_site(Path(folder) / "data"))
        for picture in take(site, arguments.out, dark=arguments.dark):
            sys.stdout.write(f"{picture}\n")


if __name__ == "__main__":
    main()
