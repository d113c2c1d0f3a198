"""What a client tells of a one-off fix: done, still fine, or not any more; and that it was not done after all."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.actions import take_back
from service.diary.entries import Told, When, checked_day, keep
from service.diary.queries import fix_reports
from service.diary.tables import FixReport
from service.errors import NotFound, Refused
from service.plans.fixes import FixAnswer, FixState, standing
from service.plans.tables import PlanFix


async def tell_fix(
    session: ClinicSession, client: Client, plan_fix_id: UUID, answer: FixAnswer, when: When, now: datetime
) -> FixReport:
    """One row for a fix and a day; a later answer of the day corrects it. Raises Refused when it was never done and
    is said to be still in place, or not."""
    day = checked_day(session, client, when, now)
    fix = await _fix(session, client, plan_fix_id)
    seq = await next_seq(session, client.id)
    told = [row for row in await fix_reports(session, client.id) if row.fix_key == fix.fix_key and row.day != day]
    if answer is not FixAnswer.DONE and standing(fix.recheck_days, told, day).state is FixState.OPEN:
        raise Refused.one("/answer", "not_done", "Tell first that it is done.")
    in_place = None if answer is FixAnswer.DONE else answer is FixAnswer.STILL_FINE
    fields = {
        "day": day,
        "plan_fix_id": fix.id,
        "fix_key": fix.fix_key,
        "told": "done" if in_place is None else "check",
        "in_place": in_place,
    }
    known = await _told_on(session, client.id, fix.fix_key, day)
    stands = When(day, when.done_at, when.written_at, known.id if known else when.id)
    report, _ = await keep(session, FixReport, client, stands, Told(fields), seq, now)
    return report


async def untell_fix(session: ClinicSession, client: Client, plan_fix_id: UUID, when: When, now: datetime) -> None:
    """Takes back what was told of that day; told twice, or when there was nothing, it changes nothing."""
    day = checked_day(session, client, when, now)
    fix = await _fix(session, client, plan_fix_id)
    await next_seq(session, client.id)
    known = await _told_on(session, client.id, fix.fix_key, day)
    if known is not None and known.deleted_at is None:
        await take_back(session, client, known, now)


async def _fix(session: ClinicSession, client: Client, plan_fix_id: UUID) -> PlanFix:
    fix = await session.get(PlanFix, (session.clinic_id, plan_fix_id))
    if fix is None or fix.client_id != client.id:
        raise NotFound
    return fix


async def _told_on(session: ClinicSession, client_id: UUID, fix_key: UUID, day: date) -> FixReport | None:
    """One that was taken back too: there is one row for a day."""
    statement = select(FixReport).where(
        col(FixReport.clinic_id) == session.clinic_id,
        col(FixReport.client_id) == client_id,
        col(FixReport.fix_key) == fix_key,
        col(FixReport.day) == day,
    )
    return await session.scalar(statement)
