"""Who needs the therapist first, and why, in a sentence. Computed from the record each time it is read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from statistics import median

from service.catalogue.rules import Sentence
from service.progress.rules import DayPain, first_median, own_median, plain, worst_by_day


class Tier(StrEnum):
    """In the order of the caseload."""

    CALL = "call"
    LOOK = "look"
    QUIET = "quiet"
    NEW = "new"
    ON_TRACK = "on_track"


class Rule(StrEnum):
    """In the order in which they are tried; a client has at most one open alert for each."""

    DANGER = "danger"
    ASKED_FOR_HELP = "asked_for_help"
    PAIN_JUMP = "pain_jump"
    PAIN_RISE = "pain_rise"
    HURTS_TOO_MUCH = "hurts_too_much"
    STOPPED_BY_RULE = "stopped_by_rule"
    TEXTS_STOPPED = "texts_stopped"
    NOT_REACHED = "not_reached"
    WENT_QUIET = "went_quiet"
    NEVER_LOGGED = "never_logged"
    NO_PLAN = "no_plan"
    NOTHING_LOGGED = "nothing_logged"
    ON_TRACK = "on_track"


TIERS = {
    Rule.DANGER: Tier.CALL,
    Rule.ASKED_FOR_HELP: Tier.CALL,
    Rule.PAIN_JUMP: Tier.CALL,
    Rule.PAIN_RISE: Tier.LOOK,
    Rule.HURTS_TOO_MUCH: Tier.LOOK,
    Rule.STOPPED_BY_RULE: Tier.LOOK,
    Rule.TEXTS_STOPPED: Tier.QUIET,
    Rule.NOT_REACHED: Tier.QUIET,
    Rule.WENT_QUIET: Tier.QUIET,
    Rule.NEVER_LOGGED: Tier.QUIET,
    Rule.NO_PLAN: Tier.NEW,
    Rule.NOTHING_LOGGED: Tier.NEW,
    Rule.ON_TRACK: Tier.ON_TRACK,
}
CALM = frozenset({Tier.NEW, Tier.ON_TRACK})
"""Where nobody waits for us, so that there is nothing to mark as seen."""


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

    high_pain: int = 8
    pain_jump: float = 3
    pain_fresh_days: int = 7
    pain_rise: float = 2
    rise_answers: int = 3
    hurts_times: int = 2
    hurts_days: int = 7
    quiet_planned_days: int = 3
    unreached_texts: int = 3
    invited_hours: int = 72


DEFAULT_LIMITS = Limits()
LONGEST_QUOTE = 140


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one client. An `..._at` is None when it never happened, or was dealt with since.

    `now` is in the reader's zone, `today` is the client's day. `pain` are the daily scores from the first on,
    `hurts_at` the skips for pain, `planned_unlogged` the planned days since the last log, without today.
    `danger_words` is the text of the danger sign, as it came. `not_reached`: which address does not work.
    """

    now: datetime
    today: date
    danger_at: datetime | None = None
    danger_words: str | None = None
    help_asked_at: datetime | None = None
    pain: tuple[DayPain, ...] = ()
    hurts_at: tuple[datetime, ...] = ()
    stopped_by_rule_at: datetime | None = None
    texts_stopped_at: datetime | None = None
    not_reached_at: datetime | None = None
    not_reached: str = ""
    planned_unlogged: int = 0
    last_log_at: datetime | None = None
    invited_at: datetime | None = None
    has_plan: bool = True


@dataclass(frozen=True, slots=True)
class Triage:
    """`since` is when the wait began. In `reason`, a `time` is an instant in the reader's zone."""

    tier: Tier
    rule: Rule
    reason: Sentence
    since: datetime | None


def triage(evidence: Evidence, limits: Limits = DEFAULT_LIMITS) -> Triage:
    return next(findings(evidence, limits), None) or _nothing_to_report(evidence)


def _nothing_to_report(evidence: Evidence) -> Triage:
    """On track is only who has a plan and has told us something."""
    if not evidence.has_plan:
        return Triage(Tier.NEW, Rule.NO_PLAN, Sentence("No plan yet."), evidence.invited_at)
    if evidence.last_log_at is None:
        return Triage(Tier.NEW, Rule.NOTHING_LOGGED, Sentence("Nothing logged yet."), evidence.invited_at)
    return Triage(Tier.ON_TRACK, Rule.ON_TRACK, Sentence("On track."), evidence.last_log_at)


def findings(evidence: Evidence, limits: Limits = DEFAULT_LIMITS) -> Iterator[Triage]:
    """Every rule that holds, the most urgent first."""
    for rule, test in _TESTS.items():
        if found := test(evidence, limits):
            reason, since = found
            yield Triage(TIERS[rule], rule, reason, since)


def sort_key(triage: Triage) -> tuple[int, datetime]:
    """Tier first, then whoever has waited longest."""
    return list(Tier).index(triage.tier), triage.since or datetime.max.replace(tzinfo=UTC)


Finding = tuple[Sentence, datetime]


