"""`./run` itself, in a checkout of its own with a project that needs nothing from anywhere."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "clamshell"
version = "0"
"""

# The least an installer accepts: a wheel that puts the checkout on the path.
BACKEND = """
from pathlib import Path
from zipfile import ZipFile

FILES = {
    "clamshell.pth": str(Path.cwd()),
    "clamshell-0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: clamshell\\nVersion: 0",
    "clamshell-0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any",
}

def build_editable(folder, settings=None, metadata=None):
    with ZipFile(Path(folder) / "clamshell-0-py3-none-any.whl", "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text + "\\n")
        record = "clamshell-0.dist-info/RECORD"
        wheel.writestr(record, "".join(f"{name},,\\n" for name in [*FILES, record]))
    return "clamshell-0-py3-none-any.whl"
"""

OTHER_PYTHON = """#!/bin/sh
case "$*" in
*ensurepip*) echo 3 12 99 True {seconds} ;;
*) exec {python} "$@" ;;
esac
"""

# What it starts does not hear an interrupt.
HANGING = """
import signal, subprocess, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print(subprocess.Popen(["sleep", "600"]).pid, flush=True)
signal.signal(signal.SIGINT, signal.default_int_handler)
time.sleep(600)
"""

BENCH = "import sys; print(sys.prefix, *sys.argv[1:])"


@pytest.fixture(scope="module")
def shared_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    checkout = tmp_path_factory.mktemp("run") / "a checkout with spaces"
    for name, text in {"pyproject.toml": PYPROJECT, "backend.py": BACKEND, "bench/stairs.py": BENCH}.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    (checkout / "requirements").mkdir()
    shutil.copy(ROOT / "run", checkout / "run")
    return checkout


@pytest.fixture
def checkout(shared_checkout: Path) -> Path:
    """Keeps its environment from test to test: making one takes pip some seconds."""
    (shared_checkout / "requirements" / "dev.txt").write_text("")
    return shared_checkout


@pytest.fixture(scope="module", autouse=True)
def _uv_and_this_python_on_the_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """That of this environment, where it has one: pip takes five times as long, and one test is enough for it. And no
    more Pythons than this one and the system's, each of which would be tried for every new environment."""
    folder, uv = tmp_path_factory.mktemp("bin"), Path(sys.executable).with_name("uv")
    (folder / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    if uv.exists():
        (folder / "uv").symlink_to(uv)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}:{os.defpath}")
        yield


def run(checkout: Path, *words: str, path: str | None = None) -> "subprocess.CompletedProcess[str]":
    """From a folder that is not the checkout."""
    environ = os.environ | ({"PATH": path} if path else {})
    return subprocess.run([checkout / "run", *words], cwd="/", capture_output=True, text=True, env=environ)


def test_unknown_word_prints_what_exists() -> None:
    answer = run(ROOT, "nonsense")
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "run: nonsense is not among what exists" in answer.stderr
    for word in ("demo", "test", "check", "e2e", "bench", "shots"):
        assert f"\n  {word} " in answer.stderr


@pytest.mark.parametrize("words", [[], ["bench"], ["bench", "nonsense"], ["check", "quickly"]])
def test_word_without_what_it_needs_prints_what_exists(words: list[str]) -> None:
    answer = run(ROOT, *words)
    assert answer.returncode == 2
    assert "bench NAME" in answer.stderr


