"""A base backup and the log that was written since, as docs/operations.md says: back to a moment, and on hold there."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from scheduler.rounds import Held
from service.accounts.tables import Client
from service.database.embedded import EmbeddedPostgres
from service.database.postgres_binaries import find_binaries
from service.database.postgres_folder import beside, made_by
from service.database.tenancy import Database
from tests.acceptance.processes import eventually
from tests.conftest import Urls
from tests.far_ends import SmsProvider
from tests.make import Team, make_client, make_team
from tests.postgres_of_run import PASSWORD, TEMPLATE
from tests.scheduler.watching import start
from tests.sealed import read

pytestmark = pytest.mark.anyio
CAUGHT_UP = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE flush_lsn >= pg_current_wal_flush_lsn())"


@pytest.fixture
def log() -> Iterator[Path]:
    """Where the server's own user may read, whoever that is."""
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _urls(server: EmbeddedPostgres) -> Urls:
    app, notifier = (server.url(name, PASSWORD, TEMPLATE) for name in ("test_app", "test_notifier"))
    return Urls(app, notifier, server.superuser_url(TEMPLATE))


def _asked(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.superuser_url(TEMPLATE), autocommit=True) as connection:
        [(answer,)] = connection.execute(question.encode()).fetchall()
    return answer


def _program(data: Path, name: str) -> str:
    program = find_binaries(data, made_by(data)).folder / name
    if not program.exists():
        pytest.skip(f"this PostgreSQL comes without {name}")
    return str(program)


@contextmanager
def _kept_log(server: EmbeddedPostgres, data: Path, log: Path) -> Iterator[None]:
    command = [_program(data, "pg_receivewal"), "-d", server.superuser_url(), "-D", str(log), "-S", "clamshell"]
    subprocess.run([*command, "--create-slot"], check=True)
    receiving = subprocess.Popen([*command, "--synchronous"], stderr=subprocess.DEVNULL)
    try:
        yield
        eventually("all of the log is kept", lambda: _asked(server, CAUGHT_UP), 30)
    finally:
        receiving.terminate()
        receiving.wait(20)


def _base_backup(server: EmbeddedPostgres, data: Path, to: Path) -> None:
    command = [_program(data, "pg_basebackup"), "-d", server.superuser_url(), "-D", str(to), "-c", "fast"]
    subprocess.run(command, check=True)


def _back_to(moment: object, data: Path, log: Path) -> None:
    for segment in log.iterdir():
        segment.chmod(0o644)
    (data / "recovery.signal").touch()
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'cp {log}/%f %p || cp {log}/%f.partial %p'\n")
        # Nobody gets in before all of it is there.
        settings.write(f"hot_standby = off\nrecovery_target_time = '{moment}'\nrecovery_target_action = promote\n")


async def _add(urls: Urls, team: Team, name: str) -> None:
    database = Database(urls.app)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await make_client(session, team.therapist_id, name=name)
    await database.close()


async def test_all_until_a_moment_comes_back_and_nothing_is_sent_until_it_was_looked_up(
    sms: SmsProvider, log: Path, migrated: Path, tmp_path: Path
) -> None:
    lost, back = migrated, tmp_path / "back"
    with EmbeddedPostgres(lost) as server:
        urls, database = _urls(server), Database(_urls(server).app)
        team = await make_team(database, stocked=False)
        await database.close()
        worker = start(urls, sms, team, None)
        await worker.watch.beat()
        await worker.close()
        with _kept_log(server, lost, log):
            _base_backup(server, lost, back)
            await _add(urls, team, "In time")
            moment = _asked(server, "SELECT clock_timestamp()::text")
            await _add(urls, team, "Too late")
    _back_to(moment, back, log)
    shutil.copy(beside(lost, ".password"), beside(back, ".password"))
    with EmbeddedPostgres(back) as server:
        with psycopg.connect(server.superuser_url(TEMPLATE)) as connection:
            assert list(read(connection, Client, "name").values()) == ["In time"]
        worker = start(_urls(server), sms, team, None)
        with pytest.raises(Held):
            await worker.work()
        await worker.close()
        assert _asked(server, "SELECT hold_reason FROM epoch") == "failed_over"
