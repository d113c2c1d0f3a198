"""A clinic's limits: what they come as, who makes them stricter, that nothing looser is kept, and what follows."""

from dataclasses import astuple
from inspect import getdoc

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.accounts.rules.limits import FAMILIES, RANGES, Range
from service.database.tenancy import Database
from service.review.rules import Tier
from service.review.rules.limits import LIMITS, WORDS
from tests import told
from tests.make import TODAY as TODAY_THERE
from tests.service.review.browsing import World, ago, count, look, send, shown, words
from tests.service.test_words import catalogue

AS_IT_COMES = {name: one.usual for name, one in RANGES.items()}
STRICTEST = {name: one.low if one.usual == one.high else one.high for name, one in RANGES.items()}
LOOSER = {name: one.usual + (1 if one.usual == one.high else -1) for name, one in RANGES.items()}
TWO = ("glu-bridge-double", "glu-squeeze")


def test_what_it_comes_with_is_the_number_of_the_sources() -> None:
    """Of clinical facts 2.1 and 0.2, ACSM-RES, SALAFFI, and what was chosen where there is no source."""
    assert [astuple(family()) for family in FAMILIES] == [(8, 3, 2, 2), (3, 72, 3), (5, 3, 2, 70, 3), (4, 20, 2, 14)]
    assert RANGES["high_pain"] == Range(8, 6, 8)
    assert RANGES["load_percent"] == Range(70, 70, 100)
    assert {one.usual in (one.low, one.high) and one.low < one.high for one in RANGES.values()} == {True}


def test_every_limit_has_its_words_in_both_languages_and_its_source_in_the_code() -> None:
    assert set(LIMITS) == set(RANGES)
    used = {*WORDS, *(words for one in LIMITS.values() for words in (one.label, one.source, one.words.msgid))}
    assert used - set(catalogue("es")) == set()
    told_of = "".join(getdoc(family) or "" for family in FAMILIES)
    assert [name for name in RANGES if f"\n{name} " not in told_of] == []


@pytest.mark.anyio
async def test_the_database_takes_the_stricter_side_only(database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        row = (await session.execute(text(f"SELECT {', '.join(RANGES)} FROM clinic"))).mappings().one()
        assert dict(row) == AS_IT_COMES
        for name in RANGES:
            statement = text(f"UPDATE clinic SET {name} = :number")
            with pytest.raises(IntegrityError, match=f"ck_clinic_{name}_stricter"):
                async with session.begin_nested():
                    await session.execute(statement, {"number": LOOSER[name]})
            await session.execute(statement, {"number": STRICTEST[name]})
        await session.rollback()


@pytest.mark.anyio
async def test_the_owner_makes_them_stricter_and_nobody_else(
    api: AsyncClient, database: Database, world: World
) -> None:
    owner, path = world.headers["owner"], "/v1/settings/limits"
    assert (await api.get(path, headers=owner)).json() == AS_IT_COMES
    for who in ("therapist", "front desk", "client", "stranger"):
        assert (await api.patch(path, json={"high_pain": 7}, headers=world.headers[who])).status_code == 403
        assert (await api.get(path, headers=world.headers[who])).status_code == 403
    for name, number in LOOSER.items():
        answer = await api.patch(path, json={"hurts_times": 1} | {name: number}, headers=owner)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")
    assert (await api.patch(path, json={"pain": 7}, headers=owner)).json()["errors"][0]["pointer"] == "/pain"
    assert (await api.get(path, headers=owner)).json() == AS_IT_COMES
    changed = await api.patch(path, json={"load_sessions": 4, "guard_exercises": 3}, headers=owner)
    assert changed.json() == AS_IT_COMES | {"load_sessions": 4, "guard_exercises": 3}
    assert await count(database, world.team, "audit_entry WHERE record_kind = 'clinic' AND action = 'set'") == 1


@pytest.mark.anyio
async def test_the_page_says_what_would_be_right_at_each_and_loses_nothing_typed(
    api: AsyncClient, world: World
) -> None:
    page = await shown(api, world, "/settings/limits", "owner")
    assert "Less than 2 points is mostly too small to call" in page
    assert "It comes as 70 and may be 70 to 100." in page
    form = {name: str(number) for name, number in STRICTEST.items()} | {"high_pain": "9", "load_percent": "many"}
    answer = await send(api, world, "/settings/limits", form, who="owner")
    assert answer.status_code == 422
    wrong = [name for name in RANGES if f'id="{name}-problem"' in answer.text]
    assert wrong == ["high_pain", "load_percent"]
    assert "Use a whole number from 6 to 8: a clinic may only be stricter." in words(answer.text)
    assert 'value="many"' in answer.text
    assert (await look(api, world, "/v1/settings/limits", "owner")).json() == AS_IT_COMES
    right = form | {"high_pain": "7", "load_percent": "80"}
    answer = await send(api, world, "/settings/limits", right, who="owner")
    assert answer.headers["location"] == "/settings/limits?done=settings"
    expected = STRICTEST | {"high_pain": 7, "load_percent": 80}
    assert (await look(api, world, "/v1/settings/limits", "owner")).json() == expected


@pytest.mark.anyio
async def test_a_score_of_7_is_one_to_call_where_the_clinic_says_so_and_asks_the_client_too(
    api: AsyncClient, database: Database, world: World
) -> None:
    await told.pain(database, world.maria, ago(0), 7)

    async def seen() -> tuple[str, str]:
        [row] = (await look(api, world, "/v1/caseload")).json()["rows"]
        questions = await look(api, world, "/v1/clients/MARIA/red-flag-questions", "client")
        return row["tier"], questions.json()["due"]

    # The regular questions of somebody new.
    assert await seen() == (Tier.NEW, "full")
    await api.patch("/v1/settings/limits", json={"high_pain": 7}, headers=world.headers["owner"])
    assert await seen() == (Tier.CALL, "pain")


@pytest.mark.anyio
async def test_two_exercises_need_a_reason_where_the_clinic_has_one_at_a_time(api: AsyncClient, world: World) -> None:
    items = [{"exercise": code, "cadence": {"weekdays": ["mon", "wed", "fri"]}} for code in TWO]
    plan = {"starts_on": TODAY_THERE.isoformat(), "items": items}
    path = f"/v1/clients/{world.maria.id}/plan"
    await api.patch("/v1/settings/limits", json={"guard_exercises": 1}, headers=world.headers["owner"])
    refused = await api.post(path, json=plan, headers=world.headers["therapist"])
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/items", "too_many")]
    await api.patch("/v1/settings/limits", json={"guard_exercises": 2}, headers=world.headers["owner"])
    assert (await api.post(path, json=plan, headers=world.headers["therapist"])).status_code == 201
    # What the client reads goes by the clinic's limit as well.
    said = "Stop if pain gets above %s or does not settle by the next day."
    assert said % 5 in await shown(api, world, "/plan", "client")
    await api.patch("/v1/settings/limits", json={"load_pain": 3}, headers=world.headers["owner"])
    assert said % 3 in await shown(api, world, "/plan", "client")
