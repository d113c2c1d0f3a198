"""The caseload and the timeline as data: who comes first and why, who may read it, and what it costs."""

from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Database
from tests import told
from tests.conftest import signed_in
from tests.make import make_team
from tests.service.review.browsing import World, ago
from tests.service.review.caseload import caseload, danger, make_person, mark, plain, row_of
from tests.service.review.caseload import untouched as untouched
from tests.service.review.caseload import world as world

pytestmark = pytest.mark.anyio


async def test_the_caseload_is_sorted_by_need_with_the_reason_in_a_sentence(api: AsyncClient, untouched: World) -> None:
    found = await caseload(api, untouched)
    # Luca's STOP is two days old; Kim has waited since the invitation, Aisha since her last log.
    assert [(row["name"], row["tier"], plain(row["reason"])) for row in found["rows"]] == [
        ("Tom", "call", "Pain 8 today. Usual is 4. Told us at 9:00 AM."),
        ("Aisha", "quiet", "No log on the last 3 planned days."),
        ("Kim", "quiet", "Invited 4 days ago. No log yet."),
        ("Luca", "quiet", "Asked us on Sun, Mar 8 to stop texts."),
        ("Maria", "on_track", "On track."),
    ]
    assert found["counts"] == {"call": 1, "look": 0, "quiet": 3, "new": 0, "on_track": 1}


async def test_silence_stays_silence_in_the_drawing_and_in_adherence(api: AsyncClient, untouched: World) -> None:
    row = row_of(await caseload(api, untouched), "Aisha")
    assert row["spark"]["points"] == [None] * 23 + [5] + [None] * 4
    assert row["spark"]["means"] == [None] * 28
    assert "baseline" not in row["spark"]
    # Ten planned days are over, none has an exercise entry; today is not over.
    assert row["adherence"] == {"done": 0, "due": 10, "not_logged": 10, "partly": 0}
    assert row_of(await caseload(api, untouched), "Kim").get("adherence") is None


async def test_a_tier_alone_keeps_the_counts_of_all(api: AsyncClient, untouched: World) -> None:
    found = await caseload(api, untouched, query="?tier=quiet")
    assert [row["name"] for row in found["rows"]] == ["Aisha", "Kim", "Luca"]
    assert found["shown"] == "quiet"
    assert found["counts"]["call"] == 1
    answer = await api.get("/v1/caseload?tier=urgent", headers=untouched.headers["therapist"])
    assert answer.status_code == 422


async def test_a_danger_sign_comes_before_everything_and_counts_its_events(
    api: AsyncClient, database: Database, world: World
) -> None:
    await danger(database, world.clients["Maria"], minutes_ago=50)
    await danger(database, world.clients["Maria"], minutes_ago=20)
    first = (await caseload(api, world))["rows"][0]
    # Tom told us at 9:00, Maria at 10:10: within a tier the longer wait comes first.
    assert first["name"] == "Tom"
    maria = row_of(await caseload(api, world), "Maria")
    assert (maria["tier"], maria["rule"], maria["events"]) == ("call", "danger", 2)
    assert maria["waiting_since"].startswith("2026-03-10T10:10:00")


async def test_a_therapist_has_own_clients_the_owner_all_and_the_stranger_none_of_them(
    api: AsyncClient, untouched: World
) -> None:
    names = {who: {row["name"] for row in (await caseload(api, untouched, who))["rows"]} for who in _READERS}
    own = {"Maria", "Tom", "Aisha", "Luca", "Kim"}
    assert names == {"therapist": own, "owner": own | {"Rita"}, "stranger": {"Stranger Lopez"}}


_READERS = ("therapist", "owner", "stranger")


@pytest.mark.parametrize("who", ["front desk", "client"])
async def test_nobody_else_has_a_caseload(api: AsyncClient, untouched: World, who: str) -> None:
    maria = untouched.clients["Maria"].id
    for path in ("/v1/caseload", f"/v1/clients/{maria}/timeline"):
        assert (await api.get(path, headers=untouched.headers[who])).status_code == 403
        assert (await api.get(path)).status_code == 401
    assert (await mark(api, untouched, "Tom", who=who, rule="pain_jump")).status_code == 403


