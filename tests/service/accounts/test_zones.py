"""A time zone that reaches the database past every form is refused there too."""

from zoneinfo import available_timezones

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.accounts.rules import zone_names
from service.database.columns import NAMED_ZONE
from service.database.tenancy import Database
from tests.make import make_client, make_team

pytestmark = pytest.mark.anyio


async def test_the_database_takes_the_names_that_the_forms_take(database: Database) -> None:
    team = await make_team(database, stocked=False)
    statement = text(f"SELECT zone FROM unnest(CAST(:names AS text[])) AS known(zone) WHERE {NAMED_ZONE}")
    names = {"names": sorted(available_timezones())}
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        assert set(await session.scalars(statement, names)) == set(zone_names())


@pytest.mark.parametrize("zone", ["CET", "+02:00", "Etc/GMT+2", ""])
@pytest.mark.parametrize("table", ["clinic", "client"])
async def test_a_zone_that_is_no_place_cannot_be_written(database: Database, table: str, zone: str) -> None:
    team = await make_team(database, stocked=False)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await make_client(session, team.therapist_id)
        await session.flush()
        with pytest.raises(IntegrityError, match=f"ck_{table}_zone_named"):
            await session.execute(text(f"UPDATE {table} SET zone = :zone"), {"zone": zone})
        await session.rollback()
