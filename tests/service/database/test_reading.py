"""Several tables in one statement say what the objects of the same rows say."""

import subprocess
import sys

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import UnmappedInstanceError
from sqlmodel import col

from service.accounts.tables import Client, Clinic, SignInSession, Staff
from service.catalogue.rules import LoadUnit, Side
from service.catalogue.tables import Exercise
from service.database.reading import Reading, Rows
from service.database.tenancy import Database
from service.diary.actions import NewPain, record_pain
from service.diary.entries import When
from service.diary.tables import PainEntry, PainSite
from service.plans.tables import PlanHabit, PlanItem, PlanVersion
from tests.conftest import signed_in
from tests.make import NOW, Team, item, make_client, make_plan, make_team
from tests.told import statements

pytestmark = pytest.mark.anyio

OF_CLINIC = "WHERE t.clinic_id = %(clinic_id)s"
# Ids, days, times of day, instants, bytes, lists, documents, fractions.
TABLES = (Clinic, Client, Staff, SignInSession, Exercise, PlanVersion, PlanItem, PlanHabit, PainEntry, PainSite)
EVERYTHING = Reading(*(Rows(table, OF_CLINIC) for table in TABLES))
READ_BEFORE_ANYTHING = """
from service.accounts.tables import Client
from service.database.reading import Found
print(Found({Client: [{"name": "Maria"}]}).of(Client)[0].name)
"""
SCORES = Reading(Rows(PainEntry, OF_CLINIC), Rows(Staff, OF_CLINIC, columns=["id", "name"]))


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    """With a client who has a plan and is signed in, and told a score and where it hurts."""
    team = await make_team(database)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        load = {"side": Side.BOTH, "load": 2.5, "load_unit": LoadUnit.KG}
        weight = item("glu-squeeze", dose_fields=load, cadence={"cadence": "weekdays", "weekdays": 0b10101})
        await make_plan(session, client, items=[item(), weight])
        pain = NewPain(6, sites=[("lateral_hip", "left")], aggravators=["on_waking"], note='"ñ" \\ 100 %')
        await record_pain(session, client, pain, When(), NOW)
    await signed_in(database, team.clinic_id, client_id=client.id)
    return team


@pytest.mark.parametrize("table", TABLES)
async def test_every_column_is_what_an_object_has(database: Database, team: Team, table: type[PainEntry]) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        read = (await EVERYTHING(session)).of(table)
        objects = await session.scalars(select(table).where(col(table.clinic_id) == team.clinic_id))
        known = {row.model_dump().get("id"): row.model_dump() for row in objects}
    assert known
    assert {row.model_dump().get("id"): row.model_dump() for row in read} == known


async def test_all_tables_come_in_one_statement_and_nobody_elses(database: Database, team: Team) -> None:
    other = await make_team(database)
    async with database.clinic_tx(other.clinic_id, other.therapist) as session:
        with statements(database) as sent:
            found = await EVERYTHING(session)
    assert len(sent) == 1
    assert [row.clinic_id for row in found.of(Clinic)] == [other.clinic_id]
    assert found.of(PainEntry) == []
    assert found.first(PainSite) is None


async def test_what_the_transaction_has_yet_to_write_is_read(database: Database) -> None:
    team = await make_team(database)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        await record_pain(session, client, NewPain(3), When(), NOW)
        found = await SCORES(session)
    assert [row.score for row in found.of(PainEntry)] == [3]


async def test_what_was_read_cannot_be_changed_or_added(database: Database, team: Team) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        [entry] = (await SCORES(session)).of(PainEntry)
        with pytest.raises(UnmappedInstanceError):
            session.add(entry)
        with pytest.raises(AttributeError):
            entry.score = 0


async def test_columns_that_were_not_asked_for_are_not_there(database: Database, team: Team) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        person = (await SCORES(session)).of(Staff)[0]
    assert person.name
    with pytest.raises(AttributeError):
        _ = person.password_hash


def test_the_first_thing_a_process_does_may_be_to_read() -> None:
    ended = subprocess.run([sys.executable, "-c", READ_BEFORE_ANYTHING], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "Maria", ended.stderr
