"""What the processes write down while they run: events in our own words, with keys that are listed here.

Nothing else gets into a line. Whatever a library says is cut to the template of its sentence, and an exception to its
type and the places it passed, for its words may hold anybody's name or number.
"""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any, Final, TextIO
from uuid import UUID

# structlog loads `rich` where that is installed, for tracebacks in colours that we never ask for: 4 MiB of each process
# and a twentieth of its start.
_rich = sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
import structlog  # noqa: E402
from structlog.stdlib import BoundLogger, ProcessorFormatter  # noqa: E402

if _rich is None:
    del sys.modules["rich"]

Line = MutableMapping[str, Any]

KEYS: Final = frozenset(
    {
        *("event", "level", "at", "logger", "request_id", "worker"),
        *("method", "route", "status", "ms"),
        *("clinic_id", "client_id", "staff_id", "message_id", "mail_id", "event_id", "reminder_id"),
        *("kind", "sender", "trouble", "detail", "template", "exit_code", "count", "seconds", "ways", "why", "act"),
        *("error", "cause", "sqlstate", "constraint", "trace", "dropped"),
    }
)
SENTENCES: Final = frozenset({"event", "why"})
"""Our own words, which stand in the code as they are."""

_WORD: Final = re.compile(r"[\w.:/{}<>,=-]{0,120}", re.ASCII)
_MOST_PLACES: Final = 20
_INNERMOST: Final = 6
_OURS: Final = ("service.", "scheduler.")
# pyreqwest writes addresses when it is asked to; they hold account ids and phone numbers.
_QUIET: Final = {"apscheduler": logging.ERROR, "pyreqwest": logging.WARNING, "asyncio": logging.WARNING}


def logger(name: str) -> BoundLogger:
    made: BoundLogger = structlog.wrap_logger(
        logging.getLogger(f"clamshell.{name}"),
        wrapper_class=BoundLogger,
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            _error,
            only_known,
            ProcessorFormatter.wrap_for_formatter,
        ],
    )
    return made


def start_logging(stream: TextIO | None = None) -> None:
    """JSON lines, or readable ones on a terminal, to standard error."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    shown = structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer(sort_keys=True)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[_framed, only_known, shown],
            foreign_pre_chain=[_foreign],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    logging.root.handlers, logging.root.level = [handler], logging.INFO
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    # What goes wrong on the way to the log would be printed with everything that was to be logged.
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    sys.excepthook = _last_words


@contextmanager
def in_request(request_id: str) -> Iterator[None]:
    """Every line until then says of which request it is."""
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


def request_id() -> str | None:
    return structlog.contextvars.get_contextvars().get("request_id")


def only_known(_logger: object, _method: str, line: Line) -> Line:
    """Of a key that is not listed only its name stays, so that somebody notices."""
    known = {key: _harmless(key, value) for key, value in line.items() if key in KEYS or key.startswith("_")}
    dropped = sorted(line.keys() - known.keys())
    return {**known, "dropped": dropped} if dropped else known


def _harmless(key: str, value: Any) -> Any:
    """Numbers, ids, and words without a space: no name of two parts, no address, no sentence that somebody wrote."""
    if value is None or key in SENTENCES or key == "at" or key.startswith("_") or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_harmless(key, one) for one in value]
    word = str(value) if isinstance(value, UUID | str) else ""
    return word if word and _WORD.fullmatch(word) else "?"


def _error(_logger: object, _method: str, line: Line) -> Line:
    found = line.pop("exc_info", None)
    error = sys.exception() if found is True else found[1] if isinstance(found, tuple) else found
    return {**line, **told_of(error)} if isinstance(error, BaseException) else line


def told_of(error: BaseException) -> dict[str, Any]:
    """Its type and where it passed, innermost first, of libraries the innermost only; never its words."""
    cause = error.__cause__ or error.__context__
    said = getattr(error, "orig", error)
    state, broken = getattr(said, "sqlstate", None), getattr(getattr(said, "diag", None), "constraint_name", None)
    told = {"error": type(error).__name__, "trace": list(islice(_places(error.__traceback__), _MOST_PLACES))}
    more = {"cause": type(cause).__name__ if cause else None, "sqlstate": state, "constraint": broken}
    return told | {key: value for key, value in more.items() if value}


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        # A template's module is called by where it lies.
        module = str(traceback.tb_frame.f_globals.get("__name__", "?")).rpartition("/templates/")[2]
        places.append(f"{module}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    inward = places[::-1]
    return [place for depth, place in enumerate(inward) if depth < _INNERMOST or place.startswith(_OURS)]


def _foreign(_logger: object, _method: str, line: Line) -> Line:
    """A line of a library: the template of its sentence; one that comes whole may hold a value."""
    record: logging.LogRecord = line["_record"]
    is_template = isinstance(record.msg, str) and (line.get("positional_args") or record.name.startswith("uvicorn"))
    kept = {key: line[key] for key in ("_record", "_from_structlog")}
    event = record.msg.strip() if is_template else "said something"
    return {**kept, "event": event, **_error(None, "", {"exc_info": record.exc_info})}


def _framed(_logger: object, _method: str, line: Line) -> Line:
    record: logging.LogRecord = line.pop("_record")
    line.pop("_from_structlog")
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"at": at, "level": record.levelname.lower(), "logger": record.name, **line}


def _last_words(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    logger("end").critical("the process ends by an error", exc_info=(kind, error, traceback))
