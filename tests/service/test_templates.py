"""What every page keeps, whatever it shows; rendered from the made-up views of `tests/samples*.py`."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

import pytest

from service.page import LOCALES, environment
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


def forms(html: str) -> Iterator[str]:
    yield from re.findall(r"<form.*?</form>", html, re.DOTALL)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_obeys_a_policy_without_inline_script_or_style(name: str, locale: str) -> None:
    assert not re.search(r"<script[^>]*>[^<]", html_of(name, locale))
    for tag, attributes, _ in Elements(html_of(name, locale)).found:
        assert tag not in ("style", "iframe")
        if tag == "script":
            assert attributes["type"] == "module"
            assert re.fullmatch(r"/static/[0-9a-f]{16}/js/\w+\.js", attributes["src"])
        assert "style" not in attributes
        assert not [attribute for attribute in attributes if attribute.startswith("on")]


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_changes_something_posts_and_carries_the_token(name: str) -> None:
    for form in forms(html_of(name)):
        if 'method="get"' in form:
            # A question changes nothing; a token in an address would be one that leaks.
            assert "the-token" not in form
            continue
        assert 'method="post"' in form
        assert form.count('name="csrf" value="the-token"') == 1


@pytest.mark.parametrize("name", PAGES)
def test_no_form_stands_inside_another(name: str) -> None:
    assert not [tag for tag, _, around in Elements(html_of(name)).found if tag == "form" and "form" in around]


@pytest.mark.parametrize("name", PAGES)
def test_every_drawing_has_a_title_or_is_hidden_from_readers(name: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", html_of(name), re.DOTALL):
        head = drawing.partition(">")[0]
        assert 'aria-hidden="true"' in head or ('role="img"' in head and "<title>" in drawing)


@pytest.mark.parametrize("name", PAGES)
def test_an_id_is_used_once_and_every_label_finds_its_field(name: str) -> None:
    found = Elements(html_of(name)).found
    ids = [attributes["id"] for _, attributes, _ in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    pointers = [
        attributes[key] for _, attributes, _ in found for key in ("for", "aria-labelledby") if key in attributes
    ]
    assert set(pointers) <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_main_heading(name: str) -> None:
    assert [tag for tag, _, _ in Elements(html_of(name)).found].count("h1") == 1


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_a_page_that_anybody_with_the_link_can_open_names_nobody_and_no_complaint(name: str) -> None:
    text = re.sub(r"<[^>]*>", " ", html_of(name))
    assert not re.search(r"\b(hip|pain|Maria|Lopez|exercise|therapist)\b", text, re.IGNORECASE)


@pytest.mark.parametrize("name", CLIENT_PAGES)
def test_a_client_reads_no_word_of_blame(name: str) -> None:
    text = re.sub(r"<[^>]*>", " ", html_of(name))
    assert not re.search(r"\b(missed|failed|forgot|should have|overdue|streak)\b", text, re.IGNORECASE)


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
