"""Reminders as a therapist sets them: what is taken, what is refused, and how often is asked."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.database.tenancy import Database
from service.reminders.queries import reminders
from service.reminders.tables import ReminderRhythm
from tests.service.reminders.conftest import World

pytestmark = pytest.mark.anyio

BODY = {"local_times": ["08:00"], "channels": ["sms"]}


async def put(
    api: AsyncClient, world: World, kind: str, who: str = "therapist", name: str = "Maria", **body: Any
) -> Any:
    path = world.path(f"reminders/{kind}", name)
    return await api.put(path, json=BODY | body, headers=world.headers[who])


async def test_a_reminder_is_set_for_every_day_from_today_on(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await put(api, world, "check_in")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "kind": "check_in",
        "local_times": ["08:00"],
        "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "channels": ["sms"],
        "starts_on": "2026-03-10",
        "revision": 1,
    }
    # 11:00 in New York is past 8:00, so the next one is tomorrow, in daylight saving time.
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [reminder] = await reminders(session, world.clients["Maria"].id)
        next_at = await session.scalar(
            text("SELECT next_at FROM reminder_clock WHERE clinic_id = :clinic_id AND reminder_id = :id"),
            {"clinic_id": session.clinic_id, "id": reminder.id},
        )
    assert reminder.local_times == [time(8)]
    assert next_at.isoformat() == "2026-03-11T12:00:00+00:00"


async def test_setting_it_again_changes_the_one_reminder_of_its_kind(api: AsyncClient, world: World) -> None:
    await put(api, world, "plan")
    wish: dict[str, Any] = {
        "local_times": ["19:30", "07:00"],
        "weekdays": ["fri", "mon", "mon"],
        "channels": ["email", "sms"],
        "starts_on": "2026-03-16",
    }
    changed = await put(api, world, "plan", **wish)
    assert changed.json() == wish | {"kind": "plan", "weekdays": ["mon", "fri"], "revision": 2}
    listed = await api.get(world.path("reminders"), headers=world.headers["therapist"])
    assert changed.json() in listed.json()["data"]
    assert [r["kind"] for r in listed.json()["data"]].count("plan") == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"local_times": []}, "/local_times"),
        ({"local_times": ["8:00"]}, "/local_times/0"),
        ({"local_times": ["24:00"]}, "/local_times/0"),
        ({"local_times": ["08:00", "08:00"]}, "/local_times"),
        ({"local_times": [f"{hour:02d}:00" for hour in range(7)]}, "/local_times"),
        ({"local_times": ["08:00+02:00"]}, "/local_times/0"),
        ({"weekdays": []}, "/weekdays"),
        ({"weekdays": ["monday"]}, "/weekdays/0"),
        ({"channels": []}, "/channels"),
        ({"channels": ["pigeon"]}, "/channels/0"),
        ({"channels": ["sms", "sms"]}, "/channels"),
        ({"weekdays": ["mon"], "every_days": 2}, "/every_days"),
        ({"every_days": 2, "times_per_week": 3}, "/times_per_week"),
        ({"every_days": 0}, "/every_days"),
        ({"every_days": 367}, "/every_days"),
        ({"every_days": 1.5}, "/every_days"),
        ({"times_per_week": 0}, "/times_per_week"),
        ({"times_per_week": 8}, "/times_per_week"),
        ({"ends_on": "2026-03-09"}, "/ends_on"),
        ({"ends_on": "2036-03-13"}, "/ends_on"),
        # March 10 is a Tuesday, and 8:00 of it is over.
        ({"ends_on": "2026-03-10"}, "/ends_on"),
        ({"weekdays": ["mon"], "ends_on": "2026-03-15"}, "/ends_on"),
        ({"every_days": 7, "starts_on": "2026-03-01", "ends_on": "2026-03-14"}, "/ends_on"),
        ({"except_on": ["2026-03-09"]}, "/except_on/0"),
        ({"ends_on": "2026-03-20", "except_on": ["2026-03-12", "2026-03-21", "2026-03-11"]}, "/except_on/1"),
        ({"except_on": ["2026-03-12", "2026-03-12"]}, "/except_on"),
        ({"except_on": ["March 12"]}, "/except_on/0"),
        ({"except_on": [str(date(2026, 3, 10) + timedelta(n)) for n in range(367)]}, "/except_on"),
        ({"ends_on": "2026-03-12", "except_on": ["2026-03-11", "2026-03-12"]}, "/except_on"),
        ({"paused_until": "2027-03-12"}, "/paused_until"),
        ({"ends_on": "2026-03-20", "paused_until": "2026-03-20"}, "/paused_until"),
        ({"weekdays": ["mon"], "ends_on": "2026-03-20", "paused_until": "2026-03-16"}, "/paused_until"),
        ({"starts_on": "9999-12-31"}, "/starts_on"),
        ({"starts_on": "0001-01-01"}, "/starts_on"),
        ({"at": "08:00"}, "/at"),
    ],
)
async def test_a_reminder_that_cannot_be_is_refused_and_changes_nothing(
    api: AsyncClient, database: Database, world: World, body: dict[str, Any], pointer: str
) -> None:
    answer = await put(api, world, "habit", **body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    listed = await api.get(world.path("reminders"), headers=world.headers["therapist"])
    assert "habit" not in [r["kind"] for r in listed.json()["data"]]


@pytest.mark.parametrize(
    "days",
    [
        {"every_days": 90, "paused_until": "2027-03-10"},
        {"times_per_week": 3, "ends_on": "2026-05-31", "except_on": ["2026-04-03", "2026-04-06"]},
        {"weekdays": ["tue", "sun"], "ends_on": "2036-03-10"},
        {"every_days": 1, "ends_on": "2026-03-11", "paused_until": "2026-03-10"},
    ],
)
async def test_what_a_reminder_says_of_its_days_can_be_sent_back_as_it_is(
    api: AsyncClient, world: World, days: dict[str, Any]
) -> None:
    said = (await put(api, world, "habit", "owner", "Rita", **days)).json()
    revision = said.pop("revision")
    assert said == BODY | days | {"kind": "habit", "starts_on": "2026-03-10"}
    kind = said.pop("kind")
    again = (await put(api, world, kind, "owner", "Rita", **said)).json()
    assert again == said | {"kind": kind, "revision": revision + 1}


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ("weekdays = NULL", "one_way_to_count_days"),
        ("every_days = 2", "one_way_to_count_days"),
        ("weekdays = NULL, every_days = 0", "every_days_range"),
        ("weekdays = NULL, times_per_week = 8", "times_per_week_range"),
        ("ends_on = starts_on - 1", "ends_after_start"),
        ("ends_on = starts_on + 1, paused_until = starts_on + 1", "pause_before_end"),
        ("except_on = array_fill(starts_on, ARRAY[367])", "exceptions_bound"),
        ("except_on = ARRAY[starts_on - 1]", "exceptions_in_range"),
        ("ends_on = starts_on + 5, except_on = ARRAY[starts_on, starts_on + 6]", "exceptions_in_range"),
    ],
)
async def test_the_table_itself_refuses_days_that_cannot_be(
    database: Database, world: World, columns: str, constraint: str
) -> None:
    team = world.team
    with pytest.raises(IntegrityError, match=f"ck_reminder_{constraint}"):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            await session.execute(
                text(f"UPDATE reminder SET {columns} WHERE clinic_id = :clinic_id AND client_id = :client_id"),
                {"clinic_id": session.clinic_id, "client_id": world.clients["Told"].id},
            )


async def test_an_end_before_the_start_says_so(api: AsyncClient, world: World) -> None:
    answer = await put(api, world, "habit", starts_on="2026-03-20", ends_on="2026-03-19")
    problem = {"pointer": "/ends_on", "code": "before_start", "message": "Use the first day or a later one."}
    assert answer.json()["errors"] == [problem]


async def test_an_unknown_kind_of_reminder(api: AsyncClient, world: World) -> None:
    answer = await put(api, world, "nap")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/kind"


@pytest.mark.parametrize(
    ("who", "status"), [("client", 403), ("colleague", 404), ("front desk", 404), ("stranger", 404)]
)
async def test_only_who_prescribes_sets_a_reminder(api: AsyncClient, world: World, who: str, status: int) -> None:
    assert (await put(api, world, "habit", who)).status_code == status
    assert (await put(api, world, "habit", "owner", "Rita")).status_code == 200
    assert (await put(api, world, "habit", "therapist", "Rita")).status_code == 404


async def test_the_list_says_how_often_is_asked_now_and_why(api: AsyncClient, database: Database, world: World) -> None:
    await put(api, world, "plan", name="Told")

    async def rhythm(**changes: Any) -> Any:
        async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
            row = await session.get_one(ReminderRhythm, (session.clinic_id, world.clients["Told"].id))
            row.sqlmodel_update(changes)
        return (await api.get(world.path("reminders", "Told"), headers=world.headers["told"])).json()["rhythm"]

    assert await rhythm() == {"asking": "every_day", "reason": "We ask on each day you chose."}
    fewer = await rhythm(texts_a_week=2, ask_days=9, stepped_on=date(2026, 3, 9))
    assert (fewer["asking"], fewer["weekdays"], fewer["since"]) == ("fewer_days", ["mon", "thu"], "2026-03-09")
    silent = await rhythm(rung=10, rung_on=date(2026, 3, 10))
    assert (silent["asking"], silent["since"]) == ("not_now", "2026-03-10")
    assert silent["reason"].endswith("Text BACK to start again.")


async def test_a_plans_reminder_may_name_a_daily_act(api: AsyncClient, world: World) -> None:
    answer = await put(api, world, "plan", anchor="after your morning coffee")
    assert answer.json()["anchor"] == "after your morning coffee"
    for wrong, code in [("☕", "words"), ("when your hip hurts", "private")]:
        refused = await put(api, world, "plan", anchor=wrong)
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/anchor", code)]
    await put(api, world, "plan")
