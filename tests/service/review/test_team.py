"""Who works at a clinic: who may change it, what an invitation opens and for how long, what ends when one leaves."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.accounts.codes import link_token
from service.database.tenancy import Database
from service.review.rules.team import join_path
from service.settings import Settings
from tests.conftest import Clock
from tests.make import NOW, PASSWORD, make_team
from tests.service.review.browsing import World, count, look, rows, send, shown, words
from tests.trust.forms import Page

pytestmark = pytest.mark.anyio

NINA = {"name": "Nina New", "role": "therapist"}
OWN = "four words and a comma"


@pytest.fixture
def email() -> str:
    """Another one in each test: they share a database, and one address works at one clinic."""
    return f"nina{uuid4().hex}@clinic.example"


async def invited(api: AsyncClient, database: Database, world: World, settings: Settings, email: str) -> str:
    """The path in the newest mail, as the notifier writes it."""
    answer = await send(api, world, "/team", {**NINA, "email": email}, who="owner")
    assert answer.headers["location"] == "/team?done=invited", words(answer.text)
    return await newest(database, world, settings)


async def newest(database: Database, world: World, settings: Settings) -> str:
    statement = "SELECT id FROM digest_mail WHERE kind = 'invite' AND state = 'queued' ORDER BY id DESC LIMIT 1"
    [(mail_id,)] = await rows(database, world, statement)
    return join_path(world.team.clinic_id, link_token(settings.secret_key, "invite", mail_id))


async def choose(api: AsyncClient, path: str, password: str = OWN, again: str | None = None) -> Response:
    return await api.post(path, data={"password": password, "again": password if again is None else again})


async def signs_in(api: AsyncClient, email: str, password: str = OWN) -> int:
    return (await api.post("/v1/sign-in", json={"email": email, "password": password})).status_code


async def test_only_an_owner_sees_the_team_and_changes_it(api: AsyncClient, database: Database, world: World) -> None:
    sam = world.team.therapist_id
    page = await shown(api, world, "/team", "owner")
    assert all(name in page for name in ("Olga", "Sam", "Robin", "Dana"))
    assert "Stranger" not in page
    for who in ("therapist", "front desk", "client"):
        assert (await look(api, world, "/team", who)).status_code == 403
        assert (await look(api, world, f"/team/{sam}", who)).status_code == 403
        assert (await api.post(f"/team/{sam}/end", data={}, headers=world.headers[who])).status_code == 403
    assert (await api.get("/team")).headers["location"] == "/staff/sign-in"
    # An owner of another clinic has no such person.
    elsewhere = f"/team/{world.elsewhere.therapist_id}"
    assert (await look(api, world, elsewhere, "owner")).status_code == 404
    for what in ("end", "role", "invite"):
        answer = await send(api, world, f"{elsewhere}/{what}", {"role": "owner"}, who="owner", page="/team")
        assert answer.status_code == 404
    assert await count(database, world.team, "staff WHERE active") == 4


async def test_who_is_invited_chooses_a_password_once(
    api: AsyncClient, database: Database, world: World, settings: Settings, email: str
) -> None:
    path = await invited(api, database, world, settings, email)
    assert "has not joined yet" in await shown(api, world, "/team", "owner")
    assert await signs_in(api, email, "") == 401
    page = await api.get(path)
    assert "Welcome, Nina New." in words(page.text)
    for password, again, told in (
        ("too short", None, ("Use at least 15 characters.", "")),
        (OWN, "another one, as long", ("", "Type the same password twice.")),
    ):
        answer = await choose(api, path, password, again)
        # Beside the field that is wrong, and no password comes back.
        shown_again = Page(answer.text)
        fields = [one for one in shown_again.forms[0].controls if one.kind == "password"]
        assert (answer.status_code, tuple(map(shown_again.told, fields))) == (422, told)
        assert [one.value for one in fields] == ["", ""]
    assert (await choose(api, path)).headers["location"] == "/staff/sign-in"
    assert await signs_in(api, email) == 200
    assert await signs_in(api, email, PASSWORD) == 401
    # A second time it is as if it had never been.
    for answer in (await choose(api, path, "another one, as long"), await api.get(path), await api.get(path + "x")):
        assert (answer.status_code, "Nina" in answer.text) == (410, False)
        # Whoever pressed twice is in.
        assert "If you chose a password with it, sign in." in words(answer.text)
    assert await signs_in(api, email) == 200
    audit = await rows(
        database, world, "SELECT action FROM audit_entry WHERE record_kind = 'staff' AND action IN ('invite', 'join')"
    )
    assert sorted(audit) == [("invite",), ("join",)]


async def test_a_link_ends_after_seven_days_and_when_a_newer_one_is_sent(
    api: AsyncClient, database: Database, world: World, settings: Settings, clock: Clock, email: str
) -> None:
    first = await invited(api, database, world, settings, email)
    [(nina,)] = await rows(database, world, "SELECT id FROM staff WHERE name = 'Nina New'")
    clock.now = NOW + timedelta(minutes=1)
    await send(api, world, f"/team/{nina}/invite", who="owner", page=f"/team/{nina}")
    second = await newest(database, world, settings)
    assert second != first
    assert [(await api.get(path)).status_code for path in (first, second)] == [410, 200]
    # The older mail is not sent: it would lead nowhere.
    states = await rows(database, world, "SELECT state FROM digest_mail WHERE kind = 'invite' ORDER BY id")
    assert states == [("skipped",), ("queued",)]
    clock.now = NOW + timedelta(days=7, minutes=1)
    assert (await choose(api, second)).status_code == 410
    assert await signs_in(api, email) == 401


async def test_what_cannot_be_is_said_at_its_field_and_stays_typed(api: AsyncClient, world: World) -> None:
    answer = await send(api, world, "/team", {"name": "", "email": "nina", "role": "king"}, who="owner")
    page = words(answer.text)
    assert answer.status_code == 422
    assert "Use an email address such as sam@clinic.example." in page
    assert "Choose what they may do here." in page
    assert 'value="nina"' in answer.text
    # Somebody of this team may be named; whether an address is known elsewhere is not told to whoever asks.
    mine = re.search(r"sam\d+@clinic\.example", (await look(api, world, "/team", "owner")).text)
    assert mine
    answer = await send(api, world, "/team", {**NINA, "email": mine[0].upper()}, who="owner")
    assert "Somebody on the team has this email already." in words(answer.text)


async def test_an_address_of_another_clinic_is_told_to_its_owner_only(
    api: AsyncClient, database: Database, world: World, settings: Settings
) -> None:
    other = await make_team(database, stocked=False)
    async with database.clinic_tx(other.clinic_id, other.therapist) as session:
        known = await session.scalar(text("SELECT email FROM staff WHERE name = 'Robin'"))
    path = await invited(api, database, world, settings, known)
    assert "This email signs in at another clinic already." in words((await api.get(path)).text)
    assert "another clinic already" in words((await choose(api, path)).text)
    assert await count(database, world.team, "staff WHERE name = 'Nina New' AND active") == 0


async def test_whoever_leaves_is_out_at_once_and_somebody_has_their_clients(
    api: AsyncClient, database: Database, world: World
) -> None:
    sam, robin = world.team.therapist_id, world.team.other_therapist_id
    await send(api, world, "/digest", {"local_time": "07:30", "zone": "America/New_York", "weekday": "mon"})
    path = f"/team/{sam}"
    for heir in ("", str(sam), str(world.elsewhere.therapist_id), "nobody"):
        answer = await send(api, world, f"{path}/end", {"heir": heir}, who="owner", page=path)
        assert (answer.status_code, "Choose who takes over their clients." in words(answer.text)) == (422, True)
    assert (await look(api, world, "/caseload")).status_code == 200
    before = await rows(database, world, "SELECT seq FROM client_scope ORDER BY client_id")
    answer = await send(api, world, f"{path}/end", {"heir": str(robin)}, who="owner", page=path)
    assert answer.headers["location"] == "/team?done=ended"
    assert (await look(api, world, "/caseload")).headers["location"] == "/staff/sign-in"
    [(email,)] = await rows(database, world, "SELECT email FROM staff WHERE name = 'Sam'")
    assert await signs_in(api, email, PASSWORD) == 401
    held = await rows(database, world, "SELECT DISTINCT therapist_id FROM client")
    assert held == [(robin,)]
    # Their phones are told: what they know of this client has changed. Rita was Robin's before.
    after = await rows(database, world, "SELECT seq FROM client_scope ORDER BY client_id")
    assert sorted(new[0] - old[0] for old, new in zip(before, after, strict=True)) == [0, 1]
    assert await rows(database, world, "SELECT count(*) FROM digest_wish WHERE next_at IS NOT NULL") == [(0,)]
    trail = (
        "SELECT count(*) FROM audit_entry WHERE action IN ('hand_over', 'end') AND record_kind IN ('client', 'staff')"
    )
    assert await rows(database, world, trail) == [(2,)]
    assert "Does not work here any more" in await shown(api, world, "/team", "owner")


async def test_a_clinic_keeps_an_owner(api: AsyncClient, database: Database, world: World) -> None:
    olga, robin = f"/team/{world.team.owner_id}", f"/team/{world.team.other_therapist_id}"
    for path, form in ((f"{olga}/end", {}), (f"{olga}/role", {"role": "therapist"})):
        answer = await send(api, world, path, form, who="owner", page=olga)
        [tried] = [one for one in answer.text.split("<form")[1:] if f'action="{path}"' in one]
        assert (answer.status_code, "This is the only owner." in tried.partition("</form>")[0]) == (422, True)
    # Robin holds Rita: at the front desk nobody holds clients.
    refused = await send(api, world, f"{robin}/role", {"role": "front_desk"}, who="owner", page=robin)
    assert refused.status_code == 422
    await send(api, world, f"{robin}/role", {"role": "owner"}, who="owner", page=robin)
    assert (await send(api, world, f"{olga}/end", {}, who="owner", page=olga)).status_code == 303
    assert (await look(api, world, "/team", "owner")).headers["location"] == "/staff/sign-in"
    owners: list[tuple[UUID]] = await rows(database, world, "SELECT id FROM staff WHERE role = 'owner' AND active")
    assert owners == [(world.team.other_therapist_id,)]
