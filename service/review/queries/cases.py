"""Why each client needs somebody: one client or a whole caseload, in a fixed number of statements."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.accounts.queries import clinic
from service.accounts.rules.office import OfficeHours, office_hours
from service.accounts.tables import Client
from service.catalogue.library import FlagTier
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.rules.screening import Urgency, most_urgent
from service.progress.queries import Progress, progress_of
from service.review.queries.last_logs import last_logs
from service.review.queries.signs import Mark, Sign, marks_of, signs_of
from service.review.rules import Evidence, Rule, Tier, Triage, findings, nothing_to_report, sort_key
from service.review.rules.alerts import is_over, look_by
from service.review.rules.pain import Limits, jumps, limits_in

SEEN_STAYS = timedelta(hours=24)
"""How long something that happened once (a danger sign, a STOP) keeps its place after it was seen."""


@dataclass(frozen=True, slots=True)
class Case:
    """A client and why they need somebody. `mark` is about that reason; `events` is how often it happened.

    `asleep` are the other reasons, each with the mark that snoozes it. `look_by` is set until somebody has looked
    who should; with `flag_open` a clinician must clear a warning sign. `can_wait`, says the client.
    """

    client: Client
    progress: Progress
    triage: Triage
    mark: Mark | None = None
    events: int = 1
    asleep: tuple[tuple[Triage, Mark], ...] = ()
    look_by: datetime | None = None
    flag_open: bool = False
    can_wait: bool = False

    def snoozed(self, now: datetime) -> bool:
        return _snoozes(self.mark, self.triage, now)

    def waits(self, now: datetime) -> bool:
        """Nobody has looked, or it was put aside until now."""
        return self.mark is None or (self.mark.until_at is not None and not self.snoozed(now))

    def is_overdue(self, now: datetime) -> bool:
        return self.look_by is not None and now >= self.look_by

    def order(self, now: datetime) -> tuple[bool, int, bool, datetime]:
        """Whom nobody has looked at in time above all else; then by tier, those who are snoozed last, then whoever
        has waited longest."""
        tier, since = sort_key(self.triage)
        return not self.is_overdue(now), tier, self.snoozed(now), since


async def cases(
    session: ClinicSession, clients: Collection[Client], now: datetime, days: int, *, shares: bool = False
) -> list[Case]:
    """One for each client, in their order. `now` is in the reader's zone; `days` of exercise are known, and how much
    of each was done with `shares`."""
    progress = await progress_of(session, clients, now, days, shares=shares)
    ids = [client.id for client in clients]
    ours = await clinic(session)
    zone, office, limits = ZoneInfo(ours.zone), office_hours(ours.office_hours, ours.closed_days), limits_in(ours)
    signs, marks = await signs_of(session, ids, now, limits), await marks_of(session, ids)
    logs = await last_logs(session, ids)
    found = []
    for client, key in zip(clients, ids, strict=True):
        told_at = [at for at in (progress[key].pain_told_at, logs.get(key)) if at]
        last = max(told_at, default=None)
        found.append(_case(client, progress[key], signs[key], marks[key], last, now, zone, office, limits))
    return found


def _case(
    client: Client,
    progress: Progress,
    signs: dict[str, list[Sign]],
    marks: dict[str, Mark],
    last_log_at: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    office: OfficeHours,
    limits: Limits,
) -> Case:
    """`zone`, `office` and `limits` are the clinic's."""
    dangers = _dangers(signs, marks.get(Rule.DANGER), now)
    helps = _open(signs[Urgency.URGENT], marks.get(Rule.ASKED_FOR_HELP), now)
    evidence = _evidence(client, progress, signs, marks, dangers, helps, last_log_at, now)
    found = [f for f in findings(evidence, limits) if not _is_over(marks.get(f.rule), f, now)]
    chosen = _chosen(found, marks, now) or nothing_to_report(evidence)
    mark = marks.get(chosen.rule)
    mark = mark if mark is not None and not mark.is_done and mark.covers(chosen.since) else None
    care = FlagTier.EMERGENCY if chosen.rule is Rule.DANGER else FlagTier.SAME_DAY
    if chosen.rule is Rule.DANGER and all(sign.yes for sign in dangers):
        care = most_urgent(code for sign in dangers for code in sign.yes) or care
    is_waiting = chosen.tier is Tier.CALL and mark is None and chosen.since is not None
    return Case(
        client=client,
        progress=progress,
        triage=chosen,
        mark=mark,
        events=_events(chosen.rule, evidence, dangers, helps, limits),
        asleep=tuple((f, marks[f.rule]) for f in found if f is not chosen and _snoozes(marks.get(f.rule), f, now)),
        look_by=look_by(chosen.since.astimezone(zone), care, office) if is_waiting and chosen.since else None,
        flag_open=bool(signs["flag"]),
        can_wait=_can_wait(signs, chosen),
    )


