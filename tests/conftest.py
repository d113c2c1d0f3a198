"""What every test may have: databases of the PostgreSQL of the run, the application in front of one, and its time."""

import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from argon2 import PasswordHasher
from httpx import ASGITransport, AsyncClient, Cookies
from jinja2 import FileSystemBytecodeCache
from litestar import Litestar
from litestar.datastructures import State
from sqlalchemy import Engine, event, make_url

from service.accounts import sign_in
from service.app import create_app
from service.database.embedded import EmbeddedPostgres
from service.database.tenancy import Actor, Database
from service.page import LOCALES, environment
from service.review.views.live import Live
from service.settings import Settings
from tests.commands import begin
from tests.cookies import keep_those_set
from tests.key import KEY as KEY
from tests.make import NOW
from tests.postgres_of_run import PASSWORD, TEMPLATE, folder_of_run, migrated_in, remove_left
from tests.statements import watch
from tests.waiting import wait

begin()
psycopg.AsyncConnection.wait = wait  # type: ignore[assignment, method-assign]
Cookies.extract_cookies = keep_those_set  # type: ignore[assignment, method-assign]

SECRET_KEY = "s" * 40
LONGEST_FOLDER = 70
LONGEST = (
    *("test_matrix.py", "test_demo.py", "test_protocol.py", "test_reading.py", "test_main_job.py", "test_links.py"),
    *("test_backups.py", "test_embedded_users.py", "test_small_clinic.py", "test_embedded.py", "test_point_in_time.py"),
    # And what would come last by its name.
    *("test_wrong_input.py", "test_hostile_bodies.py", "test_bad_rows.py", "test_run.py"),
    *("test_templates.py", "test_guessing.py", "test_crowding.py", "test_forks.py"),
)
_makers: list[int] = []
_names = count(1)
_apps: dict[Settings, Litestar] = {}


@event.listens_for(Engine, "connect")
def _prepare_sooner(connection: Any, _: object) -> None:
    """The first time a statement is sent; the fifth time, as by itself, is more than most tests send any. And kept:
    a worker's tests come back to the same few hundred, and no rollback undoes a table here, which is why the driver
    would forget all of them."""
    driver = getattr(connection, "driver_connection", connection)
    watch(driver)
    if driver is not connection:
        driver.prepare_threshold, driver.prepared_max = 0, 500
        driver._prepared.clear = lambda: False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is done by one worker: what takes long comes first, so that nobody ends alone with it."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Another core makes what the first test with a database waits for, while the others are collected."""
    if "postgres" in getattr(item, "fixturenames", ()) and not _makers:
        run = folder_of_run(item.config._tmp_path_factory)  # type: ignore[attr-defined]
        if pid := os.fork():
            _makers.append(pid)
            return
        try:
            migrated_in(run)
            if item.config.getoption("forks", 1) > 1:
                _compile_templates(run)
        finally:
            os._exit(0)  # Where it failed, the test tries again, and tells.


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Each worker's own, a copy of what was migrated for all."""
    run = folder_of_run(tmp_path_factory)
    own = run / str(os.getpid())
    shutil.copytree(migrated_in(run), own, ignore=shutil.ignore_patterns("data.port"))
    yield own
    shutil.rmtree(own)


