"""The 24-hour rule: what the pain of the last sessions of an exercise, and the mornings after them, speak for.

Pain that stays low while exercising and is back to where it was the next morning is fine; pain that is over the limit,
or has not settled by then, asks for less (clinical facts 2.1: PAIN-TL, PAIN-TL2, PHT-GOOM). A proposal for a therapist,
never a change. What was not told never speaks for more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from service.accounts.rules.limits import LoadLimits
from service.catalogue.rules import Sentence
from service.diary.rules import Response
from service.progress.rules import ANSWERS_FOR_A_MEAN, CALLED_POINTS, WINDOW_DAYS, plain

COMFORTABLE = 3
"""Up to here "go on" (PAIN-TL): more than this, on most of the sessions, is acceptable and no reason for more."""

SEVERE = 8
"""Worst pain from which two days running are for a therapist to look at (`rr-worse`: SALAFFI, GK)."""

RISE = CALLED_POINTS
"""The next morning has not settled when it is this much above the level before: less is too small to call."""

SEVERE_RUNNING = 2
"""So many sessions of one bad run with such pain stop it (`rr-worse`)."""

LATELY = 3
"""The sessions whose comfort is looked at, however many a clinic asks for: an older one says little of it."""

DEFAULT = LoadLimits()


class Verdict(IntEnum):
    """In the order of boldness."""

    STOP_AND_TELL = 0
    STEP_BACK = 1
    HOLD = 2
    ADVANCE = 3


@dataclass(frozen=True, slots=True)
class Load:
    """One session of an exercise: pain 0 to 10, None where nobody said. `morning` and `next_day` are the answer and the
    score of the morning after. `named` is False when it was not said that this exercise was among what was done."""

    day: date
    before: int | None = None
    during: int | None = None
    after: int | None = None
    morning: Response | None = None
    next_day: int | None = None
    named: bool = True

    def is_over(self, limits: LoadLimits) -> bool:
        return any(pain is not None and pain > limits.load_pain for pain in (self.during, self.after))

    @property
    def is_unsettled(self) -> bool:
        if self.morning is Response.WORSE:
            return True
        return self.before is not None and self.next_day is not None and self.next_day - self.before >= RISE

    def is_bad(self, limits: LoadLimits) -> bool:
        return self.is_over(limits) or self.is_unsettled

    @property
    def is_severe(self) -> bool:
        """Of a bad one."""
        return max(p for p in (self.during, self.after, self.next_day, 0) if p is not None) >= SEVERE

    def is_good(self, limits: LoadLimits) -> bool:
        told = self.named and self.during is not None and self.morning is not None
        return told and not self.is_bad(limits)


@dataclass(frozen=True, slots=True)
class Week:
    """The client's week: planned days done in percent, and by how much the 7-day mean of worst pain rose against the
    seven days before. None: too little was told to say."""

    percent: float | None
    rise: float | None
    warning: bool = False
    """A warning sign (red flag) is open; only staff can close it."""
    nights_risen_to: int | None = None
    """Nights woken by pain, where they rose (`nights_risen`)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    verdict: Verdict
    why: Sentence


def nights_risen(woken: Mapping[date, float], today: date, limits: LoadLimits) -> int | None:
    """How many nights of the last seven were broken by pain, when that is many and more than in the seven before
    (`rv-night`: PP-GT, GK). `woken` is how many times, by the morning it was told; a night that nobody told of is no
    quiet one, so that both weeks must have been told often enough."""
    weeks = [[today - timedelta(days=WINDOW_DAYS * back + n) for n in range(WINDOW_DAYS)] for back in (0, 1)]
    told = [[woken[day] for day in week if day in woken] for week in weeks]
    if any(len(week) < ANSWERS_FOR_A_MEAN for week in told):
        return None
    now, before = [sum(times > 0 for times in week) for week in told]
    return now if now >= limits.load_nights and now > before else None


