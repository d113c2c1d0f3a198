"""Fixtures for modules that look across clinics: a database that no other module has seen."""

import pytest

from tests.conftest import as_app, as_notifier, copied

urls = pytest.fixture(scope="module")(copied)
database = pytest.fixture(scope="module")(as_app)
notifier = pytest.fixture(scope="module")(as_notifier)
