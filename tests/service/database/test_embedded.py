import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from service.database import embedded
from service.database.embedded import DataFolderInUse, EmbeddedPostgres, NoPostgres
from tests.service.database.embedded_servers import (
    as_user,
    ask,
    command_lines,
    count_rows,
    crash,
    hold,
    is_running,
    server_of,
    wait_until_gone,
    write_rows,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was started and stopped once; to be copied, because making one takes half a second."""
    data_dir = tmp_path_factory.mktemp("made") / "postgres"
    with EmbeddedPostgres(data_dir, durable=False):
        pass
    return data_dir.parent


@pytest.fixture
def data_dir(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "state") / "postgres"


@pytest.fixture
def new_dir(tmp_path: Path) -> Path:
    return tmp_path / "state" / "postgres"


@pytest.fixture(scope="module")
def running_dir(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(made, tmp_path_factory.mktemp("running") / "state") / "postgres"


@pytest.fixture(scope="module")
def server(running_dir: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(running_dir, durable=False) as server:
        yield server


def test_server_takes_only_its_password_and_only_on_loopback(server: EmbeddedPostgres) -> None:
    assert ask(server.superuser_url(), "SHOW listen_addresses") == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("postgres", "wrong", "postgres"))


def test_password_can_be_read_by_nobody_else(server: EmbeddedPostgres, running_dir: Path) -> None:
    password = running_dir.with_name("postgres.password")
    assert password.stat().st_mode & 0o777 == 0o600
    assert len(password.read_text()) == 43  # 32 random bytes in base 64
    assert not any(password.read_text() in line for line in command_lines())


def test_database_is_utf8_and_sorts_by_code_point(server: EmbeddedPostgres) -> None:
    letters = "SELECT string_agg(l, '' ORDER BY l) FROM unnest('{b,a,B}'::text[]) l"
    assert ask(server.superuser_url(), "SELECT upper('ñandú')") == "ÑANDÚ"
    assert ask(server.superuser_url(), letters) == "Bab"
    assert ask(server.superuser_url(), "SHOW timezone") == "UTC"


def test_clean_stop_leaves_no_process_and_next_start_has_the_same_data_and_port(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    write_rows(server.superuser_url())
    address, pid = server.superuser_url(), server_of(data_dir)
    server.stop()
    assert not is_running(pid)
    assert not server.running
    with EmbeddedPostgres(data_dir) as again:
        assert again.superuser_url() == address
        assert count_rows(address) == 1000


def test_committed_rows_survive_a_kill_of_the_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        write_rows(server.superuser_url())
        with psycopg.connect(server.superuser_url()):
            os.kill(server_of(data_dir), signal.SIGKILL)
            wait_until_gone(server_of(data_dir))
        assert not server.running
        server.stop()
        server.start()
        assert count_rows(server.superuser_url()) == 1000


def test_server_ends_with_its_killed_parent_and_committed_rows_survive(data_dir: Path) -> None:
    with hold(data_dir) as (holder, url):
        write_rows(url)
        pid = server_of(data_dir)
        holder.kill()
    with EmbeddedPostgres(data_dir) as server:  # at once: the orphan may still be shutting down
        assert not is_running(pid)
        assert count_rows(server.superuser_url()) == 1000
    assert "database system is shut down" in data_dir.with_name("postgres.log").read_text()


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(server: EmbeddedPostgres, running_dir: Path) -> None:
    assert os.getpgid(server_of(running_dir)) == server_of(running_dir) != os.getpgrp()


def test_second_start_on_the_same_folder_is_refused_and_harms_nothing(data_dir: Path) -> None:
    with hold(data_dir) as (holder, url):
        write_rows(url)
        with pytest.raises(DataFolderInUse, match=f"{data_dir} is in use by process {holder.pid}"):
            EmbeddedPostgres(data_dir).start()
        assert count_rows(url) == 1000


def test_start_of_a_running_server_is_refused_and_harms_nothing(server: EmbeddedPostgres) -> None:
    with pytest.raises(DataFolderInUse):
        server.start()
    assert ask(server.superuser_url(), "SELECT 1") == "1"


def test_who_leaves_a_folder_alone_has_it_to_themselves(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as server:
        with pytest.raises(DataFolderInUse), EmbeddedPostgres(data_dir).left_alone():
            pass
        assert ask(server.superuser_url(), "SELECT 1") == "1"
    with EmbeddedPostgres(data_dir).left_alone(), pytest.raises(DataFolderInUse):
        EmbeddedPostgres(data_dir).start()


def test_server_that_holds_no_lock_of_ours_is_left_alone(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "ORPHAN_SECONDS", 0.1)
    with hold(data_dir) as (_, url):
        data_dir.with_name("postgres.lock").unlink()
        with pytest.raises(DataFolderInUse, match=f"in use by process {server_of(data_dir)}"):
            EmbeddedPostgres(data_dir).start()
        assert ask(url, "SELECT 1") == "1"


def test_dead_servers_id_that_is_now_another_programs_does_not_stop_a_start(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    write_rows(server.superuser_url())
    crash(server, data_dir)
    with subprocess.Popen(["sleep", "60"], **as_user(data_dir.stat().st_uid)) as other:
        pid_file = data_dir / "postmaster.pid"
        pid_file.write_text("\n".join([str(other.pid), *pid_file.read_text().splitlines()[1:], ""]))
        with EmbeddedPostgres(data_dir) as again:
            assert count_rows(again.superuser_url()) == 1000
        other.kill()


def test_pid_file_that_a_crash_left_empty_does_not_stop_a_start(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, durable=False)
    server.start()
    crash(server, data_dir)
    (data_dir / "postmaster.pid").write_text("")
    with EmbeddedPostgres(data_dir, durable=False) as again:
        assert ask(again.superuser_url(), "SELECT 1") == "1"


def test_taken_port_is_left_to_its_holder(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, durable=False)
    with server:
        first = server.port
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first))
        other.listen()
        with server:
            assert server.port != first
            assert ask(server.superuser_url(), "SELECT 1") == "1"


def test_folder_of_another_major_version_is_refused_by_both_names(new_dir: Path) -> None:
    new_dir.mkdir(parents=True)
    (new_dir / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(NoPostgres, match=r"was made by PostgreSQL 9, here is only PostgreSQL \d+"):
        EmbeddedPostgres(new_dir).start()


def test_folder_with_other_files_is_refused_and_left_as_it_was(new_dir: Path) -> None:
    new_dir.mkdir(parents=True)
    (new_dir / "thesis.txt").write_text("hips")
    with pytest.raises(NoPostgres, match="holds something other than a PostgreSQL data folder"):
        EmbeddedPostgres(new_dir).start()
    assert [path.name for path in new_dir.iterdir()] == ["thesis.txt"]


def test_named_bin_folder_without_postgres_says_what_would_be_right(
    new_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLAMSHELL_PG_BIN", str(tmp_path))
    with pytest.raises(NoPostgres, match="CLAMSHELL_PG_BIN must be a folder with initdb and postgres of version 15"):
        EmbeddedPostgres(new_dir).start()


def test_first_start_that_was_killed_halfway_is_begun_again(new_dir: Path) -> None:
    unfinished = new_dir.with_name("postgres.new-abandoned")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    with EmbeddedPostgres(new_dir, durable=False) as server:
        assert ask(server.superuser_url(), "SELECT 1") == "1"
    assert not unfinished.exists()


def test_start_outside_the_main_thread_is_refused(new_dir: Path) -> None:
    refusals: list[str] = []

    def start() -> None:
        try:
            EmbeddedPostgres(new_dir).start()
        except RuntimeError as error:
            refusals.append(str(error))

    thread = Thread(target=start)
    thread.start()
    thread.join()
    assert refusals == ["start the embedded PostgreSQL from the main thread"]


def test_odd_characters_in_a_login_are_quoted(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.superuser_url()) as connection:
        connection.execute("CREATE ROLE \"a/b@c\" LOGIN PASSWORD 'p:w?#% d'")
    assert ask(server.url("a/b@c", "p:w?#% d", "postgres"), "SELECT current_user") == "a/b@c"
