"""A phone number or an email address is a box to the database, and is found by its mark."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from service.accounts import queries as accounts
from service.accounts.actions.addresses import correct_address
from service.accounts.tables import ContactPoint
from service.all_tables import metadata
from service.data_keys import KeySource, new_key
from service.database import box
from service.database.tenancy import SYSTEM, Across, Database
from service.ids import new_id
from tests.conftest import Urls
from tests.key import KEY
from tests.make import NOW, Team, make_client, make_team
from tests.own_database import database as database
from tests.own_database import urls as urls
from tests.sealed import mark

pytestmark = pytest.mark.anyio

PHONE, EMAIL = "+12025550137", "zazie.quenaux@mail.example"


@pytest.fixture(scope="module")
async def teams(database: Database) -> tuple[Team, Team]:
    return await make_team(database), await make_team(database)


async def _client(database: Database, team: Team, **told: Any) -> UUID:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await make_client(session, team.therapist_id, **told)).id


async def _at(database: Database, team: Team, address: str) -> list[tuple[UUID, str]]:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return [(point.client_id, point.address) for point in await accounts.contact_points_with(session, address)]


async def test_an_address_is_found_in_its_clinics_and_stands_nowhere_in_the_database(
    database: Database, urls: Urls, teams: tuple[Team, Team]
) -> None:
    ours, theirs = [await _client(database, team, phone=PHONE, email=EMAIL) for team in teams]
    assert await _at(database, teams[0], PHONE) == [(ours, PHONE)]
    assert await _at(database, teams[1], EMAIL) == [(theirs, EMAIL)]
    assert await _at(database, teams[0], PHONE[:-1]) == []
    async with database.across_clinics(Across.FIND_ADDRESS) as connection:
        found = await accounts.clinics_with_address(connection, EMAIL)
    assert found == sorted(team.clinic_id for team in teams)
    with psycopg.connect(urls.owner) as connection:
        for table in metadata.sorted_tables:
            row = sql.SQL("SELECT count(*) FROM {} t WHERE position({} IN t::text) > 0")
            for word in (PHONE[2:], PHONE.encode().hex(), EMAIL, EMAIL.encode().hex()):
                query = row.format(sql.Identifier(table.name), sql.Literal(word))
                assert connection.execute(query).fetchone() == (0,), table.name


async def test_a_corrected_address_is_found_by_the_new_one_alone_and_none_is_kept_twice(
    database: Database, teams: tuple[Team, Team]
) -> None:
    team = teams[0]
    client_id = await _client(database, team, phone="+12025550138")
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await correct_address(session, client_id, "sms", "+12025550139", NOW)
    assert await _at(database, team, "+12025550138") == []
    assert await _at(database, team, "+12025550139") == [(client_id, "+12025550139")]
    again: dict[str, Any] = {
        "client_id": client_id,
        "channel": "sms",
        "address": "+12025550139",
        "created_at": NOW,
    }
    with pytest.raises(IntegrityError, match="address_mark"):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            session.add(ContactPoint(clinic_id=team.clinic_id, id=new_id(NOW), **again))


async def test_the_notifier_opens_addresses_and_no_name(
    database: Database, urls: Urls, teams: tuple[Team, Team]
) -> None:
    client_id = await _client(database, teams[0], phone="+12025550140")
    notifier = Database(urls.notifier)
    async with notifier.clinic_tx(teams[0].clinic_id, SYSTEM) as session:
        assert (await accounts.contact_points(session, client_id))[0].address == "+12025550140"
        with pytest.raises(ProgrammingError, match="permission denied"):
            await session.execute(text("SELECT name FROM client"))
    await notifier.close()


async def test_a_mark_says_nothing_without_the_installations_key(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        assert mark(connection, PHONE) == mark(connection, PHONE) != mark(connection, EMAIL)
        box.use(KeySource((new_key(),)))
        try:
            with pytest.raises(box.CannotOpen, match=KEY.id):
                mark(connection, PHONE)
        finally:
            box.use(KeySource((KEY,)))