@pytest.fixture(scope="session")
def postgres(postgres_folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(postgres_folder / "data", durable=False) as server:
        yield server


@pytest.fixture
def migrated(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a server that only this test has: its data folder, with the tables and logins of `TEMPLATE`."""
    own = tmp_path / "migrated"
    shutil.copytree(migrated_in(folder_of_run(tmp_path_factory)), own)
    for part in own.glob("data*"):
        part.rename(part.with_name(part.name.replace("data", "postgres", 1)))
    return own / "postgres"


def pytest_unconfigure() -> None:
    for pid in _makers:
        os.waitpid(pid, 0)
    remove_left()


@dataclass(frozen=True)
class Urls:
    """One database with the logins of each process."""

    app: str
    notifier: str
    owner: str


def copied(postgres: EmbeddedPostgres) -> Iterator[Urls]:
    """A database as the migrations leave it."""
    name = f"test_{next(_names)}"
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        yield Urls(
            postgres.url("test_app", PASSWORD, name),
            postgres.url("test_notifier", PASSWORD, name),
            postgres.superuser_url(name),
        )
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def by_socket(url: str, folder: Path) -> str:
    """A statement costs a quarter less than over loopback. The name of a socket has room for a hundred letters."""
    address = make_url(url)
    if len(str(folder)) > LONGEST_FOLDER:
        return url
    through = address.set(host=None, port=None, query={"host": str(folder / "data"), "port": str(address.port)})
    return through.render_as_string(hide_password=False)


async def as_app(urls: Urls, postgres_folder: Path, anyio_backend: str) -> AsyncIterator[Database]:
    made = Database(by_socket(urls.app, postgres_folder))
    yield made
    await made.close()


async def as_notifier(urls: Urls, postgres_folder: Path, anyio_backend: str) -> AsyncIterator[Database]:
    made = Database(by_socket(urls.notifier, postgres_folder))
    yield made
    await made.close()


# One database for all: every test has clinics of its own, as customers have. Whoever looks across clinics takes the
# fixtures of `tests.own_database` instead.
urls = pytest.fixture(scope="session")(copied)
database = pytest.fixture(scope="session")(as_app)
notifier = pytest.fixture(scope="session")(as_notifier)


@dataclass
class Clock:
    """The time that the application under test reads."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(secret_key=SECRET_KEY, public_url="http://testserver.local", inbox=True)


def app_of(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Litestar:
    """Registering every route takes longer than most tests: done once with the test inbox and once without. Whoever
    has other settings has a copy, with a state of its own."""
    if settings not in _apps:
        alike = next((app for known, app in _apps.items() if known.inbox == settings.inbox), None)
        _apps[settings] = app = copy(alike) if alike else create_app(settings, database)
        app.state = State({"settings": settings, "live": Live(database, clock)})
    app = _apps[settings]
    app.state.update({"database": database, "clock": clock})
    return app


@asynccontextmanager
async def serving(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime],
    *,
    base_url: str | None = None,
    peer: str = "127.0.0.1",
) -> AsyncIterator[AsyncClient]:
    """The application behind its real middleware, as somebody at `peer` sees it; nobody is signed in."""
    transport = ASGITransport(app_of(settings, database, clock), client=(peer, 50_000))  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url=base_url or settings.public_url) as client:
        yield client


@pytest.fixture
async def api(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[AsyncClient]:
    async with serving(settings, database, clock) as client:
        yield client


async def signed_in(
    database: Database,
    clinic_id: UUID,
    *,
    staff_id: UUID | None = None,
    client_id: UUID | None = None,
    now: datetime = NOW,
) -> dict[str, str]:
    """Headers of a signed-in person."""
    async with database.clinic_tx(clinic_id, Actor("system", None, "web")) as session:
        token = await sign_in.start_session(session, staff_id=staff_id, client_id=client_id, now=now)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(autouse=True, scope="session")
def _weak_hashes() -> Iterator[None]:
    """The same algorithm with the least work: a strong hash costs a third of a second, and one test checks twenty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True, scope="session")
def _templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """By one process for all of this run; the next run finds nothing of it."""
    _keep_templates(folder_of_run(tmp_path_factory))


def _keep_templates(run: Path) -> None:
    folder = run / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    for locale in LOCALES:
        environment(locale).bytecode_cache = FileSystemBytecodeCache(str(folder), f"{locale}_%s")


def _compile_templates(run: Path) -> None:
    """All of them, while the tests are collected."""
    _keep_templates(run)
    for locale in LOCALES:
        for name in environment(locale).list_templates():
            environment(locale).get_template(name)


@pytest.fixture(autouse=True)
def _quiet_libraries() -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)


def project_root() -> Path:
    return Path(__file__).parent.parent
