"""Nobody looked at a client to call in time: who is to be told, one step after the other. The notifier sends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.rules.office import office_hours
from service.accounts.tables import Clinic, Staff
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders.rules import Reason
from service.review.queries.cases import Case, cases
from service.review.queries.digests import History
from service.review.queries.overdue import maybe_to_call
from service.review.rules import Rule
from service.review.rules.digest import NotSent, short_name
from service.review.rules.escalation import LASTS, LOOK_EVERY, MailKind, Step, groups, steps_due
from service.review.tables import DigestMail


async def write_overdue(session: ClinicSession, history: History, now: datetime) -> int:
    """Writes every step that is due into the ledger, once, whoever else does the same. Returns how many are new."""
    clinic = await accounts.clinic(session)
    clinic.alerts_at = now + LOOK_EVERY
    clients = await maybe_to_call(session, now)
    if not clients:
        return 0
    local = now.astimezone(ZoneInfo(clinic.zone))
    found = [case for case in await cases(session, clients, local, 1) if case.is_overdue(local)]
    staff = list((await session.scalars(select(Staff).where(col(Staff.clinic_id) == session.clinic_id))).all())

    return sum([await _write(session, Overdue(case, clinic, staff, history), local) for case in found])


@dataclass(frozen=True, slots=True)
class Overdue:
    case: Case
    clinic: Clinic
    staff: list[Staff]
    history: History

    def steps(self, now: datetime) -> list[Step]:
        """`now` is in the clinic's zone."""
        if self.case.look_by is None:
            return []
        office = office_hours(self.clinic.office_hours, self.clinic.closed_days)
        people = groups(self.staff, self.case.client.therapist_id)
        gap = timedelta(minutes=self.clinic.escalate_minutes)
        return steps_due(self.case.look_by, now, people, office, gap)


async def _write(session: ClinicSession, overdue: Overdue, now: datetime) -> int:
    written, before = 0, list[str]()
    by_id = {one.id: one for one in overdue.staff}
    for step in overdue.steps(now):
        for staff_id in step.people:
            written += await _write_one(session, overdue, step, by_id[staff_id], before, now)
        before += [by_id[staff_id].name for staff_id in step.people]
    return written


async def _write_one(
    session: ClinicSession, overdue: Overdue, step: Step, person: Staff, before: list[str], now: datetime
) -> int:
    case, recovered_at = overdue.case, overdue.history.recovered_at
    # What was due before a restore may have gone out from the other copy of this database.
    forgotten = recovered_at is not None and step.at < recovered_at
    about = {
        "name": short_name(case.client.name),
        "rule": case.triage.rule.value,
        "look_by": case.look_by.isoformat() if case.look_by else "",
        "before": before,
    }
    mail = {
        "clinic_id": session.clinic_id,
        "id": new_id(now),
        "staff_id": person.id,
        "kind": MailKind.OVERDUE.value,
        "client_id": case.client.id,
        "rule": case.triage.rule.value,
        "since": case.triage.since,
        "step": step.number,
        "day": step.at.date(),
        "state": "expired" if forgotten else "queued",
        "reason": Reason.UNCERTAIN.value if forgotten else None,
        "address": person.email,
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
    record(session, now, "create", "digest_mail", mail_id, client_id=case.client.id)
    return 1


async def leave_unsent(
    session: ClinicSession, client_id: UUID, as_of: datetime, now: datetime, rule: Rule = Rule.DANGER
) -> None:
    """Somebody has looked at what was there at `as_of`: what waits to be sent about it is settled in the same
    transaction, so that no mark can follow."""
    await session.execute(
        update(DigestMail)
        .where(
            col(DigestMail.clinic_id) == session.clinic_id,
            col(DigestMail.client_id) == client_id,
            col(DigestMail.rule) == rule.value,
            col(DigestMail.since) <= as_of,
            col(DigestMail.state) == "queued",
        )
        .values(state="skipped", reason=NotSent.SEEN.value, about={}, settled_at=now)
    )
