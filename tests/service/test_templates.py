"""What every page keeps, whatever it shows; rendered from the made-up views of `tests/samples*.py`."""

import gc
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html.parser import HTMLParser

from jinja2.runtime import Context

from service.page import LOCALES, environment, page
from service.static_files import files, url_of
from tests.all_samples import CLIENT_PAGES, PAGES
from tests.samples import error_page

LINK_PAGES = [name for name in CLIENT_PAGES if name.startswith(("link_", "saved"))]
PUBLIC_PAGES = [*LINK_PAGES, "sign_in", "enter_code"]


@cache
def html_of(name: str, locale: str = "en") -> str:
    template, view = PAGES[name]
    return environment(locale).get_template(template).render(view=view, csrf="the-token", locale=locale)


class Elements(HTMLParser):
    """Start tags in order, each with its attributes, and the tags that were open around it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}, list(self.open)))
        if tag not in ("meta", "link", "input", "img", "br", "option"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}, list(self.open)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass


@cache
def elements_of(name: str, locale: str = "en") -> list[tuple[str, dict[str, str], list[str]]]:
    return Elements(html_of(name, locale)).found


def forms(html: str) -> Iterator[str]:
    yield from re.findall(r"<form.*?</form>", html, re.DOTALL)


def wrong(said: Callable[[str], list[str]], names: Iterable[str] = PAGES) -> dict[str, list[str]]:
    """What is wrong with each of these pages: a test looks at all of them, and names those that fail."""
    return {name: found for name in names if (found := said(name))}


def test_a_page_obeys_a_policy_without_inline_script_or_style() -> None:
    def against_it(name: str, locale: str) -> Iterator[str]:
        yield from re.findall(r"<script[^>]*>[^<]+", html_of(name, locale))
        for tag, attributes, _ in elements_of(name, locale):
            is_ours = re.fullmatch(r"/static/[0-9a-f]{16}/js/\w+\.js", attributes.get("src", ""))
            if tag == "script" and not (attributes["type"] == "module" and is_ours):
                yield str(attributes)
            if tag in ("style", "iframe"):
                yield tag
            yield from (key for key in attributes if key == "style" or key.startswith("on"))

    for locale in LOCALES:
        assert wrong(lambda name: list(against_it(name, locale))) == {}  # noqa: B023


def test_every_form_that_changes_something_posts_and_carries_the_token() -> None:
    def is_right(form: str) -> bool:
        if 'method="get"' in form:
            # A question changes nothing; a token in an address would be one that leaks.
            return "the-token" not in form
        return 'method="post"' in form and form.count('name="csrf" value="the-token"') == 1

    assert wrong(lambda name: [form for form in forms(html_of(name)) if not is_right(form)]) == {}


def test_no_form_stands_inside_another() -> None:
    assert wrong(lambda name: [tag for tag, _, around in elements_of(name) if tag == "form" and "form" in around]) == {}


def test_every_drawing_has_a_title_or_is_hidden_from_readers() -> None:
    def is_told(drawing: str) -> bool:
        head = drawing.partition(">")[0]
        return 'aria-hidden="true"' in head or ('role="img"' in head and "<title>" in drawing)

    drawings = re.compile(r"<svg.*?</svg>", re.DOTALL)
    assert wrong(lambda name: [found for found in drawings.findall(html_of(name)) if not is_told(found)]) == {}


def test_an_id_is_used_once_and_every_label_finds_its_field() -> None:
    def astray(name: str) -> list[str]:
        found = [attributes for _, attributes, _ in elements_of(name)]
        ids = [attributes["id"] for attributes in found if "id" in attributes]
        pointers = {attributes[key] for attributes in found for key in ("for", "aria-labelledby") if key in attributes}
        return [id for id in set(ids) if ids.count(id) > 1] + sorted(pointers - set(ids))

    assert wrong(astray) == {}


def test_a_page_has_one_main_heading() -> None:
    headings = {name: [tag for tag, _, _ in elements_of(name)].count("h1") for name in PAGES}
    assert headings == dict.fromkeys(PAGES, 1)


def words_of(name: str, pattern: str) -> list[str]:
    return re.findall(rf"\b(?:{pattern})\b", re.sub(r"<[^>]*>", " ", html_of(name)), re.IGNORECASE)


def test_a_page_that_anybody_with_the_link_can_open_names_nobody_and_no_complaint() -> None:
    assert wrong(lambda name: words_of(name, "hip|pain|Maria|Lopez|exercise|therapist"), PUBLIC_PAGES) == {}


def test_a_client_reads_no_word_of_blame() -> None:
    assert wrong(lambda name: words_of(name, "missed|failed|forgot|should have|overdue|streak"), CLIENT_PAGES) == {}


def test_before_a_clients_page_shows_it_waits_for_one_light_sheet_with_nothing_that_only_staff_see() -> None:
    waited_for = [at["href"] for _, at, _ in elements_of("today") if at.get("rel") == "stylesheet"]
    assert waited_for == [url_of("clamshell.css")]
    sheet = files()["clamshell.css"].content
    assert len(zlib.compress(sheet, 9)) <= 8_000
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", sheet.decode(), flags=re.DOTALL)
    shown = (at.get("class", "") for name in PAGES if is_of_clients(name) for _, at, _ in elements_of(name))
    # What a script or a clinic's own film brings along, and the band of a demo.
    brought = {"waits", "band", "is-own", "move-video"}
    assert set(re.findall(r"\.([a-z][\w-]*)", selectors)) - {one for words in shown for one in words.split()} == brought


def is_of_clients(name: str) -> bool:
    """Its face: who works at a clinic signs in on a page that looks like the clients'."""
    return any(tag == "body" and "client" in at["class"].split() for tag, at, _ in elements_of(name))


def test_the_error_page_leads_back_and_shows_what_would_be_right() -> None:
    shown = vars(error_page()) | {"errors": ["Use a whole number from 0 to 10."]}
    html = environment("en").get_template("error.html").render(locale="en", csrf="", **shown)
    assert "Use a whole number from 0 to 10." in html
    assert 'href="/"' in html


def test_what_people_wrote_is_shown_as_text_and_never_as_html() -> None:
    html = (
        environment("en")
        .get_template("portal/saved.html")
        .render(view=CLIENT_PAGES["saved"][1], csrf="", locale="en", band="<b>hello</b>")
    )
    assert "&lt;b&gt;hello&lt;/b&gt;" in html
    assert "<b>" not in html


def test_a_page_that_was_drawn_is_gone_at_once_and_waits_for_no_garbage_collector() -> None:
    def draw_all() -> None:
        for template, view in PAGES.values():
            page(template, locale="en", view=view)

    def kept() -> Counter[str | None]:
        return Counter(one.name for one in gc.get_objects() if isinstance(one, Context))

    draw_all()
    gc.collect()
    gc.disable()
    try:
        # Parts that need nothing of a page are made once and stay.
        before = kept()
        draw_all()
        assert kept() - before == {}
    finally:
        gc.enable()
