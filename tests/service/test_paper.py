"""What is filled into a paper is never read as part of it, and nobody waits for one for ever."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import paper
from service.errors import TooMany, Unavailable
from service.paper import TEMPLATES, pressed, printable, size_in
from service.press import compiled
from tests.make import TODAY

pytestmark = pytest.mark.anyio

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4" fill="#17525f"/></svg>'
# Markup, code, ends of strings and of groups, references, comments, and paths of other files.
HOSTILE = [
    '#panic("read")',
    '"]) #read("/etc/passwd") #import "@preview/x:1.0.0": *',
    "$x$ *b* _i_ `c` <label> @label = - + // /* */ \\ ~ ] [ } { ) (",
    '\\u{0} \\" \\n',
    "\u0645\u0631\u064a\u0645 \u05d3\u05d5\u05d3 \u202eabc\u2069",
    "\U0001f389 \U0001f469\u200d\U0001f467 \u2764\ufe0f",
    "\x00\x07\x1b\ud800\ufffe\ue000",
    "W" * 200,
    "- 1. / term: x\n= heading\n#let d = none",
]


def hand_out(words: str, file: str = "x.svg") -> dict[str, Any]:
    rows = [{"code": "A", "name": words}, {"code": None, "name": words}]
    days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    move = {
        "code": "A",
        "name": words,
        "dose": words,
        "side": words,
        "when": words,
        "finer": words,
        "cues": [words, words],
    }
    return {
        "title": words or "Your plan",
        "lang": "en",
        "size": "a4",
        "name": words,
        "facts": [words, words],
        "notice": words,
        "lines": [words],
        "routines": [{"name": words, "moves": [move | {"picture": file, "alt": words or "Alt"}]}],
        "stop_rule": words,
        "week": {"title": words, "first": words, "days": days, "rows": rows, "how": [words], "example": words},
        "habits": {"title": words, "first": words, "days": days, "rows": rows},
        "parts": [{"title": words, "listed": True, "items": [{"title": words, "body": words}]}],
        "foot": [words, words],
    }


def report(words: str) -> dict[str, Any]:
    table = {"head": [words, words], "rows": [[words, words], [words, words]]}
    part = {"title": words, "level": 1, "lines": [words], "pairs": [[words, words]], "items": [words], "table": table}
    return {
        "title": words or "Summary",
        "lang": "es",
        "size": "us-letter",
        "facts": [words],
        "notice": words,
        "parts": [part],
        "foot": [words],
    }


def made(template: str, told: dict[str, Any]) -> bytes:
    """Here and now, which is quicker than a process of its own."""
    data = printable(told | {"files": []})
    return compiled({"folder": str(TEMPLATES), "template": template, "data": data})


@pytest.mark.parametrize("words", HOSTILE)
def test_words_are_words_whatever_they_look_like(words: str) -> None:
    for template, told in (("hand_out.typ", hand_out(words)), ("report.typ", report(words))):
        pdf = made(template, told)
        assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf, template


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_makes_a_paper(words: str) -> None:
    assert made("hand_out.typ", hand_out(words)).startswith(b"%PDF")


@pytest.mark.parametrize("words", ["\u3042\U00020000\u1820", ""])
def test_what_no_reader_could_read_aloud_is_still_printed_and_claims_nothing(words: str) -> None:
    """A script of which there is no font, and headings without a word."""
    pdf = made("report.typ", report(words))
    assert (pdf.startswith(b"%PDF"), b"pdfuaid" in pdf) == (True, False)


def test_what_no_font_shows_is_left_out_and_a_long_word_may_break() -> None:
    assert printable({"a": ["x\x00y\U0001f389", 3, None]}) == {"a": ["xy", 3, None]}
    assert (printable("\u202eabc\ny"), printable("\U0001f389"), printable("")) == ("abc\ny", "–", "")
    assert printable("w" * 50) == "\u200b".join(["w" * 24, "w" * 24, "ww"])


def test_a_picture_that_cannot_be_read_leaves_the_drawings() -> None:
    told = hand_out("Move", "x.jpg")
    told["routines"][0]["moves"] *= 2
    told["routines"][0]["moves"][1] = told["routines"][0]["moves"][0] | {"picture": "x.svg", "alt": "A drawing"}
    pdf = pressed("hand_out.typ", told, {"x.jpg": b"\xff\xd8\xffno picture", "x.svg": SVG})
    assert (b"/Alt(A drawing)" in pdf, b"/Alt(Move)" in pdf) == (True, False)


def test_a_template_that_fails_is_unavailable_and_tells_the_log_no_words(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unavailable):
        pressed("hand_out.typ", {"name": "Maria Lopez"}, {})
    assert [record.msg for record in caplog.records] == [
        {"event": "a paper could not be made", "template": "hand_out.typ", "exit_code": 1}
    ]


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "_SECONDS", 0.01)
    with pytest.raises(Unavailable):
        pressed("hand_out.typ", hand_out("Move"), {})


def test_the_press_reads_no_file_but_its_own_and_takes_no_more_than_its_share(tmp_path: Any) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "root"
    folder.mkdir()
    for source in (
        '#read("/../secret.txt")',
        '#read("../secret.txt")',
        f'#read("{tmp_path}/secret.txt")',
        "#((0,) * 100000000).len()",
    ):
        (folder / "x.typ").write_text(source)
        job = json.dumps({"folder": str(folder), "template": "x.typ", "data": {}}).encode()
        done = subprocess.run([sys.executable, "-I", "-m", "service.press"], input=job, capture_output=True, timeout=30)
        assert (done.returncode != 0, done.stdout) == (True, b""), source


async def test_when_many_wait_already_the_next_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def acquire(self, *, blocking: bool) -> bool:
            return False

    monkeypatch.setattr(paper, "_places", Full())
    with pytest.raises(TooMany):
        await paper.paper("hand_out.typ", hand_out("Move"), {}, "plan", TODAY)


def test_paper_is_as_wide_as_it_is_sold_there() -> None:
    assert [size_in(country) for country in ("US", "MX", "DE", "ES")] == ["us-letter", "us-letter", "a4", "a4"]
