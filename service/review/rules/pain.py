"""Pain against what is usual for the person: the numbers that decide, and the two rules about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from statistics import median

from service.catalogue.rules import Sentence
from service.diary.rules.screening import HIGH_PAIN, HURTS_DAYS, HURTS_TIMES, PAIN_JUMP
from service.progress.rules import first_median, plain, usual_before
from service.progress.rules.pain_days import PainDays

Finding = tuple[Sentence, datetime]
"""Why somebody is needed, in a sentence, and since when."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A clinic's settings. The two points of `pain_rise` are from Salaffi et al. 2004, Eur J Pain; the rest
    are our own choice. Pain is compared with the person's own usual, since alerts on fixed limits never stop
    for people who always score high, and soon nobody reads them.

    high_pain, pain_jump     a score this high, and this much over the person's own 14-day median
    pain_fresh_days          how many days, today among them, answers still speak for the present
    pain_rise, rise_answers  the median of the last answered days, this much over the baseline
    hurts_times, hurts_days  "it hurts too much" this often in so many days
    quiet_planned_days       planned days in a row without any log
    unreached_texts          in a row; a phone that is off misses one, perhaps two
    invited_hours            after an invitation that nobody followed
    """

    high_pain: int = HIGH_PAIN
    pain_jump: float = PAIN_JUMP
    pain_fresh_days: int = 7
    pain_rise: float = 2
    rise_answers: int = 3
    hurts_times: int = HURTS_TIMES
    hurts_days: int = HURTS_DAYS
    quiet_planned_days: int = 3
    unreached_texts: int = 3
    invited_hours: int = 72


DEFAULT_LIMITS = Limits()


def filled(msgid: str, parts: Mapping[str, object]) -> Sentence:
    return Sentence(msgid, {name: part for name, part in parts.items() if f"%({name})s" in msgid})


def jump(pain: PainDays, now: datetime, today: date, limits: Limits) -> Finding | None:
    """Where no usual is known yet the score alone decides: a false alarm is better than a miss. `now` is in the
    reader's zone."""
    day = max(pain.scores, default=None)
    if day is None or not _jumps(day, pain, today, limits):
        return None
    usual, at = usual_before(pain.scores, day), pain.at(day)
    msgid = _JUMP[day == today, usual is not None]
    local = at.astimezone(now.tzinfo)
    parts = {"score": pain.scores[day], "usual": plain(usual or 0), "day": day, "time": local}
    return filled(msgid, parts), at


def jumps(pain: PainDays, today: date, limits: Limits) -> int:
    """How many answers that still speak for the present are so high."""
    return sum(_jumps(day, pain, today, limits) for day in pain.scores)


def _jumps(day: date, pain: PainDays, today: date, limits: Limits) -> bool:
    score = pain.scores[day]
    if score < limits.high_pain or not _fresh(day, today, limits):
        return False
    usual = usual_before(pain.scores, day)
    return usual is None or score >= usual + limits.pain_jump


_JUMP = {
    (True, True): "Pain %(score)s today. Usual is %(usual)s. Told us at %(time)s.",
    (True, False): "Pain %(score)s today. Usual is not known yet. Told us at %(time)s.",
    (False, True): "Pain %(score)s on %(day)s. Usual is %(usual)s.",
    (False, False): "Pain %(score)s on %(day)s. Usual is not known yet.",
}


def _fresh(day: date, today: date, limits: Limits) -> bool:
    return day > _stale_day(today, limits)


def _stale_day(today: date, limits: Limits) -> date:
    """The last one that no longer speaks for the present."""
    return today - timedelta(days=limits.pain_fresh_days)


def rise(pain: PainDays, today: date, limits: Limits) -> Finding | None:
    """Since the answer from which the median has stayed up."""
    usual = first_median(pain.scores)
    if usual is None:
        return None
    days, scores = list(pain.scores), list(pain.scores.values())
    ends = range(len(days), limits.rise_answers - 1, -1)
    medians = ((end, median(scores[end - limits.rise_answers : end])) for end in ends)
    high = list(takewhile(lambda found: found[1] >= usual + limits.pain_rise, medians))
    if not high or not _fresh(days[-limits.rise_answers], today, limits):
        return None
    (_, now), (began, _) = high[0], high[-1]
    parts = {"count": limits.rise_answers, "now": plain(now), "before": plain(usual)}
    reason = Sentence("Pain about %(now)s in the last %(count)s answers. It was %(before)s at the start.", parts)
    return reason, pain.at(days[began - 1])
