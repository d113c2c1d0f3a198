from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.accounts.rules.limits import PainLimits
from service.conversation.grammar import read_reply
from service.conversation.rules import Done, PainScore, Skip, Some
from service.demo.days import Day, Moment, Session, days_of
from service.demo.history import Due, moments_of
from service.demo.prescribing import TARGETS, items_at_first
from service.demo.questions import questions_of
from service.demo.stories import NAMED, Story, stories
from service.demo.texting import texts_of
from service.diary.rules import Outcome, SkipReason
from service.diary.rules.screening import Why
from service.progress.rules.links import Link, habit_link
from service.progress.rules.pain_days import DayPain
from service.review.rules import Evidence, findings
from tests.told import known

WALK = TARGETS["hab-walk"]
NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 23)
"""A Monday."""
HOURS = [(0, 0), (0, 7), (3, 20), (7, 31), (9, 30), (12, 0), (17, 45), (23, 59)]
LIMITS = PainLimits()
PEOPLE = {story.name.split()[0]: story for story in NAMED}


def at(hour: int, minute: int, day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def told(name: str, now: datetime, seed: int = 7) -> list[Day]:
    return days_of(PEOPLE[name], seed, now)


@pytest.mark.parametrize(("hour", "minute"), HOURS)
def test_nothing_is_told_of_an_hour_that_has_not_come(hour: int, minute: int) -> None:
    now = at(hour, minute)
    for story in stories(7):
        for day in days_of(story, 7, now):
            assert day.told_at <= day.arrived_at <= now
            assert day.told_at.astimezone(ZoneInfo(story.zone)).date() == day.moment.day
            assert day.session is None or day.told_at <= day.session.at <= now


@pytest.mark.parametrize(("hour", "minute"), HOURS)
@pytest.mark.parametrize("seed", range(5))
def test_tom_is_worse_today_at_whatever_hour_one_looks(hour: int, minute: int, seed: int) -> None:
    last = told("Tom", at(hour, minute), seed)[-1]
    assert (last.moment.day, last.score) == (TODAY, 8)


@pytest.mark.parametrize(("hour", "minute"), HOURS)
@pytest.mark.parametrize("seed", range(20))
def test_tom_is_asked_about_danger_today_whenever_he_was_asked_before(hour: int, minute: int, seed: int) -> None:
    asked = [
        (screen.why, at) for screen, at in questions_of(PEOPLE["Tom"], told("Tom", at(hour, minute), seed), LIMITS)
    ]
    assert [why for why, _ in asked[:1]] == [Why.FULL]
    assert [why for why, _ in asked[-1:]] == [Why.PAIN]
    assert asked[-1][1].astimezone(NEW_YORK).date() == TODAY


def test_who_only_texts_is_asked_nothing_that_pages_ask() -> None:
    texting = [story for story in stories(7) if story.channel == "text"]
    assert PEOPLE["Ben"] in texting
    assert [asked for story in texting for asked in questions_of(story, days_of(story, 7, at(23, 0)), LIMITS)] == []


def test_a_leg_is_stretched_on_the_side_that_hurts() -> None:
    sides = {
        name: [str(item.dose_fields["side"]) for item in items_at_first(PEOPLE[name])] for name in ("Tom", "Maria")
    }
    assert sides == {"Tom": ["both", "both", "left"], "Maria": ["both", "both", "right"]}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ["Maria", "Ben", "Ngozi", "Ines", "Pat"])
def test_who_is_on_track_has_no_pain_to_look_at_whatever_the_seed(name: str, seed: int) -> None:
    now = at(20, 0)
    pain = (DayPain(day.moment.day, day.score, day.told_at) for day in told(name, now, seed))
    assert list(findings(Evidence(now, TODAY, pain=known(pain)))) == []


def test_the_days_before_today_are_the_same_all_day() -> None:
    def before(story: Story, now: datetime) -> list[tuple[object, ...]]:
        days = days_of(story, 7, now)
        return [(d.moment, d.told_at, d.score, d.marks, d.session) for d in days if d.moment.back]

    for story in stories(7):
        first = before(story, at(3, 20))
        assert all(before(story, at(hour, minute)) == first for hour, minute in HOURS if hour >= 1)


