"""The product as its users run it: real processes, real HTTP, far ends on loopback, nothing patched in what they do."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
import pytest
from psycopg import sql

from service.cli import main
from service.database.embedded import EmbeddedPostgres
from tests.commands import Command, start
from tests.far_ends import ACCOUNT, TOKEN, MailServer, SmsProvider, free_port
from tests.key import KEY

Found = TypeVar("Found")

PLAIN: Any = {"trust_env": False, "verify": False, "timeout": 60}
"""For a client on loopback: reading the certificates of the world takes 20 ms, more than most answers. On a machine
with much else to do the first page of a process takes its time."""


def eventually(what: str, look: Callable[[], Found | None], seconds: float = 20, *, every: float = 0.05) -> Found:
    """What `look` finds, as soon as it finds something; what takes long to look at is not looked at so often."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Product:
    environ: dict[str, str]
    folder: Path
    url: str
    running: dict[str, Command] = field(default_factory=dict)

    def clamshell(self, *arguments: str, said: str = "") -> str:
        """Runs the command to its end and returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", *arguments],
            env=self.environ,
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def clamshell_here(self, *arguments: str, said: str = "") -> str:
        """The same in the tests' own process, which has loaded all of it already."""
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
            for name, value in self.environ.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(said))
            assert main(arguments) == 0, printed.getvalue()
        return printed.getvalue()

    def start(self, name: str, module: str, *words: str) -> None:
        self.running[name] = start(module, *words, environ=self.environ, log=self.folder / f"{name}.log")

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            # A server that was asked to stop says so with the signal it was asked by.
            assert process.wait(20) in (0, -signal.SIGTERM)

    def words(self) -> str:
        """What the processes said, for a failing test to show."""
        return "\n".join(f"== {log.name}\n{log.read_text()[-4000:]}" for log in self.folder.glob("*.log"))


@contextmanager
def product(postgres: EmbeddedPostgres, folder: Path, sms: SmsProvider, mail: MailServer) -> Iterator[Product]:
    """An installation with its own database and its own logins, migrated by its own command."""
    name = f"product_{os.getpid()}_{folder.name}"
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": postgres.url("product_app", "secret-of-app", name),
        "CLAMSHELL_NOTIFIER_DATABASE_URL": postgres.url("product_notifier", "secret-of-notifier", name),
        "CLAMSHELL_OWNER_DATABASE_URL": postgres.superuser_url(name),
        "CLAMSHELL_SECRET_KEY": "k" * 40,
        "CLAMSHELL_DATA_KEY": KEY.text,
        "CLAMSHELL_PUBLIC_URL": url,
        "CLAMSHELL_METRICS_PORT": str(free_port()),
        "CLAMSHELL_NOTIFIER_METRICS_PORT": str(free_port()),
        "CLAMSHELL_SMS_URL": sms.url,
        "CLAMSHELL_SMS_ACCOUNT": ACCOUNT,
        "CLAMSHELL_SMS_TOKEN": TOKEN,
        "CLAMSHELL_SMS_FROM": "+13035550100",
        "CLAMSHELL_SMTP_URL": mail.url,
        "CLAMSHELL_MAIL_FROM": "clinic@northside.example",
    }
    made = Product(environ, folder, url)
    made.clamshell("migrate")
    made.start("api", "service.cli", "serve", "--port", str(port))
    made.start("scheduler", "scheduler")
    try:
        eventually("the pages answer", lambda: healthy(url), 60)
        yield made
    finally:
        made.stop()


def healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", **PLAIN | {"timeout": 2}).status_code == 200
    except httpx.HTTPError:
        return False


class Demo:
    """`clamshell demo` from nothing; with few people, what it and its processes load is loaded before."""

    def __init__(self, folder: Path, port: int, *options: str, few: bool = False) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder.parent / f"demo-{time.time_ns()}.log"
        words = ("demo", "--data", str(folder), "--port", str(port), *options)
        self._named_by = "comm=" if few else "args="
        if few:
            self.process: Command | subprocess.Popen[bytes] = start(
                "tests.acceptance.few_people", *words, environ=os.environ, log=self._log
            )
        else:
            with self._log.open("wb") as log:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "service.cli", *words],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def until_ready(self) -> list[str]:
        """The lines it printed, up to its last one."""
        return self.until_said("Made-up people")

    def until_said(self, words: str) -> list[str]:
        """The lines it printed, once there is one that begins so."""
        eventually(words, lambda: self._has_said(words), 120)
        return self.said

    def _has_said(self, words: str) -> bool:
        if any(line.startswith(words) for line in self.said):
            return True
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0)
            raise AssertionError(self.output)
        return False

    @property
    def said(self) -> list[str]:
        return self.output.splitlines()

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def links(self) -> dict[str, str]:
        found = [re.match(r"  (.+?)  +(http\S+)", line) for line in self.said]
        return {match[1]: match[2] for match in found if match}

    def children(self, words: str) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", f"pid=,{self._named_by}", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(line.split()[0]) for line in listed.stdout.splitlines() if words in line]

    @property
    def database_url(self) -> str:
        """Of the superuser, who sees every clinic."""
        password = (self.folder / "postgres.password").read_text()
        port = (self.folder / "postgres.port").read_text().strip()
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/clamshell"

    def rows(self, table: str = "pain_entry") -> int:
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert row
        return int(row[0])

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        return self.process.wait(30)
