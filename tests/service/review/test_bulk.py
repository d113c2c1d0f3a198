"""One message to a part of the caseload: who gets it and who does not is said before; once each; taken back in time."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import select, text
from sqlmodel import col

from service.accounts.actions import mark_invalid, opt_out
from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.conversation.tables import ThreadMessage
from service.database.tenancy import Database
from tests import told
from tests.conftest import Clock
from tests.make import NOW, make_client
from tests.service.portal.conftest import watched, writes
from tests.service.review.browsing import World, look, send, shown, token_in, value_of, words

pytestmark = pytest.mark.anyio
WORDS = "We are closed on Friday."


async def add(database: Database, world: World, name: str, **fields: Any) -> Client:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        world.clients[name] = await make_client(session, world.team.therapist_id, name=f"{name} Diaz", **fields)
    return world.clients[name]


async def crowd(database: Database, world: World) -> None:
    """Beside Maria: one without a yes, one who said STOP, one with a dead phone, one where it is night."""
    await add(database, world, "Nina", consent_wording={})
    stopped = await add(database, world, "Stan", email=None, consent_wording={"sms": "Yes."})
    dead = await add(database, world, "Dora", email=None, consent_wording={"sms": "Yes."})
    await add(database, world, "Aiko", zone="Asia/Tokyo")
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        for client in (stopped, dead):
            [point] = await contact_points(session, client.id)
            if client is stopped:
                await opt_out(session, point.id, "text", NOW)
            else:
                await mark_invalid(session, point.id, "30005", NOW)


async def messages(database: Database, world: World) -> list[tuple[str, str, str | None]]:
    """Whose thread holds it, and what became of the notice."""
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        rows = (await session.scalars(select(ThreadMessage).where(col(ThreadMessage.deleted_at).is_(None)))).all()
        notices = await session.execute(text("SELECT dedupe_key, state, reason FROM message"))
        became = {row.dedupe_key: (row.state, row.reason) for row in notices}
    names = {client.id: name for name, client in world.clients.items()}
    return sorted((names[row.client_id], *became[f"thread:{row.id}"]) for row in rows if row.body == WORDS)


async def send_to(api: AsyncClient, world: World, names: list[str], entry: str | None = None, **more: str) -> Any:
    entry = entry or value_of((await look(api, world, "/bulk")).text, "entry")
    form = {"entry": entry, "text": WORDS, "to": [str(world.clients[name].id) for name in names], **more}
    return await send(api, world, "/bulk", form)


async def test_before_anything_is_sent_it_says_who_gets_it_and_who_does_not_and_why(
    api: AsyncClient, database: Database, world: World
) -> None:
    await crowd(database, world)
    with watched(database) as statements:
        page = await look(api, world, "/bulk")
    assert writes(statements) == []
    said = words(page.text)
    assert "2 people get it" in said
    assert "Aiko Diaz by text · night there: told at 8:00 AM" in said
    assert "3 people do not get it" in said
    for line in (
        "Dora Diaz The address does not work.",
        "Nina Diaz Has not said yes to messages.",
        "Stan Diaz Asked us to stop.",
    ):
        assert line in said
    # Robin's client is not Sam's to write to.
    assert "Rita" not in said


async def test_each_gets_one_message_however_often_the_button_is_pressed(
    api: AsyncClient, database: Database, world: World
) -> None:
    await crowd(database, world)
    await told.text_in(database, world.maria, "When are you open?", "note")
    entry = str(uuid4())
    # One who went to somebody else meanwhile is not left out in silence.
    refused = await send_to(api, world, ["Maria", "Rita"], entry)
    assert (refused.status_code, "Somebody you picked is not here any more." in words(refused.text)) == (422, True)
    assert await messages(database, world) == []
    for _ in range(2):
        answer = await send_to(api, world, ["Maria", "Aiko", "Nina", "Stan"], entry)
        assert answer.status_code == 303
    assert await messages(database, world) == [("Aiko", "queued", None), ("Maria", "queued", None)]
    assert "2 people get it." in await shown(api, world, answer.headers["location"])
    # What Maria asked is not answered by what goes to everybody.
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        asked = "SELECT read_at FROM thread_message WHERE client_id = :id AND direction = 'in'"
        assert await session.scalar(text(asked), {"id": world.maria.id}) is None


async def test_for_two_minutes_it_can_be_taken_back(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await crowd(database, world)
    answer = await send_to(api, world, ["Maria", "Aiko"])
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        due = await session.scalar(text("SELECT min(due_at) FROM message WHERE kind = 'message'"))
        assert due == clock.now + timedelta(minutes=2)
        # One has left already, whatever the clock says.
        gone = "UPDATE message SET state = 'accepted' WHERE kind = 'message' AND client_id = :id"
        await session.execute(text(gone), {"id": world.clients["Aiko"].id})
    page = answer.headers["location"]
    sent = value_of((await look(api, world, page)).text, "sent")
    back = await send(api, world, "/bulk/undo", {"sent": sent}, page=page)
    assert "Taken back from 1 person." in await shown(api, world, back.headers["location"])
    assert await messages(database, world) == [("Aiko", "accepted", None)]
    assert WORDS not in await shown(api, world, "/clients/MARIA")
    clock.now += timedelta(minutes=3)
    assert "Take it back" not in await shown(api, world, page)


async def test_what_cannot_be_sent_changes_nothing_and_keeps_what_was_typed(
    api: AsyncClient, database: Database, world: World
) -> None:
    await crowd(database, world)
    nobody = await send_to(api, world, [])
    assert nobody.status_code == 422
    assert "Pick at least one person." in words(nobody.text)
    assert WORDS in nobody.text
    empty = await send_to(api, world, ["Aiko"], text=" ")
    assert empty.status_code == 422
    assert "Write something first." in words(empty.text)
    ticked = re.findall(r'name="to" value="([0-9a-f-]+)" checked', empty.text)
    assert ticked == [str(world.clients["Aiko"].id)]
    assert await messages(database, world) == []


async def test_a_part_of_the_caseload_is_picked_by_its_tier(api: AsyncClient, database: Database, world: World) -> None:
    await crowd(database, world)
    said = await shown(api, world, "/bulk?tier=call")
    assert "0 people get it" in said
    assert "2 people get it" in await shown(api, world, "/bulk?tier=nonsense")
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await session.execute(text("UPDATE client SET state = 'ended' WHERE id = :id"), {"id": world.maria.id})
    assert "1 person gets it" in await shown(api, world, "/bulk")
    # The owner writes to the clients of any of the therapists.
    assert "Rita" in await shown(api, world, f"/bulk?therapist={world.team.other_therapist_id}", "owner")


async def test_who_may_not_see_records_writes_to_nobody(api: AsyncClient, database: Database, world: World) -> None:
    for who, page in (("front desk", "/clients/new"), ("client", "/today"), ("stranger", "/bulk")):
        token = token_in((await look(api, world, page, who)).text)
        form = {"csrf": token, "entry": str(uuid4()), "text": WORDS, "to": str(world.maria.id)}
        answer = await api.post("/bulk", data=form, headers=world.headers[who])
        assert answer.status_code == (422 if who == "stranger" else 403)
    assert await messages(database, world) == []


async def test_whoever_wrote_it_takes_it_back_from_a_client_who_is_anothers_by_now(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await send_to(api, world, ["Maria"])
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        moved = "UPDATE client SET therapist_id = :to WHERE id = :id"
        await session.execute(text(moved), {"to": world.team.other_therapist_id, "id": world.maria.id})
    sent = value_of((await look(api, world, answer.headers["location"])).text, "sent")
    await send(api, world, "/bulk/undo", {"sent": sent}, page=answer.headers["location"])
    assert await messages(database, world) == []


async def test_a_program_writes_to_many_once_and_takes_it_back(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await crowd(database, world)
    ids = {name: str(client.id) for name, client in world.clients.items()}
    headers, bulk = world.headers["therapist"], f"/v1/bulk-messages/{uuid4()}"
    found = (await api.get("/v1/bulk-messages/recipients", headers=headers)).json()
    # It is past midnight in Tokyo.
    assert found["to"] == [
        {"client_id": ids["Aiko"], "channel": "sms", "from_at": "2026-03-11T08:00:00+09:00"},
        {"client_id": ids["Maria"], "channel": "sms"},
    ]
    assert {one["client_id"]: one["reason"] for one in found["not_to"]} == {
        ids["Nina"]: "no_consent",
        ids["Stan"]: "stopped",
        ids["Dora"]: "invalid",
    }
    body = {"to": [ids["Maria"], ids["Aiko"], ids["Nina"]], "text": WORDS}
    for _ in range(2):
        answer = await api.put(bulk, json=body, headers=headers)
    assert answer.json() == {
        "to": sorted([ids["Maria"], ids["Aiko"]]),
        "not_to": [{"client_id": ids["Nina"], "reason": "no_consent"}],
        "undo_until": "2026-03-10T15:02:00Z",
    }
    assert [name for name, *_ in await messages(database, world)] == ["Aiko", "Maria"]
    # Robin's client, and nobody's: neither is written to, and nor is anybody beside them.
    for other in (ids["Rita"], str(uuid4())):
        refused = await api.put(
            f"/v1/bulk-messages/{uuid4()}", json={**body, "to": [ids["Maria"], other]}, headers=headers
        )
        assert refused.status_code == 404
    assert (await api.delete(bulk, headers=headers)).json() == {"count": 2}
    assert await messages(database, world) == []
