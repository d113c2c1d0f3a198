"""Nothing crosses between clinics: not by a forgotten filter, not by a foreign key, not by a too powerful login."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from service.accounts.tables import Client
from service.all_tables import metadata
from service.database.protection import APP, INSTALLATION_TABLES, NOTIFIER, refuse_unsafe_login
from service.database.tenancy import Across, Database
from service.errors import WrongSettings
from tests.conftest import Urls
from tests.make import NOW, Team, make_client, make_plan, make_team
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio

TENANT_TABLES = sorted(set(metadata.tables) - INSTALLATION_TABLES)


@pytest.fixture(scope="module")
async def teams(database: Database) -> tuple[Team, Team]:
    ours, theirs = await make_team(database), await make_team(database)
    for team in (ours, theirs):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            await make_plan(session, await make_client(session, team.therapist_id))
    return ours, theirs


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_a_statement_without_a_clinic_gets_no_rows(database: Database, teams: object, table: str) -> None:
    async with database.installation_tx() as connection:
        assert (await connection.execute(text(f"SELECT 1 FROM {table}"))).all() == []


async def test_a_forgotten_filter_sees_one_clinic_only(database: Database, teams: tuple[Team, Team]) -> None:
    ours, _ = teams
    async with database.clinic_tx(ours.clinic_id, ours.therapist) as session:
        seen = (await session.execute(text("SELECT DISTINCT clinic_id FROM plan_item"))).scalars().all()
    assert seen == [ours.clinic_id]


async def test_a_row_for_another_clinic_is_refused(database: Database, teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.clinic_tx(ours.clinic_id, ours.therapist) as session:
            session.add(_client(theirs, theirs.therapist_id))


async def test_a_foreign_key_cannot_name_another_clinics_row(database: Database, teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    with pytest.raises(IntegrityError, match="fk_client_clinic_id_therapist_id"):
        async with database.clinic_tx(ours.clinic_id, ours.therapist) as session:
            session.add(_client(ours, theirs.therapist_id))


def _client(team: Team, therapist_id: UUID) -> Client:
    return Client(
        clinic_id=team.clinic_id,
        id=uuid4(),
        name="Tom",
        therapist_id=therapist_id,
        zone="UTC",
        sync_seq=1,
        created_at=NOW,
    )


async def test_every_tenant_table_is_closed_by_the_policy(database: Database, notifier: Database) -> None:
    for login, role in ((database, APP), (notifier, NOTIFIER)):
        async with login.installation_tx() as connection:
            await refuse_unsafe_login(connection, role)


async def test_a_table_without_its_policy_stops_the_start(urls: Urls, database: Database) -> None:
    owner = Database(urls.owner)
    try:
        async with owner.installation_tx() as connection:
            await connection.execute(text("ALTER TABLE pain_entry NO FORCE ROW LEVEL SECURITY"))
        async with database.installation_tx() as connection:
            with pytest.raises(WrongSettings, match="pain_entry"):
                await refuse_unsafe_login(connection, APP)
    finally:
        async with owner.installation_tx() as connection:
            await connection.execute(text("ALTER TABLE pain_entry FORCE ROW LEVEL SECURITY"))
        await owner.close()


async def test_the_owner_may_not_serve(urls: Urls) -> None:
    owner = Database(urls.owner)
    async with owner.installation_tx() as connection:
        with pytest.raises(WrongSettings, match="too powerful"):
            await refuse_unsafe_login(connection, APP)
    await owner.close()


@pytest.mark.parametrize(
    "lent",
    ["CREATE ROLE lent BYPASSRLS", "CREATE ROLE lent SUPERUSER", "CREATE ROLE lent; ALTER TABLE visit OWNER TO lent"],
)
async def test_a_login_that_may_turn_into_one_that_may_more_does_not_serve_either(urls: Urls, lent: str) -> None:
    owner = Database(urls.owner)
    async with owner.installation_tx() as connection:
        for statement in (*lent.split(";"), "CREATE ROLE clever", f"GRANT {APP} TO clever", "SET LOCAL ROLE clever"):
            await connection.execute(text(statement))
        await refuse_unsafe_login(connection, APP)
        for statement in ("SET LOCAL ROLE NONE", "GRANT lent TO clever", "SET LOCAL ROLE clever"):
            await connection.execute(text(statement))
        with pytest.raises(WrongSettings, match="too powerful"):
            await refuse_unsafe_login(connection, APP)
        await connection.rollback()
    await owner.close()


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE pain_entry",
        "ALTER TABLE pain_entry DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_clinic ON pain_entry",
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET action = 'x'",
        "UPDATE diary_revision SET revision = 9",
        "UPDATE red_flag_screen SET yes = '{}'",
        "SELECT * FROM sender_pace",
    ],
)
async def test_the_application_may_not(database: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        async with database.installation_tx() as connection:
            await connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT score FROM pain_entry",
        "SELECT note FROM pain_entry",
        "SELECT * FROM exercise_session",
        "SELECT body FROM thread_message",
        "SELECT name FROM client",
        "SELECT cue FROM plan_item",
        "SELECT source FROM red_flag",
        "SELECT yes FROM red_flag_screen",
        "SELECT email FROM staff",
        "UPDATE reminder SET channels = '{email}'",
        "UPDATE reminder_rhythm SET wants_daily = false",
        "SELECT password_hash FROM staff",
    ],
)
async def test_the_notifier_cannot_read_what_people_wrote(notifier: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with notifier.installation_tx() as connection:
            await connection.execute(text(statement))


async def test_a_cross_clinic_door_opens_its_own_tables_only(
    database: Database, notifier: Database, teams: tuple[Team, Team]
) -> None:
    async with database.across_clinics(Across.FIND_ADDRESS) as connection:
        seen = set((await connection.execute(text("SELECT clinic_id FROM contact_point"))).scalars())
        assert seen == {team.clinic_id for team in teams}
        assert (await connection.execute(text("SELECT 1 FROM client"))).all() == []
        assert (await connection.execute(text("SELECT 1 FROM link"))).all() == []
    async with notifier.across_clinics(Across.FIND_ADDRESS) as connection:
        assert (await connection.execute(text("SELECT 1 FROM contact_point"))).all() == []


async def test_what_is_done_behind_a_door_is_one_transaction(database: Database, teams: tuple[Team, Team]) -> None:
    which, ours = text("SELECT pg_current_xact_id()::text"), teams[0]
    for door in (
        database.clinic_tx(ours.clinic_id, ours.therapist),
        database.across_clinics(Across.FIND_LINK),
        database.installation_tx(),
    ):
        async with door as session:
            first, second = [(await session.execute(which)).scalar_one() for _ in range(2)]
        assert first == second


async def test_an_insert_without_sync_seq_fails(database: Database, teams: tuple[Team, Team]) -> None:
    ours, _ = teams
    async with database.clinic_tx(ours.clinic_id, ours.therapist) as session:
        client = await make_client(session, ours.therapist_id)
    with pytest.raises(DBAPIError, match='null value in column "sync_seq"'):
        async with database.clinic_tx(ours.clinic_id, ours.therapist) as session:
            await session.execute(
                text(
                    "INSERT INTO pain_entry (clinic_id, id, client_id, created_at, day, done_at, written_at,"
                    " received_at, entered_by, channel, revision, kind, score, aggravators)"
                    " VALUES (:clinic, :id, :client, :now, :day, :now, :now, :now, 'client', 'web', 1, 'now', 4, '{}')"
                ),
                {"clinic": ours.clinic_id, "id": uuid4(), "client": client.id, "now": NOW, "day": NOW.date()},
            )


async def test_every_table_but_the_named_ones_belongs_to_a_clinic() -> None:
    for name, table in metadata.tables.items():
        if name in INSTALLATION_TABLES:
            assert "clinic_id" not in table.columns
        else:
            assert next(iter(table.primary_key.columns)).name == "clinic_id"


async def test_keys_between_tables_start_with_the_clinic() -> None:
    for table in metadata.tables.values():
        for key in table.foreign_key_constraints:
            assert key.column_keys[0] == "clinic_id", f"{table.name}.{key.name}"
