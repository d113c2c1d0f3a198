"""A wrong number is mended and a dead one tried again; a STOP is lifted by nobody but the person."""

from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.actions import mark_invalid, opt_out
from service.accounts.queries import contact_points
from service.accounts.rules import LinkPurpose
from service.accounts.sign_in import NewLink, make_links, send_codes
from service.accounts.tables import ContactPoint
from service.database.tenancy import Database
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from tests.make import NOW
from tests.service.review.browsing import World, count, send, shown, words

pytestmark = pytest.mark.anyio

NEW = "+12025550142"


async def phone(database: Database, world: World, **changes: object) -> ContactPoint:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [point] = [p for p in await contact_points(session, world.maria.id) if p.channel == "sms"]
        point.sqlmodel_update(changes)
        return point


def path(world: World, channel: str = "sms") -> str:
    return f"/v1/clients/{world.maria.id}/addresses/{channel}"


async def test_a_wrong_number_is_mended_with_a_trace_and_the_stop_stays(
    api: AsyncClient, database: Database, world: World
) -> None:
    headers = world.headers["front desk"]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [point] = [p for p in await contact_points(session, world.maria.id) if p.channel == "sms"]
        await mark_invalid(session, point.id, "21211", NOW)
        await opt_out(session, point.id, "text", NOW)
    for wrong in ("", "12", "none"):
        answer = await api.put(path(world), json={"address": wrong}, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/address"), wrong
    answer = await api.put(path(world), json={"address": "(202) 555-0142"}, headers=headers)
    told = next(one for one in answer.json()["contact_points"] if one["channel"] == "sms")
    assert (told["address"], "invalid_at" in told, "opted_out_at" in told) == (NEW, False, True)
    now = await phone(database, world)
    assert (now.address, now.invalid_at, now.invalid_code, now.opted_out_how) == (NEW, None, None, "text")
    where = f"audit_entry WHERE action = 'correct' AND record_id = '{now.id}'"
    assert await count(database, world.team, where) == 1
    # The same again changes nothing, and leaves no second trace.
    assert (await api.put(path(world), json={"address": NEW}, headers=headers)).status_code == 200
    assert await count(database, world.team, where) == 1
    assert (await api.put(path(world, "fax"), json={"address": NEW}, headers=headers)).status_code in (400, 404, 422)


async def test_whoever_has_the_wrong_number_gets_in_no_more(api: AsyncClient, database: Database, world: World) -> None:
    """A stranger read a code and links there, and signed in with one before the number was mended."""
    point, client = await phone(database, world), world.maria.id
    own = f"/v1/clients/{client}"
    quick, signing_in = "q" * 22, "s" * 22
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        expires_at = NOW + timedelta(hours=36)
        links = [
            NewLink(client, LinkPurpose.CHECK_IN, quick, expires_at, NOW.date(), point.id),
            NewLink(client, LinkPurpose.SIGN_IN, signing_in, expires_at, None, point.id),
        ]
        await make_links(session, links, NOW)
        await send_codes(session, point.address, "k" * 40, NOW)
    assert (await api.get(own, headers=world.headers["client"])).status_code == 200
    assert (await api.get(f"/r/{quick}")).status_code == 200
    answer = await api.put(path(world), json={"address": NEW}, headers=world.headers["front desk"])
    assert answer.status_code == 200
    assert (await api.get(own, headers=world.headers["client"])).status_code == 401
    for token in (quick, signing_in):
        assert "This link has run out" in words((await api.get(f"/r/{token}")).text)
    open_codes = f"sign_in_code WHERE client_id = '{client}' AND expires_at > '{NOW.isoformat()}'"
    assert await count(database, world.team, open_codes) == 0


async def test_the_number_they_have_already_however_written_ends_nothing(
    api: AsyncClient, database: Database, world: World
) -> None:
    point, own = await phone(database, world), f"/v1/clients/{world.maria.id}"
    number = point.address.removeprefix("+1")
    same = f"({number[:3]}) {number[3:6]}-{number[6:]}"
    for who in ("front desk", "therapist"):
        answer = await api.put(path(world), json={"address": same}, headers=world.headers[who])
        assert answer.status_code == 200
    assert (await phone(database, world)).address == point.address
    assert (await api.get(own, headers=world.headers["client"])).status_code == 200
    assert await count(database, world.team, f"audit_entry WHERE action = 'correct' AND record_id = '{point.id}'") == 0
    assert await count(database, world.team, f"message WHERE client_id = '{world.maria.id}'") == 0


async def test_only_what_a_provider_called_dead_is_tried_again(
    api: AsyncClient, database: Database, world: World
) -> None:
    """An address that works, a dead one, a mailbox that was gone, and three that somebody closed."""
    headers, nothing = world.headers["therapist"], {"opted_out_at": None, "opted_out_how": None}
    rows: list[tuple[dict[str, object], int, tuple[object, object]]] = [
        ({**nothing, "invalid_at": None}, 422, (None, None)),
        ({**nothing, "invalid_at": NOW, "invalid_code": "21211"}, 200, (None, None)),
        ({"opted_out_at": NOW, "opted_out_how": "bounce"}, 200, (None, None)),
        ({"opted_out_at": NOW, "opted_out_how": "text"}, 422, (NOW, "text")),
        ({"opted_out_at": NOW, "opted_out_how": "complaint"}, 422, (NOW, "complaint")),
        ({"opted_out_at": NOW, "opted_out_how": "text", "invalid_at": NOW}, 200, (NOW, "text")),
    ]
    for before, status, after in rows:
        await phone(database, world, **before)
        answer = await api.post(f"{path(world)}/try-again", headers=headers)
        now = await phone(database, world)
        assert (answer.status_code, now.opted_out_at, now.opted_out_how) == (status, *after), before
        assert now.invalid_at is None
    assert "Only they can start again" in (await api.post(f"{path(world)}/try-again", headers=headers)).text


async def test_not_while_a_message_to_the_old_address_is_on_its_way(
    api: AsyncClient, database: Database, world: World
) -> None:
    point = await phone(database, world)
    outgoing = Outgoing(
        client_id=world.maria.id,
        contact_point_id=point.id,
        channel="sms",
        kind=MessageKind.HELP,
        dedupe_key="test:on-its-way",
        due_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        message_id = await enqueue(session, outgoing, NOW)
        await session.execute(text("UPDATE message SET state = 'uncertain' WHERE id = :id"), {"id": message_id})
    headers = world.headers["therapist"]
    answer = await api.put(path(world), json={"address": NEW}, headers=headers)
    assert "on its way" in answer.text
    assert (await phone(database, world)).address == point.address


async def test_who_may_and_the_page(api: AsyncClient, database: Database, world: World) -> None:
    for who, status in (("stranger", 404), ("client", 403)):
        answer = await api.put(path(world), json={"address": NEW}, headers=world.headers[who])
        assert answer.status_code == status, who
        assert (await api.post(f"{path(world)}/try-again", headers=world.headers[who])).status_code == status
    assert (await api.put(path(world), json={"address": NEW})).status_code == 401
    await phone(database, world, invalid_at=NOW, invalid_code="21211")
    assert "It works: try again" in await shown(api, world, "/clients/MARIA")
    answer = await send(api, world, "/clients/MARIA/contacts/sms", {"address": "12"}, page="/clients/MARIA")
    assert (answer.status_code, "Use a phone number that can exist" in words(answer.text)) == (422, True)
    answer = await send(api, world, "/clients/MARIA/contacts/sms", page="/clients/MARIA")
    assert answer.headers["location"].endswith("?done=contact#contacts")
    assert "It works: try again" not in await shown(api, world, "/clients/MARIA")
    answer = await send(api, world, "/clients/MARIA/contacts/sms", {"address": NEW}, page="/clients/MARIA")
    assert answer.status_code == 303
    assert NEW in await shown(api, world, "/clients/MARIA")
