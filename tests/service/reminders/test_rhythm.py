"""How often to ask, worked out by hand. 10 March 2026 is a Tuesday; clocks in New York changed on the 8th."""

from datetime import date, time, timedelta

from service.reminders.rhythm import (
    Pace,
    Past,
    asked_again_at,
    enough_evenings,
    look_due,
    looks,
    missed_day,
    next_look,
    next_pace,
    next_rung,
    nudges_tonight,
    silent_days,
    told_of_change,
    week_over,
)
from service.reminders.rhythm.hours import Moved, moved_time, standing_time
from tests.service.reminders.test_rules import NEW_YORK, NIGHT, utc

TODAY = date(2026, 3, 10)
ALL_DAYS = tuple(range(7))


def days(count: int, until: date = TODAY - timedelta(days=1)) -> list[date]:
    """The last `count` days up to yesterday."""
    return [until - timedelta(days=back) for back in range(count)][::-1]


def daily(planned: int, kept: int = 0, logged: int = 0, weekdays: tuple[int, ...] = ALL_DAYS) -> Past:
    """`kept` and `logged` are counted from the first of the planned days."""
    listed = days(planned)
    return Past(listed, set(listed[:kept]), set(listed[: max(kept, logged)]), weekdays)


def test_later_is_two_hours_on_a_named_time_or_the_last_slot_before_the_night() -> None:
    cases = [
        # (now, named time, asked again); 11:00 in New York is 15:00 UTC.
        ("2026-03-10T15:00", None, "2026-03-10T17:00"),
        ("2026-03-10T15:01:20", None, "2026-03-10T17:05"),
        ("2026-03-10T15:00", time(19, 30), "2026-03-10T23:30"),
        ("2026-03-10T15:00", time(10), None),
        # 18:44 and 18:46: two hours on is 20:45, of which no carrier is sure before 21:00.
        ("2026-03-10T22:39", None, "2026-03-11T00:40"),
        ("2026-03-10T22:46", None, "2026-03-11T00:30"),
        ("2026-03-10T15:00", time(22), "2026-03-11T00:30"),
        # At 20:30 nothing is left of today, nor in the night.
        ("2026-03-11T00:30", None, None),
        ("2026-03-11T03:00", None, None),
        # 6:30 in the morning: two hours on is 8:30. 5:30: 7:30 is night, and the evening's last slot is today's.
        ("2026-03-10T10:30", None, "2026-03-10T12:30"),
        ("2026-03-10T09:30", None, "2026-03-11T00:30"),
    ]
    for now, wall, expected in cases:
        again = asked_again_at(utc(now), NEW_YORK, *NIGHT, wall)
        assert again == (utc(expected) if expected else None), (now, wall)


def test_without_quiet_hours_later_ends_with_the_day() -> None:
    assert asked_again_at(utc("2026-03-11T01:00"), NEW_YORK, time(0), time(0)) == utc("2026-03-11T03:00")
    assert asked_again_at(utc("2026-03-11T02:30"), NEW_YORK, time(0), time(0)) == utc("2026-03-11T03:30")
    assert asked_again_at(utc("2026-03-11T03:45"), NEW_YORK, time(0), time(0)) is None


def test_somebody_is_looked_at_once_each_morning_and_each_evening_of_their_own() -> None:
    assert looks(*NIGHT) == (time(9), time(19))
    assert looks(time(22), time(6, 30)) == (time(7, 30), time(20))
    assert looks(time(0), time(0)) == (time(9), time(19))
    assert not look_due(utc("2026-03-10T12:59"), NEW_YORK, time(9), None)
    assert look_due(utc("2026-03-10T13:00"), NEW_YORK, time(9), TODAY - timedelta(days=1))
    assert not look_due(utc("2026-03-10T20:00"), NEW_YORK, time(9), TODAY)
    # Back over the date line the day comes again: 10 March was looked at already.
    assert not look_due(utc("2026-03-10T20:00"), "Pacific/Honolulu", time(9), TODAY)
    assert next_look(utc("2026-03-10T13:00"), NEW_YORK, looks(*NIGHT)) == utc("2026-03-10T23:00")
    # The night before the clocks go forward is an hour shorter.
    assert next_look(utc("2026-03-08T00:00"), NEW_YORK, looks(*NIGHT)) == utc("2026-03-08T13:00")


