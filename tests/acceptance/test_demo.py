"""`clamshell demo` as somebody who tries it: two starts, a kill of every process, and Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.acceptance.processes import eventually
from tests.far_ends import free_port


class Demo:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "demo", "--data", str(folder), "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []

    def until_ready(self) -> list[str]:
        """The lines it printed, up to its last one."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("Made-up people"):
                return self.said
        raise AssertionError("\n".join(self.said))

    @property
    def links(self) -> dict[str, str]:
        found = [re.match(r"  (.+?)  +(http\S+)", line) for line in self.said]
        return {match[1]: match[2] for match in found if match}

    def children(self, words: str) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(line.split()[0]) for line in listed.stdout.splitlines() if words in line]

    def rows(self) -> int:
        password = (self.folder / "postgres.password").read_text()
        port = (self.folder / "postgres.port").read_text().strip()
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/clamshell"
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*) FROM pain_entry").fetchone()
        assert row
        return int(row[0])

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    yield tmp_path_factory.mktemp("demo") / "data", free_port()


def test_the_demo_survives_kills_and_a_second_start(place: tuple[Path, int]) -> None:
    demo = Demo(*place)
    try:
        said = demo.until_ready()
        assert f"ready http://127.0.0.1:{place[1]}" in said
        assert list(demo.links) == ["who needs you first", "Maria's timeline", "the test inbox"]
        _enter(demo)
        before = demo.rows()
        assert before > 900
        for words in ("scheduler", "service.cli serve", "postgres"):
            _kill_and_wait(demo, words)
        eventually("the pages answer again", lambda: _healthy(place[1]))
        assert demo.rows() == before
    finally:
        assert demo.stop() == 0
    assert not _alive(place[0])

    again = Demo(*place)
    try:
        again.until_ready()
        assert time.monotonic() - again.started < 20
        assert again.rows() == before
        # A third party on the same data folder is turned away.
        assert Demo(*place).ended() == 2
    finally:
        assert again.stop() == 0


def _enter(demo: Demo) -> None:
    """Opens each link, presses its button, and lands on the page it promised."""
    expected = {"who needs you first": "Tom Becker", "Maria's timeline": "Maria Lopez", "the test inbox": "Maria"}
    for name, link in demo.links.items():
        with httpx.Client(trust_env=False, follow_redirects=True) as desk:
            door = desk.get(link)
            assert "Enter as Sam" in door.text
            to = link.partition("?to=")[2]
            page = desk.post(link.partition("?")[0], data={"to": to})
            assert page.status_code == 200, f"{name}: {page.status_code}"
            assert expected[name] in page.text, name


def _kill_and_wait(demo: Demo, words: str) -> None:
    [pid] = eventually(f"{words} runs", lambda: demo.children(words))
    os.kill(pid, signal.SIGKILL)
    eventually(f"{words} runs again", lambda: [new for new in demo.children(words) if new != pid])


def _healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _alive(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]
