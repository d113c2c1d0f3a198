"""What people say and are called is in the database as boxes, and each opens only where it was sealed."""

from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select, text, update
from sqlalchemy.orm import load_only
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.tables import Client
from service.all_tables import metadata
from service.data_keys import KeySource, new_key
from service.database import box
from service.database.sealing import Sealed
from service.database.tenancy import ClinicSession, Database
from service.ids import new_id
from service.intake.tables import Visit
from tests.conftest import Urls
from tests.key import KEY
from tests.make import NOW, TODAY, Team, make_client, make_team
from tests.own_database import database as database
from tests.own_database import urls as urls
from tests.told import statements

pytestmark = pytest.mark.anyio

SECRET = "Zazie Quenaux"


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


async def _visit(database: Database, team: Team, note: str) -> tuple[UUID, UUID]:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id, name=SECRET)
        visit = Visit(
            clinic_id=team.clinic_id,
            id=new_id(NOW),
            client_id=client.id,
            sync_seq=1,
            created_at=NOW,
            day=TODAY,
            staff_id=team.therapist_id,
            note=note,
        )
        session.add(visit)
        await session.flush()
        assert visit.note == note, "Whoever wrote it goes on reading it."
        return client.id, visit.id


async def _note(database: Database, team: Team, visit_id: UUID) -> str | None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await session.get_one(Visit, (team.clinic_id, visit_id))).note


async def test_a_name_and_a_note_are_read_as_they_were_written_and_stand_nowhere_in_the_database(
    database: Database, team: Team, urls: Urls
) -> None:
    client_id, visit_id = await _visit(database, team, "Ñandú 🦵 " + SECRET)
    assert await _note(database, team, visit_id) == "Ñandú 🦵 " + SECRET
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        assert (await accounts.client(session, client_id)).name == SECRET
        assert await session.scalar(select(col(Client.name)).where(col(Client.id) == client_id)) == SECRET
    with psycopg.connect(urls.owner) as connection:
        for table in metadata.sorted_tables:
            row = sql.SQL("SELECT count(*) FROM {} t WHERE position({} IN convert_to(t::text, 'UTF8')) > 0")
            for form in (SECRET.encode(), SECRET.encode().hex().encode()):
                query = row.format(sql.Identifier(table.name), sql.Literal(form))
                assert connection.execute(query).fetchone() == (0,), table.name


async def test_a_box_that_is_moved_to_another_client_or_column_or_changed_does_not_open(
    database: Database, team: Team
) -> None:
    _, ours = await _visit(database, team, "of ours")
    client_id, theirs = await _visit(database, team, "of theirs")
    for values in (
        "note = (SELECT note FROM visit WHERE id = :ours)",
        "note = (SELECT name FROM client WHERE id = :client_id)",
        "note = set_byte(note, 20, get_byte(note, 20) # 1)",
    ):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            await session.execute(
                text(f"UPDATE visit SET {values} WHERE id = :theirs"),
                {"ours": ours, "theirs": theirs, "client_id": client_id},
            )
        with pytest.raises(box.CannotOpen, match=r"visit\.note"):
            await _note(database, team, theirs)
    assert await _note(database, team, ours) == "of ours"


async def test_another_clients_key_does_not_open_it_and_without_one_nothing_does(
    database: Database, team: Team
) -> None:
    owner, visit_id = await _visit(database, team, "mine")
    other, _ = await _visit(database, team, "yours")
    for change in (
        "UPDATE owner_key k SET wrapped = o.wrapped FROM owner_key o WHERE o.owner_id = :other AND k.owner_id = :owner",
        "DELETE FROM owner_key WHERE owner_id = :owner",
    ):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            await session.execute(text(change), {"owner": owner, "other": other})
        with pytest.raises(box.CannotOpen, match="key"):
            await _note(database, team, visit_id)


async def test_what_would_be_written_past_the_session_or_looked_for_in_plain_is_refused(
    database: Database, team: Team
) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        for statement in (
            update(Visit).where(col(Visit.clinic_id) == team.clinic_id).values(note="plain"),
            select(Visit).where(col(Visit.note) == "plain"),
        ):
            with pytest.raises(Exception, match=r"visit\.note is sealed"):
                await session.execute(statement)


async def test_a_key_whose_making_is_rolled_back_seals_nothing_afterwards(database: Database, team: Team) -> None:
    client_id, _ = await _visit(database, team, "before")
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await session.execute(text("DELETE FROM owner_key WHERE owner_id = :id"), {"id": client_id})
        with pytest.raises(ZeroDivisionError):
            await _renamed_and_failed(session, client_id)
        (await _plain_client(session, client_id)).name = "Second"
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        assert (await accounts.client(session, client_id)).name == "Second"


async def _plain_client(session: ClinicSession, client_id: UUID) -> Client:
    """Nothing sealed of it is read: its key is gone."""
    statement = select(Client).options(load_only(Client.state)).where(col(Client.id) == client_id)  # type: ignore[arg-type]
    return (await session.scalars(statement)).one()


async def _renamed_and_failed(session: ClinicSession, client_id: UUID) -> None:
    async with session.begin_nested():
        (await _plain_client(session, client_id)).name = "First"
        await session.flush()
        raise ZeroDivisionError


async def test_the_key_of_somebody_new_is_made_in_one_statement(database: Database, team: Team) -> None:
    with statements(database) as sent:
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            await make_client(session, team.therapist_id, name=SECRET)
    assert ["INSERT" if "INSERT" in one else "SELECT" for one in sent if "FROM key_check c" in one] == ["INSERT"]


async def test_whoever_is_added_while_the_installations_key_changes_has_a_key_all_the_same(
    database: Database, team: Team
) -> None:
    """The process has the new key already, and the database has not yet."""
    box.use(KeySource((new_key(), KEY)))
    try:
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            client_id = (await make_client(session, team.therapist_id, name=SECRET)).id
    finally:
        box.use(KeySource((KEY,)))
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        assert (await accounts.client(session, client_id)).name == SECRET


def test_every_sealed_column_says_its_own_place() -> None:
    places = [(c, c.type) for table in metadata.sorted_tables for c in table.columns if isinstance(c.type, Sealed)]
    assert len(places) >= 16
    assert [kind.place.decode() for _, kind in places] == [f"{c.table.name}.{c.name}" for c, _ in places]
    assert all(kind.owner in c.table.columns for c, kind in places)


def test_a_key_of_an_owner_opens_only_under_the_installations_key() -> None:
    ring, other = box.Keyring(KeySource((KEY,))), box.Keyring(KeySource((new_key(),)))
    wrapped = ring.wrapped(b"k" * 32, b"o" * 32, KEY.id)
    assert ring.unwrapped(wrapped, b"o" * 32) == b"k" * 32
    with pytest.raises(box.CannotOpen, match=KEY.id):
        other.unwrapped(wrapped, b"o" * 32)
    with pytest.raises(box.CannotOpen):
        ring.unwrapped(wrapped, b"p" * 32)
