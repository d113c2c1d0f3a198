"""A clinic may only be stricter with itself: who may set it, what is refused, and that the notifier heeds it."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Database
from service.errors import Refused
from service.review.rules.settings import NUMBERS, SWITCHES, refuse_impossible
from tests.service.review.browsing import World, count, send, shown, words
from tests.service.test_words import catalogue

pytestmark = pytest.mark.anyio

AS_IT_COMES = {
    "flare_score": 6,
    "texts_per_day": 4,
    "texts_per_week": 20,
    "fresh_start": False,
    "week_text": True,
    "monitoring": False,
    "escalate_minutes": 60,
    "traces_days": 90,
    "office_hours": {day: {"opens": "08:00", "closes": "18:00"} for day in ("mon", "tue", "wed", "thu", "fri")},
    "closed_days": [],
}
HOURS = {
    "escalate_minutes": "60",
    "traces_days": "30",
    "opens_mon": "09:00",
    "closes_mon": "12:30",
    "closed_days": "2026-12-25",
}


def test_what_is_out_of_bounds_is_named_with_what_would_be_right() -> None:
    rows: list[tuple[dict[str, int], list[str]]] = [
        ({}, []),
        ({"flare_score": 4, "texts_per_day": 1, "texts_per_week": 1}, []),
        ({"flare_score": 6, "texts_per_day": 4, "texts_per_week": 20}, []),
        ({"flare_score": 3}, ["/flare_score"]),
        ({"flare_score": 7, "texts_per_day": 5}, ["/flare_score", "/texts_per_day"]),
        ({"texts_per_week": 21}, ["/texts_per_week"]),
        ({"texts_per_day": 4, "texts_per_week": 3}, ["/texts_per_week"]),
    ]
    for numbers, wrong in rows:
        found: list[str] = []
        try:
            refuse_impossible(numbers)
        except Refused as refused:
            found = [problem.pointer for problem in refused.problems]
        assert found == wrong, numbers
    assert NUMBERS["flare_score"].hint == "Use a whole number from 4 to 6: a clinic may only be stricter."


def test_every_setting_says_where_it_comes_from_in_both_languages() -> None:
    said = {msgid for one in NUMBERS.values() for msgid in (one.label, one.source)}
    said |= {msgid for pair in SWITCHES.values() for msgid in pair}
    assert said - set(catalogue("es")) == set()


async def test_the_owner_sets_them_and_nobody_else(api: AsyncClient, database: Database, world: World) -> None:
    owner = world.headers["owner"]
    assert (await api.get("/v1/settings", headers=owner)).json() == AS_IT_COMES
    changed = await api.patch("/v1/settings", json={"flare_score": 5, "texts_per_week": 6}, headers=owner)
    assert changed.json() == {**AS_IT_COMES, "flare_score": 5, "texts_per_week": 6}
    for who in ("therapist", "front desk", "client", "stranger"):
        assert (await api.patch("/v1/settings", json={"flare_score": 4}, headers=world.headers[who])).status_code == 403
        assert (await api.get("/v1/settings", headers=world.headers[who])).status_code == 403
    before = await count(database, world.team, "audit_entry WHERE record_kind = 'clinic' AND action = 'set'")
    for wrong, pointer in (
        ({"flare_score": 7}, "/flare_score"),
        ({"texts_per_day": 0}, "/texts_per_day"),
        ({"texts_per_day": 4, "texts_per_week": 2}, "/texts_per_week"),
        # Four a day stand already.
        ({"texts_per_week": 3}, "/texts_per_week"),
        ({"week_text": "yes"}, "/week_text"),
        ({"escalate_minutes": 61}, "/escalate_minutes"),
        ({"traces_days": 29}, "/traces_days"),
        ({"office_hours": {"mon": {"opens": "12:00", "closes": "08:00"}}}, "/office_hours/mon"),
        ({"office_hours": {}}, "/office_hours/mon"),
        ({"office_hours": {"mon": {"opens": "8", "closes": "18:00"}}}, "/office_hours/mon/opens"),
        ({"office_hours": {"someday": {"opens": "08:00", "closes": "18:00"}}}, "/office_hours/someday"),
        ({"closed_days": ["Christmas"]}, "/closed_days/0"),
        ({"closed_days": [f"{year}-01-01" for year in range(2000, 2101)]}, "/closed_days"),
        ({"texts": 3}, "/texts"),
    ):
        answer = await api.patch("/v1/settings", json=wrong, headers=owner)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert await count(database, world.team, "audit_entry WHERE record_kind = 'clinic' AND action = 'set'") == before
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        row = (await session.execute(text("SELECT flare_score, texts_per_week, week_text FROM clinic"))).one()
    assert tuple(row) == (5, 6, True)


async def test_the_page_keeps_what_was_typed_and_says_what_would_be_right(api: AsyncClient, world: World) -> None:
    form = {**HOURS, "flare_score": "9", "texts_per_day": "2", "texts_per_week": "x", "fresh_start": "on"}
    answer = await send(api, world, "/settings", form, who="owner")
    assert answer.status_code == 422
    assert "Use a whole number from 1 to 20: a clinic may only be stricter." in words(answer.text)
    answer = await send(api, world, "/settings", {**form, "texts_per_week": "9"}, who="owner")
    assert "Use a whole number from 4 to 6" in words(answer.text)
    assert 'value="9"' in answer.text
    right = {**form, "flare_score": "4", "texts_per_week": "9"}
    assert (await send(api, world, "/settings", right, who="owner")).headers["location"] == "/settings?done=settings"
    now = (await api.get("/v1/settings", headers=world.headers["owner"])).json()
    expected = {
        "flare_score": 4,
        "texts_per_day": 2,
        "texts_per_week": 9,
        "fresh_start": True,
        "week_text": False,
        "monitoring": False,
        "escalate_minutes": 60,
        "traces_days": 30,
        "office_hours": {"mon": {"opens": "09:00", "closes": "12:30"}},
        "closed_days": ["2026-12-25"],
    }
    assert now == expected
    assert "Settings" in await shown(api, world, "/caseload", "owner")
    assert "Settings" not in await shown(api, world, "/caseload")


async def test_what_is_wrong_with_the_hours_is_said_at_the_day_and_nothing_typed_is_lost(
    api: AsyncClient, world: World
) -> None:
    numbers = {
        "flare_score": "6",
        "texts_per_day": "4",
        "texts_per_week": "20",
        "escalate_minutes": "30",
        "traces_days": "60",
    }
    wrong = {"opens_mon": "10:00", "closes_mon": "09:00", "opens_sat": "09:00", "closed_days": "2026-12-25\nEaster"}
    answer = await send(api, world, "/settings", {**numbers, **wrong}, who="owner")
    assert answer.status_code == 422
    assert [day for day in ("mon", "tue", "sat") if f'id="{day}-problem"' in answer.text] == ["mon", "sat"]
    assert "Use a date such as 2026-12-25 on each line." in words(answer.text)
    assert "2026-12-25\nEaster</textarea>" in answer.text
    assert (await api.get("/v1/settings", headers=world.headers["owner"])).json() == AS_IT_COMES
    nobody = await send(api, world, "/settings", numbers, who="owner")
    assert "somebody must be there some time" in words(nobody.text)
