"""The tests in several processes: one loads and collects them, and divides into workers that take a file each.

What is loaded, collected and set aside from the search for garbage is so once, and every worker has it.
"""

import gc
import os
import random
import sys
import traceback
from collections.abc import Iterator
from itertools import chain, pairwise
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest
from _pytest.config import create_terminal_writer

# What is loaded and collected stays for the whole run: looking through it again and again for garbage took a fifth of
# the processor's time.
gc.disable()

Share = list[pytest.Item]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=1, metavar="N", help="files go to N workers")


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """None leaves it to pytest: what fails as it is collected, and what one process does as well."""
    option, shares = session.config.option, _by_file(session.items)
    if option.forks < 2 or len(shares) < 2 or option.usepdb or option.collectonly or session.testsfailed:
        return None
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # One for all of them.
    workers: dict[Connection, int] = {}
    try:
        for _ in range(min(option.forks, len(shares))):
            line, pid = _fork(session, shares, list(workers))
            workers[line] = pid
        ended = _hear(session, workers, iter(range(len(shares))))
    finally:
        # They end with the test that they are at, and all that it made.
        for line in workers:
            line.close()
        for pid in workers.values():
            os.waitpid(pid, 0)
    # One whose worker was made to end as if all were well is not one that passed.
    if untold := {item.nodeid for item in session.items} - ended:
        pytest.exit(f"not told of: {', '.join(sorted(untold)[:5])}", returncode=3)
    return True


def _by_file(items: list[pytest.Item]) -> list[Share]:
    shares: dict[object, Share] = {}
    for item in items:
        shares.setdefault(item.path, []).append(item)
    return list(shares.values())


def _hear(session: pytest.Session, workers: dict[Connection, int], places: Iterator[int]) -> set[str]:
    """Until all workers have ended: the reports of a test, or None from whoever wants another file. Returns the ids of
    the tests that were heard to end."""
    ended: set[str] = set()
    while workers:
        for line in wait(list(workers)):
            assert isinstance(line, Connection)
            try:
                said = line.recv()
            except EOFError:
                _, status = os.waitpid(workers.pop(line), 0)
                line.close()
                if status:
                    pytest.exit(f"a worker ended with {os.waitstatus_to_exitcode(status)}", returncode=3)
                continue
            if said is None:
                line.send(next(places, None))
            else:
                for report in said:
                    _report(session, report, ended)
    return ended


def _report(session: pytest.Session, said: dict[str, Any], ended: set[str]) -> None:
    hook = session.config.hook
    report = hook.pytest_report_from_serializable(config=session.config, data=said)
    hook.pytest_runtest_logreport(report=report)
    if report.when == "teardown":
        ended.add(report.nodeid)
        hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


def _fork(session: pytest.Session, shares: list[Share], others: list[Connection]) -> tuple[Connection, int]:
    ours, theirs = Pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        theirs.close()
        return ours, pid
    status = 1
    try:
        for line in (ours, *others):
            line.close()
        _work(session, shares, theirs)
        status = 0
    except KeyboardInterrupt:
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Nothing of the process that this one was a copy of is its to end.
        os._exit(status)


class _Telling:
    """Instead of the terminal: of a test all at once, which is heard for less than each of its phases."""

    def __init__(self, config: pytest.Config, line: Connection) -> None:
        self._config, self._line = config, line
        self._reports: list[dict[str, Any] | None] = []
        # Where pytest looks for it, for whoever has more to say than a report.
        self._tw = create_terminal_writer(config, sys.stderr)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.append(self._config.hook.pytest_report_to_serializable(config=self._config, report=report))
        if report.when == "teardown":
            self._line.send(self._reports)
            self._reports = []


def _work(session: pytest.Session, shares: list[Share], line: Connection) -> None:
    plugins = session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(_Telling(session.config, line), "terminalreporter")
    _capture_alone(plugins.getplugin("capturemanager"))
    random.seed()
    try:
        for item, following in pairwise(chain(_asked_for(shares, line), [None])):
            assert item
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail or session.shouldstop:
                break
    except (EOFError, ConnectionError):
        pass  # Nobody asks any more.
    finally:
        session._setupstate.teardown_exact(None)


def _capture_alone(capture: Any) -> None:
    """Into files of its own: those that it came with are written to by all."""
    capture.read_global_capture()
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()


def _asked_for(shares: list[Share], line: Connection) -> Iterator[pytest.Item]:
    """The next file is asked for before the last test of the one before: that test ends what only its file used."""
    while True:
        line.send(None)
        place = line.recv()
        if place is None:
            return
        yield from shares[place]
