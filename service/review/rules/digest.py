"""The mail that tells a member of staff who needs them first: what it says of whom, and when it comes.

A mailbox is read on lock screens and by mail servers: it holds a first name with an initial, and no word about health.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from service.errors import FieldProblem, Refused
from service.reminders.reasons import Reason
from service.reminders.rules import DAY, local_day, local_to_utc
from service.review.rules import CALM, Rule, Tier
from service.worded import Worded

WORKING_WEEK: Final = 0b0011111
"""Monday to Friday: bit 0 is Monday."""

MOST_NAMED: Final = 5
"""More names are no longer who comes first; our own choice."""

LATEST: Final = timedelta(hours=4)
"""After the hour it was wished for, as long as a reminder may be late: then the day is under way."""

WHY: Final = {
    Rule.DANGER: "told us something to read now",
    Rule.ASKED_FOR_HELP: "asked for help",
    Rule.PAIN_JUMP: "gave an answer far from their usual",
    Rule.PAIN_RISE: "gives other answers than at the start",
    Rule.HURTS_TOO_MUCH: "could not do the plan, more than once",
    Rule.STOPPED_BY_RULE: "had the plan stopped by a safety rule",
    Rule.TEXTS_STOPPED: "asked us to stop texts",
    Rule.NOT_REACHED: "is not reached by our messages",
    Rule.WENT_QUIET: "has told us nothing on the last planned days",
    Rule.NEVER_LOGGED: "has not begun yet",
}
"""Said after a name. Every rule of a tier in which somebody waits has words."""


SUBJECT: Final = "Who needs you first today"
BUTTON: Final = "Open the caseload"
STOP_WORDS: Final = "Another hour, or no more of these emails"
NAMELESS: Final = "Somebody we do not know"
MORE: Final = "And %(count)s more."
OF_TIER: Final = {
    Tier.CALL.value: "%(count)s to call",
    Tier.LOOK.value: "%(count)s to look at",
    Tier.QUIET.value: "%(count)s quiet",
}


class NotSent(Worded):
    """Why a mail of this kind was not sent, beside the reasons of every message, and the msgid that tells a person."""

    NOTHING_TO_SAY = "nothing_to_say", "Not sent: nobody waited."
    NOT_WANTED = "not_wanted", "Not sent: it was not wanted any more."
    CAME_BACK = "came_back", "Not sent: the mailbox did not take the last one."
    SEEN = "seen", "Not sent: somebody had looked by then."


SENT_AND_CAME_BACK: Final = "Sent, and it came back."


def reason_words(state: str, reason: str | None) -> str:
    """The msgid of what became of a mail."""
    if reason is None:
        return {"sent": "Sent.", "in_flight": "On its way."}.get(state, "Waits for its time.")
    known = {one.value: one.msgid for one in NotSent}
    return known.get(reason) or Reason(reason).msgid


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on the caseload whom nobody has looked at, in the order of the caseload. Without a name, a text that
    nobody could place."""

    name: str
    tier: Tier
    rule: Rule


@dataclass(frozen=True, slots=True)
class Digest:
    """`named` are pairs of whom and the code of why; `counts` how many wait in each tier, named or not."""

    counts: dict[str, int] = field(default_factory=dict)
    named: list[tuple[str, str]] = field(default_factory=list)


def digest_of(waiting: Iterable[Waiting]) -> Digest:
    listed = [one for one in waiting if one.tier not in CALM]
    tiers = [tier for tier in Tier if tier not in CALM]
    counts = {tier.value: len([one for one in listed if one.tier is tier]) for tier in tiers}
    return Digest(
        {tier: count for tier, count in counts.items() if count},
        [(short_name(one.name), one.rule.value) for one in listed[:MOST_NAMED]],
    )


def short_name(name: str) -> str:
    """ "Maria L.": enough for whoever knows her."""
    if not name:
        return name
    first, *rest = name.split()
    return f"{first} {rest[-1][0]}." if rest else first


def next_digest(after: datetime, wall: time, zone: str, weekdays: int) -> datetime:
    """The first such moment after `after` on one of the working days. A time in a gap comes when the gap is over."""
    first = local_day(after, zone)
    days = (first + DAY * n for n in range(15))
    moments = (local_to_utc(day, wall, zone) for day in days if weekdays >> day.weekday() & 1)
    return next(at for at in moments if at is not None and at > after)


def refuse_impossible(zone_known: bool, weekdays: int) -> None:
    problems = []
    if not zone_known:
        problems.append(FieldProblem("/zone", "zone", "Use a time zone such as Europe/Berlin or America/New_York."))
    if not 0 < weekdays < 128:
        problems.append(FieldProblem("/weekdays", "required", "Choose at least one weekday."))
    if problems:
        raise Refused(problems)