def test_an_evening_text_needs_a_planned_day_silence_and_a_question_two_hours_old() -> None:
    now = utc("2026-03-10T23:00")
    for planned, logged, asked, expected in [
        (True, False, "2026-03-10T21:00", True),
        (True, False, "2026-03-10T21:01", False),
        (True, False, None, False),
        (True, True, "2026-03-10T12:00", False),
        (False, False, "2026-03-10T12:00", False),
    ]:
        asked_at = utc(asked) if asked else None
        said = nudges_tonight(now=now, planned_today=planned, logged_today=logged, last_asked_at=asked_at)
        assert said is expected, (planned, logged, asked)


def test_two_evening_texts_are_enough_for_a_week_from_monday() -> None:
    friday = date(2026, 3, 13)
    assert enough_evenings([date(2026, 3, 9), date(2026, 3, 11)], friday)
    assert not enough_evenings([date(2026, 3, 8), date(2026, 3, 11)], friday)
    assert not enough_evenings([date(2026, 3, 9), date(2026, 3, 11)], date(2026, 3, 16))


def test_ten_of_fourteen_planned_days_are_a_good_rhythm() -> None:
    # (texts a week, planned days, kept, logged) and what follows; skipped days are told, so they are no misses.
    monday_thursday, monday = Pace(2, (0, 3)), Pace(1, (0,))
    for texts_a_week, planned, kept, logged, expected in [
        (None, 14, 10, 14, monday_thursday),
        (None, 14, 9, 14, None),
        (None, 13, 13, 13, None),
        (2, 14, 10, 14, monday),
        (1, 14, 14, 14, None),
        # Two misses in a row lead one step back, and only from a step.
        (2, 14, 12, 12, Pace()),
        (1, 14, 12, 12, monday_thursday),
        (2, 14, 9, 13, None),
        (None, 14, 0, 0, None),
    ]:
        past = daily(planned, kept, logged)
        assert next_pace(texts_a_week, None, past, wants_daily=False) == expected, (texts_a_week, kept, logged)


def test_the_next_step_takes_fourteen_planned_days_of_its_own() -> None:
    past = daily(20, 20, 20)
    assert next_pace(2, TODAY - timedelta(days=15), past, wants_daily=False) == Pace(1, (0,))
    assert next_pace(2, TODAY - timedelta(days=14), past, wants_daily=False) is None
    # One miss before the step and one after it are no two in a row.
    after = daily(14, 13, 13)
    assert next_pace(2, TODAY - timedelta(days=2), after, wants_daily=False) is None


def test_whoever_wants_daily_texts_keeps_them() -> None:
    assert next_pace(None, None, daily(14, 14, 14), wants_daily=True) is None


def test_fewer_texts_fall_on_days_of_the_plan_and_are_really_fewer() -> None:
    for weekdays, expected in [
        ((0, 2, 4), Pace(2, (0, 2))),
        ((0, 1, 2, 3, 4), Pace(2, (0, 2))),
        ((1, 5), Pace(1, (1,))),
        ((3,), None),
        ((), None),
    ]:
        assert next_pace(None, None, daily(14, 14, 14, weekdays), wants_daily=False) == expected, weekdays
    assert Pace(2, (0, 3)).mask == 0b0001001
    assert Pace().mask is None


def test_silence_is_counted_in_planned_days_since_anything_was_told() -> None:
    assert silent_days(daily(5), None) == 5
    assert silent_days(daily(5, logged=2), None) == 3
    assert silent_days(daily(5), TODAY - timedelta(days=2)) == 1
    # A log on a rest day breaks it as well: planned are the 3rd, 5th, 7th and 9th.
    planned = days(7)[::2]
    assert silent_days(Past(planned, (), {date(2026, 3, 6)}, ()), None) == 2


def test_the_ladder_is_three_ten_and_thirty_planned_days() -> None:
    ago = [TODAY - timedelta(days=back) for back in range(40)]
    # (rung, since, planned, logged, clinic wants the last) and what follows.
    for rung, since, planned, logged, fresh_start, today, expected in [
        (0, None, 2, 0, False, TODAY, None),
        (0, None, 3, 0, False, TODAY, 3),
        (0, None, 12, 0, False, TODAY, 3),
        (3, ago[7], 10, 0, False, TODAY, 10),
        (3, ago[6], 12, 0, False, TODAY, None),
        (3, ago[6], 9, 0, False, TODAY, None),
        (3, ago[2], 12, 11, False, TODAY, 0),
        (10, ago[20], 30, 0, True, date(2026, 4, 1), 30),
        (10, ago[20], 30, 0, True, TODAY, None),
        (10, ago[20], 30, 0, False, date(2026, 4, 1), None),
        (10, ago[2], 30, 30, False, TODAY, None),
        (30, ago[20], 40, 0, True, date(2026, 4, 1), None),
    ]:
        past = daily(planned, logged=logged)
        rung_now = next_rung(rung, since, past, heard_on=None, today=today, fresh_start=fresh_start)
        assert rung_now == expected, (rung, since, planned, logged)


