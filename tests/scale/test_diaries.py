"""Sixty people of one clinic with sixty days each: a page of one of them reads none of the others' days."""

from typing import Any

import pytest
from sqlmodel import col, select

from bench._diaries import GROWING, make_clinic, remember
from service.accounts.queries import clinic
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import Database
from service.diary.entries import today_of
from service.portal.queries import everything_of
from tests.conftest import Urls
from tests.own_database import database as database
from tests.own_database import urls as urls
from tests.scale.test_statements import said as said
from tests.scale.test_statements import scanned

pytestmark = pytest.mark.anyio


async def test_todays_page_reads_no_diary_whole(urls: Urls, database: Database, said: dict[str, Any]) -> None:
    now = utc_now()
    team = await make_clinic(database, 60, now)
    remember(urls.owner, team.clinic_id, now)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await session.scalar(select(Client).where(col(Client.clinic_id) == team.clinic_id).limit(1))
        assert client is not None
        its = await clinic(session)
        said.clear()
        found = await everything_of(session, client, its, today_of(client, now), now)
        connection = await session.connection()
        whole: set[str] = set()
        for statement, values in list(said.items()):
            [[plan]] = await connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, values)
            whole |= set(scanned(plan[0]["Plan"]))
    told = found.record.diary.sessions
    assert len(told) > 10
    assert all(len(session.results) == 2 for session in told)
    assert whole & set(GROWING) == set()
