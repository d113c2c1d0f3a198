"""The days that somebody aims for in a week."""

from datetime import date, timedelta

FEWEST_DAYS, MOST_DAYS = 2, 5


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