def test_why_is_asked_about_yesterday_once_in_four_weeks() -> None:
    yesterday, missed = TODAY - timedelta(days=1), daily(3, logged=2)
    for past, asked, asked_why_on, expected in [
        (missed, True, None, yesterday),
        (missed, False, None, None),
        (daily(3, logged=3), True, None, None),
        (Past(days(2, TODAY - timedelta(days=2)), (), (), ()), True, None, None),
        (missed, True, TODAY - timedelta(days=27), None),
        (missed, True, TODAY - timedelta(days=28), yesterday),
    ]:
        assert missed_day(past, today=TODAY, asked=asked, asked_why_on=asked_why_on) == expected


def test_a_changed_plan_is_told_on_its_first_day_or_the_next() -> None:
    for starts, expected in [
        ([date(2026, 3, 10)], TODAY),
        ([date(2026, 3, 9)], date(2026, 3, 9)),
        ([date(2026, 3, 8)], None),
        ([date(2026, 3, 11)], None),
        ([date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11)], TODAY),
    ]:
        assert told_of_change(starts, TODAY) == expected


def test_a_reminder_moves_by_a_quarter_of_an_hour_a_week_towards_the_usual_log() -> None:
    six, seven = TODAY - timedelta(days=6), TODAY - timedelta(days=7)
    # (the reminder's time, when 14 logs came, the last move) and where it goes, drawn by what.
    for wall, logs, moved_on, expected in [
        (time(18), [time(19)] * 14, None, Moved(time(18, 15), time(19))),
        (time(18), [time(19)] * 13, None, None),
        (time(18), [time(19)] * 14, six, None),
        (time(18), [time(19)] * 14, seven, Moved(time(18, 15), time(19))),
        (time(18), [time(18, 40)] * 14, None, None),
        (time(18), [time(17)] * 14, None, Moved(time(17, 45), time(17))),
        # Of an even number the middle of the two in the middle; of many the last fourteen.
        (time(18), [time(19)] * 7 + [time(20)] * 7, None, Moved(time(18, 15), time(19, 30))),
        (time(18), [time(9)] * 20 + [time(19, 2)] * 14, None, Moved(time(18, 15), time(19))),
        # 20:30 is the last free slot before the night, 8:00 the first after it.
        (time(20, 15), [time(22)] * 14, None, Moved(time(20, 30), time(22))),
        (time(20, 20), [time(22)] * 14, None, None),
        (time(8, 10), [time(6)] * 14, None, None),
    ]:
        assert moved_time(wall, logs, *NIGHT, moved_on, TODAY) == expected, (wall, logs[-1], moved_on)
    assert moved_time(time(23, 50), [time(23, 59)] * 14, time(0), time(0), None, TODAY) == Moved(
        time(23, 35), time(23, 55)
    )


def test_a_week_is_told_of_once_in_the_three_mornings_after_it() -> None:
    """2 March 2026 is a Monday."""
    rows = [
        (date(2026, 3, 8), [], None),
        (date(2026, 3, 9), [], date(2026, 3, 2)),
        (date(2026, 3, 9), [date(2026, 3, 2)], date(2026, 3, 2)),
        (date(2026, 3, 10), [date(2026, 3, 9)], None),
        (date(2026, 3, 11), [], date(2026, 3, 2)),
        (date(2026, 3, 12), [], None),
    ]
    for today, said_on, expected in rows:
        assert week_over(today, said_on) == expected, (today, said_on)


def test_an_hour_for_good_is_the_nearest_that_was_meant_and_not_at_night() -> None:
    """Quiet from 21:00 to 8:00: the last hour is 20:30."""
    seven, half = (time(7), time(19)), (time(8), time(20, 30))
    rows = [
        ((time(18, 15),), time(9), time(18, 15)),
        (seven, time(9), time(19)),
        ((time(8), time(20)), time(9), time(8)),
        ((time(8), time(20)), time(18), time(20)),
        (half, time(20), time(20, 30)),
        ((time(20, 31),), time(9), None),
        ((time(7, 59),), time(9), None),
    ]
    for walls, present, expected in rows:
        assert standing_time(walls, present, *NIGHT) == expected, walls
    assert standing_time((time(3),), time(9), time(0), time(0)) == time(3)
