"""Pain and habits told over the API: each once, with what stood before, and by whom and for which days."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.diary.actions import mark_habits
from service.diary.entries import When
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, Prescription
from service.plans.queries import Content
from tests import told
from tests.conftest import signed_in
from tests.make import NOW, TODAY, Team, item, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio


async def test_a_pain_entry_told_twice_is_one(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    path = f"/v1/clients/{maria[0].id}/pain-entries/{uuid4()}"
    body = {"score": 4, "sites": [{"site": "lateral_hip", "side": "right"}], "aggravators": ["driving"]}
    first, second = [await api.put(path, json=body, headers=mine) for _ in range(2)]
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert second.json()["revision"] == 1
    diary = (await api.get(f"/v1/clients/{maria[0].id}/diary", headers=mine)).json()
    assert [(entry["score"], entry["sites"]) for entry in diary["pain"]] == [
        (4, [{"site": "lateral_hip", "side": "right"}])
    ]


async def test_a_correction_keeps_what_stood_before(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    entry = uuid4()
    path = f"/v1/clients/{maria[0].id}/pain-entries/{entry}"
    await api.put(path, json={"score": 4}, headers=mine)
    corrected = await api.put(path, json={"score": 7, "note": "after the stairs"}, headers=mine)
    assert (corrected.json()["score"], corrected.json()["revision"]) == (7, 2)
    history = await api.get(f"/v1/clients/{maria[0].id}/diary/pain_entry/{entry}/revisions", headers=mine)
    [before] = history.json()["data"]
    assert (before["revision"], before["body"]["score"], before["body"]["note"]) == (1, 4, None)


async def test_many_pain_entries_on_one_day_are_all_kept(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    for score in (3, 6):
        await api.put(f"/v1/clients/{maria[0].id}/pain-entries/{uuid4()}", json={"score": score}, headers=mine)
    diary = (await api.get(f"/v1/clients/{maria[0].id}/diary", headers=mine)).json()
    assert sorted(entry["score"] for entry in diary["pain"]) == [3, 6]


async def test_a_place_without_a_site_and_a_side_is_refused_by_its_field(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    path = f"/v1/clients/{maria[0].id}/pain-entries/{uuid4()}"
    answer = await api.put(path, json={"score": 0, "sites": [{"side": "left"}, {}]}, headers=mine)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/sites/1", "empty")]


async def test_a_habit_and_a_day_are_one_row_however_told(
    api: AsyncClient, database: Database, team: Team, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, plan = maria
    path = f"/v1/clients/{client.id}/habits/{plan.habits[0].id}/days/2026-03-10"
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    assert (await api.put(path, json={"value": True}, headers=mine)).json()["revision"] == 1
    changed = await api.put(path, json={"value": False}, headers=sam)
    assert (changed.json()["value"], changed.json()["revision"]) == (False, 2)
    diary = (await api.get(f"/v1/clients/{client.id}/diary", headers=mine)).json()
    assert [mark["value"] for mark in diary["habits"]] == [False]


async def test_a_habit_of_two_versions_of_one_day_is_one_row_and_the_last_answer_stands(
    api: AsyncClient, database: Database, team: Team, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, before = maria
    old = before.habits[0]
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        kept = HabitToPrescribe("hab-hang-hip", None, old.habit_key)
        changed = Prescription("Home exercise plan", TODAY, [item()], [kept, HABITS[0]])
        after = await plans.change(session, client.id, changed, 1, NOW)
    new, minutes = after.habits
    assert (new.habit_key, new.id == old.id) == (old.habit_key, False)
    path = f"/v1/clients/{client.id}/habits"
    assert (await api.put(f"{path}/{old.id}/days/{TODAY}", json={"value": True}, headers=mine)).status_code == 200
    # The morning's page still holds the version of before.
    said = await api.put(f"{path}/{new.id}/days/{TODAY}", json={"value": False}, headers=mine)
    assert (said.json()["value"], said.json()["revision"]) == (False, 2)
    async with database.clinic_tx(team.clinic_id, told.as_client(client)) as session:
        answers = {old.id: False, minutes.id: 20, new.id: True}
        marks = await mark_habits(session, client, answers, When(TODAY), NOW)
    assert {(mark.plan_habit_id, mark.yes, mark.amount) for mark in marks} == {
        (new.id, True, None),
        (minutes.id, None, 20),
    }
    diary = (await api.get(f"/v1/clients/{client.id}/diary", headers=mine)).json()
    assert sorted(mark["value"] for mark in diary["habits"]) == [True, 20]
    # A day earlier nothing was told: both versions of it at once are still one row.
    async with database.clinic_tx(team.clinic_id, told.as_client(client)) as session:
        both = await mark_habits(session, client, {old.id: True, new.id: False}, When(TODAY - timedelta(days=1)), NOW)
    assert [(mark.plan_habit_id, mark.yes) for mark in both] == [(new.id, False)]


@pytest.mark.parametrize("value", ["yes", 1, 0.5, None])
async def test_a_yes_or_no_habit_takes_yes_or_no(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str], value: Any
) -> None:
    client, plan = maria
    path = f"/v1/clients/{client.id}/habits/{plan.habits[0].id}/days/2026-03-10"
    answer = await api.put(path, json={"value": value}, headers=mine)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/value"


HABITS = [HabitToPrescribe(habit, None, None) for habit in ("hab-car-min", "hab-cross-legs", "hab-run-load")]


@pytest.mark.parametrize(
    ("number", "most", "more", "right"),
    [
        (0, 1440, 99999, "Use a whole number from 0 to 1440."),
        (1, 999, 1000, "Use a whole number from 0 to 999."),
        (2, 9999, 10000, "Use a number from 0 to 9999."),
    ],
)
async def test_more_than_a_day_can_hold_is_refused_with_what_would_be_right(
    api: AsyncClient, database: Database, team: Team, number: int, most: int, more: int, right: str
) -> None:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        client = await make_client(session, team.therapist_id)
        plan = await make_plan(session, client, habits=HABITS)
    mine = await signed_in(database, team.clinic_id, client_id=client.id)
    path = f"/v1/clients/{client.id}/habits/{plan.habits[number].id}/days/2026-03-10"
    refused = await api.put(path, json={"value": more}, headers=mine)
    assert (refused.status_code, refused.json()["errors"]) == (
        422,
        [{"pointer": "/value", "code": "answer", "message": right}],
    )
    assert (await api.put(path, json={"value": most}, headers=mine)).json()["value"] == most
    statement = text("UPDATE habit_mark SET amount = :more WHERE client_id = :client")
    with pytest.raises(IntegrityError, match="amount_range"):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            await session.execute(statement, {"more": more, "client": client.id})


async def test_one_write_takes_one_number_of_the_clients_sequence(
    api: AsyncClient, database: Database, team: Team, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, _ = maria
    statement = text("SELECT seq FROM client_scope WHERE client_id = :id")
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        before = (await session.execute(statement, {"id": client.id})).scalar_one()
    await api.put(f"/v1/clients/{client.id}/sessions/{uuid4()}", json={"outcome": "done"}, headers=mine)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        after = (await session.execute(statement, {"id": client.id})).scalar_one()
        numbers = await session.execute(
            text(
                "SELECT sync_seq FROM exercise_session UNION SELECT sync_seq FROM exercise_result WHERE sync_seq = :n"
            ),
            {"n": after},
        )
    assert after == before + 1
    assert after in set(numbers.scalars())


async def test_who_may_read_and_write_a_diary(
    api: AsyncClient, database: Database, team: Team, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    client, _ = maria
    elsewhere = await make_team(database, stocked=False)
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    robin = await signed_in(database, team.clinic_id, staff_id=team.other_therapist_id)
    stranger = await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.owner_id)
    path = f"/v1/clients/{client.id}/pain-entries/"
    written = [
        (await api.put(f"{path}{uuid4()}", json={"score": 4}, headers=who)).status_code
        for who in (mine, sam, robin, stranger, {})
    ]
    assert written == [200, 200, 404, 404, 401]
    read = [
        (await api.get(f"/v1/clients/{client.id}/diary", headers=who)).status_code
        for who in (mine, sam, robin, stranger, {})
    ]
    assert read == [200, 200, 404, 404, 401]


async def test_a_corrected_place_keeps_the_place_told_before(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str]
) -> None:
    entry = uuid4()
    path = f"/v1/clients/{maria[0].id}/pain-entries/{entry}"
    await api.put(path, json={"score": 4, "sites": [{"site": "lateral_hip", "side": "right"}]}, headers=mine)
    moved = await api.put(path, json={"score": 4, "sites": [{"site": "deep_buttock", "side": "left"}]}, headers=mine)
    assert moved.json()["revision"] == 2
    assert moved.json()["sites"] == [{"site": "deep_buttock", "side": "left"}]
    history = await api.get(f"/v1/clients/{maria[0].id}/diary/pain_entry/{entry}/revisions", headers=mine)
    assert history.json()["data"][0]["body"]["sites"] == [["lateral_hip", "right"]]


@pytest.mark.parametrize("told", ["2025-02-03T15:00:00Z", "2026-03-11T15:00:00Z"])
async def test_the_first_and_last_time_that_may_be_told(
    api: AsyncClient, maria: tuple[Client, Content], mine: dict[str, str], told: str
) -> None:
    path = f"/v1/clients/{maria[0].id}/pain-entries/{uuid4()}"
    answer = await api.put(path, json={"score": 4, "done_at": told}, headers=mine)
    assert (answer.status_code, answer.json()["done_at"]) == (200, told)


@pytest.mark.parametrize("day", ["0001-01-01", "2025-02-02"])
async def test_staff_write_no_day_that_no_page_could_show(
    api: AsyncClient, database: Database, team: Team, maria: tuple[Client, Content], day: str
) -> None:
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    path = f"/v1/clients/{maria[0].id}/pain-entries/{uuid4()}"
    answer = await api.put(path, json={"score": 4, "day": day}, headers=sam)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/day", "code": "day_too_old", "message": "Use a day of the last 400 days."}
    ]
    statement = text("SELECT count(*) FROM pain_entry WHERE client_id = :id")
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        assert (await session.execute(statement, {"id": maria[0].id})).scalar_one() == 0
