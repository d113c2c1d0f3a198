"""How often Maria, Aisha and Luca were asked, from the day after the plan began up to yesterday."""

from datetime import date, time
from uuid import uuid4

import pytest

from service.demo.history import untimely
from service.demo.looking import Looking
from service.demo.stories import DAYS
from service.outbox.rules import MessageKind
from service.plans.rules import FixedWeekdays
from service.progress.queries import Stretch
from service.reminders.history import Awake, Running
from service.reminders.reasons import Reason
from service.reminders.rhythm import Extra
from service.reminders.rules import DAY
from tests.service.demo.test_days import TODAY, at, told

BEGAN_ON = TODAY - DAYS * DAY


def looked(name: str, seed: int, hour: int = 12) -> Looking:
    person = Awake(
        client_id=uuid4(),
        morning_on=None,
        evening_on=None,
        texts_a_week=None,
        stepped_on=None,
        wants_daily=False,
        rung=0,
        rung_on=None,
        heard_on=BEGAN_ON,
        asked_why_on=None,
        moved_on=None,
        keeps_time=True,
        zone="America/New_York",
        locale="en",
        quiet_from=time(21),
        quiet_until=time(8),
        fresh_start=False,
        week_text=True,
    )
    plan = Running(uuid4(), "plan", ["email"], None, [time(17, 30)])
    every_day = Stretch(BEGAN_ON, None, [FixedWeekdays(127)], [], daily_habits=True)
    looking = Looking(told(name, at(hour, 0), seed), [every_day], person, plan)
    looking.look(BEGAN_ON, TODAY)
    return looking


@pytest.mark.parametrize("seed", range(20))
def test_aisha_was_offered_something_easy_once_after_three_silent_days(seed: int) -> None:
    """The silent days are the 14th to the 22nd: the morning of the 17th is the first after three of them."""
    looking = looked("Aisha", seed)
    lately = [(due.says, due.slot.day, due.against) for due in looking.said if due.slot.slot == Extra.LAPSE]
    assert lately[-1:] == [(MessageKind.LAPSE_3, date(2026, 11, 17), None)]
    assert (looking.person.rung, looking.person.rung_on) == (3, date(2026, 11, 17))


@pytest.mark.parametrize("seed", range(20))
def test_luca_got_one_last_word_after_ten_silent_days_and_none_since(seed: int) -> None:
    """Silent since the 16th of October."""
    looking = looked("Luca", seed)
    lately = [(due.says, due.slot.day) for due in looking.said if due.slot.slot == Extra.LAPSE]
    assert lately[-2:] == [(MessageKind.LAPSE_3, date(2026, 10, 19)), (MessageKind.LAPSE_10, date(2026, 10, 26))]
    assert [due for due in looking.said if due.slot.day > date(2026, 10, 26) and due.against is None] == []
    days = [date(2026, 10, 25) + ahead * DAY for ahead in range(30)]
    assert [untimely(looking.paces, day) is Reason.SILENT for day in days] == [False] + 29 * [True]


@pytest.mark.parametrize("seed", range(20))
def test_maria_reached_fewer_days_and_was_told_each_time(seed: int) -> None:
    looking = looked("Maria", seed)
    told = [due for due in looking.said if due.slot.slot == Extra.TAPER]
    assert [(due.says, due.against) for due in told] == [(MessageKind.TAPER, None)] * len(told)
    assert {due.slot.day for due in told} <= looking.paces.keys()
    assert looking.person.texts_a_week in (1, 2)


def test_the_morning_and_evening_of_today_are_left_to_the_scheduler() -> None:
    looking = looked("Aisha", 7, hour=23)
    assert max(due.slot.day for due in looking.said) < TODAY
    assert {key: looking.changes[key] for key in ("morning_on", "evening_on", "next_at")} == {
        "morning_on": date(2026, 11, 22),
        "evening_on": date(2026, 11, 22),
        "next_at": at(9, 0),
    }


def test_what_is_asked_on_a_day_is_what_was_decided_last_before_it() -> None:
    """The 9th is a Monday; bit 0 is Monday, bit 3 Thursday."""
    paces = {date(2026, 11, 8): 0b0001001, date(2026, 11, 16): 0b0000001}
    asked = [day for day in range(6, 24) if untimely(paces, date(2026, 11, day)) is None]
    assert asked == [6, 7, 9, 12, 16, 23]
