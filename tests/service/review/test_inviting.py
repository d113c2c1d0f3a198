"""A client is invited by text or email, and says yes or no themselves; staff see how far it is."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.actions import opt_out
from service.accounts.codes import link_token
from service.accounts.queries import consents, contact_points
from service.accounts.rules import INVITE_LINK
from service.accounts.tables import Client
from service.conversation.actions.invites import invite
from service.database.tenancy import Database
from service.settings import Settings
from tests import told
from tests.conftest import Clock
from tests.make import NOW, make_client
from tests.service.portal.conftest import watched, writes
from tests.service.review.browsing import World, look, send, shown, token_in, value_of, words

pytestmark = pytest.mark.anyio
WITHDRAWS = 'action="(/clients/[0-9a-f-]+/invites/[0-9a-f-]+/withdraw)"'
OWN_YES = "Yes, send me texts about my plan. I can stop them at any time: I reply STOP."
FORM = {"name": "Nina New", "phone": "+12025550177", "email": "", "zone": "America/New_York", "language": "en"}


async def nina(database: Database, world: World, **fields: Any) -> Client:
    """Sam's client, who never said yes to anything."""
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        known: dict[str, Any] = {"name": "Nina New", "consent_wording": {}, "starts_active": False, **fields}
        client = await make_client(session, world.team.therapist_id, **known)
    world.clients["Nina"] = client
    return client


async def invite_by(api: AsyncClient, world: World, client: Client, channel: str, who: str = "therapist") -> int:
    page = await look(api, world, f"/clients/{client.id}", who)
    entry = value_of(page.text, "entry")
    answer = await send(
        api, world, f"/clients/{client.id}/invites", {"channel": channel, "entry": entry}, who, f"/clients/{client.id}"
    )
    return answer.status_code


async def sent(database: Database, client: Client) -> list[tuple[str, str, str, str | None]]:
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        statement = "SELECT id, kind, state, reason FROM message WHERE client_id = :client ORDER BY created_at, id"
        return [tuple(row) for row in await session.execute(text(statement), {"client": client.id})]


async def link_of(database: Database, settings: Settings, client: Client, number: int = -1) -> str:
    found = [one for one in await sent(database, client) if one[1] == "invite"]
    return f"/r/{link_token(settings.secret_key, 'answer', found[number][0])}"


async def became(database: Database, client: Client, state: str, reason: str | None = None) -> None:
    """What the notifier wrote down about the invitation."""
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        statement = "UPDATE message SET state = :state, reason = :reason WHERE client_id = :client AND kind = 'invite'"
        await session.execute(text(statement), {"state": state, "reason": reason, "client": client.id})


async def test_an_invitation_is_sent_opened_and_accepted_and_each_step_is_shown(
    api: AsyncClient, database: Database, settings: Settings, world: World, clock: Clock
) -> None:
    client, page = await nina(database, world), "/clients/{}"
    assert await invite_by(api, world, client, "sms") == 303
    assert "Invitation on its way." in await shown(api, world, page.format(client.id))
    await became(database, client, "delivered")
    assert "Invitation sent, not opened yet." in await shown(api, world, page.format(client.id))
    link = await link_of(database, settings, client)
    with watched(database) as statements:
        closed = await api.get(link)
    assert writes(statements) == []
    assert "Nina" not in closed.text
    assert "Invitation sent, not opened yet." in await shown(api, world, page.format(client.id))

    opened = await api.post(link, data={"answer": "open"})
    assert OWN_YES in words(opened.text)
    assert "Invitation opened, not answered yet." in await shown(api, world, page.format(client.id))
    clock.now += timedelta(minutes=5)
    yes = await api.post(link, data={"answer": "yes"})
    assert "Your yes is saved." in words(yes.text)
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        [given] = await consents(session, client.id)
        state = await session.scalar(text("SELECT state FROM client WHERE id = :id"), {"id": client.id})
    assert (given.channel, given.wording, given.given_at, given.recorded_by) == ("sms", OWN_YES, clock.now, None)
    assert state == "active"
    assert f"“{OWN_YES}”" in await shown(api, world, page.format(client.id))
    assert [kind for _, kind, _, _ in await sent(database, client)] == ["invite", "welcome"]
    # Told twice, it is one yes.
    assert "answered already" in words((await api.post(link, data={"answer": "no"})).text)
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        assert len(await consents(session, client.id)) == 1


