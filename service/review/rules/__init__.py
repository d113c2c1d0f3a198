"""Who needs the therapist first, and why, in a sentence. Computed from the record each time it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from service.catalogue.rules import Sentence
from service.diary.rules.screening import FLAGS, HURTS_DAYS, by_urgency
from service.progress.rules.pain_days import PainDays
from service.review.rules import pain
from service.review.rules.pain import DEFAULT_LIMITS, Finding, Limits, filled


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


LONGEST_QUOTE = 140


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one client. An `..._at` is None when it never happened, or was dealt with since.

    `now` is in the reader's zone, `today` is the client's day. `pain` are the daily scores from the first on,
    `hurts_at` the skips for pain, `planned_unlogged` the planned days since the last log, without today.
    `danger_words` is the text of the danger sign, as it came, or `danger_yes` the questions it answered.
    `not_reached`: which address does not work.
    """

    now: datetime
    today: date
    danger_at: datetime | None = None
    danger_words: str | None = None
    danger_yes: tuple[str, ...] = ()
    help_asked_at: datetime | None = None
    pain: PainDays = field(default_factory=PainDays)
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
    return next(findings(evidence, limits), None) or nothing_to_report(evidence)


def nothing_to_report(evidence: Evidence) -> Triage:
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


def _danger(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.danger_yes:
        first, *more = by_urgency(evidence.danger_yes)
        msgid = "Answered yes on %(day)s at %(time)s: “%(words)s”"
        if more:
            msgid = "Answered yes on %(day)s at %(time)s: “%(words)s”, and to %(count)s more."
        return _told(msgid, evidence.danger_at, evidence, words=Sentence(FLAGS[first].ask), count=len(more))
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
    return _told("Asked us on %(day)s to stop texts.", evidence.texts_stopped_at, evidence)


def _not_reached(evidence: Evidence, limits: Limits) -> Finding | None:
    msgid = _NOT_WORKING.get(evidence.not_reached, "The last %(count)s texts did not reach the phone.")
    return _told(msgid, evidence.not_reached_at, evidence, count=limits.silence.unreached_texts)


_NOT_WORKING = {"sms": "The phone number does not work.", "email": "The email address does not work."}


def _pain_jump(evidence: Evidence, limits: Limits) -> Finding | None:
    return pain.jump(evidence.pain, evidence.now, evidence.today, limits)


def _pain_rise(evidence: Evidence, limits: Limits) -> Finding | None:
    return pain.rise(evidence.pain, evidence.today, limits)


def _told(msgid: str, at: datetime | None, evidence: Evidence, **parts: object) -> Finding | None:
    if at is None:
        return None
    local = at.astimezone(evidence.now.tzinfo)
    return filled(msgid, {"day": local.date(), "time": local, **parts}), at


def _hurts_too_much(evidence: Evidence, limits: Limits) -> Finding | None:
    earliest = evidence.now - timedelta(days=HURTS_DAYS)
    recent = sorted(at for at in evidence.hurts_at if at > earliest)
    enough = limits.pain.hurts_times
    if len(recent) < enough:
        return None
    msgid = "Said %(count)s times in %(days)s days that it hurts too much."
    if len(recent) == 1:
        msgid = "Said in the last %(days)s days that it hurts too much."
    return filled(msgid, {"count": len(recent), "days": HURTS_DAYS}), recent[enough - 1]


def _went_quiet(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.last_log_at is None or evidence.planned_unlogged < limits.silence.quiet_planned_days:
        return None
    parts = {"count": evidence.planned_unlogged}
    return Sentence("No log on the last %(count)s planned days.", parts), evidence.last_log_at


def _never_logged(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.invited_at is None or evidence.last_log_at is not None:
        return None
    waited = evidence.now - evidence.invited_at
    if waited <= timedelta(hours=limits.silence.invited_hours):
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
