"""A database that does not answer, or lets us do too little, is told in one sentence, or waited for a moment."""

import os
from pathlib import Path

import psycopg
import pytest

from service.cli import main
from service.database.embedded import EmbeddedPostgres
from service.database.reaching import NotUp, wait_for
from service.errors import WrongSettings
from tests.far_ends import free_port
from tests.key import KEY


def test_a_clinic_is_not_made_where_no_database_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLAMSHELL_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("CLAMSHELL_DATA_KEY", KEY.text)
    monkeypatch.setenv("CLAMSHELL_OWNER_DATABASE_URL", f"postgresql://owner:word@127.0.0.1:{free_port()}/clamshell")
    assert main(["migrate"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("clamshell: CLAMSHELL_OWNER_DATABASE_URL: the database at 127.0.0.1:")
    assert "does not answer (Connection refused); start it, or put in where it is" in line


@pytest.mark.parametrize(
    ("rights", "owns", "said"),
    [("", True, "a superuser grants the second: ALTER ROLE {} CREATEROLE"), ("CREATEROLE", False, "permission denied")],
)
def test_an_owner_that_may_not_migrate_changes_nothing(
    postgres: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rights: str,
    owns: bool,
    said: str,
) -> None:
    name = f"weak_{rights.lower() or 'plain'}_{os.getpid()}"
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'word' {rights}".encode())
        connection.execute(f"CREATE DATABASE {name} OWNER {name if owns else 'postgres'}".encode())
    monkeypatch.setenv("CLAMSHELL_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("CLAMSHELL_DATA_KEY", KEY.text)
    monkeypatch.setenv("CLAMSHELL_OWNER_DATABASE_URL", postgres.url(name, "word", name))
    assert main(["migrate"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "CLAMSHELL_OWNER_DATABASE_URL must name a login that owns the database and may create roles" in line
    assert said.format(name) in line
    with psycopg.connect(postgres.superuser_url(name)) as connection:
        assert connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").fetchall() == []


def test_a_database_that_is_down_for_a_moment_is_waited_for(migrated: Path) -> None:
    server = EmbeddedPostgres(migrated, durable=False)
    server.start()
    url = server.superuser_url()
    server.stop()
    said: list[str] = []

    def start(line: str) -> None:
        said.append(line)
        if len(said) == 2:
            server.start()

    try:
        wait_for(url, "DATABASE_URL", start)
    finally:
        server.stop()
    assert len(said) == 2
    assert said[0].startswith("waiting: DATABASE_URL: the database at 127.0.0.1:")


def test_waiting_ends() -> None:
    url = f"postgresql://somebody:word@127.0.0.1:{free_port()}/clamshell"
    with pytest.raises(NotUp, match="DATABASE_URL"):
        wait_for(url, "DATABASE_URL", lambda _: None, seconds=0)


def test_an_address_that_cannot_be_read_does_not_show_its_password() -> None:
    with pytest.raises(WrongSettings, match="DATABASE_URL must look like") as refused:
        wait_for("postgresql://somebody:100%secret@127.0.0.1/clamshell", "DATABASE_URL", lambda _: None)
    assert "secret" not in str(refused.value)