def propose(
    loads: Sequence[Load],
    today: date,
    week: Week,
    limits: LoadLimits = DEFAULT,
    *,
    has_easier: bool = True,
    has_harder: bool = True,
    is_eased: bool = False,
) -> Proposal:
    """`loads` are the sessions of one exercise, oldest first. The morning after a session of `today` is still to come:
    it may speak against more, and is not waited for. `has_easier`: one to go to, or one to keep that is in the plan
    already. `is_eased`: it is itself the one to keep, and the harder one beside it goes first."""
    if week.warning:
        return Proposal(Verdict.STOP_AND_TELL, Sentence("a warning sign is open"))
    run = _run(loads, limits)
    if sum(load.is_severe for load in run) >= SEVERE_RUNNING:
        return Proposal(Verdict.STOP_AND_TELL, _severe(run))
    if len(run) >= limits.load_misses:
        return _less(_trigger(run, limits), has_easier=has_easier, is_eased=is_eased)
    if week.nights_risen_to is not None and any(today - load.day < timedelta(days=WINDOW_DAYS) for load in loads):
        verdict = Verdict.STEP_BACK if has_easier and not is_eased else Verdict.HOLD
        return Proposal(verdict, _nights(week.nights_risen_to))
    judged = [load for load in loads if load.day < today][-limits.load_sessions :]
    bad = [load for load in dict.fromkeys((*judged, *run)) if load.is_bad(limits)]
    reason = _trigger(bad, limits) if bad else _not_yet(judged, week, limits, has_harder=has_harder)
    if reason is not None:
        return Proposal(Verdict.HOLD, reason)
    words = "the last %(count)s sessions went well, and so did the mornings after"
    return Proposal(Verdict.ADVANCE, Sentence(words, {"count": limits.load_sessions}))


def _less(why: Sentence, *, has_easier: bool, is_eased: bool) -> Proposal:
    if is_eased:
        return Proposal(Verdict.HOLD, Sentence("%(why)s; the harder one beside it goes first", {"why": why}))
    return Proposal(Verdict.STEP_BACK if has_easier else Verdict.STOP_AND_TELL, why)


def _run(loads: Sequence[Load], limits: LoadLimits) -> list[Load]:
    """The bad sessions since the last good one, oldest first: one of which too little was told ends nothing."""
    run: list[Load] = []
    for load in reversed(loads):
        if load.is_good(limits):
            break
        if load.is_bad(limits):
            run.insert(0, load)
    return run


def _trigger(bad: Sequence[Load], limits: LoadLimits) -> Sentence:
    """Which half of the rule: pain during or after, the morning after, or both."""
    over = [load for load in bad if load.is_over(limits)]
    if over and len(over) < len(bad):
        words = "pain over %(limit)s, or not settled by the next morning, with %(count)s of the last sessions"
        return Sentence(words, {"limit": limits.load_pain, "count": len(bad)})
    if over:
        worst = max(p for load in over for p in (load.during, load.after) if p is not None)
        parts = {"score": worst, "count": len(over)}
        if len(over) == 1:
            return Sentence("pain up to %(score)s with one of the last sessions", parts)
        return Sentence("pain up to %(score)s with %(count)s of the last sessions", parts)
    if len(bad) == 1:
        return Sentence("pain had not settled on the morning after one of the last sessions")
    return Sentence("pain had not settled on the mornings after %(count)s of the last sessions", {"count": len(bad)})


def _nights(count: int) -> Sentence:
    return Sentence("pain broke %(count)s of the last 7 nights, more than the week before", {"count": count})


def _severe(run: Sequence[Load]) -> Sentence:
    count = sum(load.is_severe for load in run)
    return Sentence("pain of %(score)s or more with %(count)s sessions running", {"score": SEVERE, "count": count})


def _not_yet(judged: Sequence[Load], week: Week, limits: LoadLimits, *, has_harder: bool) -> Sentence | None:
    """What speaks against more when nothing went wrong; what is missing first."""
    asked = limits.load_sessions
    if len(judged) < asked:
        return Sentence("%(told)s of %(count)s sessions so far", {"told": len(judged), "count": asked})
    good = sum(load.is_good(limits) for load in judged)
    if good < asked:
        words = "pain during and the morning after were told for %(told)s of the last %(count)s sessions"
        return Sentence(words, {"told": good, "count": asked})
    return _not_comfortable(judged[-LATELY:]) or _not_steady(week, limits, has_harder=has_harder)


def _not_comfortable(judged: Sequence[Load]) -> Sentence | None:
    felt = [load.during for load in judged if load.during is not None and load.during > COMFORTABLE]
    if len(felt) * 2 <= len(judged):
        return None
    parts = {"score": max(felt), "some": len(felt), "count": len(judged)}
    return Sentence("pain during up to %(score)s on %(some)s of the last %(count)s sessions", parts)


def _not_steady(week: Week, limits: LoadLimits, *, has_harder: bool) -> Sentence | None:
    if week.percent is None:
        return Sentence("nothing was planned in the last 7 days")
    if week.percent < limits.load_percent:
        return Sentence("%(percent)s %% of the planned days were done in 7 days", {"percent": int(week.percent)})
    if week.rise is None:
        return Sentence("too few answers to say how pain changes")
    if week.rise >= CALLED_POINTS:
        return Sentence("pain over 7 days rose by %(points)s points", {"points": plain(week.rise)})
    return None if has_harder else Sentence("it went well; there is no harder exercise to go to")
