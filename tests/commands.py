"""Processes of the product, forked from one that has loaded it and has done nothing else.

Loading takes a second and more of the processor's time, two thirds of a start. Each command is started from nothing by
one test at least (the demo's second start, the small clinic); what is started again for what it does comes from here.
"""

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from math import inf
from pathlib import Path
from subprocess import TimeoutExpired
from typing import IO, Any, Final, NoReturn

from service.database import box

_LOADED: Final = (
    *("service.cli", "service.cli_serve", "service.cli_demo", "service.cli_keys", "service.demo.filling"),
    *("scheduler.__main__", "scheduler.process", "scheduler.channels.sms", "scheduler.channels.email"),
)
_MOST_BYTES: Final = 1 << 16
_PR_SET_NAME: Final = 15
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
    for stream in (1, 2):
        os.dup2(log, stream)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
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


class Divided:
    """A `subprocess.Popen` of `python -m MODULE WORDS` that has loaded what its parent has, and bears the name of its
    last part."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        stdout: IO[bytes],
        preexec_fn: Callable[[], None],
        **others: object,
    ) -> None:
        _, _, module, *words = command
        self._code: int | None = None
        # What is sent to it at once is for itself, and not for what its parent does when it is told to stop.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        self.pid = os.fork()
        if not self.pid:
            os.setsid()
            preexec_fn()
            ctypes.CDLL(None).prctl(_PR_SET_NAME, (words[0] if words else module).encode())
            _live(stdout.fileno(), module, words, env)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def poll(self) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, seconds: float = inf) -> int:
        until = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise TimeoutExpired(str(self.pid), seconds)
            time.sleep(0.02)
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
