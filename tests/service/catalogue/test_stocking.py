"""What a new clinic is given."""

import psycopg
import pytest
from msgspec import json
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from service.catalogue.library import shipped
from service.catalogue.tables import Exercise, Habit
from service.database.tenancy import Database
from tests.conftest import Urls
from tests.make import make_team
from tests.own_database import database as database
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio


async def test_a_new_clinic_has_the_whole_shipped_library_in_its_order(database: Database) -> None:
    team = await make_team(database, stocked=True)
    library = shipped()
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        exercises = (await session.scalars(select(Exercise).order_by(Exercise.created_at))).all()  # type: ignore[arg-type]
        habits = (await session.scalars(select(Habit).order_by(Habit.created_at))).all()  # type: ignore[arg-type]
    assert [(e.code, e.origin, e.name, e.group_name, e.body) for e in exercises] == [
        (entry.id, "shipped", entry.name, entry.group, json.decode(json.encode(entry))) for entry in library.exercises
    ]
    assert [(h.code, h.origin, h.prompt, h.kind, h.cadence, h.body) for h in habits] == [
        (entry.id, "shipped", entry.prompt, entry.kind, entry.cadence, json.decode(json.encode(entry)))
        for entry in library.habits
    ]
    assert len({row.id for row in exercises}) == len(library.exercises)


MORE = "INSERT INTO shipped_entry SELECT kind, 'another', 58, body FROM shipped_entry WHERE code = 'glu-squeeze'"
FEWER = "DELETE FROM shipped_entry WHERE code IN ('another', 'glu-squeeze')"


async def test_a_library_of_another_version_than_the_database_has_is_refused_and_not_given_in_part(
    database: Database, urls: Urls
) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        for change, lacking in ((MORE, "id"), (FEWER, "code")):
            owner.execute(change)
            with pytest.raises(IntegrityError, match=f'null value in column "{lacking}"'):
                await make_team(database, stocked=True)