def _danger(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.danger_words is None:
        return _told("Told us of a danger sign on %(day)s at %(time)s.", evidence.danger_at, evidence)
    return _told(
        "Told us of a danger sign on %(day)s at %(time)s: “%(words)s”",
        evidence.danger_at,
        evidence,
        words=shortened(evidence.danger_words),
    )


def shortened(words: str) -> str:
    """Fits into a row of the caseload."""
    return words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + "…"


def _asked_for_help(evidence: Evidence, limits: Limits) -> Finding | None:
    return _told("Asked for help on %(day)s at %(time)s.", evidence.help_asked_at, evidence)


def _stopped_by_rule(evidence: Evidence, limits: Limits) -> Finding | None:
    return _told("A safety rule stopped the plan on %(day)s.", evidence.stopped_by_rule_at, evidence)


def _texts_stopped(evidence: Evidence, limits: Limits) -> Finding | None:
    return _told("Asked us on %(day)s to stop writing.", evidence.texts_stopped_at, evidence)


def _not_reached(evidence: Evidence, limits: Limits) -> Finding | None:
    msgid = _NOT_WORKING.get(evidence.not_reached, "The last %(count)s texts did not reach the phone.")
    return _told(msgid, evidence.not_reached_at, evidence, count=limits.unreached_texts)


_NOT_WORKING = {"sms": "The phone number does not work.", "email": "The email address does not work."}


def _told(msgid: str, at: datetime | None, evidence: Evidence, **parts: object) -> Finding | None:
    if at is None:
        return None
    local = at.astimezone(evidence.now.tzinfo)
    return _fill(msgid, {"day": local.date(), "time": local, **parts}), at


def _fill(msgid: str, parts: Mapping[str, object]) -> Sentence:
    return Sentence(msgid, {name: part for name, part in parts.items() if f"%({name})s" in msgid})


def _pain_jump(evidence: Evidence, limits: Limits) -> Finding | None:
    """Where no usual is known yet the score alone decides: a false alarm is better than a miss."""
    before = evidence.today - timedelta(days=limits.pain_fresh_days)
    fresh = [answer for answer in evidence.pain if answer.day > before]
    last = max(fresh, key=_latest_worst, default=None)
    if last is None or last.score < limits.high_pain:
        return None
    usual = own_median(evidence.pain, last.day)
    if usual is not None and last.score < usual + limits.pain_jump:
        return None
    msgid = _JUMP[last.day == evidence.today, usual is not None]
    local = last.at.astimezone(evidence.now.tzinfo)
    parts = {"score": last.score, "usual": plain(usual or 0), "day": last.day, "time": local}
    return _fill(msgid, parts), last.at


def _latest_worst(answer: DayPain) -> tuple[date, int, float]:
    """Among equal scores of a day the first one told, from which somebody waits."""
    return answer.day, answer.score, -answer.at.timestamp()


_JUMP = {
    (True, True): "Pain %(score)s today. Usual is %(usual)s. Told us at %(time)s.",
    (True, False): "Pain %(score)s today. Usual is not known yet. Told us at %(time)s.",
    (False, True): "Pain %(score)s on %(day)s. Usual is %(usual)s.",
    (False, False): "Pain %(score)s on %(day)s. Usual is not known yet.",
}


def _fresh(day: date, evidence: Evidence, limits: Limits) -> bool:
    return evidence.today - day < timedelta(days=limits.pain_fresh_days)


def _pain_rise(evidence: Evidence, limits: Limits) -> Finding | None:
    """Since the answer from which the median has stayed up."""
    scores = worst_by_day(evidence.pain)
    usual = first_median(scores)
    if usual is None:
        return None
    days = list(scores.items())
    newest_first = (days[end - limits.rise_answers : end] for end in range(len(days), limits.rise_answers - 1, -1))
    high = list(takewhile(lambda window: _median(window) >= usual + limits.pain_rise, newest_first))
    if not high or not _fresh(high[0][0][0], evidence, limits):
        return None
    began = high[-1][-1][0]
    parts = {"count": limits.rise_answers, "now": plain(_median(high[0])), "before": plain(usual)}
    reason = Sentence("Pain about %(now)s in the last %(count)s answers. It was %(before)s at the start.", parts)
    return reason, min(answer.at for answer in evidence.pain if answer.day == began)


def _median(window: list[tuple[date, int]]) -> float:
    return median(score for _, score in window)


def _hurts_too_much(evidence: Evidence, limits: Limits) -> Finding | None:
    earliest = evidence.now - timedelta(days=limits.hurts_days)
    recent = sorted(at for at in evidence.hurts_at if at > earliest)
    if len(recent) < limits.hurts_times:
        return None
    parts = {"count": len(recent), "days": limits.hurts_days}
    reason = Sentence("Said %(count)s times in %(days)s days that it hurts too much.", parts)
    return reason, recent[limits.hurts_times - 1]


def _went_quiet(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.last_log_at is None or evidence.planned_unlogged < limits.quiet_planned_days:
        return None
    parts = {"count": evidence.planned_unlogged}
    return Sentence("No log on the last %(count)s planned days.", parts), evidence.last_log_at


def _never_logged(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.invited_at is None or evidence.last_log_at is not None:
        return None
    waited = evidence.now - evidence.invited_at
    if waited <= timedelta(hours=limits.invited_hours):
        return None
    return Sentence("Invited %(days)s days ago. No log yet.", {"days": waited.days}), evidence.invited_at


_TESTS: dict[Rule, Callable[[Evidence, Limits], Finding | None]] = {
    Rule.DANGER: _danger,
    Rule.ASKED_FOR_HELP: _asked_for_help,
    Rule.PAIN_JUMP: _pain_jump,
    Rule.PAIN_RISE: _pain_rise,
    Rule.HURTS_TOO_MUCH: _hurts_too_much,
    Rule.STOPPED_BY_RULE: _stopped_by_rule,
    Rule.TEXTS_STOPPED: _texts_stopped,
    Rule.NOT_REACHED: _not_reached,
    Rule.WENT_QUIET: _went_quiet,
    Rule.NEVER_LOGGED: _never_logged,
}