async def test_no_is_kept_and_asks_for_nothing(
    api: AsyncClient, database: Database, settings: Settings, world: World
) -> None:
    client = await nina(database, world)
    await invite_by(api, world, client, "email")
    link = await link_of(database, settings, client)
    assert "We will not write to you." in words((await api.post(link, data={"answer": "no"})).text)
    assert "Invitation answered with no." in await shown(api, world, f"/clients/{client.id}")
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        assert list(await consents(session, client.id)) == []


async def test_the_other_way_is_agreed_to_only_when_it_was_ticked(
    api: AsyncClient, database: Database, settings: Settings, world: World
) -> None:
    client = await nina(database, world)
    await invite_by(api, world, client, "sms")
    await api.post(await link_of(database, settings, client), data={"answer": "yes", "also": "email"})
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        assert {one.channel for one in await consents(session, client.id)} == {"sms", "email"}


async def test_a_newer_invitation_ends_the_older_and_a_double_tap_is_one(
    api: AsyncClient, database: Database, settings: Settings, world: World, clock: Clock
) -> None:
    client, entry = await nina(database, world), uuid4()
    async with database.clinic_tx(client.clinic_id, world.team.therapist) as session:
        one = await invite(session, client, "sms", entry, settings.secret_key, NOW)
        again = await invite(session, client, "sms", entry, settings.secret_key, NOW)
    assert one.message_id == again.message_id
    clock.now += timedelta(minutes=1)
    assert await invite_by(api, world, client, "sms") == 303
    assert [one[2:] for one in await sent(database, client)] == [("suppressed", "changed"), ("queued", None)]
    assert "run out" in words((await api.get(await link_of(database, settings, client, 0))).text)
    assert "write to you" in words((await api.get(await link_of(database, settings, client, 1))).text)
    assert await invite_by(api, world, client, "email") == 303
    assert await invite_by(api, world, client, "email") == 422


async def test_why_it_did_not_arrive_is_said_and_that_it_ran_out(
    api: AsyncClient, database: Database, settings: Settings, world: World
) -> None:
    client = await nina(database, world)
    async with database.clinic_tx(client.clinic_id, world.team.therapist) as session:
        await invite(session, client, "sms", uuid4(), settings.secret_key, NOW - timedelta(days=8))
    await became(database, client, "delivered")
    assert "Invitation ended without an answer." in await shown(api, world, f"/clients/{client.id}")
    assert "run out" in words((await api.get(await link_of(database, settings, client))).text)
    await became(database, client, "suppressed", "test_mode")
    page = await shown(api, world, f"/clients/{client.id}")
    assert "The invitation could not be delivered." in page
    assert "Not sent: the clinic was in test mode." in page


async def test_nobody_is_invited_who_said_stop_or_yes(
    api: AsyncClient, database: Database, settings: Settings, world: World
) -> None:
    client = await nina(database, world, email=None)
    async with database.clinic_tx(client.clinic_id, told.as_client(client)) as session:
        [point] = await contact_points(session, client.id)
        await opt_out(session, point.id, "text", NOW)
    assert await invite_by(api, world, client, "sms") == 422
    assert await invite_by(api, world, client, "email") == 422
    assert await invite_by(api, world, world.maria, "sms") == 422
    assert await sent(database, client) == []


