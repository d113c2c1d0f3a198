"""One machine, no database of your own: an embedded PostgreSQL, the API and the scheduler, kept alive together.

Whatever is killed is started again; what was committed stays. Stopping stops all of them, the database last.
"""

import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

import psycopg
from psycopg import sql

from service.clock import monotonic
from service.database.embedded import EmbeddedPostgres
from service.database.protection import APP, NOTIFIER
from service.errors import WrongSettings
from service.migrate import login_of, migrate

DATABASE = "clamshell"
_START_SECONDS = 60
_STOP_SECONDS = 20
_RESTART_SECONDS = 5
_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once for a data folder, readable by its user only."""

    secret_key: str
    app_password: str
    notifier_password: str


def read_secrets(folder: Path) -> Secrets:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secrets.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(32) for name in Secrets.__slots__}
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
    return Secrets(**json.loads(path.read_text()))


@dataclass
class Supervisor:
    """`environ` is what the processes are given beside the database and the secret key."""

    folder: Path
    port: int
    environ: Mapping[str, str]
    say: Say
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    stopping: bool = False

    def __post_init__(self) -> None:
        self._secrets = read_secrets(self.folder)
        self._postgres = EmbeddedPostgres(self.folder / "postgres")

    def start_database(self) -> None:
        self._refuse_taken_port()
        self._postgres.start()
        self._create_database()
        logins = [login_of(self.app_url, APP), login_of(self.notifier_url, NOTIFIER)]
        migrate(self._postgres.superuser_url(DATABASE), logins)

    def _refuse_taken_port(self) -> None:
        """Said before anything is started: another program's answer must not pass for ours."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                raise WrongSettings(f"port {self.port} is taken by another program; choose one with --port") from None

    def _create_database(self) -> None:
        with psycopg.connect(self._postgres.superuser_url(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    @property
    def app_url(self) -> str:
        return self._postgres.url("clamshell_api", self._secrets.app_password, DATABASE)

    @property
    def notifier_url(self) -> str:
        return self._postgres.url("clamshell_scheduler", self._secrets.notifier_password, DATABASE)

    @property
    def secret_key(self) -> str:
        return self._secrets.secret_key

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def process_environ(self) -> dict[str, str]:
        return {
            **self.environ,
            "DATABASE_URL": self.app_url,
            "CLAMSHELL_NOTIFIER_DATABASE_URL": self.notifier_url,
            "CLAMSHELL_SECRET_KEY": self.environ.get("CLAMSHELL_SECRET_KEY") or self.secret_key,
            "CLAMSHELL_PUBLIC_URL": self.environ.get("CLAMSHELL_PUBLIC_URL") or self.address,
        }

    def start_processes(self) -> None:
        """Returns when the pages answer."""
        for name in ("api", "scheduler"):
            self._start(name)
        self._wait_for_pages()

    def _start(self, name: str) -> None:
        commands = {
            "api": ["-m", "service.cli", "serve", "--port", str(self.port)],
            "scheduler": ["-m", "scheduler"],
        }
        log = (self.folder / f"{name}.log").open("ab")
        self.started[name] = monotonic()
        with log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *commands[name]],
                env=self.process_environ(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                # A Ctrl-C in the terminal is for us: we stop the others in order.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def _wait_for_pages(self) -> None:
        until = monotonic() + _START_SECONDS
        while monotonic() < until and not self.stopping:
            if self.processes["api"].poll() is not None:
                raise WrongSettings(f"the API did not start; {self.folder / 'api.log'} says why")
            if self._answers():
                return
            time.sleep(0.1)
        raise WrongSettings(f"the API did not answer within {_START_SECONDS} s; see {self.folder / 'api.log'}")

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def watch(self) -> None:
        """Starts again whatever ends, until somebody stops us."""
        while not self.stopping:
            time.sleep(0.5)
            if not self._postgres.running and not self.stopping:
                self.say("the database was killed; starting it again")
                self._postgres.stop()
                self._postgres.start()
            for name, process in list(self.processes.items()):
                if process.poll() is not None and not self.stopping:
                    self._again(name)

    def _again(self, name: str) -> None:
        """At once the first time, then no more than every five seconds: what cannot start must not spin."""
        if monotonic() - self.started.get(name, 0.0) < _RESTART_SECONDS:
            return
        self.say(f"the {name} ended; starting it again (its words are in {self.folder / f'{name}.log'})")
        self._start(name)

    def stop(self) -> None:
        self.stopping = True
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._postgres.stop()

    def stop_on_signals(self) -> None:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stopping = True

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)


def _end_with_parent() -> None:
    """Nobody is left behind when we are killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
