"""Whatever somebody does to the trail behind the application's back, as the database's owner, is found and named."""

import random
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.audit import facts
from service.audit.facts import Chain, Found, refuse_another_key
from service.audit.rules import Harm, first_link, next_link, row_of, signed
from service.errors import WrongSettings
from tests.conftest import Urls
from tests.own_database import database as database
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls
from tests.service.audit.trails import ANOTHER_KEY, CLINIC, KEY, ROWS, Trail, sql
from tests.service.audit.trails import small_steps as small_steps
from tests.service.audit.trails import trail as trail

pytestmark = pytest.mark.anyio

POSITIONS = 30
"""Tries of each kind of harm, each at a place of its own."""

_CHAIN = "clinic_id, id, at, actor_kind, actor_id, channel, action, record_kind, record_id, client_id, fields"


def _places(kind: str, last: int = ROWS) -> list[int]:
    """Random, the first and the last among them."""
    return [1, last, *random.Random(kind).choices(range(1, last + 1), k=POSITIONS - 2)]


async def _renumber(connection: AsyncConnection, after: int, by: int) -> None:
    """Rows behind `after` move up or down; the numbers stay each of one row on the way."""
    await sql(connection, "UPDATE audit_entry SET number = number + 100000 WHERE number > :after", after=after)
    await sql(connection, "UPDATE audit_entry SET number = number - 100000 + :by WHERE number > 100000", by=by)


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
        wrong = (await trail.spoiled(partial(sql, statement=edit, place=place))).wrong
        assert wrong is not None
        assert (wrong.harm, wrong.number) == (Harm.EDITED, place), edit


async def test_every_deleted_row_is_found_however_the_gap_is_closed(trail: Trail) -> None:
    # The last but one in both ways: what follows it has nothing behind that would tell.
    for count, place in enumerate([ROWS - 1, *_places("delete", ROWS - 1)]):

        async def delete(connection: AsyncConnection, place: int = place, close: bool = count % 2 == 0) -> None:
            await sql(connection, "DELETE FROM audit_entry WHERE number = :place", place=place)
            if close:
                await _renumber(connection, place, -1)
                await sql(connection, "UPDATE audit_head SET number = number - 1")

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
                await sql(connection, "UPDATE audit_entry SET number = :new WHERE number = :old", old=old, new=new)
            if links:
                await sql(
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
                await sql(connection, "UPDATE audit_head SET number = number + 1")
            statement = f"INSERT INTO audit_entry ({_CHAIN}, mac, number, link) SELECT {columns}, mac, :place, link"
            await sql(connection, f"{statement} FROM audit_entry WHERE number = :of", place=place, of=place % ROWS + 2)

        wrong = (await trail.spoiled(insert)).wrong
        assert wrong is not None
        assert (wrong.harm, wrong.number) == (Harm.INSERTED, place)
    beside = f"INSERT INTO audit_entry ({_CHAIN}, mac) SELECT {columns}, mac FROM audit_entry WHERE number = 3"
    wrong = (await trail.spoiled(partial(sql, statement=beside))).wrong
    assert wrong is not None
    assert (wrong.harm, wrong.number) == (Harm.INSERTED, None)


async def test_every_cut_of_the_end_is_found_and_where_the_head_is_put_back_too_by_an_anchor(trail: Trail) -> None:
    for count, place in enumerate(_places("cut")):
        back = count % 2 == 0

        async def cut(connection: AsyncConnection, place: int = place, back: bool = back) -> None:
            await sql(connection, "DELETE FROM audit_entry WHERE number >= :place", place=place)
            if back and place == 1:
                await sql(connection, "DELETE FROM audit_head")
            elif back:
                end = "SELECT number, link FROM audit_entry ORDER BY number DESC LIMIT 1"
                await sql(connection, f"UPDATE audit_head SET (number, link) = ({end})")

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
        assert (await trail.spoiled(partial(sql, statement=change))).wrong is not None, change


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
    await sql(connection, "UPDATE audit_head SET link = :link", link=link)


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
