"""What the pages of staff need to know: one client or a whole caseload, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select, text
from sqlmodel import col

from service.accounts.tables import Client, SignInSession, Staff
from service.catalogue.tables import Habit
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.outbox.tables import Heartbeat, Message, SenderPace, SendingStop
from service.progress.queries import Progress, progress_of
from service.review.queries.last_logs import last_logs
from service.review.rules import (
    DEFAULT_LIMITS,
    Evidence,
    Rule,
    Triage,
    findings,
    triage,
)

SEEN_STAYS = timedelta(hours=24)
"""How long something that happened once (a danger sign, a STOP) keeps its place after it was seen."""

_SIGNS = text(
    "SELECT client_id, 'hurts' AS sign, received_at AS at, NULL AS words FROM exercise_session"
    "  WHERE clinic_id = :clinic_id AND client_id = ANY(:ids) AND outcome = 'skipped' AND reason = 'hurts'"
    "  AND received_at > :lately AND deleted_at IS NULL "
    "UNION ALL SELECT client_id, 'stopped', opted_out_at, NULL FROM contact_point WHERE clinic_id = :clinic_id"
    "  AND client_id = ANY(:ids) AND opted_out_at IS NOT NULL AND opted_out_how IS DISTINCT FROM 'bounce' "
    "UNION ALL SELECT client_id, 'not_reached', invalid_at, channel FROM contact_point WHERE clinic_id = :clinic_id"
    "  AND client_id = ANY(:ids) AND invalid_at IS NOT NULL "
    "UNION ALL SELECT cp.client_id, 'not_reached', min(m.settled_at), 'unreached' FROM contact_point cp"
    "  CROSS JOIN LATERAL (SELECT x.state, x.reason, x.settled_at FROM message x WHERE x.clinic_id = cp.clinic_id"
    "    AND x.client_id = cp.client_id AND x.contact_point_id = cp.id AND x.created_at > :last_month"
    "    AND x.state IN ('delivered', 'undelivered') ORDER BY x.created_at DESC LIMIT :in_a_row) m"
    "  WHERE cp.clinic_id = :clinic_id AND cp.client_id = ANY(:ids) AND cp.channel = 'sms' GROUP BY cp.client_id, cp.id"
    "  HAVING count(*) = :in_a_row AND bool_and(m.state = 'undelivered' AND m.reason IN ('unreachable', 'no_texts')) "
    "UNION ALL SELECT client_id, 'danger', sent_at, body FROM thread_message WHERE clinic_id = :clinic_id"
    "  AND client_id = ANY(:ids) AND direction = 'in' AND reading ~ '(^| )danger( |$)' AND deleted_at IS NULL"
)
# The newest mark of each rule, by its id: `marked_at` is when the page was read on which it was made.
_MARKS = text(
    "SELECT DISTINCT ON (m.client_id, m.rule) m.client_id, m.rule, m.state, m.until_at, m.marked_at, s.name "
    "FROM review_mark m JOIN staff s ON s.clinic_id = m.clinic_id AND s.id = m.staff_id "
    "WHERE m.clinic_id = :clinic_id AND m.client_id = ANY(:ids) "
    "ORDER BY m.client_id, m.rule, m.id DESC"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody looked, up to `marked_at`; `until_at` is set while it is snoozed."""

    by: str
    marked_at: datetime
    until_at: datetime | None

    def covers(self, at: datetime | None) -> bool:
        return at is not None and at <= self.marked_at


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that happened once; `words` is what was said of it, if anything was."""

    at: datetime
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A client and why they need somebody. `mark` is about that reason; `events` is how often it happened.

    `asleep` are the other reasons, each with the mark that snoozes it.
    """

    client: Client
    progress: Progress
    triage: Triage
    mark: Mark | None = None
    events: int = 1
    asleep: tuple[tuple[Triage, Mark], ...] = ()

    def snoozed(self, now: datetime) -> bool:
        return _snoozes(self.mark, self.triage, now)

    def waits(self, now: datetime) -> bool:
        """Nobody has looked, or it was put aside until now."""
        return self.mark is None or (self.mark.until_at is not None and not self.snoozed(now))


async def cases(session: ClinicSession, clients: Collection[Client], now: datetime, days: int) -> list[Case]:
    """One for each client, in their order. `now` is in the reader's zone; `days` of exercise are known."""
    progress = await progress_of(session, clients, now, days)
    ids = [client.id for client in clients]
    values = {"clinic_id": session.clinic_id, "ids": ids}
    lately = now - timedelta(days=DEFAULT_LIMITS.hurts_days)
    signs: dict[UUID, dict[str, list[Sign]]] = defaultdict(lambda: defaultdict(list))
    since = {"lately": lately, "last_month": now - timedelta(days=30), "in_a_row": DEFAULT_LIMITS.unreached_texts}
    for row in await session.execute(_SIGNS, values | since):
        signs[row.client_id][row.sign].append(Sign(row.at, row.words))
    marks: dict[UUID, dict[str, Mark]] = defaultdict(dict)
    for row in await session.execute(_MARKS, values):
        marks[row.client_id][row.rule] = Mark(row.name, row.marked_at, row.until_at)
    logs = await last_logs(session, ids)
    return [_case(c, progress[c.id], signs[c.id], marks[c.id], logs.get(c.id), now) for c in clients]


