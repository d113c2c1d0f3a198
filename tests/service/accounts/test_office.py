"""When somebody is at a clinic: the next opening, hours that go on the next day, and what people are told."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from service.accounts.rules.office import USUAL, office_hours, office_problems, when_read

BERLIN = ZoneInfo("Europe/Berlin")
# Monday mornings and Thursday afternoons.
SHORT = ["08:30-12:00", "", "", "14:00-18:00", "", "", ""]


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=BERLIN)


def test_the_office_opens_by_its_hours_and_not_on_closed_days() -> None:
    # 2026-03-29 is a Sunday on which clocks go forward.
    for days, closed, now, opens, closes in (
        (USUAL, "", "2026-03-25T10:15", "2026-03-25T10:15", "2026-03-25T18:00"),
        (USUAL, "", "2026-03-25T18:00", "2026-03-26T08:00", "2026-03-26T18:00"),
        (USUAL, "", "2026-03-27T19:00", "2026-03-30T08:00", "2026-03-30T18:00"),
        (USUAL, "2026-03-30", "2026-03-27T19:00", "2026-03-31T08:00", "2026-03-31T18:00"),
        (USUAL, "2026-03-25", "2026-03-25T10:15", "2026-03-26T08:00", "2026-03-26T18:00"),
        (SHORT, "", "2026-03-23T12:00", "2026-03-26T14:00", "2026-03-26T18:00"),
        (SHORT, "2026-03-26", "2026-03-23T12:00", "2026-03-30T08:30", "2026-03-30T12:00"),
    ):
        office = office_hours(days, [date.fromisoformat(closed)] if closed else [])
        assert (office.opening(at(now)), office.closing(at(now))) == (at(opens), at(closes)), (now, closed)


def test_what_is_not_over_when_the_office_closes_goes_on_when_it_opens() -> None:
    office = office_hours(SHORT, [date(2026, 3, 30)])
    for now, minutes, expected in (
        ("2026-03-23T09:00", 60, "2026-03-23T10:00"),
        ("2026-03-23T11:30", 30, "2026-03-23T12:00"),
        ("2026-03-23T11:30", 60, "2026-03-26T14:30"),
        # Three and a half hours, four hours, and half an hour of the Thursday after.
        ("2026-03-23T00:00", 8 * 60, "2026-04-02T14:30"),
    ):
        assert office.after(at(now), timedelta(minutes=minutes)) == at(expected), now


def test_what_cannot_be_right_is_named_by_its_day() -> None:
    for days, closed, wrong in (
        (list(USUAL), [], []),
        ([""] * 7, [], ["/office_hours/mon"]),
        (["18:00-08:00", "8-18", "08:00-", "08:00-08:00", "", "", ""], [], ["mon", "tue", "wed", "thu"]),
        (["08:00-24:00", *[""] * 6], [], ["mon"]),
        (list(USUAL), [date(2026, 1, 1) + timedelta(days=n) for n in range(101)], ["/closed_days"]),
    ):
        pointers = [one if one.startswith("/") else f"/office_hours/{one}" for one in wrong]
        assert [problem.pointer for problem in office_problems(days, closed)] == pointers, days


def test_people_are_told_from_when_somebody_looks() -> None:
    clinic = SimpleNamespace(zone="Europe/Berlin", office_hours=list(USUAL), closed_days=[date(2026, 3, 30)])
    for now, locale, expected in (
        ("2026-03-25T10:15", "en", "in office hours"),
        ("2026-03-25T06:00", "en", "today from 8:00 AM on"),
        ("2026-03-27T19:00", "en", "from Tue, Mar 31, 8:00 AM on"),
        ("2026-03-27T19:00", "es", "desde el mar, 31 mar, 8:00"),
    ):
        assert when_read(clinic, at(now), locale).replace("\u202f", " ") == expected, now