def test_help_is_no_mistake() -> None:
    answer = run(ROOT, "--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "demo [ARGS]" in answer.stdout


def test_launcher_is_readable_by_python_3_8() -> None:
    ast.parse((ROOT / "run").read_text(), feature_version=(3, 8))


def test_first_run_installs_with_pip_where_uv_is_not_to_be_had_and_later_runs_do_not(
    checkout: Path, tmp_path: Path
) -> None:
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    (checkout / "requirements" / "uv.txt").write_text("uv @ file:///nowhere/uv-1-py3-none-any.whl\n")
    first = run(checkout, "bench", "stairs", "--steps", "12", path=_without_uv(tmp_path))
    assert (first.returncode, first.stdout) == (0, f"{checkout}/.venv --steps 12\n")
    steps = [line.split(" .")[0] for line in first.stderr.splitlines()]
    # Where the Python itself has no pip, one is unpacked first.
    steps = [step for step in steps if step != "adding pip"]
    assert steps[1:] == ["adding uv", "installing requirements/dev.txt with pip", "installing clamshell"]
    assert "not to be had, going on with pip" in first.stderr
    second = run(checkout, "bench", "stairs")
    assert (second.stdout, second.stderr) == (f"{checkout}/.venv\n", "")


def _without_uv(folder: Path) -> str:
    """This Python stays on the path, whichever folder it shares with an uv."""
    (folder / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    kept = [place for place in os.environ["PATH"].split(":") if not (Path(place) / "uv").exists()]
    return ":".join([str(folder), *kept])


def test_changed_requirements_are_installed_again(checkout: Path) -> None:
    run(checkout, "bench", "stairs")
    (checkout / "requirements" / "dev.txt").write_text("# nothing, said differently\n")
    assert "installing clamshell" in run(checkout, "bench", "stairs").stderr


def test_the_image_is_installed_by_the_same_commands(checkout: Path, tmp_path: Path) -> None:
    run(checkout, "bench", "stairs")
    (checkout / "requirements" / "dev.txt").write_text("# an image cannot be built here\n")
    (tmp_path / "uv").write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n')
    (tmp_path / "uv").chmod(0o755)
    assert run(checkout, "bench", "stairs", path=f"{tmp_path}:{os.environ['PATH']}").returncode == 0
    own = f"pip install --python {checkout}/.venv/bin/python "
    ours = [line.removeprefix(own) for line in (tmp_path / "asked").read_text().splitlines() if line.startswith(own)]
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    images = [line.removeprefix("RUN pip install ") for line in lines if line.startswith("RUN pip")]
    assert [line.replace("dev.txt", "run.txt") for line in ours] == images


def test_failed_install_says_which_step_and_why_and_is_tried_again(checkout: Path) -> None:
    requirements = checkout / "requirements" / "dev.txt"
    requirements.write_text("nowhere @ file:///nowhere/nowhere-1-py3-none-any.whl\n")
    failed = run(checkout, "bench", "stairs")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "run: installing requirements/dev.txt with " in failed.stderr
    assert "nowhere" in failed.stderr
    requirements.write_text("")
    assert run(checkout, "bench", "stairs").returncode == 0


def test_without_a_browser_the_tests_of_the_pages_say_so_and_fail(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to(sys.executable)
    (tmp_path / "sh").symlink_to("/bin/sh")
    refused = run(checkout, "e2e", path=str(tmp_path))
    assert refused.returncode == 1
    assert "chromium" in refused.stderr
    assert "apt-get install" in refused.stderr


def test_larger_installation_serves_the_smaller(checkout: Path) -> None:
    run(checkout, "bench", "stairs")
    stamp = checkout / ".venv" / "installed.json"
    (checkout / "requirements" / "e2e.txt").write_text("")
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"level": "e2e"}))
    assert run(checkout, "bench", "stairs").stderr == ""
    (checkout / "requirements" / "e2e.txt").write_text("# newer\n")
    assert "installing requirements/dev.txt" in run(checkout, "bench", "stairs").stderr


def test_moved_checkout_gets_a_new_environment(checkout: Path) -> None:
    run(checkout, "bench", "stairs")
    moved = checkout.rename(checkout.with_name("elsewhere"))
    answer = run(moved, "bench", "stairs")
    moved.rename(checkout)
    assert answer.stderr.startswith("making .venv")
    assert answer.stdout == f"{moved}/.venv\n"


@pytest.mark.parametrize(("seconds", "is_taken"), [("0.000001", True), ("60", False)])
def test_a_new_environment_has_the_python_that_is_much_faster(
    checkout: Path, tmp_path: Path, seconds: str, is_taken: bool
) -> None:
    """The other one only says so of itself."""
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    other = tmp_path / "python3.12"
    other.write_text(OTHER_PYTHON.format(seconds=seconds, python=sys._base_executable))  # type: ignore[attr-defined]
    other.chmod(0o755)
    answer = run(checkout, "bench", "stairs", path=f"{os.environ['PATH']}:{tmp_path}")
    assert answer.stdout == f"{checkout}/.venv\n"
    assert answer.stderr.startswith("making .venv with Python 3.12.99 ") == is_taken


def test_a_row_that_hangs_shows_where_it_was_and_ends_with_all_that_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    launcher: Any = ModuleType("launcher")
    launcher.__file__ = str(ROOT / "run")
    exec(compile((ROOT / "run").read_text(), launcher.__file__, "exec"), launcher.__dict__)
    monkeypatch.setattr(launcher, "LONGEST_ROW", 1)
    code, said, _ = launcher.run_with_dots("hanging", [sys.executable, "-c", HANGING])
    started, _, rest = said.partition("\n")
    assert code != 0
    assert "KeyboardInterrupt" in rest
    assert rest.endswith("run: stopped, as it was not done after 0 minutes")
    # One that nobody has buried yet has ended too.
    left = subprocess.run(["ps", "-o", "stat=", "-p", started], capture_output=True, text=True).stdout
    assert left.strip()[:1] in ("", "Z")


def test_no_python_at_all_is_one_clear_line(checkout: Path) -> None:
    command = ["/bin/sh", "run", "test"]
    answer = subprocess.run(command, cwd=checkout, env={"PATH": "/nowhere"}, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr == "run: no Python found; install Python 3.11 or newer\n"
