"""A clinic's limits: what is stricter changes who is called and what is warned of, and nothing looser is ever kept."""

from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta
from inspect import getdoc
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.accounts.rules.limits import (
    FAMILIES,
    RANGES,
    GuardLimits,
    LoadLimits,
    PainLimits,
    Range,
    SilenceLimits,
)
from service.catalogue.library import shipped
from service.catalogue.rules import Side, dose_default
from service.database.tenancy import Database
from service.diary.rules import Response
from service.diary.rules.screening import asks_urgency, is_alarming
from service.plans.rules import EveryDays, FixedWeekdays, TimesPerWeek
from service.plans.rules.guard import Candidate, Circumstances, warnings
from service.progress.loading import Load, Week, nights_risen, propose
from service.progress.rules.pain_days import DayPain
from service.review.rules import Evidence, Tier, findings, sort_key, triage
from service.review.rules.limits import LIMITS, WORDS
from service.review.rules.pain import Limits
from tests import told
from tests.make import TODAY as TODAY_THERE
from tests.service.review.browsing import World, ago, count, look, send, shown, words
from tests.service.test_words import catalogue
from tests.told import known

AS_IT_COMES = {name: one.usual for name, one in RANGES.items()}
STRICTEST = {name: one.low if one.usual == one.high else one.high for name, one in RANGES.items()}
LOOSER = {name: one.usual + (1 if one.usual == one.high else -1) for name, one in RANGES.items()}
TODAY = date(2026, 4, 20)
TWO = ("glu-bridge-double", "glu-squeeze")
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)


def stricter(family: type) -> st.SearchStrategy[Any]:
    one_of = {name: RANGES[name] for name in family.__slots__}  # type: ignore[attr-defined]
    return st.builds(family, **{name: st.integers(one.low, one.high) for name, one in one_of.items()})


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


SCORES = st.lists(st.none() | st.integers(0, 10), max_size=20)
HURTS = st.lists(st.integers(0, 24 * 9), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    pain=SCORES,
    hurts=HURTS,
    unlogged=st.integers(0, 5),
    logged=st.none() | st.integers(0, 100),
    invited=st.integers(0, 100),
    limits=st.builds(Limits, stricter(PainLimits), stricter(SilenceLimits)),
)
def test_a_stricter_clinic_never_raises_fewer_alerts(
    pain: list[int | None], hurts: list[int], unlogged: int, logged: int | None, invited: int, limits: Limits
) -> None:
    days = [TODAY - timedelta(days=back) for back in range(len(pain) - 1, -1, -1)]
    answers = [
        DayPain(day, score, datetime.combine(day, NOW.timetz()))
        for day, score in zip(days, pain, strict=True)
        if score is not None
    ]
    evidence = Evidence(
        now=NOW,
        today=TODAY,
        pain=known(answers),
        hurts_at=tuple(NOW - timedelta(hours=hours) for hours in hurts),
        planned_unlogged=unlogged,
        last_log_at=None if logged is None else NOW - timedelta(hours=logged),
        invited_at=NOW - timedelta(hours=invited),
    )
    usual, tight = ({found.rule for found in findings(evidence, one)} for one in (Limits(), limits))
    assert usual <= tight
    assert sort_key(triage(evidence, limits))[0] <= sort_key(triage(evidence))[0]
    at, asked = evidence.hurts_at, limits.pain
    assert asks_urgency(NOW, at, None, asked) or not asks_urgency(NOW, at, None, PainLimits())
    for score in (one for one in pain if one is not None):
        assert is_alarming(score, pain[0], asked) or not is_alarming(score, pain[0], PainLimits())


ROW = st.tuples(*[st.none() | st.integers(0, 10)] * 3, st.none() | st.sampled_from(Response), st.integers(0, 10))
GOOD = st.tuples(st.just(2), st.integers(0, 5), st.integers(0, 5), st.sampled_from(list(Response)[:2]), st.just(2))
WEEKS = st.builds(Week, st.none() | st.floats(0, 100), st.none() | st.floats(-3, 3))


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(ROW | GOOD | GOOD, min_size=1, max_size=8),
    week=WEEKS,
    nights=st.lists(st.integers(0, 1), min_size=14, max_size=14),
    limits=stricter(LoadLimits),
    has_easier=st.booleans(),
    is_eased=st.booleans(),
)
def test_a_stricter_clinic_is_never_proposed_anything_bolder(
    rows: list[Any], week: Week, nights: list[int], limits: LoadLimits, has_easier: bool, is_eased: bool
) -> None:
    loads = [Load(TODAY - timedelta(days=len(rows) - n), *row) for n, row in enumerate(rows)]
    woken = {TODAY - timedelta(days=n): float(times) for n, times in enumerate(nights)}
    usual, tight = (
        propose(
            loads,
            TODAY,
            replace(week, nights_risen_to=nights_risen(woken, TODAY, one)),
            one,
            has_easier=has_easier or is_eased,
            is_eased=is_eased,
        )
        for one in (LoadLimits(), limits)
    )
    assert tight.verdict <= usual.verdict


