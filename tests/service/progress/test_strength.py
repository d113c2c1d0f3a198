"""The strength score, worked out by hand: m of a daily habit is 0.5^(1/13) = 0.948078..."""

from datetime import date, timedelta

import pytest

from service.diary.rules import DayState
from service.progress.rules import DayRecord
from service.progress.rules.strength import plan_strength, strength

DONE, PARTLY, SKIPPED, REST, SILENT = (
    DayState.DONE,
    DayState.PARTLY,
    DayState.SKIPPED,
    DayState.REST,
    DayState.NO_ENTRY,
)


def days(*states: DayState, share: float | None = None) -> list[DayRecord]:
    first = date(2026, 3, 2)
    return [
        DayRecord(first + timedelta(days=n), state, state is not REST, share if state is PARTLY else None)
        for n, state in enumerate(states)
    ]


def test_the_score_worked_out_by_hand() -> None:
    rows: list[tuple[list[float | None], float, float | None]] = [
        ([], 1, None),
        ([None, None], 1, None),
        # One day leaves 1 - 0.948078; a second of the same 1 - 0.948078²; 13 of them come half of the way.
        ([1], 1, 0.051922),
        ([1, 1], 1, 0.101149),
        ([1] * 13, 1, 0.5),
        ([1] * 26, 1, 0.75),
        # A day against it takes a twentieth away, and not all; half a day counts half.
        ([*[1.0] * 13, 0.0], 1, 0.5 * 0.948078),
        ([*[1.0] * 13, 0.5], 1, 0.5),
        # Silence and skipped days change nothing.
        ([1, None, None, 1], 1, 0.101149),
        # Once a week, √(1/7) = 0.377964: 13 / 0.377964 = 34.39 times come half of the way, and 13 of them as far as
        # 1 - 0.5^0.377964.
        ([1] * 13, 1 / 7, 1 - 0.769523),
        ([0], 1, 0.0),
    ]
    for told, frequency, expected in rows:
        found = strength(told, frequency)
        assert found == (None if expected is None else pytest.approx(expected, abs=1e-6)), told


def test_of_a_plan_a_skipped_a_rested_and_a_silent_day_are_neither_for_nor_against() -> None:
    daily = plan_strength(days(*[DONE] * 13))
    assert daily == pytest.approx(0.5)
    assert plan_strength(days(*[DONE] * 13, SKIPPED, SILENT)) == pytest.approx(0.5)
    # Partly done by a quarter: 0.5 · 0.948078 + 0.25 · 0.051922; nobody said how much: a half, which is where it was.
    assert plan_strength(days(*[DONE] * 13, PARTLY, share=0.25)) == pytest.approx(0.487019, abs=1e-6)
    assert plan_strength(days(*[DONE] * 13, PARTLY)) == pytest.approx(0.5)
    # Every other day rests: 7 of 13 days are asked for, √(7/13) = 0.733799, seven times: 1 - 0.5^(7 · 0.733799 / 13).
    assert plan_strength(days(*[DONE, REST] * 6, DONE)) == pytest.approx(1 - 0.760425, abs=1e-6)
    assert plan_strength(days(REST, REST)) is None
    assert plan_strength([DayRecord(date(2026, 3, 1), DayState.NOT_YET, False)]) is None
