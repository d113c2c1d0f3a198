"""The installation's key: what is said of a wrong one, and how it is replaced, whatever is killed meanwhile."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from scheduler.__main__ import main as start_scheduler
from service.accounts import queries as accounts
from service.cli import main
from service.data_keys import DataKey, KeySource, new_key, read_file, write_file
from service.database import box
from service.database.tenancy import Database
from service.errors import WrongSettings
from tests.commands import start
from tests.conftest import Urls
from tests.far_ends import free_port
from tests.key import KEY
from tests.make import Team, make_client, make_team
from tests.own_database import database as database
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio

CLINIC = (
    *("create-clinic", "--name", "Northside Physiotherapy", "--short-name", "Northside", "--country", "US"),
    *("--zone", "America/New_York", "--phone", "(202) 555-0100", "--emergency-number", "911"),
    *("--owner-name", "Olga Owner", "--owner-email", "olga@clinic.example"),
)
PASSWORD = "a long enough pass phrase"
OTHER = new_key()


@pytest.fixture(autouse=True)
def _key_of_the_tests() -> Iterator[None]:
    yield
    box.use(KeySource((KEY,)))


def _environ(urls: Urls, key: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "CLAMSHELL_SECRET_KEY": "k" * 40,
        "DATABASE_URL": urls.app,
        "CLAMSHELL_NOTIFIER_DATABASE_URL": urls.notifier,
        "CLAMSHELL_OWNER_DATABASE_URL": urls.owner,
        **key,
    }


def _set(monkeypatch: pytest.MonkeyPatch, urls: Urls, key: Mapping[str, str]) -> None:
    for name in ("CLAMSHELL_DATA_KEY", "CLAMSHELL_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in _environ(urls, key).items():
        monkeypatch.setenv(name, value)


def _run(urls: Urls, key: Mapping[str, str], *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        env=_environ(urls, key),
        input=PASSWORD,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def _whole(urls: Urls) -> list[tuple[str, int]]:
    """How many rows there are of what a process might have touched."""
    with psycopg.connect(urls.owner) as connection:
        return [
            (name, connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchall()[0][0])
            for name in ("clinic", "client", "owner_key", "heartbeat", "attempt_limit", "witness")
        ]


@pytest.mark.parametrize(
    "words",
    [
        *(("serve",), ("scheduler",), CLINIC, ("migrate",), ("rotate-key",), ("erase", "--replay")),
        ("reset-factors", "--email", "olga@clinic.example"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("wrong", ["missing", "no-file", "mistyped", "of-others"])
def test_a_process_without_the_right_key_says_which_it_has_and_touches_nothing(
    team: Team,
    urls: Urls,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    wrong: str,
) -> None:
    key, said = _wrong(wrong, tmp_path)
    before = _whole(urls)
    _set(monkeypatch, urls, key)
    monkeypatch.setenv("CLAMSHELL_STATE_FOLDER", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD))
    # Whoever starts all the same would go on for ever.
    monkeypatch.setattr("uvicorn.Server.run", None)
    monkeypatch.setattr("scheduler.process.run", None)
    words = (*words, "--port", str(free_port())) if words == ("serve",) else words
    code = start_scheduler([]) if words == ("scheduler",) else main(words)
    told = "".join(capsys.readouterr())
    assert (code, said in told) == (2, True), told
    assert len(told.splitlines()) == 1
    assert OTHER.text not in told
    assert KEY.text not in told
    assert _whole(urls) == before


@pytest.mark.parametrize("wrong", ["missing", "no-file", "mistyped", "of-others"])
def test_the_doctor_names_a_wrong_key(
    team: Team,
    urls: Urls,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: str,
) -> None:
    key, said = _wrong(wrong, tmp_path)
    before = _whole(urls)
    _set(monkeypatch, urls, key)
    assert main(("doctor",)) == 1
    assert said in "".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG"))
    assert _whole(urls) == before


def _wrong(name: str, folder: Path) -> tuple[Mapping[str, str], str]:
    """What is set, and what is said of it."""
    return {
        "missing": ({}, "CLAMSHELL_KEY_FILE or CLAMSHELL_DATA_KEY must be set"),
        "no-file": ({"CLAMSHELL_KEY_FILE": str(folder / "key")}, f"there is no file {folder / 'key'}"),
        "mistyped": ({"CLAMSHELL_DATA_KEY": _mistyped(KEY)}, "CLAMSHELL_DATA_KEY: word 1 is not a key"),
        "of-others": ({"CLAMSHELL_DATA_KEY": OTHER.text}, f"{OTHER.id}, which is the key of another installation"),
    }[name]


def _mistyped(key: DataKey) -> str:
    return key.text[:-9] + ("A" if key.text[-9] != "A" else "B") + key.text[-8:]


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    team = await make_team(database, stocked=False)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        for number in range(60):
            await make_client(session, team.therapist_id, name=f"Person {number}")
    return team


async def _names(database: Database, team: Team) -> list[str]:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return sorted(client.name for client in await accounts.clients_of(session, None))


async def _phone(database: Database, team: Team) -> str:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        [somebody, *_] = await accounts.clients_of(session, None)
        return (await accounts.contact_points(session, somebody.id))[0].address


async def _found(database: Database, team: Team, address: str) -> str:
    """By its mark."""
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await accounts.contact_points_with(session, address))[0].address


async def _under(database: Database, team: Team, key: DataKey) -> int:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (
            await session.scalar(
                text("SELECT count(*) FROM owner_key WHERE substr(wrapped, 2, 8) = :id"), {"id": bytes.fromhex(key.id)}
            )
            or 0
        )


async def test_a_key_is_replaced_however_often_the_command_is_killed_and_the_old_one_opens_nothing(
    database: Database,
    team: Team,
    urls: Urls,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names, file = await _names(database, team), tmp_path / "key"
    phone = await _phone(database, team)
    write_file(file, (KEY,))
    box.use(read_file(file))  # a process that runs all the time
    log = tmp_path / "process.log"
    environ = _environ(urls, {"CLAMSHELL_KEY_FILE": str(file)})
    for step in ("written", "sealing", "batch-1", "batch-1", "batch-1", "kept"):
        killed = start("tests.service.rotating_killed", step, environ=environ, log=log).wait(60)
        assert killed == -signal.SIGKILL, log.read_text()
        assert await _names(database, team) == names
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            names = sorted([*names, (await make_client(session, team.therapist_id, name=f"At {step}")).name])
    code, told = _run(urls, {"CLAMSHELL_KEY_FILE": str(file)}, "service.cli", "rotate-key")
    assert code == 0, told
    [new] = read_file(file).keys
    assert new != KEY
    assert file.stat().st_mode & 0o777 == 0o600
    assert await _under(database, team, KEY) == 0
    assert await _under(database, team, new) == len(names)
    box.use(KeySource((new,)))
    assert await _names(database, team) == names
    assert await _found(database, team, phone) == phone
    box.use(KeySource((KEY,)))
    with pytest.raises(box.CannotOpen):
        await _names(database, team)
    assert start("scheduler", environ=_environ(urls, {"CLAMSHELL_DATA_KEY": KEY.text}), log=log).wait(60) == 2
    assert f"{KEY.id}, which was replaced by `clamshell rotate-key`" in log.read_text()
    # Back again, by the environment: for the other tests of this database, and to see that this way works too.
    _set(monkeypatch, urls, {"CLAMSHELL_DATA_KEY": new.text})
    assert await asyncio.to_thread(main, ["rotate-key"]) == 2
    _set(monkeypatch, urls, {"CLAMSHELL_DATA_KEY": f"{KEY.text} {new.text}"})
    assert await asyncio.to_thread(main, ["rotate-key"]) == 0
    assert "leave the old key out" in capsys.readouterr().out
    assert await _names(database, team) == names


def test_a_key_is_made_that_is_one_and_a_file_holds_it_for_its_user_only(tmp_path: Path) -> None:
    code = subprocess.run([sys.executable, "-m", "service.cli", "make-key"], capture_output=True, text=True, check=True)
    (tmp_path / "key").write_text(code.stdout)
    [key] = read_file(tmp_path / "key").keys
    assert key.text == code.stdout.strip()
    assert key.text not in repr(key)
    (tmp_path / "key").write_text(" \n")
    with pytest.raises(WrongSettings, match="is empty"):
        read_file(tmp_path / "key")
