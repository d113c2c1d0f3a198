"""Fixtures for modules that look across clinics: a database that no other module has seen."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.database.embedded import EmbeddedPostgres
from service.database.tenancy import Database
from tests.conftest import Urls, connected, copied


@pytest.fixture(scope="module")
def urls(postgres: EmbeddedPostgres) -> Iterator[Urls]:
    with copied(postgres) as found:
        yield found


@pytest.fixture(scope="module")
async def database(urls: Urls, anyio_backend: str) -> AsyncIterator[Database]:
    async with connected(urls.app) as made:
        yield made


@pytest.fixture(scope="module")
async def notifier(urls: Urls, anyio_backend: str) -> AsyncIterator[Database]:
    async with connected(urls.notifier) as made:
        yield made