@pytest.mark.parametrize("name", ["Rita", "Stranger"])
async def test_somebody_elses_client_answers_like_a_random_id(api: AsyncClient, untouched: World, name: str) -> None:
    headers = untouched.headers["therapist"]
    for path in ("timeline", "progress"):
        theirs = await api.get(f"/v1/clients/{untouched.clients[name].id}/{path}", headers=headers)
        nobody = await api.get(f"/v1/clients/{uuid4()}/{path}", headers=headers)
        assert theirs.status_code == nobody.status_code == 404
        assert theirs.content == nobody.content
    answers = [
        await api.post(f"/v1/caseload/{key}/seen", json={"rule": "danger"}, headers=headers)
        for key in (untouched.clients[name].id, uuid4())
    ]
    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content


async def test_twenty_clients_cost_as_many_statements_as_two(api: AsyncClient, database: Database) -> None:
    counts = []
    for count in (2, 20):
        team = await make_team(database)
        for number in range(count):
            client = await make_person(database, team, f"Client {number}")
            await told.pain(database, client, ago(1), 5)
        headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
        with told.statements(database) as sent:
            answer = await api.get("/v1/caseload", headers=headers)
        assert len(answer.json()["rows"]) == count
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[0] <= 22


async def test_a_timeline_costs_the_same_however_much_was_logged(
    api: AsyncClient, database: Database, world: World
) -> None:
    counts = []
    for name in ("Aisha", "Tom"):
        path = f"/v1/clients/{world.clients[name].id}/timeline"
        with told.statements(database) as sent:
            assert (await api.get(path, headers=world.headers["therapist"])).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_the_timeline_says_what_happened_in_the_clients_own_time(
    api: AsyncClient, database: Database, world: World
) -> None:
    tom = world.clients["Tom"]
    await told.pain(database, tom, ago(1), 6, hour=13, channel="text", sites=[(None, "right")], aggravators=["driving"])
    await told.did(database, tom, ago(1))
    answer = await api.get(f"/v1/clients/{tom.id}/timeline", headers=world.headers["therapist"])
    body = answer.json()
    assert body["tier"] == "call"
    assert len(body["pain"]) == len(body["adherence"]) == 60
    assert body["pain"][-2:] == [["2026-03-09", 6], ["2026-03-10", 8]]
    assert body["pain"][0][1] is None
    assert body["adherence"][-3:] == [
        ["2026-03-08", "no_entry"],
        ["2026-03-09", "done"],
        ["2026-03-10", "no_entry"],
    ]
    words = [(entry["words"], entry["via"], entry["at"]) for entry in body["entries"]]
    assert ("Pain 6, right side, car", "text", "2026-03-09T13:00:00-04:00") in words
    assert ("Plan done", "web", "2026-03-09T10:00:00-04:00") in words
    # Eight days ago to today: 4 4 4 4 4 4 4 | 6 8; the first seven make the start, the last seven 4 4 4 4 4 6 8.
    assert body["summary"].startswith("Pain about 4.9 over 7 days, was 4 at the start")
    assert "1 of 10 done, 9 not logged" in body["summary"]
    # Eleven days ago there was no plan yet.
    assert body["adherence"][-12:-10] == [["2026-02-27", "not_yet"], ["2026-02-28", "no_entry"]]
    assert body["plan"]["items"][0]["name"] == "Double-leg bridge"
    assert body["plan"]["items"][0]["dose"] == "1 × 5"
    assert [contact["kind"] for contact in body["contacts"]] == ["phone", "email"]


async def test_reading_a_caseload_and_a_timeline_is_audited(api: AsyncClient, database: Database, world: World) -> None:
    await caseload(api, world)
    tom = world.clients["Tom"].id
    await api.get(f"/v1/clients/{tom}/timeline", headers=world.headers["therapist"])
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        seen = await session.execute(
            text("SELECT record_kind, client_id FROM audit_entry WHERE action = 'read' AND actor_id = :staff"),
            {"staff": world.team.therapist_id},
        )
        assert {tuple(row) for row in seen} == {("caseload", None), ("client", tom)}
