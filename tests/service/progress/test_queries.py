from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.tables import Client
from service.database.tenancy import Actor, Database
from service.diary.actions import NewPain, record_pain
from service.diary.entries import When
from service.plans import actions as plans
from service.plans.actions import ItemToPrescribe, Prescription
from service.plans.queries import contents
from service.progress.queries import Progress, progress_of
from tests import told
from tests.conftest import signed_in
from tests.make import NOW, TODAY, Team, item, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio

# 2026-03-02 is a Monday, 2026-03-10 (today) a Tuesday.
MONDAY = date(2026, 3, 2)
WEEKDAYS = {"cadence": "weekdays", "weekdays": 0b10101}
EVERY_DAY = {"cadence": "weekdays", "weekdays": 127}


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database)


def march(day: int) -> date:
    return date(2026, 3, day)


def on(cadence: dict[str, Any]) -> list[ItemToPrescribe]:
    return [item("glu-bridge-double", cadence=cadence), item("glu-squeeze", cadence=cadence)]


async def client_with(database: Database, team: Team, cadence: dict[str, Any] | None = None, **fields: Any) -> Client:
    """With two exercises on Monday, Wednesday and Friday since March 2, unless told otherwise."""
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id, **fields)
        await make_plan(session, client, starts_on=MONDAY, items=on(cadence or WEEKDAYS), habits=[])
    return client


async def progress(database: Database, client: Client, days: int = 28) -> Progress:
    async with database.clinic_tx(client.clinic_id, Actor("system", None, "web")) as session:
        return (await progress_of(session, [client], NOW, days))[client.id]


def states(found: Progress) -> dict[date, str]:
    return {record.day: record.state.value for record in found.days if record.day >= MONDAY}


async def test_silence_is_silence_and_a_rest_day_asks_for_nothing(database: Database, team: Team) -> None:
    client = await client_with(database, team)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        first = (await contents(session, client.id))[0].items[0].row.id
    await told.did(database, client, march(2))
    await told.did(database, client, march(3))
    await told.did(database, client, march(4), "partly", done_items=[first])
    await told.did(database, client, march(6), "skipped")
    found = await progress(database, client)
    assert states(found) == {
        march(2): "done",
        march(3): "done",
        march(4): "partly",
        march(5): "rest",
        march(6): "skipped",
        march(7): "rest",
        march(8): "rest",
        march(9): "no_entry",
        march(10): "rest",
    }
    # Of the four due days: one done, half of one, one skipped, one silent; Tuesday makes up for none.
    assert str(found.adherence.words) == "1 of 4 done, 1 partly, 1 not logged"
    assert found.adherence.percent == 37.5
    assert len(found.days) == 28


async def test_a_day_before_the_first_plan_is_no_rest_day(database: Database, team: Team) -> None:
    client = await client_with(database, team)
    found = await progress(database, client)
    before = [(record.state.value, record.due) for record in found.days if record.day < MONDAY]
    assert set(before) == {("not_yet", False)}
    assert len(before) == 28 - 9
    assert found.adherence.due == 4


async def test_without_a_plan_no_day_is_a_rest_day(database: Database, team: Team) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
    found = await progress(database, client)
    assert {record.state.value for record in found.days} == {"not_yet"}
    assert str(found.adherence.words) == "Nothing was due"


async def test_today_counts_once_something_was_logged(database: Database, team: Team) -> None:
    client = await client_with(database, team, EVERY_DAY)
    before = await progress(database, client)
    # March 2 to 9 are over; today is still open.
    assert (before.adherence.due, before.adherence.not_logged) == (8, 8)
    assert states(before)[TODAY] == "no_entry"
    await told.did(database, client, TODAY)
    after = await progress(database, client)
    assert (after.adherence.done, after.adherence.due, after.adherence.not_logged) == (1, 9, 8)


async def test_a_week_of_three_times_asks_for_three_days_whichever(database: Database, team: Team) -> None:
    client = await client_with(database, team, {"cadence": "times_per_week", "times_per_week": 3})
    for day in (3, 5, 7):
        await told.did(database, client, march(day))
    found = await progress(database, client)
    # Tuesday, Thursday and Saturday fill the week; of the next one only Monday, a suggested day, is over.
    assert (found.adherence.done, found.adherence.due, found.adherence.not_logged) == (3, 4, 1)