def _case(
    client: Client,
    progress: Progress,
    signs: dict[str, list[Sign]],
    marks: dict[str, Mark],
    last_log_at: datetime | None,
    now: datetime,
) -> Case:
    dangers = _open(signs["danger"], marks.get(Rule.DANGER), now)
    stops = _open(signs["stopped"], marks.get(Rule.TEXTS_STOPPED), now)
    not_reached = min(_open(signs["not_reached"], marks.get(Rule.NOT_REACHED), now), key=_at, default=None)
    first_danger = min(dangers, key=_at, default=None)
    evidence = Evidence(
        now=now,
        today=progress.today,
        danger_at=first_danger.at if first_danger else None,
        danger_words=first_danger.words if first_danger else None,
        pain=progress.pain,
        hurts_at=tuple(sign.at for sign in signs["hurts"]),
        texts_stopped_at=min((sign.at for sign in stops), default=None),
        not_reached_at=not_reached.at if not_reached else None,
        not_reached=(not_reached.words or "") if not_reached else "",
        planned_unlogged=_silent_days(client, progress, last_log_at),
        last_log_at=last_log_at,
        invited_at=client.created_at,
        has_plan=progress.has_plan,
    )
    found = list(findings(evidence))
    chosen = _chosen(found, marks, now) or triage(evidence)
    mark = marks.get(chosen.rule)
    return Case(
        client=client,
        progress=progress,
        triage=chosen,
        mark=mark if mark is not None and mark.covers(chosen.since) else None,
        events=len(dangers) if chosen.rule is Rule.DANGER else 1,
        asleep=tuple((f, marks[f.rule]) for f in found if f is not chosen and _snoozes(marks.get(f.rule), f, now)),
    )


def _at(sign: Sign) -> datetime:
    return sign.at


def _open(events: Iterable[Sign], mark: Mark | None, now: datetime) -> list[Sign]:
    """What nobody has looked at yet; else what was seen less than a day ago, or is or was only snoozed.

    So a sign that comes after the mark is never hidden behind one that somebody has seen.
    """
    listed = list(events)
    if mark is None or (mark.until_at is not None and mark.until_at <= now):
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


async def heartbeat(session: ClinicSession) -> datetime | None:
    """When any notifier process last said that it is alive."""
    return await session.scalar(select(func.max(Heartbeat.beat_at)))


async def standing_stops(session: ClinicSession, now: datetime) -> Sequence[SendingStop]:
    statement = (
        select(SendingStop)
        .where(col(SendingStop.clinic_id) == session.clinic_id, col(SendingStop.until_at) > now)
        .order_by(col(SendingStop.channel), col(SendingStop.kind))
    )
    return (await session.scalars(statement)).all()


async def held_senders(session: ClinicSession, before: datetime) -> Sequence[str]:
    """Those to whom nothing gets through, since `before` at least."""
    statement = select(col(SenderPace.sender)).where(col(SenderPace.opened_at) < before).order_by(SenderPace.sender)
    return (await session.scalars(statement)).all()


async def staff_names(session: ClinicSession) -> dict[UUID, str]:
    rows = await session.execute(
        select(col(Staff.id), col(Staff.name)).where(col(Staff.clinic_id) == session.clinic_id)
    )
    return {row.id: row.name for row in rows}


async def therapists(session: ClinicSession) -> Sequence[Staff]:
    """Those whose client somebody can be."""
    statement = (
        select(Staff)
        .where(
            col(Staff.clinic_id) == session.clinic_id,
            col(Staff.active),
            col(Staff.role).in_(("therapist", "owner")),
        )
        .order_by(col(Staff.name))
    )
    return (await session.scalars(statement)).all()


async def library_habits(session: ClinicSession, ids: Collection[UUID]) -> dict[UUID, Habit]:
    statement = select(Habit).where(col(Habit.clinic_id) == session.clinic_id, col(Habit.id).in_(ids))
    return {habit.id: habit for habit in await session.scalars(statement)}


async def sent_messages(session: ClinicSession, client_id: UUID, most: int) -> Sequence[Message]:
    """The last ones that a message service took, or that were held back; newest first.

    What became of a reminder that was held back stands in the ledger.
    """
    statement = (
        select(Message)
        .where(
            col(Message.clinic_id) == session.clinic_id,
            col(Message.client_id) == client_id,
            or_(
                col(Message.accepted_at).is_not(None),
                and_(col(Message.occurrence_id).is_(None), col(Message.state).in_(("suppressed", "failed", "expired"))),
            ),
        )
        .order_by(col(Message.created_at).desc())
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def phone_seen_at(session: ClinicSession, client_id: UUID) -> datetime | None:
    """When the client was last here, signed in."""
    return await session.scalar(
        select(func.max(SignInSession.seen_at)).where(
            col(SignInSession.clinic_id) == session.clinic_id, col(SignInSession.client_id) == client_id
        )
    )
