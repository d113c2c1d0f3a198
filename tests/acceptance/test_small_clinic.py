"""One clinic on one machine, by the commands of the README: no database of its own, no variable set."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.acceptance.processes import PLAIN
from tests.far_ends import free_port

PASSWORD = "a long enough pass phrase"


def _clamshell(*words: str) -> list[str]:
    return [sys.executable, "-m", "service.cli", *words]


def _create(folder: Path, email: str) -> subprocess.CompletedProcess[str]:
    words = (
        *("create-clinic", "--data", str(folder), "--name", "Northside Physiotherapy", "--short-name", "Northside"),
        *("--country", "us", "--zone", "America/New_York", "--phone", "(202) 555-0100", "--emergency-number", "911"),
        *("--owner-name", "Olga Owner", "--owner-email", email),
    )
    return _ended(*words, said=f"{PASSWORD}\n")


def _ended(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"]}
    return subprocess.run(_clamshell(*words), env=environ, input=said, capture_output=True, text=True, timeout=60)


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


def test_a_clinic_is_made_while_everything_runs_and_after_it_was_stopped(tmp_path: Path) -> None:
    folder, port = tmp_path / "data", free_port()
    url = f"http://127.0.0.1:{port}"

    with _serving(folder, port) as said:
        assert said[-2:] == [f"ready {url}", f"  staff sign in at {url}/staff/sign-in"]
        made = _create(folder, "olga@clinic.example")
        assert made.returncode == 0, made.stderr
        assert httpx.post(
            f"{url}/v1/sign-in", json={"email": "olga@clinic.example", "password": PASSWORD}, **PLAIN
        ).is_success
        taken = _create(folder, "Olga@clinic.example")
        assert (taken.returncode, "--owner-email: Use another email" in taken.stderr) == (2, True)
        examined = _ended("doctor", "--data", str(folder))
        assert (examined.returncode, "a scheduler is alive" in examined.stdout) == (0, True), examined.stdout
        assert httpx.get(f"{url}/dev/inbox", **PLAIN).status_code == 404
    assert any(line.startswith(f"  clamshell create-clinic --data {folder} --name ") for line in said)

    second = _create(folder, "ines@clinic.example")
    assert second.returncode == 0, second.stderr
