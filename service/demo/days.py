"""What a made-up person told, day by day: drawn from the seed, the same at whatever hour it is asked for."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.demo.stories import DAYS, Story
from service.diary.rules import HabitValue, Outcome, SkipReason

CHECK_IN, PLAN = time(9), time(17, 30)
_BACK_ONLINE = time(7, 30)
_REASONS = [reason for reason in SkipReason if reason is not SkipReason.HURTS]


@dataclass(frozen=True, slots=True)
class Moment:
    """One day of somebody's story; `back` counts from today."""

    day: date
    back: int
    zone: ZoneInfo

    def at(self, wall: time) -> datetime:
        return datetime.combine(self.day, wall, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """`outcome` with the reason of a skip; told at `at`."""

    outcome: Outcome
    reason: SkipReason | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One day as it was told at `told_at`, and reached us at `arrived_at`. `marks` are by the kind of habit."""

    moment: Moment
    told_at: datetime
    arrived_at: datetime
    score: int
    has_site: bool
    marks: Mapping[str, HabitValue]
    session: Session | None

    def heard_at(self, at: datetime) -> datetime:
        return max(at, self.arrived_at)


@dataclass(frozen=True, slots=True)
class _Draw:
    """Everything chance says about a day, drawn whether or not the day was told: each day has its own share of it."""

    logs: float
    exercises: float
    skips: float
    hour: int
    minute: int
    wait: int
    has_site: bool
    reason: SkipReason
    outcome: Outcome
    marks: Mapping[str, HabitValue]


def days_of(story: Story, seed: int, now: datetime) -> list[Day]:
    """The told ones, oldest first, from the day after the first visit."""
    if story.never_started:
        return []
    chance = random.Random(f"{seed} tells {story.name}")
    zone = ZoneInfo(story.zone)
    today = now.astimezone(zone).date()
    told: list[Day] = []
    noise, rested = 0.0, False
    for back in range(DAYS - 1, -1, -1):
        # A bad day is often followed by another one.
        noise = 0.6 * noise + chance.gauss(0, story.noise)
        slept_well = chance.random() < 0.6
        score = _score(story, DAYS - back, noise, rested)
        moment = Moment(today - timedelta(days=back), back, zone)
        day = _day(story, moment, _draw(story, chance, slept_well), score, now)
        told += [day] if day else []
        rested = slept_well
    return told


def _score(story: Story, day_number: int, noise: float, rested: bool) -> int:
    """`rested`: the night told the day before was a good one. A habit is held against the pain of the day after."""
    if story.pain_today is not None and day_number == DAYS:
        return story.pain_today
    sleep = -1.2 if story.sleep_helps and rested else 0
    return max(0, min(10, round(story.starts + story.drift * day_number + noise + sleep)))


def _draw(story: Story, chance: random.Random, slept_well: bool) -> _Draw:
    answers: dict[str, HabitValue] = {
        "yes_no": chance.random() < 0.7,
        "choice": "non_sore_side_pillow" if slept_well else "sore_side",
        "minutes": float(chance.choice([20, 30, 45, 60, 90, 120])),
    }
    marked = {kind: chance.random() < 0.8 for kind in answers}
    return _Draw(
        logs=chance.random(),
        exercises=chance.random(),
        skips=chance.random(),
        hour=chance.choice([7, 8, 9, 10, 12, 17, 19, 20]),
        minute=chance.randrange(60),
        wait=chance.randrange(2, 90),
        has_site=chance.random() < 0.6,
        reason=chance.choice(list(SkipReason) if story.may_hurt else _REASONS),
        outcome=Outcome.DONE if chance.random() < 0.8 else Outcome.PARTLY,
        marks={kind: answer for kind, answer in answers.items() if marked[kind] or story.offline_days},
    )


def _day(story: Story, moment: Moment, draw: _Draw, score: int, now: datetime) -> Day | None:
    told_at = _told_at(story, moment, draw, now)
    if told_at > now or not _tells(story, moment, draw.logs):
        return None
    arrived_at = _arrived_at(story, moment, told_at, now)
    marks = dict(draw.marks)
    if 0 < story.offline_days == moment.back:
        marks.pop("minutes")
    session = _session(story, moment, draw, told_at)
    if session is not None and session.at > now:
        session = None
    return Day(moment, told_at, arrived_at, score, draw.has_site, marks, session)


def _told_at(story: Story, moment: Moment, draw: _Draw, now: datetime) -> datetime:
    """Who answers by text does so when asked; nobody has told of a day at an hour that has not come."""
    if story.channel == "text":
        return moment.at(CHECK_IN) + timedelta(minutes=draw.wait)
    told_at = moment.at(time(draw.hour, draw.minute))
    if moment.back == 0 and story.pain_today is not None and told_at > now:
        # Kept awake by it: a while ago, and not before this day began.
        return now - min(timedelta(minutes=draw.wait), (now - moment.at(time(0))) / 2)
    return told_at


def _tells(story: Story, moment: Moment, luck: float) -> bool:
    if story.silent_days and moment.back <= story.silent_days:
        return False
    if story.skips_weekends and moment.day.weekday() >= 5:
        return False
    return moment.back - story.silent_days <= story.surely or luck < story.logs


def _arrived_at(story: Story, moment: Moment, told_at: datetime, now: datetime) -> datetime:
    """A phone that was offline hands its days over together, when it comes back."""
    if not story.offline_days or moment.back > story.offline_days:
        return told_at
    today = Moment(moment.day + timedelta(days=moment.back), 0, moment.zone)
    return max(told_at, min(now, today.at(_BACK_ONLINE)))


def _session(story: Story, moment: Moment, draw: _Draw, told_at: datetime) -> Session | None:
    at = moment.at(PLAN) + timedelta(minutes=draw.wait) if story.channel == "text" else told_at
    if 0 < moment.back <= story.offline_days:
        return Session(Outcome.DONE, None, at)
    if draw.exercises < story.exercises:
        return Session(draw.outcome, None, at)
    return Session(Outcome.SKIPPED, draw.reason, at) if draw.skips < 0.3 else None