async def test_every_day_is_read_by_the_version_that_held(database: Database, team: Team) -> None:
    client = await client_with(database, team, EVERY_DAY)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        seldom: dict[tuple[int | None, str], str] = {
            (place, "days_per_week"): "She is away a lot" for place in range(2)
        }
        wanted = Prescription("Plan", march(6), on({"cadence": "weekdays", "weekdays": 0b0000001}), [], reasons=seldom)
        await plans.change(session, client.id, wanted, 1, NOW)
    found = await progress(database, client)
    due = [record.day.day for record in found.days if record.due]
    assert due == [2, 3, 4, 5, 9]


async def test_a_pause_and_what_follows_the_end_ask_for_nothing(database: Database, team: Team) -> None:
    client = await client_with(database, team, EVERY_DAY)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await plans.pause(session, client.id, march(4), march(5), None, NOW)
        await plans.end(session, client.id, march(7), NOW)
    found = await progress(database, client)
    assert [record.day.day for record in found.days if record.due] == [2, 3, 6, 7]
    assert states(found)[march(8)] == "rest"
    assert found.planned_days(march(3), march(10)) == 3


async def test_a_plan_of_habits_alone_is_planned_every_day_without_exercise_due(database: Database, team: Team) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        await make_plan(session, client, starts_on=MONDAY, items=[])
    found = await progress(database, client)
    assert found.adherence.due == 0
    assert found.planned_days(march(2), march(9)) == 8


async def test_pain_of_a_day_is_the_worst_told_and_when_it_was_told_first(database: Database, team: Team) -> None:
    client = await client_with(database, team)
    for hour, score in ((8, 4), (12, 6), (18, 6), (20, 2)):
        await told.pain(database, client, march(9), score, hour)
    found = await progress(database, client)
    assert [(p.day, p.score, p.at) for p in found.pain] == [(march(9), 6, told.moment(client, march(9), 12))]
    async with database.clinic_tx(client.clinic_id, team.therapist) as session:
        # Staff write down a day for them: they told nothing by it.
        await record_pain(session, client, NewPain(3), When(march(8)), told.moment(client, march(9), 21))
    assert (await progress(database, client)).pain_told_at == told.moment(client, march(9), 20)


async def test_means_need_four_answers_and_a_baseline_seven_days(database: Database, team: Team) -> None:
    client = await client_with(database, team)
    for day, score in ((2, 6), (3, 5), (4, 7), (6, 4), (7, 4), (8, 3)):
        await told.pain(database, client, march(day), score)
    found = await progress(database, client)
    assert found.baseline is None
    await told.pain(database, client, march(10), 3)
    found = await progress(database, client)
    # The median of 6, 5, 7, 4, 4, 3, 3 is 4; the last seven days, 4 to 10, hold 7, 4, 4, 3, 3: 21 / 5.
    assert found.baseline == 4
    assert found.mean_on(TODAY) == pytest.approx(4.2)
    by_day = {day: (score, mean) for day, score, mean in found.pain_days(28)}
    assert by_day[march(4)] == (7, None)
    assert by_day[march(5)] == (None, None)
    assert by_day[march(6)] == (4, 5.5)
    assert by_day[march(1)] == (None, None)
    assert len(by_day) == 28


async def test_today_is_the_clients_own(database: Database, team: Team) -> None:
    here = await client_with(database, team)
    there = await client_with(database, team, zone="Pacific/Auckland")
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        found = await progress_of(session, [here, there], NOW)
    assert found[here.id].today == march(10)
    assert found[there.id].today == march(11)
    assert found[there.id].days[-1].day == march(11)


async def test_twenty_clients_cost_as_many_statements_as_two(database: Database, team: Team) -> None:
    clients = [await client_with(database, team) for _ in range(20)]
    for client in clients[:3]:
        await told.pain(database, client, march(9), 5)
        await told.did(database, client, march(9))
    counts = []
    for some in (clients[:2], clients):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            with told.statements(database) as sent:
                found = await progress_of(session, some, NOW)
        counts.append(len(sent))
        assert len(found) == len(some)
    assert counts[0] == counts[1] == 5
    assert found[clients[0].id].adherence.done == 1
    assert found[clients[5].id].adherence.done == 0


