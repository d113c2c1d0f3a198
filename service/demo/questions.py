"""When Today asks a made-up person about warning signs: by the calendar, and after a score that alarms."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from service.accounts.rules.limits import PainLimits
from service.demo.days import Day
from service.demo.stories import Story
from service.diary.rules.screening import Screen, Told, due, is_alarming, is_full
from service.progress.rules import usual_before


def questions_of(story: Story, days: Sequence[Day], limits: PainLimits) -> Iterator[tuple[Screen, datetime]]:
    """The questions of each day on which some are asked, and when they are answered: as the day is told. They
    are on pages, which who only texts does not open: a link to them stays unanswered."""
    if story.channel == "text":
        return
    told: list[Told] = []
    worst: dict[date, int] = {}
    alarmed_at: datetime | None = None
    for day in days:
        worst[day.moment.day] = day.score
        if is_alarming(day.score, usual_before(worst, day.moment.day), limits):
            alarmed_at = day.told_at
        asked = due(day.arrived_at, told, pain_at=alarmed_at, words_at=None, flag_open=False)
        if asked is not None and not _left_open(story, day):
            told.append(Told(day.arrived_at, is_full(asked.questions)))
            yield asked, day.arrived_at


def _left_open(story: Story, day: Day) -> bool:
    """Answered in full a day before, they would not be asked after a high score."""
    return story.pain_today is not None and day.moment.back == 1