def test_another_seed_tells_other_days() -> None:
    assert told("Maria", at(12, 0), 7) == told("Maria", at(12, 0), 7)
    assert told("Maria", at(12, 0), 7) != told("Maria", at(12, 0), 8)


def test_maria_gets_better_by_two_points() -> None:
    scores = [day.score for day in told("Maria", at(3, 20))]
    assert round(sum(scores[:7]) / 7) == 6
    assert round(sum(scores[-7:]) / 7) == 4


def ines_linked(seed: int, now: datetime) -> tuple[Link, Link]:
    """What her therapist reads of her nights and of her walks, among three habits."""
    days = told("Ines", now, seed)
    scores = {day.moment.day: day.score for day in days}
    nights = {d.moment.day: d.marks["choice"] == "non_sore_side_pillow" for d in days if "choice" in d.marks}
    walks = {d.moment.day: float(d.marks["minutes"]) >= WALK for d in days if "minutes" in d.marks}
    return habit_link(nights, scores, 3).link, habit_link(walks, scores, 3).link


@pytest.mark.parametrize("seed", range(20))
def test_a_night_on_the_good_side_goes_with_less_pain_for_ines_whatever_the_seed(seed: int) -> None:
    assert ines_linked(seed, at(8, 0))[0] is Link.LESS_PAIN


@pytest.mark.parametrize(("hour", "minute"), HOURS)
def test_walking_makes_no_difference_to_ines_and_is_told_often_enough_to_say_so(hour: int, minute: int) -> None:
    assert ines_linked(7, at(hour, minute)) == (Link.LESS_PAIN, Link.UNCLEAR)


def test_aisha_has_been_quiet_for_nine_days() -> None:
    assert told("Aisha", at(3, 20))[-1].moment.day == date(2026, 11, 13)


def test_ngozi_tells_nothing_at_weekends() -> None:
    days = told("Ngozi", at(12, 0))
    assert len(days) > 30
    assert all(day.moment.day.weekday() < 5 for day in days)
    assert days[-1].moment.day >= date(2026, 11, 20)


def test_luca_falls_silent_after_his_stop() -> None:
    assert told("Luca", at(12, 0))[-1].moment.back == 39


@pytest.mark.parametrize(("hour", "back_online"), [(3, at(3, 20)), (12, at(7, 30) + timedelta(hours=1))])
def test_pats_phone_hands_over_three_days_at_once(hour: int, back_online: datetime) -> None:
    """Chicago is an hour behind; fourteen things: three scores, three sessions, and all but one of nine marks."""
    late = [day for day in told("Pat", at(hour, 20)) if 1 <= day.moment.back <= 3]
    assert {day.arrived_at for day in late} == {back_online}
    assert sum(1 + len(day.marks) + (day.session is not None) for day in late) == 14


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome.DONE, None), (Outcome.PARTLY, None), *((Outcome.SKIPPED, reason) for reason in SkipReason)],
)
def test_every_text_of_the_people_who_text_is_understood(
    locale: str, outcome: Outcome, reason: SkipReason | None
) -> None:
    moment = Moment(TODAY, 0, NEW_YORK)
    session = Session(outcome, reason, at(18, 0))
    told_day = Day(moment, at(9, 10), at(9, 10), 4, True, {}, session)
    pain, done = texts_of(Story("Ben Ortiz", channel="text", locale=locale), [told_day])
    assert read_reply(pain.body, asked="check_in") == (PainScore(4, side="right"),)
    expected = {Outcome.DONE: Done(), Outcome.PARTLY: Some(), Outcome.SKIPPED: Skip(reason)}
    assert read_reply(done.body, asked="plan") == (expected[outcome],)


def test_what_is_due_today_is_history_once_it_is_over() -> None:
    def on_today(now: datetime) -> list[tuple[str, str | None]]:
        story = PEOPLE["Kim"]
        due: list[Due] = list(moments_of(story, [], at(8, 0, date(2026, 11, 19)), None, now))
        assert {one.slot.day for one in due} >= {date(2026, 11, 19)}
        assert min(one.slot.day for one in due) == date(2026, 11, 19)
        return [(one.kind, one.against) for one in due if one.slot.day == TODAY]

    assert on_today(at(3, 20)) == []
    assert on_today(at(9, 0)) == []
    assert on_today(at(9, 1)) == [("check_in", None)]
    assert on_today(at(20, 0)) == [("check_in", None), ("plan", None)]
