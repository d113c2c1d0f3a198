"""Nobody looked at a client to call in time: who is to be told, one step after the other. The notifier sends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.rules.office import office_hours
from service.accounts.tables import Clinic, Staff
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders.reasons import Reason
from service.review.queries.cases import cases
from service.review.queries.digests import History
from service.review.queries.overdue import maybe_to_call
from service.review.queries.unplaced import look_by_of, unplaced_for
from service.review.rules import Rule
from service.review.rules.digest import NotSent, short_name
from service.review.rules.escalation import LASTS, LOOK_EVERY, MailKind, Step, groups, steps_due
from service.review.tables import DigestMail


@dataclass(frozen=True, slots=True)
class Overdue:
    """A client, or whoever wrote a text that is nobody's for sure: then it has no name, and `own` are the therapists of
    those it may be from."""

    rule: Rule
    since: datetime
    look_by: datetime
    own: frozenset[UUID]
    name: str = ""
    client_id: UUID | None = None
    text_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    clinic: Clinic
    staff: dict[UUID, Staff]
    history: History

    def steps(self, overdue: Overdue, now: datetime) -> list[Step]:
        """`now` is in the clinic's zone."""
        office = office_hours(self.clinic.office_hours, self.clinic.closed_days)
        gap = timedelta(minutes=self.clinic.escalate_minutes)
        return steps_due(overdue.look_by, now, groups(self.staff.values(), overdue.own), office, gap)


async def write_overdue(session: ClinicSession, history: History, now: datetime) -> int:
    """Writes every step that is due into the ledger, once, whoever else does the same. Returns how many are new."""
    clinic = await accounts.clinic_to_change(session)
    clinic.alerts_at = now + LOOK_EVERY
    local = now.astimezone(ZoneInfo(clinic.zone))
    found = [*await _clients(session, now, local), *await _texts(session, clinic, now, local)]
    if not found:
        return 0
    staff = await session.scalars(select(Staff).where(col(Staff.clinic_id) == session.clinic_id))
    told = Told(clinic, {one.id: one for one in staff}, history)
    return sum([await _write(session, overdue, told, local) for overdue in found])


async def _clients(session: ClinicSession, now: datetime, local: datetime) -> list[Overdue]:
    clients = await maybe_to_call(session, now)
    found = await cases(session, clients, local, 1) if clients else []
    return [
        Overdue(
            rule=case.triage.rule,
            since=case.triage.since,
            look_by=case.look_by,
            own=frozenset({case.client.therapist_id}),
            name=short_name(case.client.name),
            client_id=case.client.id,
        )
        for case in found
        if case.is_overdue(local) and case.look_by and case.triage.since
    ]


async def _texts(session: ClinicSession, clinic: Clinic, now: datetime, local: datetime) -> list[Overdue]:
    found = []
    for row, maybe in await unplaced_for(session, None, now):
        by = look_by_of(row, clinic)
        if by is not None and by <= local:
            own = frozenset(client.therapist_id for client in maybe)
            found.append(Overdue(Rule.DANGER, row.received_at, by, own, text_id=row.id))
    return found


async def _write(session: ClinicSession, overdue: Overdue, told: Told, now: datetime) -> int:
    written, before = 0, list[str]()
    for step in told.steps(overdue, now):
        for staff_id in step.people:
            written += await _write_one(session, overdue, step, told, staff_id, before, now)
        before += [told.staff[staff_id].name for staff_id in step.people]
    return written


async def _write_one(
    session: ClinicSession, overdue: Overdue, step: Step, told: Told, staff_id: UUID, before: list[str], now: datetime
) -> int:
    # What was due before a restore may have gone out from the other copy of this database.
    forgotten = told.history.recovered_at is not None and step.at < told.history.recovered_at
    about = {
        "name": overdue.name,
        "rule": overdue.rule.value,
        "look_by": overdue.look_by.isoformat(),
        "before": before,
    }
    mail = {
        "clinic_id": session.clinic_id,
        "id": new_id(now),
        "staff_id": staff_id,
        "kind": MailKind.OVERDUE.value,
        "client_id": overdue.client_id,
        "text_id": overdue.text_id,
        "rule": overdue.rule.value,
        "since": overdue.since,
        "step": step.number,
        "day": step.at.date(),
        "state": "expired" if forgotten else "queued",
        "reason": Reason.UNCERTAIN.value if forgotten else None,
        "address": told.staff[staff_id].email,
        "about": {} if forgotten else about,
        "due_at": step.at,
        # However late we are to notice: it still waits, and nobody was told.
        "expires_at": now + LASTS,
        "lease_token": 0,
        "soft_fails": 0,
        "created_at": now,
        "settled_at": now if forgotten else None,
    }
    added = insert(DigestMail).values(mail).on_conflict_do_nothing().returning(col(DigestMail.id))
    if (mail_id := await session.scalar(added)) is None:
        return 0
    record(session, now, "create", "digest_mail", mail_id, client_id=overdue.client_id)
    return 1


async def leave_text_unsent(session: ClinicSession, text_id: UUID, now: datetime) -> None:
    """Somebody has read it."""
    await _settle(session, [col(DigestMail.text_id) == text_id], now)


async def leave_unsent(
    session: ClinicSession, client_id: UUID, as_of: datetime, now: datetime, rule: Rule = Rule.DANGER
) -> None:
    """Somebody has looked at what was there at `as_of`: what waits to be sent about it is settled in the same
    transaction, so that no mark can follow."""
    about = [
        col(DigestMail.client_id) == client_id,
        col(DigestMail.rule) == rule.value,
        col(DigestMail.since) <= as_of,
    ]
    await _settle(session, about, now)


async def _settle(session: ClinicSession, about: list[ColumnElement[bool]], now: datetime) -> None:
    await session.execute(
        update(DigestMail)
        .where(col(DigestMail.clinic_id) == session.clinic_id, *about, col(DigestMail.state) == "queued")
        .values(state="skipped", reason=NotSent.SEEN.value, about={}, settled_at=now)
    )
