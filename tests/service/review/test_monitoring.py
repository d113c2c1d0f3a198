"""The ledger of remote therapeutic monitoring: what the counts support, from when a day counts, and for whom it is."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.diary.actions import NewPain, record_pain
from service.diary.entries import When
from service.review.rules.monitoring import (
    CAUTIONS,
    LABELS,
    device_code,
    management_codes,
    month_lines,
    month_of,
    window_lines,
    window_of,
)
from tests import told
from tests.make import TODAY
from tests.service.review.browsing import World, ago, count, send, shown, value_of, words
from tests.service.test_words import catalogue
from tests.trust.forms import Page

pytestmark = pytest.mark.anyio

ALL = ("therapist", "owner", "front desk", "client", "stranger")


def test_the_vectors_of_the_clinical_facts() -> None:
    """`rtm_us.test_vectors`: days and the code of the device, minutes and talks and the codes of the month."""
    device = {0: None, 1: None, 2: "98985", 15: "98985", 16: "98977", 30: "98977"}
    assert {days: device_code(days) for days in device} == device
    month = {
        (9, 1): [],
        (10, 1): ["98979"],
        (19, 1): ["98979"],
        (20, 1): ["98980"],
        (39, 1): ["98980"],
        (40, 1): ["98980", "98981"],
        (60, 1): ["98980", "98981", "98981"],
        (59, 1): ["98980", "98981"],
        (10, 0): [],
        (40, 0): [],
    }
    assert {key: management_codes(*key) for key in month} == month


def test_thirty_days_in_a_row_from_the_start_and_then_the_next_and_months_as_they_are() -> None:
    start = date(2026, 1, 10)
    # 22 days of January and 8 of February; the second of the windows ends on March 10.
    windows = {
        date(2026, 1, 10): (date(2026, 1, 10), date(2026, 2, 8)),
        date(2026, 2, 8): (date(2026, 1, 10), date(2026, 2, 8)),
        date(2026, 2, 9): (date(2026, 2, 9), date(2026, 3, 10)),
    }
    assert {day: window_of(start, day) for day in windows} == windows
    assert month_of(date(2026, 2, 9)) == (date(2026, 2, 1), date(2026, 2, 28))
    assert month_of(date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))


def test_what_is_missing_is_said_in_numbers() -> None:
    rows: list[tuple[Any, list[tuple[str, int, str]]]] = [
        (
            window_lines(1, False),
            [
                ("98975", 0, "2 data days are needed, 1 counted."),
                ("98985", 0, "2 data days are needed, 1 counted."),
                ("98977", 0, "16 data days are needed, 1 counted."),
            ],
        ),
        (
            window_lines(16, True),
            [
                ("98975", 0, "Once in an episode: an earlier period had the days for it."),
                ("98985", 0, "Not beside 98977."),
                ("98977", 1, ""),
            ],
        ),
        (
            month_lines(12, 0),
            [
                ("98979", 0, "A live talk with the client or a caregiver is needed."),
                (
                    "98980",
                    0,
                    "20 minutes are needed, 12 counted. A live talk with the client or a caregiver is needed.",
                ),
                (
                    "98981",
                    0,
                    "40 minutes are needed, 12 counted. A live talk with the client or a caregiver is needed.",
                ),
            ],
        ),
        (
            month_lines(65, 2),
            [("98979", 0, "Not beside 98980."), ("98980", 1, ""), ("98981", 2, "")],
        ),
    ]
    for lines, expected in rows:
        assert [(line.code, line.times, str(line.why or "")) for line in lines] == expected
    assert set(LABELS.values()) | set(CAUTIONS) <= set(catalogue("es"))


async def switched_on(api: AsyncClient, world: World) -> str:
    await api.patch("/v1/settings", json={"monitoring": True}, headers=world.headers["owner"])
    return f"/v1/clients/{world.maria.id}/monitoring"


async def test_a_day_counts_once_when_it_reached_us_and_by_the_channels_that_count(
    api: AsyncClient, database: Database, world: World
) -> None:
    path, sam = await switched_on(api, world), world.headers["therapist"]
    start = {"starts_on": ago(40).isoformat()}
    # Told twice at once, it is one.
    both = await asyncio.gather(*(api.post(path, json=start, headers=sam) for _ in range(2)))
    assert [answer.status_code for answer in both] == [204, 204]
    # In the first 30 days: twice on one day, and three days filled in at one sitting, are two days of data.
    await told.pain(database, world.maria, ago(39), 4)
    await told.pain(database, world.maria, ago(39), 5, 19, "text")
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        for back in (35, 34, 33):
            now = told.moment(world.maria, ago(33))
            await record_pain(session, world.maria, NewPain(3), When(ago(back)), now)
    # In the next: one by text, one on the page; what a therapist writes down is no data of the client's.
    await told.pain(database, world.maria, ago(5), 4, channel="text")
    await told.pain(database, world.maria, ago(4), 4)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await record_pain(session, world.maria, NewPain(3), When(ago(2)), told.moment(world.maria, ago(2)))

    async def window(**asked: Any) -> Any:
        return (await api.get(path, params=asked, headers=sam)).json()["window"]

    first = await window(on=ago(30).isoformat())
    assert (first["first"], first["last"]) == (ago(40).isoformat(), ago(11).isoformat())
    assert first["data_days"] == [ago(39).isoformat(), ago(33).isoformat()]
    assert {code["code"]: code["times"] for code in first["codes"]} == {"98975": 1, "98985": 1, "98977": 0}
    now = await window()
    assert now["data_days"] == [ago(5).isoformat(), ago(4).isoformat()]
    assert {code["code"]: code["times"] for code in now["codes"]} == {"98975": 0, "98985": 1, "98977": 0}
    without = await window(without="text")
    assert without["data_days"] == [ago(4).isoformat()]
    told_of = {(one["channel"], one["days"], one["counted"]) for one in without["channels"]}
    assert told_of == {("web", 1, True), ("text", 1, False)}


async def test_minutes_are_one_however_often_sent_and_count_until_they_are_taken_back(
    api: AsyncClient, database: Database, world: World
) -> None:
    path, sam = await switched_on(api, world), world.headers["therapist"]
    time, more = f"{path}/times/{uuid4()}", f"{path}/times/{uuid4()}"
    talk = {"day": TODAY.isoformat(), "minutes": 12, "is_live": True}
    both = await asyncio.gather(*(api.put(time, json=talk, headers=sam) for _ in range(2)))
    assert [answer.status_code for answer in both] == [204, 204]
    other = await api.put(time, json={**talk, "minutes": 13}, headers=sam)
    assert (other.status_code, other.json()["type"]) == (409, "urn:clamshell:problem:id-taken")
    assert (await api.put(more, json={**talk, "minutes": 8, "is_live": False}, headers=sam)).status_code == 204
    month = (await api.get(path, headers=sam)).json()["month"]
    assert (month["minutes"], month["live"], month["first"]) == (20, 1, "2026-03-01")
    assert [code["code"] for code in month["codes"] if code["times"]] == ["98980"]
    page = await shown(api, world, "/clients/MARIA/monitoring")
    assert "20 minutes , 1 live talk" in page
    assert "It does not say that a code may be billed" in page
    for wrong, pointer in (
        ({**talk, "minutes": 481}, "/minutes"),
        ({**talk, "minutes": 0, "is_live": False}, "/minutes"),
        ({**talk, "day": (TODAY + timedelta(days=1)).isoformat()}, "/day"),
        ({**talk, "day": ago(91).isoformat()}, "/day"),
    ):
        answer = await api.put(f"{path}/times/{uuid4()}", json=wrong, headers=sam)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), wrong
    assert (await api.delete(time, headers=sam)).status_code == 204
    month = (await api.get(path, headers=sam)).json()["month"]
    assert (month["minutes"], month["live"]) == (8, 0)
    assert await count(database, world.team, "monitoring_time") == 2


async def test_the_forms_of_the_page_start_note_and_end(api: AsyncClient, database: Database, world: World) -> None:
    await switched_on(api, world)
    page = "/clients/MARIA/monitoring"
    assert "not started" in await shown(api, world, page)
    wrong = await send(api, world, f"{page}/start", {"starts_on": "soon"}, page=page)
    assert wrong.status_code == 422
    assert "Use a day such as 2026-03-10." in wrong.text
    assert (await send(api, world, f"{page}/start", {"starts_on": ago(3).isoformat()}, page=page)).status_code == 303
    note = {"entry": str(uuid4()), "day": TODAY.isoformat(), "minutes": "10", "is_live": "on"}
    assert (await send(api, world, f"{page}/time", note, page=page)).status_code == 303
    assert "98979 First 10 minutes of a month Supportable" in await shown(api, world, page)
    assert (await send(api, world, f"{page}/take_back", note, page=page)).status_code == 303
    assert "0 minutes" in await shown(api, world, page)
    # A second start on another day is somebody else's mistake, not a second episode.
    again = await send(api, world, f"{page}/start", {"starts_on": ago(2).isoformat()}, page=page)
    assert again.status_code == 409
    assert value_of(again.text, "starts_on") == ago(2).isoformat()
    assert "It was started already, from the day at the top." in words(again.text)
    assert (await send(api, world, f"{page}/end", page=page)).status_code == 303
    assert await count(database, world.team, "monitoring WHERE ended_on = '2026-03-10'") == 1


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"minutes": "-1"}, "minutes", "Use 0 to 480 minutes."),
        ({"minutes": "1e9"}, "minutes", "Use 0 to 480 minutes."),
        ({"minutes": "481"}, "minutes", "Use 0 to 480 minutes."),
        ({"minutes": "a while"}, "minutes", "Use 0 to 480 minutes."),
        ({"minutes": "0", "is_live": ""}, "minutes", "Use at least one minute, or say that you spoke."),
        ({"day": "2026-03-11"}, "day", "Use today or one of the last 90 days."),
        ({"day": "2025-12-09"}, "day", "Use today or one of the last 90 days."),
        ({"day": "2026-02-30", "minutes": "x"}, "day", "Use a day such as 2026-03-10."),
        ({"day": "2026-02-30", "minutes": "x"}, "minutes", "Use 0 to 480 minutes."),
    ],
)
async def test_minutes_that_cannot_be_right_are_said_beside_their_field(
    api: AsyncClient, database: Database, world: World, typed: dict[str, str], field: str, said: str
) -> None:
    await switched_on(api, world)
    page = "/clients/MARIA/monitoring"
    form = {"entry": str(uuid4()), "day": TODAY.isoformat(), "minutes": "10", "is_live": "on", **typed}
    answer = await send(api, world, f"{page}/time", {name: value for name, value in form.items() if value}, page=page)
    told = Page(answer.text)
    [noted] = [one for one in told.forms if one.action.endswith("/time")]
    assert answer.status_code == 422
    assert [told.told(one) for one in noted.controls if one.name == field] == [said]
    kept = dict(noted.sent)
    assert (kept["day"], kept["minutes"], "is_live" in kept) == (form["day"], form["minutes"], bool(form["is_live"]))
    assert await count(database, world.team, "monitoring_time") == 0


async def test_other_minutes_of_a_form_that_was_sent_before_are_not_taken_for_the_same(
    api: AsyncClient, database: Database, world: World
) -> None:
    """Somebody went back in the browser, and changed what they had sent."""
    await switched_on(api, world)
    page = "/clients/MARIA/monitoring"
    note = {"entry": str(uuid4()), "day": TODAY.isoformat(), "minutes": "10"}
    codes = [(await send(api, world, f"{page}/time", note, page=page)).status_code for _ in range(2)]
    assert codes == [303, 303]
    other = await send(api, world, f"{page}/time", note | {"minutes": "25"}, page=page)
    assert (other.status_code, value_of(other.text, "minutes")) == (409, "25")
    assert "Other minutes were saved with this form before." in words(other.text)
    assert await count(database, world.team, "monitoring_time") == 1


async def test_only_staff_of_a_clinic_that_turned_it_on_see_it(api: AsyncClient, world: World) -> None:
    path = f"/v1/clients/{world.maria.id}/monitoring"
    assert (await api.get(path, headers=world.headers["therapist"])).status_code == 404
    assert "Monitoring" not in await shown(api, world, "/clients/MARIA")
    await switched_on(api, world)
    assert "Monitoring" in await shown(api, world, "/clients/MARIA")
    codes = {who: (await api.get(path, headers=world.headers[who])).status_code for who in ALL}
    assert codes == {"therapist": 200, "owner": 200, "front desk": 403, "client": 403, "stranger": 404}
    body = {"starts_on": TODAY.isoformat()}
    codes = {who: (await api.post(path, json=body, headers=world.headers[who])).status_code for who in ALL}
    assert codes == {"therapist": 204, "owner": 204, "front desk": 403, "client": 403, "stranger": 404}
