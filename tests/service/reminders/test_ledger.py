"""The answer to "why did I not get a reminder on day X", in the API and on both pages."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.reminders.actions import end_reminder, set_reminder
from service.reminders.reasons import NoMoment
from service.reminders.recurrence import Rule, no_moment, slots_of_day
from service.reminders.wishes import Wish
from tests import told
from tests.conftest import signed_in
from tests.make import Team, make_client, make_team

pytestmark = pytest.mark.anyio

# Monday, Wednesday and Friday at 8:00; Wednesday the 4th left out, a break until Friday the 6th.
PLAN = Wish(
    "plan",
    [time(8)],
    0b0010101,
    ["sms"],
    date(2026, 3, 2),
    ends_on=date(2026, 3, 9),
    except_on=[date(2026, 3, 4)],
    paused_until=date(2026, 3, 6),
)
SET = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class World:
    team: Team
    told: Client
    planned: Client
    old: Client
    headers: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
async def world(database: Database) -> World:
    team, elsewhere = await make_team(database), await make_team(database, stocked=False)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        mine = [await make_client(session, team.therapist_id, name=name) for name in ("Maria", "Paul", "Olaf")]
        mine.append(await make_client(session, team.therapist_id, name="Ines", locale="es"))
        await set_reminder(session, mine[1], PLAN, SET)
        daily = Wish("check_in", [time(8), time(20)], 127, ["sms"], date(2026, 1, 5))
        await set_reminder(session, mine[2], daily, datetime(2026, 1, 5, 12, tzinfo=UTC))
    await told.due_moments(database, mine[0])
    await _tried(database, team, mine[0])
    people: dict[str, dict[str, Any]] = {
        "therapist": {"staff_id": team.therapist_id},
        "owner": {"staff_id": team.owner_id},
        "colleague": {"staff_id": team.other_therapist_id},
        "front desk": {"staff_id": await told.make_staff(database, team, "front_desk")},
        "told": {"client_id": mine[0].id},
        "other client": {"client_id": mine[3].id},
    }
    headers = {who: await signed_in(database, team.clinic_id, **person) for who, person in people.items()}
    headers["stranger"] = await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.therapist_id)
    return World(team, mine[0], mine[1], mine[2], headers | {"nobody": {}})


async def _tried(database: Database, team: Team, client: Client) -> None:
    """What the scheduler keeps of a try, with the words of a provider that repeats the address."""
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await session.execute(
            text(
                "INSERT INTO attempt (clinic_id, id, message_id, number, lease_token, provider, started_at, outcome,"
                " status_code, detail, body_sha256) SELECT clinic_id, :id, id, 1, 1, 'twilio', due_at, 'ambiguous',"
                " 500, 'no answer from +14155550100', '' FROM message WHERE clinic_id = :clinic AND client_id = :client"
                " ORDER BY due_at LIMIT 1"
            ),
            {"id": uuid4(), "clinic": team.clinic_id, "client": client.id},
        )


def test_a_rule_says_why_it_has_no_moment_on_a_day() -> None:
    rule = Rule((time(8), time(20)), 0b0010101, date(2026, 3, 2), date(2026, 3, 9), except_on=(date(2026, 3, 4),))
    rows = [
        (rule, 1, NoMoment.NOT_BEGUN),
        (rule, 2, None),
        (rule, 3, NoMoment.OTHER_DAYS),
        (rule, 4, NoMoment.LEFT_OUT),
        (rule, 5, NoMoment.OTHER_DAYS),
        (rule, 9, None),
        (rule, 10, NoMoment.ENDED),
        (replace(rule, weekdays=None, every_days=3), 5, None),
        (replace(rule, weekdays=None, every_days=3), 4, NoMoment.OTHER_DAYS),
        # Twice a week is Monday and Thursday.
        (replace(rule, weekdays=None, times_per_week=2), 5, None),
        (replace(rule, weekdays=None, times_per_week=2), 6, NoMoment.OTHER_DAYS),
    ]
    for one, day, expected in rows:
        on = date(2026, 3, day)
        assert no_moment(one, on) is expected, (one, day)
        assert len(slots_of_day(one, "America/New_York", on)) == (0 if expected else 2)


async def test_every_day_without_a_message_has_its_reason(api: AsyncClient, database: Database, world: World) -> None:
    path = f"/v1/clients/{world.planned.id}/ledger"
    asked = f"{path}?first=2026-02-28&last=2026-03-10"
    body = (await api.get(asked, headers=world.headers["therapist"])).json()
    assert body["data"] == []
    assert [(one["day"][5:], one["reason_code"]) for one in body["unwritten"]] == [
        ("03-10", "ended"),
        ("03-09", "not_written"),
        ("03-08", "other_days"),
        ("03-07", "other_days"),
        ("03-06", "paused"),
        ("03-05", "other_days"),
        ("03-04", "left_out"),
        ("03-03", "other_days"),
        ("03-02", "paused"),
        ("03-01", "not_begun"),
        ("02-28", "no_reminder"),
    ]
    # 8:00 before the clocks went forward on March 8, and after.
    assert [one["due_at"] for one in body["unwritten"] if "due_at" in one] == [
        "2026-03-09T08:00:00-04:00",
        "2026-03-06T08:00:00-05:00",
        "2026-03-02T08:00:00-05:00",
    ]
    sunday = await api.get(f"{path}/2026-03-08", headers=world.headers["therapist"])
    assert sunday.json()["answer"] == (
        "No message went out on Sun, Mar 8. Nothing was due: it is not one of the chosen days."
    )
    # What the days were before a change is not kept, and not made up.
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        later = replace(PLAN, local_times=[time(9)], ends_on=date(2026, 4, 1))
        await set_reminder(session, world.planned, later, datetime(2026, 3, 9, 20, tzinfo=UTC))
    body = (await api.get(asked, headers=world.headers["therapist"])).json()
    found = {one["day"]: (one["reason_code"], one.get("changed_on")) for one in body["unwritten"]}
    assert found["2026-03-10"] == ("other_days", None)
    assert found["2026-03-09"] == ("changed_later", None)
    assert found["2026-03-07"] == ("other_days", "2026-03-09")
    sunday = await api.get(f"{path}/2026-03-08", headers=world.headers["therapist"])
    assert sunday.json()["answer"] == (
        "Nothing was due: it is not one of the chosen days."
        " The reminder was changed on Mon, Mar 9; before that it may have had other days."
    )
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await end_reminder(session, world.planned.id, "plan", datetime(2026, 3, 10, 14, tzinfo=UTC))
    after = await api.get(f"{path}/2026-03-11", headers=world.headers["therapist"])
    assert after.json()["unwritten"] == [
        {"day": "2026-03-11", "reason": "Nothing was due: the reminder had ended.", "reason_code": "ended"}
    ]


async def test_what_went_out_is_told_with_its_time_and_how_it_was_tried_to_staff_only(
    api: AsyncClient, world: World
) -> None:
    path = f"/v1/clients/{world.told.id}/ledger/2026-03-07"
    of_staff = (await api.get(path, headers=world.headers["therapist"])).json()
    assert of_staff["answer"].replace("\u202f", " ") == (
        "A message went out on Sat, Mar 7 at 8:00 AM. Delivered. No answer yet."
    )
    [entry] = of_staff["data"]
    assert entry["attempts"] == [
        {
            "at": "2026-03-07T08:00:00-05:00",
            "channel": "sms",
            "provider": "twilio",
            "outcome": "ambiguous",
            "status_code": 500,
        }
    ]
    own = await api.get(path, headers=world.headers["told"])
    assert "attempts" not in own.json()["data"][0]
    assert "415555" not in str(of_staff) + own.text


async def test_today_is_told_as_still_to_come(api: AsyncClient, world: World) -> None:
    answer = await api.get(f"/v1/clients/{world.old.id}/ledger/2026-03-10", headers=world.headers["therapist"])
    # 11:00 in New York: nothing is written about 8:00, and 20:00 waits.
    assert [(one["reason_code"], one["due_at"][11:16]) for one in answer.json()["unwritten"]] == [
        ("not_written", "08:00"),
        ("to_come", "20:00"),
    ]
    assert answer.json()["answer"] == "No message has gone out for Tue, Mar 10 yet. Each reminder's reason is below."


async def test_pages_go_back_to_the_first_reminder_with_as_many_statements_for_each(
    api: AsyncClient, database: Database, world: World
) -> None:
    path = f"/v1/clients/{world.old.id}/ledger"
    pages, next_path, counts = [], path, []
    while next_path:
        with told.statements(database) as sent:
            answer = await api.get(next_path, headers=world.headers["therapist"])
        counts.append(len(sent))
        pages.append((answer.json()["first"], answer.json()["last"]))
        link = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("link", ""))
        next_path = link[1] if link else ""
        assert next_path == (f"{path}?cursor={answer.json()['next_cursor']}" if link else "")
    assert pages == [("2026-02-12", "2026-03-11"), ("2026-01-15", "2026-02-11"), ("2025-12-18", "2026-01-14")]
    with told.statements(database) as sent:
        await api.get(f"/v1/clients/{world.told.id}/ledger/2026-03-08", headers=world.headers["therapist"])
    assert {*counts, len(sent)} == {len(sent)}


async def test_what_is_no_day_and_no_cursor_is_refused_by_name(api: AsyncClient, world: World) -> None:
    rows = [("/soon", "/day"), ("/2036-03-13", "/day"), ("/0001-01-01", "/day"), ("?cursor=x", "/cursor")]
    rows += [("?cursor=%C3%A9", "/cursor"), ("?cursor=MjAyNi0wMy0wOS8yMDI2LTAzLTA4", "/first")]
    for rest, pointer in rows:
        answer = await api.get(f"/v1/clients/{world.told.id}/ledger{rest}", headers=world.headers["therapist"])
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), rest


async def test_the_pages_answer_those_who_may_see_the_record(api: AsyncClient, world: World) -> None:
    pages = (f"/clients/{world.told.id}/why?day=2026-03-08", "/today/why?day=2026-03-08")
    allowed = {
        "therapist": (200, 403),
        "owner": (200, 403),
        "colleague": (404, 403),
        "front desk": (403, 403),
        "told": (403, 200),
        "other client": (403, 200),
        "stranger": (404, 403),
        "nobody": (302, 302),
    }
    for who, expected in allowed.items():
        answers = [await api.get(page, headers=world.headers[who] | {"Accept": "text/html"}) for page in pages]
        assert tuple(answer.status_code for answer in answers) == expected, who
        told_it = ["Not sent: quiet hours." in answer.text for answer in answers]
        assert told_it == [status == 200 and who != "other client" for status in expected], who
    wrong = await api.get(f"/clients/{world.told.id}/why?day=soon", headers=world.headers["therapist"])
    assert (wrong.status_code, "Use a day such as 2026-03-10." in wrong.text) == (422, True)
    spanish = await api.get("/today/why?day=2026-03-07", headers=world.headers["other client"])
    assert "No había ningún recordatorio para ese día." in spanish.text
