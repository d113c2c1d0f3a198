"""A running plan is paused, resumed and ended."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.queries import client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.ids import new_id
from service.plans.queries import running_plan
from service.plans.tables import Plan, PlanPause

FURTHEST_END = timedelta(days=366)
LATE = timedelta(days=7)
"""How long after a day a pause or an end may still be told: as long as a diary may still be written."""


async def locked_plan(session: ClinicSession, client_id: UUID) -> Plan:
    plan = await running_plan(session, client_id)
    if plan is None:
        raise NotFound
    return plan


async def _today(session: ClinicSession, client_id: UUID, now: datetime) -> date:
    return now.astimezone(ZoneInfo((await client(session, client_id)).zone)).date()


async def pause(
    session: ClinicSession,
    client_id: UUID,
    from_day: date,
    until_day: date | None,
    reason: str | None,
    now: datetime,
) -> None:
    """Raises Refused for days that another pause has already: one pause is told of at a time."""
    seq = await next_seq(session, client_id)
    plan = await locked_plan(session, client_id)
    _require_near("/from_day", from_day, await _today(session, client_id, now))
    if until_day is not None and until_day < from_day:
        raise Refused.one("/until_day", "order", "End the pause on or after its first day.")
    if until_day is not None and until_day > from_day + FURTHEST_END:
        raise Refused.one("/until_day", "day", "Use a day within a year of the first one.")
    for other in await _pauses(session, plan):
        if _overlap(other, from_day, until_day):
            raise Refused.one("/from_day", "overlap", "Another pause has some of these days. Resume the plan first.")
    session.add(
        PlanPause(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=client_id,
            sync_seq=seq,
            created_at=now,
            plan_id=plan.id,
            from_day=from_day,
            until_day=until_day,
            reason=reason,
        )
    )
    record(session, now, "pause", "plan", plan.id, client_id=client_id)


def _require_near(pointer: str, day: date, today: date) -> None:
    if not today - LATE <= day <= today + FURTHEST_END:
        raise Refused.one(pointer, "day", "Use a day of the last 7 days, today, or one within a year.")


async def refuse_far(session: ClinicSession, client_id: UUID, starts_on: date, now: datetime) -> None:
    """Nothing can start before a version that starts far away: a slip of the pen would lock the plan up."""
    if abs(starts_on - await _today(session, client_id, now)) > FURTHEST_END:
        raise Refused.one("/starts_on", "day", "Use a day within a year, such as today.")


def _overlap(pause: PlanPause, from_day: date, until_day: date | None) -> bool:
    begins_before_end = until_day is None or pause.from_day <= until_day
    return begins_before_end and (pause.until_day is None or pause.until_day >= from_day)


async def resume(session: ClinicSession, client_id: UUID, from_day: date, now: datetime) -> None:
    """The plan goes on from a day: a pause that holds then ends the day before, and one that was to come is off.

    A day that is over stays paused, for nobody was asked anything on it.
    """
    seq = await next_seq(session, client_id)
    plan = await locked_plan(session, client_id)
    if from_day < await _today(session, client_id, now):
        raise Refused.one("/from_day", "past", "Use today or a later day.")
    later = [p for p in await _pauses(session, plan) if p.until_day is None or p.until_day >= from_day]
    if not later:
        raise Refused.one("/from_day", "not_paused", "The plan is not paused on this day, or after it.")
    for pause in later:
        pause.sync_seq = seq
        if pause.from_day < from_day:
            pause.until_day = from_day - timedelta(days=1)
        else:
            pause.deleted_at = now
    record(session, now, "resume", "plan", plan.id, client_id=client_id)


async def _pauses(session: ClinicSession, plan: Plan) -> Sequence[PlanPause]:
    statement = select(PlanPause).where(
        col(PlanPause.clinic_id) == session.clinic_id,
        col(PlanPause.plan_id) == plan.id,
        col(PlanPause.deleted_at).is_(None),
    )
    return (await session.scalars(statement)).all()


async def end(session: ClinicSession, client_id: UUID, last_day: date, now: datetime) -> None:
    seq = await next_seq(session, client_id)
    plan = await locked_plan(session, client_id)
    _require_near("/last_day", last_day, await _today(session, client_id, now))
    plan.ended_on = last_day
    plan.sync_seq = seq
    record(session, now, "end", "plan", plan.id, client_id=client_id)