async def test_a_new_client_is_invited_from_the_form(api: AsyncClient, database: Database, world: World) -> None:
    answer = await send(api, world, "/clients/new", {**FORM, "invite": "yes"})
    assert answer.status_code == 303
    found = re.search("/clients/([0-9a-f-]{36})", answer.headers["location"])
    assert found
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        state = "SELECT c.state, m.kind FROM client c JOIN message m ON m.client_id = c.id WHERE c.id = :id"
        assert [tuple(row) for row in await session.execute(text(state), {"id": found[1]})] == [("invited", "invite")]
    needless = await send(api, world, "/clients/new", {**FORM, "invite": "yes", "consent": "sms"})
    assert needless.status_code == 422
    assert "an invitation has nothing to ask" in words(needless.text)


async def test_only_the_own_therapist_and_the_owner_invite(api: AsyncClient, database: Database, world: World) -> None:
    client = await nina(database, world)
    for who, status in (("stranger", 404), ("front desk", 403), ("client", 403)):
        own = "/clients/new" if who != "client" else "/today"
        token = token_in((await look(api, world, own, who)).text)
        form = {"channel": "sms", "entry": str(uuid4()), "csrf": token}
        answer = await api.post(f"/clients/{client.id}/invites", data=form, headers=world.headers[who])
        assert answer.status_code == status, who
    assert await sent(database, client) == []
    assert await invite_by(api, world, client, "sms", "owner") == 303


async def test_staff_withdraw_an_invitation_until_it_is_answered(
    api: AsyncClient, database: Database, settings: Settings, world: World, clock: Clock
) -> None:
    client = await nina(database, world)
    page = f"/clients/{client.id}"
    await invite_by(api, world, client, "sms")
    [withdraws] = re.findall(WITHDRAWS, (await look(api, world, page)).text)
    gone = await send(api, world, withdraws, page=page)
    assert "The invitation was withdrawn." in await shown(api, world, gone.headers["location"])
    said = await shown(api, world, page)
    assert "Invitation withdrawn." in said
    assert "Withdraw it" not in said
    assert [one[2:] for one in await sent(database, client)] == [("suppressed", "changed")]
    link = await link_of(database, settings, client)
    assert "run out" in words((await api.get(link)).text)
    # Asking for a new link brings no new invitation.
    await api.post(link, data={"again": "yes"})
    assert len(await sent(database, client)) == 1
    clock.now += timedelta(minutes=1)
    assert await invite_by(api, world, client, "sms") == 303
    [withdraws] = re.findall(WITHDRAWS, (await look(api, world, page)).text)
    await api.post(await link_of(database, settings, client), data={"answer": "yes"})
    late = await send(api, world, withdraws, page=page)
    assert late.status_code == 422
    assert "They answered already." in words(late.text)


async def test_a_program_invites_sees_how_far_it_is_and_withdraws(
    api: AsyncClient, database: Database, settings: Settings, world: World, clock: Clock
) -> None:
    client, headers = await nina(database, world), world.headers["therapist"]
    base, one = f"/v1/clients/{client.id}/invitations", str(uuid4())
    assert (await api.get(base, headers=headers)).json() == {"data": []}
    made = [await api.put(f"{base}/{one}", json={"channel": "sms"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in made] == [200, 200]
    assert made[0].json() == {
        "id": one,
        "channel": "sms",
        "state": "queued",
        "invited_at": "2026-03-10T15:00:00Z",
        "expires_at": (clock.now + INVITE_LINK).isoformat().replace("+00:00", "Z"),
    }
    assert len(await sent(database, client)) == 1
    await api.post(await link_of(database, settings, client), data={"answer": "open"})
    [opened] = (await api.get(base, headers=headers)).json()["data"]
    assert (opened["state"], opened["opened_at"]) == ("opened", "2026-03-10T15:00:00Z")
    assert (await api.delete(f"{base}/{one}", headers=headers)).status_code == 204
    [gone] = (await api.get(base, headers=headers)).json()["data"]
    assert (gone["state"], gone["withdrawn_at"]) == ("withdrawn", "2026-03-10T15:00:00Z")
    agreed = await api.put(
        f"/v1/clients/{world.maria.id}/invitations/{uuid4()}", json={"channel": "sms"}, headers=headers
    )
    assert (agreed.status_code, agreed.json()["errors"][0]["pointer"]) == (422, "/channel")