ITEMS = st.tuples(
    st.sampled_from([entry for entry in shipped().exercises if entry.group == "glute"]),
    st.sampled_from([Side.LEFT, Side.RIGHT, Side.BOTH]),
    st.integers(1, 127).map(FixedWeekdays) | st.integers(1, 7).map(TimesPerWeek),
)


@settings(max_examples=80, deadline=None)
@given(items=st.lists(ITEMS, max_size=6), limits=stricter(GuardLimits))
def test_a_stricter_clinic_is_warned_of_no_less(items: list[Any], limits: GuardLimits) -> None:
    plan = [
        Candidate(place, entry, entry.name, replace(dose_default(entry), side=side), cadence)
        for place, (entry, side, cadence) in enumerate(items)
    ]
    usual, tight = (
        {(one.place, one.code) for one in warnings(plan, Circumstances(TODAY, limits=limits))}
        for limits in (GuardLimits(), limits)
    )
    assert usual <= tight


def test_each_number_of_the_guard_decides() -> None:
    entries = {entry.id: entry for entry in shipped().exercises}
    mon_wed_fri, every_third = FixedWeekdays(0b0010101), EveryDays(3, TODAY)

    def warned(limits: GuardLimits, *codes: str, cadence: Any = mon_wed_fri) -> list[tuple[str, str]]:
        plan = [
            Candidate(place, entries[code], code, replace(dose_default(entries[code]), side=Side.BOTH), cadence)
            for place, code in enumerate(codes)
        ]
        return [(one.code, str(one.words)) for one in warnings(plan, Circumstances(TODAY, limits=limits))]

    three = ("glu-squeeze", "glu-bridge-double", "glu-bird-dog")
    assert warned(GuardLimits(), *three) == []
    assert warned(GuardLimits(guard_exercises=2), *three) == [
        ("too_many", "3 exercises at a time. People keep up better with 2 or fewer.")
    ]
    long = replace(dose_default(entries["glu-squat-double"]), sets=3, reps=15, rest_seconds=60, side=Side.BOTH)
    plan = [Candidate(n, entries["glu-squat-double"], "", long, mon_wed_fri) for n in range(2)]
    told_of = [
        [str(one.words) for one in warnings(plan, Circumstances(TODAY, limits=limits)) if one.code == "too_long"]
        for limits in (GuardLimits(), GuardLimits(guard_minutes=9))
    ]
    # 3 x 15 x 4 s + 2 x 60 s = 300 s, twice.
    assert told_of == [[], ["About 10 minutes in all. Over 9 is a lot to keep up."]]
    assert warned(GuardLimits(), "glu-hip-thrust") == []
    apart = GuardLimits(guard_loaded_days=3)
    words = "Loaded work too soon again. Your clinic leaves 2 days free in between."
    assert warned(apart, "glu-hip-thrust") == [("loaded_days", words)]
    assert warned(apart, "glu-hip-thrust", cadence=every_third) == []


def test_each_number_of_the_24_hour_rule_decides() -> None:
    good = [Load(TODAY - timedelta(days=3 - n), 2, 3, 3, Response.SAME, 2) for n in range(3)]
    felt = [*good[:2], replace(good[2], during=4)]
    over = [*good[:2], replace(good[2], during=6)]
    week = Week(80.0, 0.0)

    def verdict(loads: list[Load], **limits: int) -> tuple[str, str]:
        found = propose(loads, TODAY, week, LoadLimits(**limits))
        return found.verdict.name, str(found.why)

    assert verdict(good)[0] == verdict(felt)[0] == "ADVANCE"
    assert verdict(felt, load_pain=3) == ("HOLD", "pain up to 4 with one of the last sessions")
    assert verdict(good, load_sessions=4) == ("HOLD", "3 of 4 sessions so far")
    assert verdict(good, load_percent=90) == ("HOLD", "80 % of the planned days were done in 7 days")
    assert (verdict(over)[0], verdict(over, load_misses=1)[0]) == ("HOLD", "STEP_BACK")
    # Two sore ones of the last three hold, and no number of good ones before them outweighs that.
    six = [Load(TODAY - timedelta(days=6 - n), 2, 4 if n > 3 else 3, 3, Response.SAME, 2) for n in range(6)]
    assert [verdict(six, load_sessions=n)[0] for n in (3, 6)] == ["HOLD", "HOLD"]
    nights = {TODAY - timedelta(days=n): float(n < 2) for n in range(14)}
    assert [nights_risen(nights, TODAY, LoadLimits(load_nights=n)) for n in (3, 2)] == [None, 2]


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
