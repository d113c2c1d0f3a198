"""What a stricter limit does: never fewer alerts or warnings, nothing bolder proposed, and each number decides."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.accounts.rules.limits import RANGES, GuardLimits, LoadLimits, PainLimits, SilenceLimits
from service.catalogue.library import shipped
from service.catalogue.rules import Side, dose_default
from service.diary.rules import Response
from service.diary.rules.screening import asks_urgency, is_alarming
from service.plans.rules import EveryDays, FixedWeekdays, TimesPerWeek
from service.plans.rules.guard import Candidate, Circumstances, warnings
from service.progress.loading import Load, Week, nights_risen, propose
from service.progress.rules.pain_days import DayPain
from service.review.rules import Evidence, findings, sort_key, triage
from service.review.rules.pain import Limits
from tests.told import known

TODAY = date(2026, 4, 20)
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)


def stricter(family: type) -> st.SearchStrategy[Any]:
    one_of = {name: RANGES[name] for name in family.__slots__}  # type: ignore[attr-defined]
    return st.builds(family, **{name: st.integers(one.low, one.high) for name, one in one_of.items()})


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
