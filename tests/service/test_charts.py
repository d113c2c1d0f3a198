from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service import charts

MONDAY = date(2026, 11, 2)


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def ten_days() -> charts.DayAxis:
    return charts.day_axis(days_from(MONDAY, 10), left=100, right=200)


def test_a_day_stands_in_the_middle_of_its_slot() -> None:
    axis = ten_days()
    assert axis.slot == 10
    assert axis.x(MONDAY) == 105
    assert axis.x(date(2026, 11, 11)) == 195


def test_the_day_the_clock_changes_is_as_wide_as_any_other() -> None:
    axis = charts.day_axis(days_from(date(2026, 10, 24), 3), left=0, right=30)
    assert [axis.x(day) for day in days_from(date(2026, 10, 24), 3)] == [5, 15, 25]


def test_every_second_monday_is_counted_back_from_the_newest() -> None:
    axis = charts.day_axis(days_from(MONDAY, 24), left=0, right=24)
    assert axis.mondays() == [MONDAY, date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    assert axis.mondays(every=2) == [date(2026, 11, 9), date(2026, 11, 23)]


def test_an_axis_without_a_monday_has_no_labels() -> None:
    assert charts.day_axis(days_from(date(2026, 11, 3), 3), 0, 30).mondays() == []


def test_the_worst_pain_is_at_the_top_and_no_pain_at_the_bottom() -> None:
    scale = charts.pain_scale(top=20, bottom=120)
    assert (scale.y(10), scale.y(0), scale.y(4), scale.y(2.5)) == (20, 120, 80, 95)


def test_no_difference_is_in_the_middle_and_every_range_fits() -> None:
    axis = charts.difference_axis([-0.4, 2.3], left=0, right=120)
    assert (axis.reach, axis.x(-3), axis.x(0), axis.x(1.5)) == (3, 0, 60, 90)
    assert charts.difference_axis([0.1], 0, 100).reach == 2


def test_no_answer_makes_no_dot_and_zero_makes_one() -> None:
    series = list(zip(days_from(MONDAY, 3), [0, None, 10], strict=True))
    drawn = charts.dots(ten_days(), charts.pain_scale(0, 100), series)
    assert [(dot.x, dot.y) for dot in drawn] == [(105, 100), (125, 0)]


def test_a_day_off_the_axis_makes_no_dot() -> None:
    early = MONDAY - timedelta(days=1)
    assert charts.dots(ten_days(), charts.pain_scale(0, 100), [(early, 5)]) == []


def test_a_line_lifts_the_pen_at_a_gap() -> None:
    series = list(zip(days_from(MONDAY, 5), [5, 4, None, 3, 2], strict=True))
    assert charts.line(ten_days(), charts.pain_scale(0, 100), series) == ("M105 50 h0 L115 60 M135 70 h0 L145 80")


def test_a_line_of_no_answers_is_empty() -> None:
    series = [(day, None) for day in days_from(MONDAY, 4)]
    assert charts.line(ten_days(), charts.pain_scale(0, 100), series) == ""


@given(st.lists(st.none() | st.integers(0, 10), min_size=1, max_size=60))
def test_a_line_starts_again_once_for_every_run_of_answers(scores: list[int | None]) -> None:
    series = list(zip(days_from(MONDAY, len(scores)), scores, strict=True))
    axis = charts.day_axis([day for day, _ in series], 0, 600)
    path = charts.line(axis, charts.pain_scale(0, 100), series)
    told_by_gaps = "".join("x" if score is not None else " " for score in scores).split()
    assert path.count("M") == len(told_by_gaps)
    assert path.count("M") + path.count("L") == sum(score is not None for score in scores)


def test_a_sparkline_ends_on_the_last_answer_and_not_on_the_last_day() -> None:
    spark = charts.sparkline(
        points=[6, None, 4, None],
        means=[None, None, 5.0, 5.0],
        baseline=6.0,
        last_day=date(2026, 11, 5),
        width=90,
        height=26,
    )
    assert [dot.day for dot in spark.dots] == [date(2026, 11, 2), date(2026, 11, 4)]
    assert spark.last is not None
    assert (spark.last.x, spark.last.y, spark.last.score) == (55, 15, 4)
    assert spark.line == "M55 13 h0"
    assert spark.baseline_y == 11


def test_the_mean_line_ends_at_the_last_answer_before_a_silence() -> None:
    days = days_from(MONDAY, 7)
    points = list(zip(days, [4, None, 4, None, None, None, 6], strict=True))
    means = list(zip(days, [4.0, 4.0, 4.0, 4.0, None, None, 5.0], strict=True))
    assert [mean for _, mean in charts.told_means(points, means)] == [4.0, 4.0, 4.0, None, None, None, 5.0]


def test_a_sparkline_of_silence_has_no_last_answer() -> None:
    spark = charts.sparkline([None] * 28, [None] * 28, None, MONDAY, 90, 24)
    assert (spark.line, spark.dots, spark.last, spark.baseline_y) == ("", [], None, None)


def test_a_calendar_starts_each_week_on_monday_and_leaves_the_rest_open() -> None:
    thursday = date(2026, 10, 29)
    weeks = charts.calendar([(day, "done") for day in days_from(thursday, 6)])
    assert [week.monday for week in weeks] == [date(2026, 10, 26), MONDAY]
    assert [entry is not None for entry in weeks[0].days] == [False] * 3 + [True] * 4
    assert [entry is not None for entry in weeks[1].days] == [True] * 2 + [False] * 5


def test_the_name_of_a_month_stands_over_the_week_of_its_first_day() -> None:
    weeks = charts.calendar([(day, "rest") for day in days_from(date(2026, 10, 26), 14)])
    assert [charts.starts_month(week) for week in weeks] == [date(2026, 11, 1), None]


def test_days_and_times_are_written_in_the_words_of_the_reader() -> None:
    at = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)
    assert charts.long_day(at.date(), "en") == "Monday, November 23"
    assert charts.long_day(at.date(), "es") == "lunes, 23 de noviembre"
    assert charts.short_day(at.date(), "es") == "23 nov"
    assert charts.week_day(at.date(), "en") == "Mon, Nov 23"
    assert charts.month_name(at.date(), "en") == "Nov"
    assert charts.clock_time(at, "es") == "19:05"
    assert charts.day_and_time(at, "es") == "lun, 23 nov, 19:05"
    assert charts.weekday_initials("en") == ("M", "T", "W", "T", "F", "S", "S")


def test_a_wait_is_told_in_whole_days_and_on_the_first_day_in_hours_or_minutes() -> None:
    seven = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert charts.span_words(seven - timedelta(days=2, hours=23), seven, "en") == "2 days"
    assert charts.span_words(seven - timedelta(days=9), seven, "es") == "9 días"
    assert charts.span_words(seven - timedelta(hours=23, minutes=59), seven, "en") == "23 hours"
    assert charts.span_words(seven - timedelta(minutes=59, seconds=59), seven, "en") == "59 minutes"


def test_a_wait_that_begins_after_now_is_no_wait() -> None:
    seven = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert charts.span_words(seven + timedelta(minutes=5), seven, "en") == "0 minutes"
