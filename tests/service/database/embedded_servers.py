"""Embedded servers in processes of their own, and what can be seen of them from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg

from service.database.embedded import EmbeddedPostgres
from service.database.postgres_folder import server_id

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from pathlib import Path
from service.database.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(server.superuser_url(), flush=True)
    sys.stdin.read()
"""


@contextmanager
def hold(data_dir: Path, *, program: Path = ROOT, **options: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that runs the server until its input ends, and the server's address."""
    command = [options.pop("python", sys.executable), "-c", HOLDER, str(data_dir)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=program, stdin=pipe, stdout=pipe, text=True, **options) as holder:
        assert holder.stdout
        yield holder, holder.stdout.readline().strip()
        holder.communicate()
        assert holder.returncode in (0, -signal.SIGKILL)


def write_rows(url: str, count: int = 1000) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE entry (score int NOT NULL)")
        connection.execute("INSERT INTO entry SELECT generate_series(1, %s::int)", [count])


def count_rows(url: str) -> int:
    return int(ask(url, "SELECT count(*) FROM entry"))


def ask(url: str, question: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row
    return str(row[0])


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def command_lines() -> list[str]:
    """Of every process on the machine, as any user may read them."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(FileNotFoundError, ProcessLookupError):
            lines.append(path.read_text(errors="replace"))
    return lines


def server_of(data_dir: Path) -> int:
    pid = server_id(data_dir)
    assert pid
    return pid


def wait_until_gone(pid: int) -> None:
    deadline = monotonic() + 10
    while is_running(pid):
        assert monotonic() < deadline
        sleep(0.01)


def as_user(uid: int) -> dict[str, Any]:
    """Options of subprocess; only root may and must change its user."""
    return {"user": uid, "group": uid, "extra_groups": []} if os.geteuid() == 0 else {}


def crash(server: EmbeddedPostgres, data_dir: Path) -> None:
    pid = server_of(data_dir)
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    server.stop()
