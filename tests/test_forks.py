"""What `tests.forks` makes of a run: as one process would tell it, whatever worker it was in."""

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import project_root

ORDINARY = """
import os
import pytest
made = []

@pytest.fixture(scope="module")
def thing():
    made.append(1)
    yield os.getpid()
    made.pop()

@pytest.mark.parametrize("number", range(3))
def test_of_a_file_are_in_one_process_with_what_it_made(thing, number, tmp_path):
    assert made == [1] and thing == os.getpid()
"""
FAILING = """
import pytest

@pytest.fixture(scope="session")
def badly_ended():
    yield
    raise RuntimeError("it would not end")

def test_that_fails_shows_what_it_said(badly_ended):
    print("said by the one that fails")
    raise ValueError("as it must")
"""
DYING = """
import os

def test_that_kills_its_worker():
    os.kill(os.getpid(), 9)
"""
LEAVING = """
import os

def test_that_passes():
    pass

def test_that_ends_its_worker_as_if_all_were_well():
    os._exit(0)
"""
SLOW = """
import time

def test_that_is_still_at_it():
    time.sleep(0.2)
"""
HANGING = """
import threading

def test_that_waits_for_what_never_comes():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    threading.Event().wait()

def test_that_comes_after_it():
    pass
"""


def _run(folder: Path, *options: str, **files: str) -> tuple[int, str]:
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    # Loading what else is installed for pytest takes five times as long as all the rest.
    own = ("--disable-plugin-autoload", "-p", "pytest_timeout", "-p", "no:cacheprovider")
    forks = ("-p", "tests.forks", "--forks", "2", "--rootdir", str(folder))
    command = [sys.executable, "-m", "pytest", *own, *forks, *options, str(folder)]
    answer = subprocess.run(command, cwd=project_root(), capture_output=True, text=True)
    return answer.returncode, answer.stdout + answer.stderr


def test_every_report_comes_home_and_what_fails_fails_the_run(tmp_path: Path) -> None:
    code, told = _run(tmp_path, "-rA", one=ORDINARY, two=ORDINARY, failing=FAILING)
    assert code == 1
    assert re.search(r"1 failed, 6 passed, 1 error in", told)
    assert "ValueError: as it must" in told
    assert "RuntimeError: it would not end" in told
    assert told.count("said by the one that fails") == 2  # In its source, which is shown, and as its output.


def test_a_worker_that_dies_is_told_and_ends_the_run(tmp_path: Path) -> None:
    code, told = _run(tmp_path, one=ORDINARY, dying=DYING)
    assert code == 3
    assert "a worker ended with -9" in told


def test_a_worker_that_ends_before_its_tests_did_fails_the_run(tmp_path: Path) -> None:
    code, told = _run(tmp_path, one=ORDINARY, leaving=LEAVING)
    assert code == 3
    assert "not told of: test_leaving.py::test_that_ends_its_worker_as_if_all_were_well" in told


def test_one_that_hangs_fails_and_shows_where_and_the_others_go_on(tmp_path: Path) -> None:
    code, told = _run(tmp_path, "--timeout", "1", one=ORDINARY, hanging=HANGING)
    assert code == 1
    assert "1 failed, 4 passed in" in told
    assert ">       threading.Event().wait()" in told
    assert "Timeout (>1.0s)" in told
    assert "test_hanging.py:6: " in told


def test_no_file_is_begun_after_as_many_failures_as_were_allowed(tmp_path: Path) -> None:
    code, told = _run(tmp_path, "-x", "-rp", failing=FAILING, **{f"later_{number}": SLOW for number in range(30)})
    assert code == 1
    assert "stopping after 1 failures" in told
    assert told.count("PASSED") < 30
