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
        ({"texts": 3}, "/texts"),
    ):
        answer = await api.patch("/v1/settings", json=wrong, headers=owner)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert await count(database, world.team, "audit_entry WHERE record_kind = 'clinic' AND action = 'set'") == before
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        row = (await session.execute(text("SELECT flare_score, texts_per_week, week_text FROM clinic"))).one()
    assert tuple(row) == (5, 6, True)


async def test_the_page_keeps_what_was_typed_and_says_what_would_be_right(api: AsyncClient, world: World) -> None:
    form = {"flare_score": "9", "texts_per_day": "2", "texts_per_week": "x", "fresh_start": "on"}
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
    }
    assert now == expected
    assert "Settings" in await shown(api, world, "/caseload", "owner")
    assert "Settings" not in await shown(api, world, "/caseload")
