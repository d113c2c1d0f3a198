"""Direct SQL with the application's own login: what cannot be right is refused by the database, not by our manners."""

import random
from uuid import uuid4

import psycopg
import pytest

from service.database.protection import INSTALLATION_TABLES
from tests.conftest import Urls
from tests.trust.bad_rows import TABLES, bad_rows, kept, tables
from tests.trust.clinics import Side

pytestmark = pytest.mark.anyio
SWEEPING = (
    "TRUNCATE {}",
    "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY",
    "CREATE POLICY all_of_it ON {} USING (true)",
    "DROP TABLE {}",
    "DROP POLICY one_clinic ON {}",
)


async def test_rows_that_cannot_be_right_are_refused(urls: Urls, world: tuple[Side, Side]) -> None:
    ours, theirs = world
    known = tables(urls.owner, ours)
    assert len(known) > 25, [table.name for table in known]
    tried, taken = kept(urls.app, ours, bad_rows(known, theirs, random.Random(1), 600))
    assert (tried, sorted(set(taken))) == (600, [])
    # The same rows under an id of their own, with nothing wrong: where a clinic may have two alike, they are taken.
    right = [("nothing", table.name, table.rows[0] | {"id": uuid4()}) for table in known if "id" in table.rows[0]]
    _, taken = kept(urls.app, ours, iter(right))
    assert len(taken) > 8, taken


async def test_no_table_can_be_emptied_opened_or_read_across_clinics(urls: Urls, world: tuple[Side, Side]) -> None:
    ours, _ = world
    with psycopg.connect(urls.app, autocommit=True) as connection:
        names = [row[0] for row in connection.execute(TABLES)]
        assert len(names) > 50
        for name in names:
            for statement in SWEEPING[: -1 if name in INSTALLATION_TABLES else None]:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.format(name))
        for name in sorted(set(names) - INSTALLATION_TABLES):
            may_read = "SELECT has_table_privilege(%s, 'SELECT')"
            if connection.execute(may_read, [name]).fetchone() != (True,):
                continue
            with connection.transaction():
                assert connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchall() == [], name
                connection.execute(f"SET LOCAL app.clinic_id TO '{ours.team.clinic_id}'")
                foreign = connection.execute(f"SELECT 1 FROM {name} WHERE clinic_id <> '{ours.team.clinic_id}' LIMIT 1")
                assert foreign.fetchall() == [], name
