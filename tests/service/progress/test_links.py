"""A habit against the pain of the day after, on diaries made up with and without a link."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest

from service.progress.rules.links import HabitLink, Link, habit_link, t_quantile

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(60)]


def diaries(seed: int, count: int, *, sticky: float, effect: float = 0.0, fall: float = 0.0) -> Iterator[HabitLink]:
    """60 days each: pain about 5, `sticky` of yesterday's surprise is left today, `fall` points a day; the habit is met
    on half of the days and, sticky too, changes nothing but by `effect` on the day after. A tenth is not told."""
    random = Random(seed)
    for _ in range(count):
        surprise, was_met = 0.0, True
        met: dict[date, bool] = {}
        scores: dict[date, int] = {}
        for number, day in enumerate(DAYS):
            surprise = sticky * surprise + random.gauss(0, 1.2)
            yesterday = effect if met.get(day - timedelta(days=1)) else 0.0
            if random.random() > 0.05:
                scores[day] = min(max(round(5 + surprise - fall * number + yesterday), 0), 10)
            was_met = was_met if random.random() < sticky else random.random() < 0.5
            if random.random() > 0.05:
                met[day] = was_met
        yield habit_link(met, scores, 1)


def linked(found: Iterator[HabitLink]) -> float:
    told = [one.link for one in found if one.link is not Link.TOO_FEW]
    return sum(link is not Link.UNCLEAR for link in told) / len(told)


def test_a_habit_that_does_nothing_is_called_linked_in_7_of_100_diaries_at_most() -> None:
    false = {
        "nothing sticky": linked(diaries(1, 200, sticky=0.0)),
        "sticky 0.6": linked(diaries(2, 200, sticky=0.6)),
        "sticky 0.8": linked(diaries(3, 200, sticky=0.8)),
        "slowly falling": linked(diaries(4, 200, sticky=0.0, fall=0.05)),
    }
    assert {case: share for case, share in false.items() if share > 0.07} == {}


def test_a_point_less_pain_is_found_in_one_diary_of_three_at_least() -> None:
    found = [one.link for one in diaries(5, 150, sticky=0.0, effect=-1.0)]
    assert found.count(Link.LESS_PAIN) > 50
    assert found.count(Link.MORE_PAIN) <= 1


def alternating(score_with: int, score_without: int, days: int) -> HabitLink:
    """Met every third day; pain the day after is as given, and nothing else ever moves it."""
    met = {day: number % 3 == 0 for number, day in enumerate(DAYS[:days])}
    scores = {FIRST: score_without}
    scores |= {day + timedelta(days=1): score_with if was else score_without for day, was in met.items()}
    return habit_link(met, scores, 1)


def test_an_estimate_is_in_points_of_the_day_after() -> None:
    found = alternating(3, 5, 57)
    assert (found.with_habit, found.without) == (19, 38)
    assert found.estimate is not None
    assert found.estimate.points == pytest.approx(-2)
    # A habit told every third day without fail looks the same moved by three days: the second gate stays shut.
    assert found.link is Link.UNCLEAR


def test_below_ten_days_with_and_ten_without_nothing_is_said() -> None:
    # Of 28 days ten are multiples of three, of 27 only nine.
    assert alternating(3, 5, 28).link is not Link.TOO_FEW
    nine = alternating(3, 5, 27)
    assert (nine.link, nine.with_habit, nine.estimate) == (Link.TOO_FEW, 9, None)


def test_pain_that_never_moves_has_no_link_and_a_habit_that_is_the_trend_none_to_tell() -> None:
    still = alternating(4, 4, 40)
    assert still.link is Link.UNCLEAR
    assert still.estimate is not None
    assert still.estimate.points == pytest.approx(0)
    days = DAYS[:41]
    # Pain today says all of it: the habit was met exactly when pain was 5.
    told = habit_link(
        {day: n % 2 == 0 for n, day in enumerate(days)}, {d: 5 - n % 2 for n, d in enumerate(DAYS[:42])}, 1
    )
    assert (told.link, told.estimate) == (Link.TOO_FEW, None)


def test_an_estimate_is_the_one_of_the_normal_equations_worked_by_hand() -> None:
    # Four groups of five days, pain today 4 throughout, days 2 apart so that no day is two rows' tomorrow; the habit is
    # met in the 1st and 4th group, so it is balanced against the day number: the slope of the day is not needed.
    days = [FIRST + timedelta(days=2 * n) for n in range(20)]
    after = [3, 5, 3, 5, 4, 6, 5, 6, 5, 6, 6, 5, 6, 5, 6, 3, 5, 3, 5, 4]
    met = {day: n < 5 or n >= 15 for n, day in enumerate(days)}
    scores = {day: 4 for day in days} | {day + timedelta(days=1): score for day, score in zip(days, after, strict=True)}
    found = habit_link(met, scores, 1)
    # Means: 4.0 with, 5.6 without. Squares about them: 2 · 4 and 2 · 1.2, of which the day (products 8, squares 2660)
    # takes 64 / 2660: 10.376 on 20 - 3 rows. The habit's own squares are 20 / 4, so the error is √(10.376 / 17 / 5) =
    # 0.3494; t at 97.5 % of 17 is 2.1098: 0.7371 to each side. Pain today never moves, and takes nothing.
    assert found.estimate is not None
    assert found.estimate.points == pytest.approx(-1.6)
    assert found.estimate.low == pytest.approx(-2.3371, abs=1e-4)
    assert found.estimate.high == pytest.approx(-0.8629, abs=1e-4)
    assert found.link is Link.UNCLEAR


def test_five_habits_at_once_make_the_range_wider() -> None:
    random = Random(7)
    scores = {day: random.choice((3, 4, 5, 6)) for day in DAYS}
    met = {day: random.random() < 0.5 for day in DAYS}
    one, five = habit_link(met, scores, 1).estimate, habit_link(met, scores, 5).estimate
    assert one is not None
    assert five is not None
    # 95 % and 99 % of Student's t with 59 rows less 4: 2.0040 and 2.6682 errors to each side.
    assert (five.high - five.low) / (one.high - one.low) == pytest.approx(2.6682 / 2.0040, rel=1e-4)


def test_students_t_is_that_of_the_tables() -> None:
    table = {(0.975, 16): 2.1199, (0.995, 16): 2.9208, (0.975, 30): 2.0423, (0.995, 30): 2.7500, (0.975, 60): 2.0003}
    assert {key: round(t_quantile(*key), 4) for key in table} == table
