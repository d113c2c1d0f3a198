"""One machine, no database of your own: an embedded PostgreSQL, the API and the scheduler, kept alive together.

Whatever is killed is started again; what was committed stays. Stopping stops all of them, the database last.
"""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from service.clock import monotonic
from service.errors import WrongSettings
from service.folders import refuse_unwritable
from service.installation import Installation
from service.ports import refuse_closed_metrics, refuse_taken_port
from service.settings import Settings, read_settings

_START_SECONDS = 60
_STOP_SECONDS = 20
_RESTART_SECONDS = 5
_LOOK_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass
class Supervisor:
    """`environ` is what the processes are given beside the database and the secret key."""

    folder: Path
    port: int
    environ: Mapping[str, str]
    say: Say
    host: str = "127.0.0.1"
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    restarted: dict[str, float] = field(default_factory=dict)
    stopping: bool = False

    def __post_init__(self) -> None:
        self._installation = Installation(self.folder, self.environ)

    def start_database(self) -> None:
        """Raises WrongSettings before anything is started, when what is started later would."""
        settings = read_settings(
            {**self.environ, "CLAMSHELL_SECRET_KEY": self.secret_key, "CLAMSHELL_PUBLIC_URL": self.public_url}
        )
        refuse_unwritable("CLAMSHELL_STATE_FOLDER", self._installation.state_folder(self.environ))
        self._refuse_ports(settings)
        self._installation.start()

    def _refuse_ports(self, settings: Settings) -> None:
        refuse_taken_port(self.host, self.port)
        taken: dict[int, str] = {self.port: "--port"}
        for variable, port in {
            "CLAMSHELL_METRICS_PORT": settings.metrics_port,
            "CLAMSHELL_NOTIFIER_METRICS_PORT": settings.notifier_metrics_port,
        }.items():
            refuse_closed_metrics(settings.metrics_host, port, variable)
            if port is not None and taken.setdefault(port, variable) != variable:
                raise WrongSettings(f"{variable} must be a port of its own, and {taken[port]} is {port} too")

    @property
    def app_url(self) -> str:
        return self._installation.app_url

    @property
    def secret_key(self) -> str:
        return self.environ.get("CLAMSHELL_SECRET_KEY") or self._installation.secret_key

    @property
    def address(self) -> str:
        """Where this machine reaches the pages."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def public_url(self) -> str:
        return self.environ.get("CLAMSHELL_PUBLIC_URL") or self.address

    def process_environ(self) -> dict[str, str]:
        return self._installation.environ(self.environ) | {"CLAMSHELL_PUBLIC_URL": self.public_url}

    def start_processes(self) -> None:
        """Returns when the pages answer."""
        for name in ("api", "scheduler"):
            self._start(name)
        self._wait_for_pages()

    def _start(self, name: str) -> None:
        commands = {
            "api": ["-m", "service.cli", "serve", "--host", self.host, "--port", str(self.port)],
            "scheduler": ["-m", "scheduler"],
        }
        log = (self.folder / f"{name}.log").open("ab")
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
            time.sleep(_LOOK_SECONDS / 2)
        raise WrongSettings(f"the API did not answer within {_START_SECONDS} s; see {self.folder / 'api.log'}")

    def _answers(self) -> bool:
        connection = HTTPConnection(urlsplit(self.address).hostname or "", self.port, timeout=2)
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
            time.sleep(_LOOK_SECONDS)
            if not self._installation.running and not self.stopping:
                self.say("the database was killed; starting it again")
                self._installation.start_again()
            for name, process in list(self.processes.items()):
                if process.poll() is not None and not self.stopping:
                    self._again(name)

    def _again(self, name: str) -> None:
        """At once the first time, then no more than every five seconds: what cannot start must not spin."""
        if monotonic() - self.restarted.get(name, -_RESTART_SECONDS) < _RESTART_SECONDS:
            return
        self.restarted[name] = monotonic()
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
        self._installation.stop()

    def stop_on_signals(self) -> None:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stopping = True

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)


def _end_with_parent() -> None:
    """Nobody is left behind when we are killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
