"""What plans, sends and reconciles has its statements planned once (`docs/decisions/0069`)."""

from typing import Any

import pytest
from sqlalchemy import text

from scheduler.watch import WatchedDatabase
from tests.conftest import Urls

pytestmark = pytest.mark.anyio


async def test_a_scheduler_has_its_statements_planned_for_whatever_values(urls: Urls, anyio_backend: str) -> None:
    nobody_holds_it: Any = None
    # The tests' server has another default than an installation's.
    database = WatchedDatabase(f"{urls.notifier}?options=-cplan_cache_mode%3Dauto", nobody_holds_it)
    async with database.installation_tx() as connection:
        assert await connection.scalar(text("SHOW plan_cache_mode")) == "force_generic_plan"
    await database.close()
