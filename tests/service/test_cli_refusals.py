"""What cannot work is refused in one sentence that names the variable or the option, and ends with 2."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from scheduler.__main__ import main as start_scheduler
from service.cli import main
from service.loading import load
from tests.conftest import Urls
from tests.far_ends import free_port
from tests.key import KEY

CLINIC = (
    *("create-clinic", "--name", "Northside Physiotherapy", "--short-name", "Northside", "--country", "US"),
    *("--zone", "America/New_York", "--phone", "(202) 555-0100", "--emergency-number", "911"),
    *("--owner-name", "Olga Owner", "--owner-email", "olga@clinic.example"),
)
PASSWORD = "a long enough pass phrase"


def _run(*words: str, environ: Mapping[str, str], said: str = PASSWORD) -> tuple[int, list[str]]:
    """The exit code and the lines of a real process that was refused."""
    done = subprocess.run(
        [sys.executable, *words],
        env={"PATH": os.environ["PATH"], "CLAMSHELL_SECRET_KEY": "k" * 40, "CLAMSHELL_DATA_KEY": KEY.text, **environ},
        input=said,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


def _what_serve_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["serve", "--port", str(free_port()), "--data", str(folder)]) == 2
    assert not (folder / "postgres").exists()
    [line] = capsys.readouterr().err.splitlines()
    return str(line)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "99999999999", "http", ""])
@pytest.mark.parametrize("word", ["serve", "demo"])
def test_a_port_that_cannot_be(word: str, port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word, f"--port={port}", "--data", str(tmp_path / "data")]) == 2
    assert capsys.readouterr().err == f"clamshell: --port must be a number from 1 to 65535, not {port!r}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["serve"], ["demo"], ["doctor"], ["recover"], list(CLINIC)])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("letter.txt", "is a file"),
        ("letter.txt/data", "is a file"),
        ("n" * 300, "can be made: File name too long"),
        ("n/" * 450 + "n", "at most 900 bytes"),
    ],
)
def test_a_folder_that_cannot_be(
    words: list[str], name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert main([*words, "--data", str(tmp_path / name)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("clamshell: --data must be")
    assert said in line
    assert (tmp_path / "letter.txt").read_text() == "mine"


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """Of whoever runs the test. Root may write anywhere, and is nobody meanwhile: refused by the machine itself."""
    nobody = 65534
    with TemporaryDirectory() as name, ExitStack() as back:
        if os.geteuid() == 0:
            load("service.cli_alone")  # nobody may not enter every checkout
            os.chown(name, nobody, nobody)
            os.setresuid(nobody, nobody, 0)
            back.callback(os.setresuid, 0, 0, 0)
        yield Path(name)


@pytest.mark.usefixtures("own_folder")
def test_a_folder_of_somebody_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--data", "/nobody-may-write-here"]) == 2
    assert "that you may write to" in capsys.readouterr().err


def test_a_host_of_another_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "192.0.2.1", "--port", str(free_port()), "--data", str(tmp_path)]) == 2
    assert "--host must be an address of this machine" in capsys.readouterr().err


def test_data_in_two_places(
    tmp_path: Path, urls: Urls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", urls.app)
    assert main([*CLINIC, "--data", str(tmp_path)]) == 2
    assert "--data and DATABASE_URL cannot both" in capsys.readouterr().err


def test_an_inbox_that_strangers_reach_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLAMSHELL_INBOX", "on")
    monkeypatch.setenv("CLAMSHELL_PUBLIC_URL", "https://app.clinic.example")
    # Whoever starts all the same would go on for ever.
    monkeypatch.setattr("service.installation.Installation.start", None)
    assert "CLAMSHELL_INBOX must be off unless CLAMSHELL_PUBLIC_URL" in _what_serve_refuses(tmp_path, capsys)


def test_a_place_to_remember_that_is_a_file_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    monkeypatch.setattr("service.installation.Installation.start", None)
    monkeypatch.setenv("CLAMSHELL_STATE_FOLDER", str(tmp_path / "letter.txt"))
    said = f"clamshell: CLAMSHELL_STATE_FOLDER must be a folder, and {tmp_path / 'letter.txt'} is a file"
    assert _what_serve_refuses(tmp_path / "data", capsys) == said
    monkeypatch.delenv("CLAMSHELL_STATE_FOLDER")
    (tmp_path / "data.state").write_text("mine too")
    said = f"clamshell: CLAMSHELL_STATE_FOLDER must be a folder, and {tmp_path / 'data.state'} is a file"
    assert _what_serve_refuses(tmp_path / "data", capsys) == said


def test_a_place_to_remember_of_somebody_else(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.installation.Installation.start", None)
    monkeypatch.setenv("CLAMSHELL_STATE_FOLDER", "/nobody-may-write-here")
    assert "CLAMSHELL_STATE_FOLDER must be a folder that you may write to" in _what_serve_refuses(own_folder, capsys)


def test_a_list_of_the_erased_that_cannot_be_read_ends_serve(urls: Urls, tmp_path: Path) -> None:
    (tmp_path / "erased").mkdir()
    environ = {"DATABASE_URL": urls.app, "CLAMSHELL_STATE_FOLDER": str(tmp_path)}
    code, lines = _run("-m", "service.cli", "serve", "--port", str(free_port()), environ=environ)
    said = f"clamshell: CLAMSHELL_STATE_FOLDER: {tmp_path / 'erased'} cannot be read: Is a directory"
    assert (code, lines) == (2, [said])


@pytest.mark.parametrize("variable", ["CLAMSHELL_METRICS_PORT", "CLAMSHELL_NOTIFIER_METRICS_PORT"])
@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("nonsense..host", "CLAMSHELL_METRICS_HOST must be a host name or an address of this machine"),
        ("192.0.2.1", "CLAMSHELL_METRICS_HOST must be a host name or an address of this machine"),
        ("nowhere.invalid", "CLAMSHELL_METRICS_HOST must be a host name or an address of this machine"),
        ("127.0.0.1", "{variable}: nothing can listen at 127.0.0.1:{port}: Address already in use"),
    ],
)
def test_counts_that_nobody_could_read_are_refused_before_anything_starts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    host: str,
    said: str,
) -> None:
    monkeypatch.setenv("CLAMSHELL_METRICS_HOST", host)
    monkeypatch.setattr("service.installation.Installation.start", None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv(variable, str(port))
        line = _what_serve_refuses(tmp_path, capsys)
    assert line.startswith(f"clamshell: {said.format(variable=variable, port=port)}")


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ("--port", "CLAMSHELL_METRICS_PORT must be a port of its own, and --port is {} too"),
        (
            "CLAMSHELL_METRICS_PORT",
            "CLAMSHELL_NOTIFIER_METRICS_PORT must be a port of its own, and CLAMSHELL_METRICS_PORT is {} too",
        ),
    ],
)
def test_two_of_one_installation_cannot_answer_on_one_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], others: str, said: str
) -> None:
    monkeypatch.setattr("service.installation.Installation.start", None)
    pages, shared = free_port(), free_port()
    monkeypatch.setenv("CLAMSHELL_METRICS_PORT", str(pages if others == "--port" else shared))
    monkeypatch.setenv("CLAMSHELL_NOTIFIER_METRICS_PORT", str(shared))
    assert main(["serve", "--port", str(pages), "--data", str(tmp_path)]) == 2
    port = pages if others == "--port" else shared
    assert capsys.readouterr().err == f"clamshell: {said.format(port)}\n"


@pytest.mark.parametrize(
    ("variable", "words"),
    [("CLAMSHELL_METRICS_PORT", ["service.cli", "serve"]), ("CLAMSHELL_NOTIFIER_METRICS_PORT", ["scheduler"])],
    ids=["serve", "scheduler"],
)
@pytest.mark.parametrize("host", ["nonsense..host", "192.0.2.1"])
def test_a_host_for_counts_that_is_not_of_this_machine_ends_either_process(
    urls: Urls, variable: str, words: list[str], host: str
) -> None:
    logins = {"DATABASE_URL": urls.app, "CLAMSHELL_NOTIFIER_DATABASE_URL": urls.notifier}
    if "serve" in words:
        words = [*words, "--port", str(free_port())]
    environ = {variable: str(free_port()), "CLAMSHELL_METRICS_HOST": host, "CLAMSHELL_PUBLIC_URL": "http://127.0.0.1"}
    code, lines = _run("-m", *words, environ=logins | environ)
    assert (code, [line for line in lines if "METRICS_HOST" in line]) == (2, lines[-1:])
    assert "CLAMSHELL_METRICS_HOST must be a host name or an address of this machine, like 127.0.0.1" in lines[-1]
    assert repr(host) in lines[-1]


def test_every_wrong_option_of_a_clinic_is_named_at_once(
    urls: Urls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "CLAMSHELL_SECRET_KEY": "k" * 40,
        "CLAMSHELL_DATA_KEY": KEY.text,
        "DATABASE_URL": urls.app,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert main([*CLINIC, "--zone", "CET", "--phone", "", "--short-name", "Hip Clinic"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["--short-name", "--zone", "--phone", "password"]
    assert lines[3].endswith("Use at least 15 characters.")


def test_a_variable_that_nothing_reads_is_named_by_both_processes() -> None:
    environ = {"CLAMSHELL_INBX": "on"}
    for words in (["-m", "scheduler"], ["-m", "service.cli", "migrate"]):
        code, lines = _run(*words, environ=environ)
        assert code == 2
        assert lines[0].endswith("CLAMSHELL_INBX is not known and changes nothing; the nearest is CLAMSHELL_INBOX")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("password", "refuses this login (password authentication failed"),
        ("database", 'refuses this login (database "nowhere" does not exist)'),
        ("owner", "is too powerful"),
    ],
)
@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("DATABASE_URL", ["serve"]),
        ("DATABASE_URL", list(CLINIC)),
        ("CLAMSHELL_NOTIFIER_DATABASE_URL", ["scheduler"]),
    ],
    ids=["serve", "create-clinic", "scheduler"],
)
def test_a_login_that_does_not_fit_ends_at_once(
    urls: Urls,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    words: list[str],
    wrong: str,
    said: str,
) -> None:
    url = urls.app if variable == "DATABASE_URL" else urls.notifier
    changed = {
        "password": url.replace("only-for-tests", "not-this-one"),
        "database": url.rpartition("/")[0] + "/nowhere",
        "owner": urls.owner,
    }[wrong]
    monkeypatch.setenv("CLAMSHELL_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("CLAMSHELL_DATA_KEY", KEY.text)
    monkeypatch.setenv(variable, changed)
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD))
    words = ["serve", "--port", str(free_port())] if words == ["serve"] else words
    assert (start_scheduler([]) if words == ["scheduler"] else main(words)) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f"{variable}: " in line
    assert said in line
    assert "not-this-one" not in line
