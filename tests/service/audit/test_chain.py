"""Whatever somebody does to the trail behind the application's back, as the database's owner, is found and named."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.chaining import Chaining
from service.audit import facts
from service.audit.actions import record
from service.audit.facts import Chain, Found, refuse_another_key
from service.audit.rules import Anchor, Harm, first_link, next_link, row_of, signed
from service.database.tenancy import SYSTEM, Actor, Database
from service.errors import WrongSettings
from tests.conftest import Urls
from tests.make import NOW
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio

KEY, ANOTHER_KEY = b"k" * 32, b"o" * 32
CLINIC = UUID(int=7)
ROWS = 24
POSITIONS = 30
"""Tries of each kind of harm, each at a place of its own."""

_CHAIN = "clinic_id, id, at, actor_kind, actor_id, channel, action, record_kind, record_id, client_id, fields"

Spoiling = Callable[[AsyncConnection], Awaitable[object]]


@dataclass
class Trail:
    """A clinic's chain of `ROWS` rows, which one owner spoils and puts right again."""

    app: Database
    owner: Database
    anchor: Anchor

    async def examined(self, anchor: Anchor | None = None, key: bytes = KEY) -> Found:
        return await Chain(self.app, CLINIC, key).examine(anchor, lambda done, of: None)

    async def spoiled(self, harm: Spoiling, anchor: Anchor | None = None) -> Found:
        async with self.owner.installation_tx() as connection:
            await harm(connection)
        try:
            return await self.examined(anchor)
        finally:
            async with self.owner.installation_tx() as connection:
                for table in ("audit_entry", "audit_head"):
                    await connection.execute(text(f"DELETE FROM {table}"))
                    await connection.execute(text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))


async def _write(app: Database, number: int) -> None:
    for place in range(number):
        async with app.clinic_tx(CLINIC, Actor("staff", uuid4(), "web")) as session:
            now = NOW + timedelta(seconds=place)
            record(session, now, "read", "client", uuid4(), client_id=uuid4(), fields=["name", "zone"])


