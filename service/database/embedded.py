"""A PostgreSQL of our own below a data folder, for trying and testing: one child process, loopback only.

Beside the data folder lie its lock, password, port and log, which others cannot read; the folder itself
belongs to the server's user.
"""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from time import sleep
from types import TracebackType
from typing import Self
from urllib.parse import quote

from service.clock import monotonic
from service.database.postgres_binaries import NoPostgres, Runner, choose_runner, find_binaries
from service.database.postgres_folder import (
    SUPERUSER,
    as_seen_by,
    beside,
    create,
    disown_stale_pid,
    give_to,
    live_server,
    made_by,
    server_id,
    server_port,
    status,
    write_private,
)

__all__ = ["DataFolderInUse", "EmbeddedPostgres", "NoPostgres"]

STARTS = 3
START_SECONDS = 60
STOP_SECONDS = 30
ORPHAN_SECONDS = 3
PR_SET_PDEATHSIG = 1

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": ".",  # the data folder, by a name that is never too long
    "cluster_name": "clamshell",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log names what failed, never the row or the statement: those hold health data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
FORGETFUL = {
    **{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
    # Nor is there a copy of it elsewhere, or anything that lives long enough to be swept.
    **{"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"},
    # Nearly empty tables are read alike for whatever values: no statement is planned anew for each of its first five.
    "plan_cache_mode": "force_generic_plan",
}

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class DataFolderInUse(RuntimeError):
    """Another server works on this data folder; it was left alone."""


class EmbeddedPostgres:
    """`durable=False` is for tests: faster, and a crash of the machine may lose everything."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._data_dir = data_dir.resolve()
        self._settings = SETTINGS if durable else SETTINGS | FORGETFUL
        self._port: int | None = None
        self._lock: int | None = None
        self._runner: Runner | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the server accepts connections, after recovery if it was killed.

        Raises DataFolderInUse when a server works on the folder already, NoPostgres when none can be started,
        RuntimeError outside the main thread: on Linux the server ends with the thread that started it.
        """
        if current_thread() is not main_thread():
            raise RuntimeError("start the embedded PostgreSQL from the main thread")
        lock = _lock(self._data_dir)
        self._lock = lock
        try:
            _wait_for_orphan(self._data_dir)
            self._runner = _prepare(self._data_dir)
            self._launch(self._runner)
        except BaseException:
            self.stop()
            raise

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Nobody works on the folder meanwhile. Raises DataFolderInUse while somebody does."""
        lock = _lock(self._data_dir)
        try:
            _wait_for_orphan(self._data_dir)
            yield
        finally:
            os.close(lock)

    def join(self) -> bool:
        """Uses the server that another process runs on the folder; False when none is ready. stop() leaves it alone."""
        if live_server(self._data_dir) is None or status(self._data_dir) != "ready":
            return False
        self._port = server_port(self._data_dir)
        return self._port is not None

    def stop(self) -> None:
        """Rolls open transactions back, writes everything down, and returns when no process is left."""
        if self._server:
            _shut_down(self._server)
        if self._runner:
            self._runner.clean_up()
        if self._lock is not None:
            os.close(self._lock)
        self._server = self._runner = self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """False after a crash of the server; stop() and start() then bring back all that was committed."""
        return self._server is not None and self._server.poll() is None

    @property
    def port(self) -> int:
        if self._port is None:
            raise NoPostgres("the embedded PostgreSQL has not been started")
        return self._port

    def url(self, user: str, password: str, database: str) -> str:
        user, password, database = (quote(part, safe="") for part in (user, password, database))
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def superuser_url(self, database: str = "postgres") -> str:
        return self.url(SUPERUSER, beside(self._data_dir, ".password").read_text(), database)

    def _launch(self, runner: Runner) -> None:
        """More than one try: another program may be quicker to take the free port, and the last children of a
        killed server may need a moment to see that it is gone."""
        log = beside(self._data_dir, ".log")
        for _ in range(STARTS):
            self._port = _free_port(beside(self._data_dir, ".port"))
            self._server = _spawn(runner, self._data_dir, log, self._settings | {"port": str(self._port)})
            if _becomes_ready(self._server, self._data_dir):
                write_private(beside(self._data_dir, ".port"), str(self._port))
                return
            _shut_down(self._server)
            sleep(0.5)
        last_lines = log.read_text(errors="replace").splitlines()[-5:]
        raise NoPostgres("\n".join([f"PostgreSQL does not start; {log} ends with", *last_lines]))


def _lock(data_dir: Path) -> int:
    path = beside(data_dir, ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise NoPostgres(f"{path} belongs to another user; start as that user, or choose another data folder") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 20).decode()
        os.close(lock)
        raise _in_use(data_dir, holder) from None
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def _in_use(data_dir: Path, process: object) -> DataFolderInUse:
    return DataFolderInUse(f"{data_dir} is in use by process {process}; stop that first, or choose another data folder")


def _wait_for_orphan(data_dir: Path) -> None:
    """A server outlives a killed parent for as long as its clean shutdown takes."""
    since = monotonic()
    while pid := live_server(data_dir):
        patience = STOP_SECONDS if status(data_dir) == "stopping" else ORPHAN_SECONDS
        if monotonic() - since > patience:
            raise _in_use(data_dir, pid)
        sleep(0.02)


def _prepare(data_dir: Path) -> Runner:
    binaries = find_binaries(data_dir, made_by(data_dir))
    runner = choose_runner(binaries.folder, data_dir)
    try:
        if made_by(data_dir) is None:
            create(data_dir, runner, binaries)
        password = beside(data_dir, ".password")
        if not password.exists():
            raise NoPostgres(f"{password} is missing, and with it the way into {data_dir}")
        give_to(runner, data_dir)
        disown_stale_pid(data_dir)
    except BaseException:
        runner.clean_up()
        raise
    return runner


def _free_port(remembered: Path) -> int:
    wanted = int(remembered.read_text()) if remembered.exists() else 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _spawn(runner: Runner, data_dir: Path, log: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """Our direct child, so that its end is seen, in a group of its own: Ctrl-C is for us, and the server must
    outlive its clients."""
    parent = os.getpid()
    with (
        open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as output,
        as_seen_by(runner, data_dir) as (seen, kept_open),
    ):
        return subprocess.Popen(
            runner.command("postgres", "-D", seen, *(f"--{name}={value}" for name, value in settings.items())),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=kept_open,
            process_group=0,
            preexec_fn=lambda: _end_with(parent),
            **runner.options(),
        )


def _end_with(parent: int) -> None:
    """Runs in the child, as the server's user: a change of user would take the signal back."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(1)


def _becomes_ready(server: subprocess.Popen[bytes], data_dir: Path) -> bool:
    deadline = monotonic() + START_SECONDS
    while server.poll() is None and monotonic() < deadline:
        if server_id(data_dir) == server.pid and status(data_dir) == "ready":
            return True
        sleep(0.01)
    return False


def _shut_down(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()
