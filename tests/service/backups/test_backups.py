"""A backup is whole or not there, can be brought back or says why not, and what comes back stays on hold."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from service.accounts.rules import Right
from service.accounts.tables import Client
from service.accounts.tables.tokens import ApiToken
from service.backups.bringing_back import bring_back, refuse_newer
from service.backups.checking import check
from service.backups.making import back_up
from service.backups.manifest import DUMP, MANIFEST, read_manifest
from service.backups.programs import Programs
from service.cli import main
from service.data_keys import KeySource, new_key
from service.database import box
from service.database.embedded import EmbeddedPostgres
from service.database.postgres_binaries import NoPostgres
from service.database.tenancy import Database
from service.errors import WrongSettings
from service.ids import new_id
from service.installation import DATABASE, Installation
from tests.acceptance.processes import eventually
from tests.commands import start
from tests.conftest import Urls, copied, signed_in
from tests.key import KEY
from tests.make import NOW, Team, make_client, make_team
from tests.postgres_of_run import PASSWORD, TEMPLATE
from tests.sealed import read

pytestmark = pytest.mark.anyio

urls = pytest.fixture(scope="module")(copied)
AUDIT_KEY = b"k" * 32
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
MADE_AT = NOW


@pytest.fixture(scope="module")
async def database(urls: Urls, anyio_backend: str) -> AsyncIterator[Database]:
    made = Database(urls.app, audit_key=AUDIT_KEY)
    yield made
    await made.close()


def _quiet(_: str) -> None: ...


def _token(team: Team) -> dict[str, Any]:
    whose = {"clinic_id": team.clinic_id, "id": new_id(NOW), "staff_id": team.owner_id}
    what = {
        "name": "Reports",
        "prefix": "abcd",
        "token_hash": b"t" * 32,
        "scopes": [Right.SEE_RECORD.value],
        "can_write": False,
    }
    return {**whose, **what, "created_at": NOW, "expires_at": NOW + timedelta(days=30)}


@pytest.fixture(scope="module")
async def client_id(database: Database) -> UUID:
    """Of a clinic with one client, who is signed in."""
    team = await make_team(database)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        session.add(ApiToken(**_token(team)))
    await signed_in(database, team.clinic_id, client_id=client.id)
    return client.id


@pytest.fixture(scope="module")
def backup(urls: Urls, client_id: UUID, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return back_up(urls.owner, tmp_path_factory.mktemp("backups"), MADE_AT, _quiet)


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[Urls]:
    name = f"restored_{new_id(NOW).hex}"
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield Urls(
            postgres.url("test_app", PASSWORD, name),
            postgres.url("test_notifier", PASSWORD, name),
            postgres.superuser_url(name),
        )
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _all(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


async def test_all_of_it_comes_back_closed_between_clinics_on_hold_and_with_nobody_signed_in(
    urls: Urls, empty: Urls, backup: Path, client_id: UUID
) -> None:
    manifest = read_manifest(backup)
    assert (manifest.made_at, manifest.rows["client"], manifest.rows["sign_in_session"]) == (MADE_AT, 1, 1)
    bring_back(empty.owner, backup, manifest, _quiet)

    names = "SELECT id, name FROM client"
    assert _all(empty.owner, names) == _all(urls.owner, names)
    with psycopg.connect(empty.owner) as connection:
        assert read(connection, Client, "name") == {client_id: "Maria Lopez"}
    for way_in in ("sign_in_session", "api_token"):
        is_open = f"SELECT revoked_at IS NULL FROM {way_in}"
        assert (_all(urls.owner, is_open), _all(empty.owner, is_open)) == ([(True,)], [(False,)])
    assert _all(empty.owner, "SELECT hold_reason FROM epoch") == [("restored",)]
    epochs = "SELECT epoch FROM client_scope"
    assert (_all(urls.owner, epochs), _all(empty.owner, epochs)) == ([(1,)], [(2,)])
    assert await check(empty.app, empty.notifier, AUDIT_KEY, _quiet) == []


async def test_the_check_of_a_drill_finds_an_open_table_a_notifier_that_would_send_and_a_changed_trail(
    empty: Urls, backup: Path
) -> None:
    bring_back(empty.owner, backup, read_manifest(backup), _quiet)
    with psycopg.connect(empty.owner) as connection:
        connection.execute("ALTER TABLE client DISABLE ROW LEVEL SECURITY")
        connection.execute("UPDATE epoch SET held_since = NULL, hold_reason = NULL")
        connection.execute("UPDATE audit_entry SET action = 'forged'")
    wrong = await check(empty.app, empty.notifier, AUDIT_KEY, _quiet)
    assert [sentence.partition(": ")[2].partition(" (")[0] for sentence in wrong] == [
        "no login can read past the clinics, and each table is closed",
        "without a clinic, no client is seen",
        "nothing is sent before it is known what had left",
        "who did or saw what is as it was written",
    ]


@pytest.mark.parametrize("part", [DUMP, MANIFEST])
def test_a_damaged_backup_is_refused_before_anything_is_touched(backup: Path, tmp_path: Path, part: str) -> None:
    for name in (DUMP, MANIFEST):
        (tmp_path / name).write_bytes((backup / name).read_bytes())
    whole = (tmp_path / part).read_bytes()
    for damaged in (whole[:-1], whole[:100] + b"?" + whole[101:], b""):
        (tmp_path / part).write_bytes(damaged)
        with pytest.raises(WrongSettings, match="damaged"):
            read_manifest(tmp_path)
    (tmp_path / part).unlink()
    with pytest.raises(WrongSettings, match=r"damaged|no backup"):
        read_manifest(tmp_path)


def test_the_backup_of_a_newer_version_is_refused_with_both_versions_named(backup: Path) -> None:
    manifest = read_manifest(backup)
    refuse_newer(manifest)
    with pytest.raises(WrongSettings, match=rf"revision 9999, and this version knows them up to {manifest.revision}"):
        refuse_newer(msgspec.structs.replace(manifest, revision="9999"))


@pytest.mark.parametrize("word", ["restore", "drill"])
def test_a_backup_is_not_opened_by_another_key_or_by_none(
    tmp_path: Path,
    backup: Path,
    empty: Urls,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    word: str,
) -> None:
    for name in ("DATABASE_URL", "CLAMSHELL_DATA_KEY", "CLAMSHELL_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLAMSHELL_SECRET_KEY", "k" * 40)
    folder, other = tmp_path / "data", new_key()
    try:
        assert main([word, str(backup), "--data", str(folder)]) == 2
        assert "there is no file" in capsys.readouterr().err
        monkeypatch.setenv("CLAMSHELL_DATA_KEY", other.text)
        said = f"made under the key {KEY.id}, and CLAMSHELL_DATA_KEY holds {other.id}"
        assert main([word, str(backup), "--data", str(folder)]) == 2
        assert said in capsys.readouterr().err
        assert not (folder / "postgres").exists()
        if word == "restore":
            monkeypatch.setenv("CLAMSHELL_OWNER_DATABASE_URL", empty.owner)
            assert main([word, str(backup)]) == 2
            assert said in capsys.readouterr().err
            assert _all(empty.owner, TABLES) == []
    finally:
        box.use(KeySource((KEY,)))


def test_a_database_that_holds_anything_is_not_filled(urls: Urls, backup: Path) -> None:
    with pytest.raises(WrongSettings, match="not empty"):
        bring_back(urls.owner, backup, read_manifest(backup), _quiet)


def test_a_dump_with_other_rows_than_its_manifest_says_changes_nothing(empty: Urls, backup: Path) -> None:
    manifest = read_manifest(backup)
    other = msgspec.structs.replace(manifest, rows={**manifest.rows, "client": 2})
    with pytest.raises(WrongSettings, match="client has 1 rows, and the backup was made of 2"):
        bring_back(empty.owner, backup, other, _quiet)
    assert _all(empty.owner, TABLES) == []


def test_who_is_stopped_half_way_has_changed_nothing(empty: Urls, backup: Path) -> None:
    server = read_manifest(backup).postgres
    with closing(Programs(empty.owner, server).restore(backup / DUMP, "")) as restoring:
        for table in restoring:
            if table == "client":
                break
    assert _all(empty.owner, TABLES) == []


def test_who_is_killed_before_all_is_on_hold_has_changed_nothing(empty: Urls, backup: Path, tmp_path: Path) -> None:
    """Every row is there and nothing is on hold yet; what runs the statements lives on, and sees their end."""
    words = (empty.owner, str(read_manifest(backup).postgres), str(backup / DUMP))
    killed = start("tests.service.backups.killed_at_the_end", *words, environ=os.environ, log=tmp_path / "log")
    assert killed.wait(60) == -signal.SIGKILL
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    eventually("nobody is at it any more", lambda: _all(empty.owner, others) == [(0,)])
    assert _all(empty.owner, TABLES) == []


def test_a_login_that_sees_no_clinic_makes_no_backup(urls: Urls, client_id: UUID, tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="BYPASSRLS"):
        back_up(urls.app, tmp_path, MADE_AT, _quiet)
    assert [path for path in tmp_path.iterdir() if path.name.startswith("clamshell")] == []


def test_what_a_killed_backup_left_is_removed_by_the_next_one(urls: Urls, client_id: UUID, tmp_path: Path) -> None:
    (tmp_path / ".unfinished-clamshell-20260101T000000Z").mkdir()
    made = back_up(urls.owner, tmp_path, MADE_AT, _quiet)
    assert {path.name for path in tmp_path.iterdir()} == {".lock", made.name}
    assert {path.stat().st_mode & 0o077 for path in (made, *made.iterdir())} == {0}
    with pytest.raises(WrongSettings, match="already"):
        back_up(urls.owner, tmp_path, MADE_AT, _quiet)


def test_programs_older_than_the_database_are_not_used() -> None:
    with pytest.raises(NoPostgres, match="PostgreSQL 99"):
        Programs("postgresql://somebody@127.0.0.1/none", 99)


def test_what_cannot_be_filled_leaves_the_installation_as_it_was_and_what_can_takes_its_place(
    migrated: Path, backup: Path, client_id: UUID
) -> None:
    with (
        EmbeddedPostgres(migrated, durable=False) as server,
        psycopg.connect(server.superuser_url(), autocommit=True) as connection,
    ):
        connection.execute(f"ALTER DATABASE {TEMPLATE} RENAME TO {DATABASE}".encode())
    installation = Installation(migrated.parent, {"CLAMSHELL_DATA_KEY": KEY.text})
    manifest = read_manifest(backup)
    clients = "SELECT id FROM client"

    def fails(url: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE client (half integer)")
        raise WrongSettings("the disk is full")

    try:
        installation.start()
        with pytest.raises(WrongSettings, match="the disk is full"):
            installation.replace(fails)
        assert _all(installation.superuser_url, clients) == []
        installation.replace(lambda url: bring_back(url, backup, manifest, _quiet))
        assert _all(installation.superuser_url, clients) == [(client_id,)]
    finally:
        installation.stop()


def test_the_commands_say_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    nothing = str(tmp_path / "nothing")
    assert main(["backup", nothing, "--data", nothing]) == 2
    assert "there is no database below" in capsys.readouterr().err
    for word in ("restore", "drill"):
        assert main([word, nothing, "--data", nothing]) == 2
        assert "is no backup: it must be a folder with a manifest.json and a database.dump" in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@127.0.0.1/none")
    assert main(["backup", nothing]) == 2
    assert "CLAMSHELL_BACKUP_DATABASE_URL must be set" in capsys.readouterr().err
    assert main(["restore", nothing]) == 2