@pytest.fixture(scope="module")
async def trail(urls: Urls, notifier: Database, anyio_backend: str) -> AsyncIterator[Trail]:
    app, owner = Database(urls.app, audit_key=KEY), Database(urls.owner)
    await _write(app, ROWS)
    assert await Chaining(notifier, KEY).tick() == ROWS
    found = await Chain(app, CLINIC, KEY).examine(None, lambda done, of: None)
    assert found.head is not None
    async with owner.installation_tx() as connection:
        for table in ("audit_entry", "audit_head"):
            await connection.execute(text(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
    yield Trail(app, owner, found.head)
    await app.close()
    await owner.close()


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "AT_ONCE", 9)


def _places(kind: str, last: int = ROWS) -> list[int]:
    """Random, the first and the last among them."""
    return [1, last, *random.Random(kind).choices(range(1, last + 1), k=POSITIONS - 2)]


async def _sql(connection: AsyncConnection, statement: str, **values: object) -> None:
    await connection.execute(text(statement), values)


async def _renumber(connection: AsyncConnection, after: int, by: int) -> None:
    """Rows behind `after` move up or down; the numbers stay each of one row on the way."""
    await _sql(connection, "UPDATE audit_entry SET number = number + 100000 WHERE number > :after", after=after)
    await _sql(connection, "UPDATE audit_entry SET number = number - 100000 + :by WHERE number > 100000", by=by)


_EDITS = (
    "action = 'print'",
    "at = at + interval '1 microsecond'",
    "client_id = NULL",
    "actor_id = record_id",
    "fields = '{name}'",
    "channel = 'api'",
    "action = 'set', mac = sha256(mac)",
    "mac = NULL",
    "mac = sha256(mac)",
    "link = sha256(link)",
)


async def test_an_untouched_chain_is_intact(trail: Trail) -> None:
    assert await trail.examined(trail.anchor) == Found(ROWS, 0, trail.anchor)


async def test_every_edited_row_is_found(trail: Trail) -> None:
    for count, place in enumerate(_places("edit")):
        edit = f"UPDATE audit_entry SET {_EDITS[count % len(_EDITS)]} WHERE number = :place"
        wrong = (await trail.spoiled(partial(_sql, statement=edit, place=place))).wrong
        assert wrong is not None
        assert (wrong.harm, wrong.number) == (Harm.EDITED, place), edit


async def test_every_deleted_row_is_found_however_the_gap_is_closed(trail: Trail) -> None:
    # The last but one in both ways: what follows it has nothing behind that would tell.
    for count, place in enumerate([ROWS - 1, *_places("delete", ROWS - 1)]):

        async def delete(connection: AsyncConnection, place: int = place, close: bool = count % 2 == 0) -> None:
            await _sql(connection, "DELETE FROM audit_entry WHERE number = :place", place=place)
            if close:
                await _renumber(connection, place, -1)
                await _sql(connection, "UPDATE audit_head SET number = number - 1")

        wrong = (await trail.spoiled(delete)).wrong
        assert wrong is not None
        assert (wrong.harm, wrong.number) == (Harm.DELETED, place)


async def test_every_change_of_order_is_found(trail: Trail) -> None:
    for count, place in enumerate(_places("move")):
        other = (place + 4) % ROWS + 1

        async def swap(
            connection: AsyncConnection, one: int = place, two: int = other, links: bool = count % 2 == 0
        ) -> None:
            for old, new in ((one, 100000), (two, one), (100000, two)):
                await _sql(connection, "UPDATE audit_entry SET number = :new WHERE number = :old", old=old, new=new)
            if links:
                await _sql(
                    connection,
                    "UPDATE audit_entry a SET link = b.link FROM audit_entry b"
                    " WHERE a.number IN (:one, :two) AND b.number IN (:one, :two) AND a.number <> b.number",
                    one=one,
                    two=two,
                )

        wrong = (await trail.spoiled(swap)).wrong
        assert wrong is not None
        assert (wrong.harm, wrong.number) == (Harm.MOVED, min(place, other))


async def test_every_inserted_row_is_found_in_the_chain_behind_it_and_beside_it(trail: Trail) -> None:
    columns = _CHAIN.replace(" id,", " gen_random_uuid(),")
    for place in _places("insert", ROWS + 1):

        async def insert(connection: AsyncConnection, place: int = place) -> None:
            await _renumber(connection, place - 1, 1)
            if place <= ROWS:
                await _sql(connection, "UPDATE audit_head SET number = number + 1")
            statement = f"INSERT INTO audit_entry ({_CHAIN}, mac, number, link) SELECT {columns}, mac, :place, link"
            await _sql(connection, f"{statement} FROM audit_entry WHERE number = :of", place=place, of=place % ROWS + 2)

        wrong = (await trail.spoiled(insert)).wrong
        assert wrong is not None
        assert (wrong.harm, wrong.number) == (Harm.INSERTED, place)
    beside = f"INSERT INTO audit_entry ({_CHAIN}, mac) SELECT {columns}, mac FROM audit_entry WHERE number = 3"
    wrong = (await trail.spoiled(partial(_sql, statement=beside))).wrong
    assert wrong is not None
    assert (wrong.harm, wrong.number) == (Harm.INSERTED, None)


async def test_every_cut_of_the_end_is_found_and_where_the_head_is_put_back_too_by_an_anchor(trail: Trail) -> None:
    for count, place in enumerate(_places("cut")):
        back = count % 2 == 0

        async def cut(connection: AsyncConnection, place: int = place, back: bool = back) -> None:
            await _sql(connection, "DELETE FROM audit_entry WHERE number >= :place", place=place)
            if back and place == 1:
                await _sql(connection, "DELETE FROM audit_head")
            elif back:
                end = "SELECT number, link FROM audit_entry ORDER BY number DESC LIMIT 1"
                await _sql(connection, f"UPDATE audit_head SET (number, link) = ({end})")

        found = await trail.spoiled(cut, trail.anchor)
        assert found.wrong is not None
        assert (found.wrong.harm, found.wrong.number, found.wrong.until) == (Harm.CUT, place, ROWS)


async def test_a_changed_end_is_found(trail: Trail) -> None:
    for change in (
        "UPDATE audit_head SET link = sha256(link)",
        f"UPDATE audit_head SET (number, link) = (SELECT number, link FROM audit_entry WHERE number = {ROWS - 2})",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET unsigned = 5",
    ):
        assert (await trail.spoiled(partial(_sql, statement=change))).wrong is not None, change


async def _rewrite(connection: AsyncConnection, key: bytes, from_place: int) -> None:
    """All rows anew from one on, as somebody would who knows how it is done."""
    rows = await connection.execute(text(f"SELECT {_CHAIN}, mac, number, link FROM audit_entry ORDER BY number"))
    link, written = first_link(key, CLINIC, 0), []
    for row in rows.all():
        told = row_of(dict(row._mapping)).told
        if row.number >= from_place:
            told = replace(told, action="delete")
        link = next_link(key, link, row.number, told)
        if row.number >= from_place or key != KEY:
            mac = signed(key, told)
            written.append({"action": told.action, "mac": mac, "link": link, "number": row.number})
    anew = "UPDATE audit_entry SET action = :action, mac = :mac, link = :link WHERE number = :number"
    await connection.execute(text(anew), written)
    await _sql(connection, "UPDATE audit_head SET link = :link", link=link)


async def test_a_whole_chain_that_was_rewritten_is_found_by_its_key_or_by_an_anchor(trail: Trail) -> None:
    for place in _places("rewrite")[:20]:
        stranger = await trail.spoiled(partial(_rewrite, key=ANOTHER_KEY, from_place=place))
        insider = await trail.spoiled(partial(_rewrite, key=KEY, from_place=place), trail.anchor)
        assert stranger.wrong is not None
        assert insider.wrong is not None
        assert (stranger.wrong.harm, stranger.wrong.number) == (Harm.REWRITTEN, 1)
        assert (insider.wrong.harm, insider.wrong.until) == (Harm.REWRITTEN, ROWS)


async def test_a_wrong_key_is_told_from_a_spoiled_chain(trail: Trail) -> None:
    found = await trail.examined(key=ANOTHER_KEY)
    assert found.wrong is not None
    assert found.wrong.harm is Harm.ANOTHER_KEY


async def test_a_process_with_another_key_does_not_start(trail: Trail, urls: Urls) -> None:
    for login in (urls.app, urls.notifier):
        await refuse_another_key(login, KEY)
        with pytest.raises(WrongSettings, match="CLAMSHELL_AUDIT_KEY"):
            await refuse_another_key(login, ANOTHER_KEY)


async def test_a_long_chain_says_how_far_it_is(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "AT_ONCE", 1)
    said = list[tuple[int, int]]()
    await Chain(trail.app, CLINIC, KEY).examine(None, lambda done, of: said.append((done, of)))
    assert said == [(10, ROWS), (20, ROWS)]


async def test_rows_that_no_process_has_linked_yet_are_counted_and_are_signed(trail: Trail) -> None:
    await _write(trail.app, 2)
    found = await trail.examined()
    assert (found.linked, found.waiting, found.wrong) == (ROWS, 2, None)
    edit = "UPDATE audit_entry SET action = 'print' WHERE number IS NULL"
    wrong = (await trail.spoiled(partial(_sql, statement=edit))).wrong
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
            await _sql(connection, statement, clinic_id=clinic_id, id=uuid4())
        await _sql(connection, head, c=clinic_id)
    async with plain.clinic_tx(clinic_id, SYSTEM) as session:
        record(session, NOW, "set", "clinic", clinic_id)
    chain = Chain(plain, clinic_id, KEY)
    assert (await chain.examine(None, print)).wrong is None
    assert await Chaining(notifier, KEY).tick() == 3
    assert await Chaining(notifier, KEY).tick() == 1
    assert (await chain.examine(None, print)).wrong is None
    async with trail.owner.installation_tx() as connection:
        await _sql(connection, statement, clinic_id=clinic_id, id=uuid4())
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
