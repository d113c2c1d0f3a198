"""The installation under attack: a database of its own, the pages, and schedulers that are started again and again."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Self

import httpx
import psycopg

from service.database.embedded import EmbeddedPostgres
from service.database.postgres_folder import server_id
from service.database.protection import APP, NOTIFIER
from service.migrate import login_of, migrate
from tests.far_ends import ACCOUNT, TOKEN, free_port
from tests.faults.life import begin
from tests.key import KEY

DATABASE = "clamshell"
SENDER = "+13035550100"
# Each is a place in a scheduler's code; the chance is for each time it is reached. Where that is once a message and not
# once a batch it is small: after an outage a batch is large, and none would live to be recorded.
STRIKES = {
    "planning": 0.01,
    "planned": 0.01,
    "looking": 0.02,
    "looked": 0.02,
    "claiming": 0.004,
    "claimed": 0.004,
    "marking": 0.004,
    "marked": 0.01,
    "answered": 0.002,
    "recording": 0.02,
    "recorded": 0.004,
    "doubting": 0.004,
    "looked_up": 0.003,
    "weighing": 0.003,
    "believing": 0.003,
    # A recovery passes it some thirty times.
    "recovering": 0.01,
    # There are few of these.
    "digest_marking": 0.05,
    "digest_marked": 0.05,
    "digest_answered": 0.05,
    "digest_recording": 0.05,
}


class Product:
    def __init__(self, folder: Path, sms_url: str, smtp_url: str, speed: float, seed: int) -> None:
        self._folder = folder
        self._postgres = EmbeddedPostgres(folder / "postgres")
        self._far_ends = (sms_url, smtp_url)
        self.speed, self._seed = speed, seed
        self._started = 0
        self._pages: subprocess.Popen[bytes] | None = None
        self.public_url = f"http://127.0.0.1:{free_port()}"

    def __enter__(self) -> Self:
        self._postgres.start()
        try:
            with psycopg.connect(self._postgres.superuser_url(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            migrate(self.owner_url, [login_of(self.app_url, APP), login_of(self.notifier_url, NOTIFIER)])
            self._start_pages()
        except BaseException:
            self._postgres.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._pages:
            self._pages.terminate()
            self._pages.wait(20)
        self._postgres.stop()

    @property
    def owner_url(self) -> str:
        return self._postgres.superuser_url(DATABASE)

    @property
    def app_url(self) -> str:
        return self._postgres.url("faults_app", "secret-of-the-app", DATABASE)

    @property
    def notifier_url(self) -> str:
        return self._postgres.url("faults_notifier", "secret-of-the-notifier", DATABASE)

    @property
    def log(self) -> Path:
        return self._folder / "scheduler.log"

    def _environ(self) -> dict[str, str]:
        sms_url, smtp_url = self._far_ends
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.app_url,
            "CLAMSHELL_NOTIFIER_DATABASE_URL": self.notifier_url,
            "CLAMSHELL_SECRET_KEY": "k" * 40,
            "CLAMSHELL_DATA_KEY": KEY.text,
            "CLAMSHELL_PUBLIC_URL": self.public_url,
            "CLAMSHELL_SMS_URL": sms_url,
            "CLAMSHELL_SMS_ACCOUNT": ACCOUNT,
            "CLAMSHELL_SMS_TOKEN": TOKEN,
            "CLAMSHELL_SMS_FROM": SENDER,
            "CLAMSHELL_SMS_PER_SECOND": "10000",
            "CLAMSHELL_SMTP_URL": smtp_url,
            "CLAMSHELL_MAIL_FROM": "clinic@northside.example",
            # What schedulers remember is no part of what is brought back.
            "CLAMSHELL_STATE_FOLDER": str(self._folder / "state"),
        }

    def _start_pages(self) -> None:
        port = self.public_url.rpartition(":")[2]
        command = [sys.executable, "-m", "service.cli", "serve", "--port", port]
        with (self._folder / "pages.log").open("ab") as log:
            self._pages = subprocess.Popen(command, env=self._environ(), stdout=log, stderr=log)
        until = time.monotonic() + 60
        while not self._healthy():
            assert time.monotonic() < until, (self._folder / "pages.log").read_text()[-2000:]
            time.sleep(0.1)

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.public_url}/health", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def start_scheduler(self, *, hostile: bool) -> ForkServerProcess:
        """A hostile one may be struck at every named place, by chances of its own; all of them live fast."""
        self._started += 1
        faults = [f"speed={self.speed}"]
        if hostile:
            seed = self._seed * 1_000_000 + self._started
            kills = [f"{point}.kill={chance}" for point, chance in STRIKES.items()]
            stops = [f"{point}.stop={chance / 3:.5f}" for point, chance in STRIKES.items()]
            faults += [f"seed={seed}", *kills, *stops]
        environ = self._environ() | {"CLAMSHELL_FAULTS": ",".join(faults)}
        return begin(environ, self.log)

    def crash_database(self) -> None:
        """As a power cut would: no checkpoint, no goodbye; it comes back by recovery."""
        server = server_id(self._folder / "postgres")
        assert server
        os.kill(server, signal.SIGQUIT)
        while self._postgres.running:
            time.sleep(0.01)
        self._postgres.stop()
        self._postgres.start()

    def copy_database(self) -> None:
        """A backup, as far as the installation can tell."""
        with psycopg.connect(self._postgres.superuser_url(), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [DATABASE])
            connection.execute(f"CREATE DATABASE {DATABASE}_copy TEMPLATE {DATABASE} STRATEGY file_copy")
            connection.execute(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS true")

    def bring_copy_back(self) -> None:
        """All that was written since is gone."""
        with psycopg.connect(self._postgres.superuser_url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
            connection.execute(f"ALTER DATABASE {DATABASE}_copy RENAME TO {DATABASE}")

    def end_connections(self, share: float) -> None:
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'faults_notifier'"
                " AND random() < %s",
                [share],
            )
