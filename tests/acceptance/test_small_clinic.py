"""One clinic on one machine, by the commands of the README: no database of its own, no variable set."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service.cli import main
from service.data_keys import KeySource
from service.database import box
from tests.acceptance.processes import PLAIN
from tests.far_ends import free_port
from tests.key import KEY

Ended = tuple[int, str]

PASSWORD = "a long enough pass phrase"


def _clamshell(*words: str) -> list[str]:
    return [sys.executable, "-m", "service.cli", *words]


def _of_a_clinic(folder: Path, email: str) -> tuple[str, ...]:
    return (
        *("create-clinic", "--data", str(folder), "--name", "Northside Physiotherapy", "--short-name", "Northside"),
        *("--country", "us", "--zone", "America/New_York", "--phone", "(202) 555-0100", "--emergency-number", "911"),
        *("--owner-name", "Olga Owner", "--owner-email", email),
    )


def _ended(*words: str) -> Ended:
    done = subprocess.run(
        _clamshell(*words),
        env={"PATH": os.environ["PATH"]},
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ended]]:
    """A command for the second time: without a process of its own, which would load all of it again."""
    for name in [name for name in os.environ if name.startswith(("CLAMSHELL_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)

    def ended(*words: str) -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        return main(words), "".join(capsys.readouterr())

    yield ended
    box.use(KeySource((KEY,)))


@contextmanager
def _serving(folder: Path, port: int) -> Iterator[list[str]]:
    """What `clamshell serve` printed until it was ready; Ctrl-C at the end."""
    words = _clamshell("serve", "--data", str(folder), "--port", str(port))
    environ = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        said = []
        try:
            for line in process.stdout:
                said.append(line.rstrip())
                if "/staff/sign-in" in line:
                    break
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            said += process.stdout.read().splitlines()
            assert process.wait(30) == 0, said


def test_a_clinic_is_made_while_everything_runs_and_after_it_was_stopped(
    tmp_path: Path, here: Callable[..., Ended]
) -> None:
    folder, port = tmp_path / "data", free_port()
    url = f"http://127.0.0.1:{port}"

    with _serving(folder, port) as said:
        assert said[-2:] == [f"ready {url}", f"  staff sign in at {url}/staff/sign-in"]
        made, words = _ended(*_of_a_clinic(folder, "olga@clinic.example"))
        assert made == 0, words
        assert httpx.post(
            f"{url}/v1/sign-in", json={"email": "olga@clinic.example", "password": PASSWORD}, **PLAIN
        ).is_success
        taken, words = here(*_of_a_clinic(folder, "Olga@clinic.example"))
        assert (taken, "--owner-email: Use another email" in words) == (2, True), words
        examined, words = _ended("doctor", "--data", str(folder))
        assert (examined, "a scheduler is alive" in words) == (0, True), words
        assert httpx.get(f"{url}/dev/inbox", **PLAIN).status_code == 404
    assert any(line.startswith(f"  clamshell create-clinic --data {folder} --name ") for line in said)

    second, words = here(*_of_a_clinic(folder, "ines@clinic.example"))
    assert second == 0, words
