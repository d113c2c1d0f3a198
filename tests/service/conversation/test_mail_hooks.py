"""Mail that comes back closes its address in that clinic, once, and only when it proves which mail it is about."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import AsyncClient, Response

from scheduler.reports import Reports
from service.accounts.queries import contact_points
from service.database.tenancy import Database
from service.outbox.tables import Message
from service.settings import Settings
from tests.conftest import Clock, Urls, serving
from tests.make import Team, make_team
from tests.service.conversation.conftest import SYSTEM, Person, make_person, sent, state_of
from tests.service.conversation.test_bounces import returned

pytestmark = pytest.mark.anyio

TOKEN = "t" * 40
UNDELIVERED = ("undelivered", "unreachable", "failed", "unreachable")


def password(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'mail:{token}'.encode()).decode()}"}


@pytest.fixture
async def hooks(database: Database, clock: Clock) -> AsyncIterator[AsyncClient]:
    settings = Settings(secret_key="s" * 40, public_url="http://testserver.local", mail_hook_token=TOKEN)
    async with serving(settings, database, clock) as client:
        yield client


async def hand_in(hooks: AsyncClient, team: Team, mail: bytes, token: str = TOKEN) -> Response:
    headers = {"Content-Type": "message/rfc822", **password(token)}
    return await hooks.post(f"/hooks/mail/{team.clinic_id}", content=mail, headers=headers)


async def event(hooks: AsyncClient, team: Team, attempt_id: object, told: dict[str, Any]) -> Response:
    ours = {"clinic": str(team.clinic_id), "attempt": str(attempt_id)}
    return await hooks.post(
        "/hooks/mail/postmark", json={"MessageID": "pm-1", "Metadata": ours} | told, headers=password()
    )


async def reader(database: Database, team: Team, **fields: Any) -> Person:
    """Somebody who is written to by mail."""
    person = await make_person(database, team, plan=False, **fields)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        point = next(p for p in await contact_points(session, person.client.id) if p.channel == "email")
    return replace(person, point=point)


async def mailed(database: Database, team: Team, person: Person, state: str = "accepted") -> tuple[UUID, UUID]:
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        return await sent(session, person, state, ledger="sent" if state == "accepted" else "queued")


async def closed(database: Database, team: Team, person: Person) -> dict[str, str | None]:
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        return {p.channel: p.opted_out_how for p in await contact_points(session, person.client.id)}


OPEN = {"sms": None, "email": None}


async def test_a_bounce_closes_the_address_in_that_clinic_and_tells_the_ledger(
    hooks: AsyncClient, database: Database, team: Team, urls: Urls
) -> None:
    elsewhere = await make_team(database)
    maria, family = await reader(database, team), None
    address = maria.point.address
    family, stranger = (
        await reader(database, team, email=address),
        await reader(database, elsewhere, email=address),
    )
    message_id, _ = await mailed(database, team, maria)
    for _ in range(2):
        answer = await hand_in(hooks, team, returned("gmail_no_such_user", message_id))
        assert (answer.status_code, answer.json()) == (200, {"report": "gone"})
    assert await state_of(database, team, message_id) == UNDELIVERED
    # The mailbox is gone for everybody who shares it here, and nothing is said about the other clinic's.
    assert await closed(database, team, maria) == await closed(database, team, family) == OPEN | {"email": "bounce"}
    assert await closed(database, elsewhere, stranger) == OPEN
    with psycopg.connect(urls.owner) as connection:
        kept = connection.execute(
            "SELECT kind, code, acted_at IS NULL FROM provider_event WHERE clinic_id = %s", [team.clinic_id]
        ).fetchall()
        told = connection.execute(
            "SELECT count(*) FROM audit_entry WHERE clinic_id = %s AND action = 'opt_out'", [team.clinic_id]
        ).fetchone()
    assert (kept, told) == ([("bounce", "5.1.1", False)], (2,))


@pytest.mark.parametrize(
    ("shape", "state", "how"),
    [
        ("postfix_mailbox_full", UNDELIVERED, None),
        ("gmail_dmarc", UNDELIVERED, None),
        ("postfix_delayed", ("accepted", None, "sent", None), None),
        ("delivered", ("delivered", None, "sent", None), None),
        ("yahoo_complaint", ("delivered", None, "sent", None), "complaint"),
        ("ses_complaint", ("delivered", None, "sent", None), "complaint"),
        ("away", ("accepted", None, "sent", None), None),
    ],
)
async def test_what_passes_closes_nothing_and_a_complaint_closes(
    hooks: AsyncClient, database: Database, team: Team, shape: str, state: tuple[object, ...], how: str | None
) -> None:
    maria = await reader(database, team)
    message_id, _ = await mailed(database, team, maria)
    assert (await hand_in(hooks, team, returned(shape, message_id))).status_code == 200
    assert await state_of(database, team, message_id) == state
    assert await closed(database, team, maria) == OPEN | {"email": how}


async def test_a_forged_id_is_answered_like_a_right_one_and_changes_nothing(
    hooks: AsyncClient, database: Database, team: Team, urls: Urls
) -> None:
    elsewhere = await make_team(database)
    maria, stranger = await reader(database, team), await reader(database, elsewhere)
    foreign_id, _ = await mailed(database, elsewhere, stranger)
    for forged in (uuid4(), foreign_id):
        mail = returned("postfix_unknown_user", forged).replace(b"maria@mail.example", maria.point.address.encode())
        answer = await hand_in(hooks, team, mail)
        assert (answer.status_code, answer.json()) == (200, {"report": "gone"})
    assert await closed(database, team, maria) == await closed(database, elsewhere, stranger) == OPEN
    assert (await state_of(database, elsewhere, foreign_id))[0] == "accepted"
    with psycopg.connect(urls.owner) as connection:
        kept = connection.execute("SELECT count(*) FROM provider_event WHERE clinic_id = %s AND message_id IS NULL"
                                  " AND acted_at IS NOT NULL", [team.clinic_id]).fetchone()  # fmt: skip
    assert kept == (2,)


async def test_a_text_is_no_mail(hooks: AsyncClient, database: Database, team: Team) -> None:
    person = await make_person(database, team, plan=False)
    message_id, _ = await mailed(database, team, person)
    await hand_in(hooks, team, returned("gmail_no_such_user", message_id))
    assert (await state_of(database, team, message_id))[0] == "accepted"


@pytest.mark.parametrize("headers", [{}, password("x" * 40), {"Authorization": "Basic !"}, password("")])
async def test_without_the_password_nothing_is_read(
    hooks: AsyncClient, database: Database, team: Team, urls: Urls, headers: dict[str, str]
) -> None:
    maria = await reader(database, team)
    message_id, _ = await mailed(database, team, maria)
    for path, body in (
        (f"/hooks/mail/{team.clinic_id}", returned("postfix_unknown_user", message_id)),
        ("/hooks/mail/postmark", b"{}"),
    ):
        answer = await hooks.post(path, content=body, headers={"Content-Type": "message/rfc822", **headers})
        assert (answer.status_code, "bad-signature" in answer.json()["type"]) == (403, True)
    assert await closed(database, team, maria) == OPEN
    with psycopg.connect(urls.owner) as connection:
        counted = connection.execute("SELECT total FROM webhook_counter WHERE kind = 'mail'").fetchone()
    assert counted
    assert counted[0] >= 2


async def test_while_no_password_is_set_none_is_right(database: Database, clock: Clock, team: Team) -> None:
    settings = Settings(secret_key="s" * 40, public_url="http://testserver.local")
    async with serving(settings, database, clock) as api:
        assert (await hand_in(api, team, b"x", token="")).status_code == 403


async def test_what_cannot_be_read_is_refused_with_what_would_be_right(hooks: AsyncClient, team: Team) -> None:
    assert "message/rfc822" in (await hand_in(hooks, team, b" \r\n")).text
    for body in (b"[]", b"{", b"\xff", b"[" * 2000):
        answer = await hooks.post("/hooks/mail/postmark", content=body, headers=password())
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "json")
    nobody = await hooks.post(f"/hooks/mail/{uuid4()}", content=returned("exim_dsn"), headers=password())
    assert nobody.status_code == 404


async def test_a_providers_events_in_any_order_end_the_same_way(
    hooks: AsyncClient, database: Database, team: Team
) -> None:
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 1}
    soft = {"RecordType": "Bounce", "Type": "SoftBounce", "ID": 2}
    complaint = {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 3}
    arrived = {"RecordType": "Delivery", "Recipient": "x"}
    cases: list[tuple[list[dict[str, Any]], str, str | None]] = [
        ([soft], "undelivered", None),
        ([bounce, bounce], "undelivered", "bounce"),
        ([arrived, complaint], "delivered", "complaint"),
        ([complaint, arrived, {"RecordType": "Open"}], "delivered", "complaint"),
        # Closed as gone first, it stays so.
        ([bounce, complaint], "delivered", "bounce"),
    ]
    for told, state, how in cases:
        maria = await reader(database, team)
        message_id, attempt_id = await mailed(database, team, maria, "uncertain")
        for number, one in enumerate(told):
            told_once = one | {"ID": f"{attempt_id}-{one.get('ID', number)}"}
            assert (await event(hooks, team, attempt_id, told_once)).status_code == 200
        assert (await state_of(database, team, message_id))[0] == state, told
        assert await closed(database, team, maria) == OPEN | {"email": how}, told
    # About no clinic here, and about no mail.
    assert (await event(hooks, replace(team, clinic_id=uuid4()), uuid4(), bounce)).json() == {"report": "none"}
    assert (await event(hooks, team, uuid4(), bounce | {"ID": 9})).json() == {"report": "gone"}


async def test_an_address_opened_again_is_not_closed_by_the_same_report(
    hooks: AsyncClient, database: Database, team: Team, urls: Urls
) -> None:
    maria = await reader(database, team)
    message_id, _ = await mailed(database, team, maria)
    await hand_in(hooks, team, returned("postfix_unknown_user", message_id))
    with psycopg.connect(urls.owner) as connection:
        connection.execute("UPDATE contact_point SET opted_out_at = NULL, opted_out_how = NULL")
    await hand_in(hooks, team, returned("postfix_unknown_user", message_id))
    assert await closed(database, team, maria) == OPEN
    await hand_in(hooks, team, returned("postfix_local_unknown", message_id))
    assert (await closed(database, team, maria))["email"] == "bounce"


async def test_a_report_during_the_flight_closes_at_once_and_the_ledger_waits_for_the_worker(
    hooks: AsyncClient, database: Database, notifier: Database, team: Team
) -> None:
    maria = await reader(database, team)
    message_id, _ = await mailed(database, team, maria, "in_flight")
    await hand_in(hooks, team, returned("postfix_unknown_user", message_id))
    assert (await closed(database, team, maria))["email"] == "bounce"
    assert (await state_of(database, team, message_id))[0] == "in_flight"
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        (await session.get_one(Message, (team.clinic_id, message_id))).state = "accepted"
    await Reports(notifier, "s" * 40).tick()
    assert await state_of(database, team, message_id) == UNDELIVERED
