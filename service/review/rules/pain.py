"""Pain against what is usual for the person: the numbers that decide, and the two rules about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import takewhile
from statistics import median
from typing import Final

from service.accounts.rules.limits import PainLimits, SilenceLimits, limits_of
from service.catalogue.rules import Sentence
from service.progress.rules import first_median, plain, usual_before
from service.progress.rules.pain_days import PainDays

Finding = tuple[Sentence, datetime]
"""Why somebody is needed, in a sentence, and since when."""


FRESH_DAYS: Final = 7
"""How many days, today among them, answers still speak for the present: our own choice."""

RISE_ANSWERS: Final = 3
"""Of so many last answered days the median is compared with the start: our own choice."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A clinic's. Pain is compared with the person's own usual, since alerts on fixed limits never stop for people who
    always score high, and soon nobody reads them."""

    pain: PainLimits = field(default_factory=PainLimits)
    silence: SilenceLimits = field(default_factory=SilenceLimits)


DEFAULT_LIMITS = Limits()


def limits_in(clinic: object) -> Limits:
    """`clinic` is its row."""
    return Limits(limits_of(PainLimits, clinic), limits_of(SilenceLimits, clinic))


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
    if score < limits.pain.high_pain or not _fresh(day, today):
        return False
    usual = usual_before(pain.scores, day)
    return usual is None or score >= usual + limits.pain.pain_jump


_JUMP = {
    (True, True): "Pain %(score)s today. Usual is %(usual)s. Told us at %(time)s.",
    (True, False): "Pain %(score)s today. Usual is not known yet. Told us at %(time)s.",
    (False, True): "Pain %(score)s on %(day)s. Usual is %(usual)s.",
    (False, False): "Pain %(score)s on %(day)s. Usual is not known yet.",
}


def _fresh(day: date, today: date) -> bool:
    return today - day < timedelta(days=FRESH_DAYS)


def rise(pain: PainDays, today: date, limits: Limits) -> Finding | None:
    """Since the answer from which the median has stayed up."""
    usual = first_median(pain.scores)
    if usual is None:
        return None
    days, scores = list(pain.scores), list(pain.scores.values())
    ends = range(len(days), RISE_ANSWERS - 1, -1)
    medians = ((end, median(scores[end - RISE_ANSWERS : end])) for end in ends)
    high = list(takewhile(lambda found: found[1] >= usual + limits.pain.pain_rise, medians))
    if not high or not _fresh(days[-RISE_ANSWERS], today):
        return None
    (_, now), (began, _) = high[0], high[-1]
    parts = {"count": RISE_ANSWERS, "now": plain(now), "before": plain(usual)}
    reason = Sentence("Pain about %(now)s in the last %(count)s answers. It was %(before)s at the start.", parts)
    return reason, pain.at(days[began - 1])
