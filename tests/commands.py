"""Processes of the product, forked from one that has loaded it and has done nothing else.

Loading takes a second and more of the processor's time, two thirds of a start. Each command is started from nothing by
one test at least (the demo's second start, the small clinic); what is started again for what it does comes from here.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any, Final, NoReturn

from service.database import box

_LOADED: Final = (
    *("service.cli", "service.cli_serve", "service.cli_demo", "service.cli_keys", "service.demo.filling"),
    *("scheduler.__main__", "scheduler.process", "scheduler.channels.sms", "scheduler.channels.email"),
)
_MOST_BYTES: Final = 1 << 16
_asked: socket.socket


class Command:
    """As much of `subprocess.Popen` as is asked for."""

    def __init__(self, told: int) -> None:
        self._told = os.fdopen(told)
        self.pid = int(self._told.readline())
        self._code: int | None = None

    def wait(self, seconds: float) -> int:
        code = self._ended(seconds)
        if code is None:
            raise TimeoutExpired(str(self.pid), seconds)
        return code

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        if self._ended(0) is None:
            os.kill(self.pid, number)

    def _ended(self, seconds: float) -> int | None:
        if self._code is None and select.select([self._told], [], [], seconds)[0]:
            self._code = os.waitstatus_to_exitcode(int(self._told.readline()))
            self._told.close()
        return self._code


def start(module: str, *words: str, environ: Mapping[str, str], log: Path) -> Command:
    """`python -m MODULE WORDS`, with what it says in `log`. A module of the tests' own is loaded by the process itself,
    which may so be given other people, or an end that comes sooner."""
    told, tells = os.pipe()
    with log.open("ab") as said:
        asked = json.dumps([module, words, dict(environ)]).encode()
        assert len(asked) < _MOST_BYTES
        socket.send_fds(_asked, [asked], [said.fileno(), tells])
    os.close(tells)
    return Command(told)


def begin() -> None:
    """Before the tests change anything: what is forked from here has no part in it."""
    global _asked
    _asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for module in _LOADED:
        import_module(module)
    with warnings.catch_warnings():
        # Where pytest has threads by now, nothing of ours is in them.
        warnings.simplefilter("ignore", DeprecationWarning)
        forker = os.fork()
    if not forker:
        _fork_when_asked(theirs)
    theirs.close()


def _fork_when_asked(asked: socket.socket) -> NoReturn:
    """Ends with the tests: nobody else holds the other end."""
    _forget_the_tests(asked)
    while True:
        said, given, _, _ = socket.recv_fds(asked, _MOST_BYTES, 2)
        if not said:
            os._exit(0)
        log, told = given
        if not os.fork():
            asked.close()
            _watch(log, told, *json.loads(said))
        os.close(log)
        os.close(told)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _forget_the_tests(kept: socket.socket) -> None:
    """Their files, filters and key."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.closerange(3, kept.fileno())
    os.closerange(kept.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    # A process takes its key from its own settings.
    box._Process.ring = None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.enable()


def _watch(log: int, told: int, module: str, words: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    process = os.fork()
    if not process:
        os.close(told)
        _live(log, module, words, environ)
    os.write(told, b"%d\n" % process)
    os.write(told, b"%d\n" % os.waitpid(process, 0)[1])
    os._exit(0)


def _live(log: int, module: str, words: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    os.environ.clear()
    os.environ.update(environ)
    code: Any = 1
    try:
        code = import_module("scheduler.__main__" if module == "scheduler" else module).main(words)
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)
