"""The ledger, reminders and warning signs of a client over the API: what is said of every due moment, and to whom."""

from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.diary.red_flags import open_red_flag
from tests.make import NOW
from tests.service.reminders.conftest import World

pytestmark = pytest.mark.anyio


async def test_every_due_moment_has_its_state_and_reason(api: AsyncClient, world: World) -> None:
    answer = await api.get(world.path("ledger", "Told"), headers=world.headers["therapist"])
    body = answer.json()
    assert (body["first"], body["last"]) == ("2026-02-12", "2026-03-11")
    lines = [{k: v for k, v in line.items() if k not in ("id", "message_id")} for line in body["data"]]
    zone = {"kind": "check_in", "zone": "America/New_York", "channel": "sms"}
    # The clocks went forward on the night to March 8.
    assert lines == [
        zone
        | {
            "day": "2026-03-09",
            "due_at": "2026-03-09T08:00:00-04:00",
            "state": "answered",
            "reason": "Sent and answered.",
            "sent_at": "2026-03-09T08:00:00-04:00",
            "answered_at": "2026-03-09T09:00:00-04:00",
        },
        zone
        | {
            "day": "2026-03-08",
            "due_at": "2026-03-08T08:00:00-04:00",
            "state": "suppressed",
            "reason": "Not sent: quiet hours.",
            "reason_code": "quiet_hours",
        },
        zone
        | {
            "day": "2026-03-07",
            "due_at": "2026-03-07T08:00:00-05:00",
            "state": "sent",
            "reason": "Delivered. No answer yet.",
            "sent_at": "2026-03-07T08:00:00-05:00",
        },
    ]


async def test_the_days_asked_for_are_both_included(api: AsyncClient, world: World) -> None:
    path = world.path("ledger?first=2026-03-07&last=2026-03-08", "Told")
    body = (await api.get(path, headers=world.headers["therapist"])).json()
    assert [line["day"] for line in body["data"]] == ["2026-03-08", "2026-03-07"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("first=2026-03-09&last=2026-03-08", "/first"),
        ("first=2020-01-01", "/first"),
        ("last=0001-01-01", "/first"),
    ],
)
async def test_days_that_cannot_be_asked_for(api: AsyncClient, world: World, query: str, pointer: str) -> None:
    answer = await api.get(world.path(f"ledger?{query}"), headers=world.headers["therapist"])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("who", ["told", "therapist", "owner"])
@pytest.mark.parametrize("rest", ["ledger", "ledger/2026-03-08", "reminders"])
async def test_the_client_the_own_therapist_and_the_owner_may_read(
    api: AsyncClient, world: World, who: str, rest: str
) -> None:
    answer = await api.get(world.path(rest, "Told"), headers=world.headers[who])
    assert answer.status_code == 200
    assert answer.json()["data"]


@pytest.mark.parametrize("who", ["colleague", "front desk", "stranger", "client"])
@pytest.mark.parametrize("rest", ["ledger", "ledger/2026-03-08", "reminders"])
async def test_to_everybody_else_they_are_like_a_random_id(api: AsyncClient, world: World, who: str, rest: str) -> None:
    theirs = await api.get(world.path(rest, "Told"), headers=world.headers[who])
    nobody = await api.get(f"/v1/clients/{uuid4()}/{rest}", headers=world.headers[who])
    assert theirs.status_code == nobody.status_code == 404
    assert theirs.content == nobody.content
    assert (await api.get(world.path(rest, "Told"))).status_code == 401


async def test_staff_close_a_warning_sign_and_nobody_else(api: AsyncClient, database: Database, world: World) -> None:
    client_id = world.clients["Maria"].id
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await open_red_flag(session, client_id, "intake", NOW)
    [flag] = (await api.get(world.path("red-flags"), headers=world.headers["client"])).json()["data"]
    assert (flag["source"], "closed_at" in flag) == ("intake", False)
    shown = (await api.get(world.path("reminders"), headers=world.headers["client"])).json()["rhythm"]
    assert shown["asking"] == "stopped"
    path = world.path(f"red-flags/{flag['id']}/close")
    for who, status in [("client", 403), ("colleague", 404), ("front desk", 404), ("stranger", 404)]:
        assert (await api.post(path, json={"note": "Fine."}, headers=world.headers[who])).status_code == status, who
    other = world.path(f"red-flags/{flag['id']}/close", "Rita")
    assert (await api.post(other, json={"note": "Fine."}, headers=world.headers["owner"])).status_code == 404
    for note in ("", "   ", "x" * 2001):
        refused = await api.post(path, json={"note": note}, headers=world.headers["therapist"])
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/note")
    for note in ("Seen in the clinic, nothing new.", "Closed again."):
        closed = (await api.post(path, json={"note": note}, headers=world.headers["therapist"])).json()
        assert closed["closed_at"] == "2026-03-10T15:00:00Z"
        assert closed["closed_note"] == "Seen in the clinic, nothing new."
    shown = (await api.get(world.path("reminders"), headers=world.headers["client"])).json()["rhythm"]
    assert shown["asking"] == "every_day"
