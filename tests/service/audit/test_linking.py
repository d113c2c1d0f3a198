"""How rows come into the trail: names and no values, linked and signed by one login, and then touched by nobody."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from scheduler.chaining import Chaining
from service.audit.actions import record
from service.audit.facts import Chain
from service.audit.rules import Harm
from service.database.tenancy import SYSTEM, Database
from tests.make import NOW
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls
from tests.service.audit.trails import CLINIC, KEY, ROWS, Trail, sql, write
from tests.service.audit.trails import small_steps as small_steps
from tests.service.audit.trails import trail as trail

pytestmark = pytest.mark.anyio


async def test_rows_that_no_process_has_linked_yet_are_counted_and_are_signed(trail: Trail) -> None:
    await write(trail.app, 2)
    found = await trail.examined()
    assert (found.linked, found.waiting, found.wrong) == (ROWS, 2, None)
    edit = "UPDATE audit_entry SET action = 'print' WHERE number IS NULL"
    wrong = (await trail.spoiled(partial(sql, statement=edit))).wrong
    assert wrong is not None
    assert (wrong.harm, wrong.number) == (Harm.INSERTED, None)


async def test_what_was_there_before_rows_were_signed_is_taken_as_it_was_then_and_not_later(
    trail: Trail, notifier: Database
) -> None:
    clinic_id, plain = UUID(int=8), trail.app
    statement = (
        "INSERT INTO audit_entry (clinic_id, id, at, actor_kind, channel, action, record_kind, fields)"
        " VALUES (:clinic_id, :id, now(), 'system', 'cli', 'set', 'clinic', '{}')"
    )
    head = (
        "INSERT INTO audit_head (clinic_id, number, unsigned, anchored_at, anchored_number) VALUES (:c, 0, 3, now(), 0)"
    )
    async with trail.owner.installation_tx() as connection:
        for _ in range(3):
            await sql(connection, statement, clinic_id=clinic_id, id=uuid4())
        await sql(connection, head, c=clinic_id)
    async with plain.clinic_tx(clinic_id, SYSTEM) as session:
        record(session, NOW, "set", "clinic", clinic_id)
    chain = Chain(plain, clinic_id, KEY)
    assert (await chain.examine(None, print)).wrong is None
    assert await Chaining(notifier, KEY).tick() == 3
    assert await Chaining(notifier, KEY).tick() == 1
    assert (await chain.examine(None, print)).wrong is None
    async with trail.owner.installation_tx() as connection:
        await sql(connection, statement, clinic_id=clinic_id, id=uuid4())
    assert (await chain.examine(None, print)).wrong == (await chain.examine(None, print)).wrong is not None
    await Chaining(notifier, KEY).tick()
    found = await chain.examine(None, print)
    assert found.wrong is not None
    assert found.wrong.number == 5


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ("'Maria Lopez saw it', 'client', '{}'", "words_only"),
        ("'read', '+14155550100', '{}'", "words_only"),
        ("'read', 'client', '{Pain of 8}'", "names_only"),
        ("'read', 'client', '{note,\"hurts, badly\"}'", "names_only"),
    ],
)
async def test_no_value_can_be_written_into_the_trail(trail: Trail, values: str, why: str) -> None:
    statement = (
        "INSERT INTO audit_entry (clinic_id, id, at, actor_kind, channel, action, record_kind, fields)"
        f" VALUES ('{CLINIC}', '{uuid4()}', now(), 'staff', 'web', {values})"
    )
    with pytest.raises(IntegrityError, match=why):
        async with trail.app.clinic_tx(CLINIC, SYSTEM) as session:
            await session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET number = 1",
        "UPDATE audit_entry SET mac = NULL",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_head SET number = 1",
        "DELETE FROM audit_head",
    ],
)
async def test_the_application_cannot_touch_a_chain(trail: Trail, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with trail.app.clinic_tx(CLINIC, SYSTEM) as session:
            await session.execute(text(statement))


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
async def test_the_notifier_can_link_rows_and_change_none(notifier: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with notifier.clinic_tx(CLINIC, SYSTEM) as session:
            await session.execute(text(statement))
