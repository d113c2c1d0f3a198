"""The two clinics, made once for all that ask who sees what."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.database.tenancy import Database
from service.settings import Settings
from tests.conftest import Clock, Urls, by_socket, serving
from tests.trust.clinics import MARKS, Side, Undone, make_side


@pytest.fixture(scope="session")
async def world(settings: Settings, database: Database) -> tuple[Side, Side]:
    """Ours, and another clinic."""
    async with serving(settings, database, Clock()) as api:
        ours, theirs = [await make_side(api, database, mark, settings.secret_key) for mark in MARKS]
    return ours, theirs


@pytest.fixture
async def undone(urls: Urls, postgres_folder: Path) -> AsyncIterator[Undone]:
    made = Undone(by_socket(urls.app, postgres_folder))
    yield made
    await made.close()