async def test_nobody_asked_about_costs_nothing_wrong(database: Database, team: Team) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        assert await progress_of(session, [], NOW) == {}


@dataclass
class World:
    client: Client
    stranger: Client
    headers: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
async def world(database: Database, team: Team) -> World:
    """The client, the own therapist, the owner, a colleague, the front desk, and a therapist elsewhere."""
    client = await client_with(database, team)
    for day, score in ((2, 6), (3, 6), (4, 6), (5, 6), (6, 6), (7, 4), (8, 4), (9, 3), (10, 3)):
        await told.pain(database, client, march(day), score)
    await told.did(database, client, march(2))
    await told.did(database, client, march(4))
    elsewhere = await make_team(database)
    stranger = await client_with(database, elsewhere)
    desk = await told.make_staff(database, team, "front_desk")
    people: dict[str, dict[str, Any]] = {
        "client": {"client_id": client.id},
        "therapist": {"staff_id": team.therapist_id},
        "owner": {"staff_id": team.owner_id},
        "colleague": {"staff_id": team.other_therapist_id},
        "front desk": {"staff_id": desk},
    }
    headers = {who: await signed_in(database, team.clinic_id, **person) for who, person in people.items()}
    headers["stranger"] = await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.therapist_id)
    return World(client, stranger, headers)


@pytest.mark.parametrize("who", ["client", "therapist", "owner"])
async def test_progress_of_an_own_client_in_hand_worked_numbers(api: AsyncClient, world: World, who: str) -> None:
    answer = await api.get(f"/v1/clients/{world.client.id}/progress", headers=world.headers[who])
    assert answer.status_code == 200
    body = answer.json()
    # Due on March 2, 4, 6 and 9; done on two of them, and silent on two.
    assert body["adherence"] == {
        "done": 2,
        "partly": 0,
        "due": 4,
        "not_logged": 2,
        "words": "2 of 4 done, 2 not logged",
        "percent": 50.0,
    }
    # The median of 6, 6, 6, 6, 6, 4, 4; and of the last seven days (6 + 6 + 6 + 4 + 4 + 3 + 3) / 7.
    assert body["baseline"] == 6
    assert body["pain"][-1] == {"day": "2026-03-10", "worst": 3, "mean": pytest.approx(32 / 7)}
    assert body["change"]["direction"] == "too_small"
    assert body["days"][-2] == {"day": "2026-03-09", "state": "no_entry", "due": True}
    assert body["pain"][0] == {"day": "2026-02-11"}
    assert len(body["days"]) == len(body["pain"]) == 28


@pytest.mark.parametrize("who", ["colleague", "front desk", "stranger"])
async def test_somebody_elses_client_answers_like_a_random_id(api: AsyncClient, world: World, who: str) -> None:
    theirs = await api.get(f"/v1/clients/{world.client.id}/progress", headers=world.headers[who])
    nobody = await api.get(f"/v1/clients/{uuid4()}/progress", headers=world.headers[who])
    assert theirs.status_code == nobody.status_code == 404
    assert theirs.content == nobody.content


async def test_a_client_sees_nobody_else_and_a_passer_by_nothing(api: AsyncClient, world: World) -> None:
    headers = world.headers["client"]
    assert (await api.get(f"/v1/clients/{world.stranger.id}/progress", headers=headers)).status_code == 404
    assert (await api.get(f"/v1/clients/{world.client.id}/progress")).status_code == 401


@pytest.mark.parametrize("days", ["0", "401", "-1", "four", "1e3"])
async def test_a_number_of_days_that_cannot_be(api: AsyncClient, world: World, days: str) -> None:
    path = f"/v1/clients/{world.client.id}/progress?days={days}"
    answer = await api.get(path, headers=world.headers["therapist"])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/days"


async def test_more_days_reach_further_back_and_leave_adherence_alone(api: AsyncClient, world: World) -> None:
    path = f"/v1/clients/{world.client.id}/progress?days=60"
    body = (await api.get(path, headers=world.headers["therapist"])).json()
    assert len(body["days"]) == 60
    assert body["days"][0]["day"] == (TODAY - timedelta(days=59)).isoformat()
    assert body["adherence"]["due"] == 4