def _evidence(
    client: Client,
    progress: Progress,
    signs: dict[str, list[Sign]],
    marks: dict[str, Mark],
    dangers: Sequence[Sign],
    helps: Sequence[Sign],
    last_log_at: datetime | None,
    now: datetime,
) -> Evidence:
    danger = min(dangers, key=_at, default=None)
    stops = _open(signs["stopped"], marks.get(Rule.TEXTS_STOPPED), now)
    not_reached = min(_open(signs["not_reached"], marks.get(Rule.NOT_REACHED), now), key=_at, default=None)
    return Evidence(
        now=now,
        today=progress.today,
        danger_at=danger.at if danger else None,
        danger_words=danger.words if danger else None,
        danger_yes=danger.yes if danger else (),
        help_asked_at=min((sign.at for sign in helps), default=None),
        pain=progress.pain,
        hurts_at=tuple(sign.at for sign in _undone(signs["hurts"], marks.get(Rule.HURTS_TOO_MUCH))),
        texts_stopped_at=min((sign.at for sign in stops), default=None),
        not_reached_at=not_reached.at if not_reached else None,
        not_reached=(not_reached.words or "") if not_reached else "",
        planned_unlogged=_silent_days(client, progress, last_log_at),
        last_log_at=last_log_at,
        invited_at=client.created_at,
        has_plan=progress.has_plan,
    )


def _can_wait(signs: dict[str, list[Sign]], chosen: Triage) -> bool:
    """Asked about what was found, the last thing they said is that it can wait."""
    told = [(sign.at, answer) for answer in Urgency for sign in signs[answer]]
    if chosen.rule is not Rule.HURTS_TOO_MUCH or not told or chosen.since is None:
        return False
    at, answer = max(told)
    return answer is Urgency.CAN_WAIT and at >= chosen.since


def _events(rule: Rule, evidence: Evidence, dangers: Sequence[Sign], helps: Sequence[Sign], limits: Limits) -> int:
    match rule:
        case Rule.DANGER:
            return len(dangers)
        case Rule.ASKED_FOR_HELP:
            return len(helps)
        case Rule.PAIN_JUMP:
            return jumps(evidence.pain, evidence.today, limits)
        case _:
            return 1


def _dangers(signs: dict[str, list[Sign]], mark: Mark | None, now: datetime) -> list[Sign]:
    """While a flag is open, everything told since the first: no mark takes it away, a clinician clears it. Else what
    was told after the last one was cleared."""
    told, flags = signs["danger"] + signs["answer"], signs["flag"]
    if not flags:
        cleared_at = max((sign.at for sign in signs["cleared"]), default=None)
        return _open([sign for sign in told if cleared_at is None or sign.at > cleared_at], mark, now)
    first = min(flags, key=_at)
    under = [sign for sign in told if sign.at >= first.at] or [first]
    return [sign for sign in under if mark is None or not mark.covers(sign.at)] or under


def _undone(events: Iterable[Sign], mark: Mark | None) -> list[Sign]:
    return [sign for sign in events if mark is None or not (mark.is_done and mark.covers(sign.at))]


def _is_over(mark: Mark | None, finding: Triage, now: datetime) -> bool:
    return mark is not None and mark.is_done and is_over(finding.rule, mark.marked_at, finding.since, now)


def _at(sign: Sign) -> datetime:
    return sign.at


def _open(events: Iterable[Sign], mark: Mark | None, now: datetime) -> list[Sign]:
    """What nobody has looked at yet; else what was seen less than a day ago, or is or was only snoozed.

    So a sign that comes after the mark is never hidden behind one that somebody has seen.
    """
    listed = _undone(events, mark)
    if mark is None or mark.is_done or (mark.until_at is not None and mark.until_at <= now):
        return listed
    unseen = [sign for sign in listed if not mark.covers(sign.at)]
    stays = mark.until_at is not None or now - mark.marked_at < SEEN_STAYS
    return unseen or (listed if stays else [])


def _chosen(found: Sequence[Triage], marks: dict[str, Mark], now: datetime) -> Triage | None:
    """The most urgent one that is not snoozed, or the most urgent one when all are."""
    awake = [finding for finding in found if not _snoozes(marks.get(finding.rule), finding, now)]
    return next(iter(awake or found), None)


def _snoozes(mark: Mark | None, finding: Triage, now: datetime) -> bool:
    return mark is not None and mark.until_at is not None and mark.until_at > now and mark.covers(finding.since)


def _silent_days(client: Client, progress: Progress, last_log_at: datetime | None) -> int:
    """Planned days since the day of the last log, whatever day that log was about. Today is not over."""
    if last_log_at is None:
        return 0
    a_day = timedelta(days=1)
    return progress.planned_days(today_of(client, last_log_at) + a_day, progress.today - a_day)
