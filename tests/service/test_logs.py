"""A line of the log holds what is listed and nothing else, whoever writes it."""

import ast
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.logs import KEYS, SENTENCES, logger, start_logging
from service.requests import NO_ROUTE
from service.settings import Settings
from tests.conftest import Clock, project_root, serving

pytestmark = pytest.mark.anyio

ID = UUID(int=5)
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def started() -> Iterator[Callable[[io.StringIO], None]]:
    """As a process starts it; what tests themselves log to is put back."""
    kept = logging.root.handlers, logging.root.level, logging.raiseExceptions, sys.excepthook
    # Whoever runs a server in this process may have made it say less, and elsewhere.
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    logging.getLogger("uvicorn").propagate = True
    yield start_logging
    logging.root.handlers, logging.root.level, logging.raiseExceptions, sys.excepthook = kept
    logging.captureWarnings(False)


@pytest.fixture
def lines(started: Callable[[io.StringIO], None]) -> Callable[[], list[dict[str, Any]]]:
    stream = io.StringIO()
    started(stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_key_that_is_not_listed_leaves_its_name_only(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logger("here").info("seen", client_id=ID, name="Maria Lopez", phone="+14155550100", count=3)
    [line] = lines()
    assert line.pop("at").endswith("+00:00")
    assert line == {
        **{"event": "seen", "level": "info", "logger": "clamshell.here"},
        **{"client_id": str(ID), "count": 3, "dropped": ["name", "phone"]},
    }


@pytest.mark.parametrize("value", ["Maria Lopez", "+14155550100", "maria@mail.example", {"note": "x"}, b"x", "x" * 121])
def test_a_listed_key_takes_no_words_of_people(lines: Callable[[], list[dict[str, Any]]], value: object) -> None:
    logger("here").info("seen", detail=value, ways=[value, "sms:twilio"])
    assert [(line["detail"], line["ways"]) for line in lines()] == [("?", ["?", "sms:twilio"])]


def _fail() -> None:
    try:
        raise KeyError("a secret token")
    except KeyError as error:
        raise ValueError("Maria Lopez, pain of 8") from error


def test_of_an_error_its_type_and_places_are_kept_and_never_its_words(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    try:
        _fail()
    except ValueError as error:
        logger("here").exception("it failed")
        logger("here").error("it failed", exc_info=error)
        logging.getLogger("some.library").error("broken", exc_info=True)
        sys.excepthook(type(error), error, error.__traceback__)
    for line in lines():
        assert (line["error"], line["cause"]) == ("ValueError", "KeyError")
        assert [place.partition(":")[0] for place in line["trace"]] == [__name__, __name__]
        assert "Maria" not in str(line)
        assert "secret" not in str(line)
    assert len(lines()) == 4


def test_of_a_librarys_sentence_its_template_is_kept(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logging.getLogger("some.library").warning("POST %s took %d ms", "/messages/+14155550100", 3)
    logging.getLogger("some.library").warning("Maria Lopez")
    logging.getLogger("uvicorn.error").info("Application startup complete.")
    events = ["POST %s took %d ms", "said something", "Application startup complete."]
    assert [line["event"] for line in lines()] == events


def test_what_cannot_be_written_is_not_printed_elsewhere(
    started: Callable[[io.StringIO], None], capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError("no space left")

    started(Full())
    logger("here").error("seen", client_id=ID)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_lines_for_people(started: Callable[[io.StringIO], None]) -> None:
    stream = Terminal()
    started(stream)
    logger("here").warning("nothing is sent", why="the clocks disagree", name="Maria")
    assert "nothing is sent" in stream.getvalue()
    assert "the clocks disagree" in stream.getvalue()
    assert "Maria" not in stream.getvalue()
    assert not stream.getvalue().startswith("{")


async def test_a_request_is_one_line_with_its_route_and_never_its_path(
    lines: Callable[[], list[dict[str, Any]]], api: AsyncClient
) -> None:
    for method, path in (("GET", "/r/verysecrettoken0000000?x=Maria"), ("HEAD", "/sign-in"), ("GET", "/Maria-Lopez")):
        await api.request(method, path)
    await api.get("/health")
    told = [line for line in lines() if line["event"] == "answered"]
    assert [(one["method"], one["route"]) for one in told] == [
        ("GET", "/r/{token}"),
        ("HEAD", "/sign-in"),
        ("GET", NO_ROUTE),
    ]
    assert len({one["request_id"] for one in told}) == 3
    assert all(one["ms"] >= 0 and one["status"] in (200, 404, 410) for one in told)
    assert "secret" not in str(lines())
    assert "Maria" not in str(lines())


async def test_the_number_on_an_error_page_finds_its_line(
    lines: Callable[[], list[dict[str, Any]]],
    settings: Settings,
    database: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Maria Lopez, +14155550100")

    monkeypatch.setattr(Database, "installation_tx", broken)
    async with serving(settings, database, clock) as api:
        shown = (await api.get("/health", headers={"content-type": "application/json"})).json()
    told = [line for line in lines() if line.get("request_id") == shown["request_id"]]
    assert [line["event"] for line in told] == ["unexpected error", "answered"]
    assert (told[0]["error"], told[1]["status"], told[1]["route"]) == ("RuntimeError", 500, "/health")
    assert "Maria" not in str(lines())


def _calls(path: Path) -> Iterator[ast.Call]:
    text = path.read_text()
    # Most files name no logger: reading one as a program takes a hundred times as long as looking for the name.
    for node in ast.walk(ast.parse(text)) if "logger" in text else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            target = node.func.value
            if isinstance(target, ast.Name) and target.id == "logger":
                yield node


def test_every_line_in_the_code_is_a_constant_sentence_with_listed_keys() -> None:
    seen = 0
    for folder in ("service", "scheduler"):
        for path in (project_root() / folder).rglob("*.py"):
            for call in _calls(path):
                where = f"{path}:{call.lineno}"
                seen += 1
                assert [type(one) for one in call.args] == [ast.Constant], where
                names = {one.arg for one in call.keywords if one.arg is not None}
                assert names <= KEYS | {"exc_info"}, where
                # Sentences pass as they are: only whether something is sent is told in one that is put together.
                assert not names & SENTENCES or path.name == "watch.py", where
            if path.name != "logs.py":
                assert "import logging" not in path.read_text(), path
    assert seen > 30
