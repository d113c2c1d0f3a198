"""Prescribing: a plan and its versions from a day on. What was logged under a version stays so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from service.accounts.actions import next_seq
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import PlanRuns, ReasonNeeded, Refused, Stale
from service.plans import queries
from service.plans.actions.guarding import RecentPain, carried, kept_rows, says_more, unanswered, warned_of
from service.plans.actions.items import item_problems
from service.plans.actions.making import content_of, drafted, library_of, plan_of, repeats, version_of
from service.plans.actions.replacing import Following, following, going_on, take_back
from service.plans.actions.running import end, locked_plan, pause, refuse_far, resume
from service.plans.actions.versions import change_lines
from service.plans.actions.wanted import HabitToPrescribe, ItemToPrescribe, Prescription
from service.plans.queries import Content
from service.plans.rules.guard import SorePlace, Warned
from service.plans.tables import Plan

__all__ = [
    "HabitToPrescribe",
    "ItemToPrescribe",
    "Prescription",
    "RecentPain",
    "change",
    "end",
    "pause",
    "prescribe",
    "resume",
]


async def prescribe(
    session: ClinicSession,
    client_id: UUID,
    wanted: Prescription,
    now: datetime,
    sore: Sequence[SorePlace] = (),
) -> Content:
    """Starts a plan. Raises PlanRuns while another one does: change that one, or end it first.

    Raises ReasonNeeded for every warning that `wanted` gives no reason for; `sore` is where it hurt lately.
    """
    seq = await next_seq(session, client_id)
    await refuse_far(session, client_id, wanted.starts_on, now)
    plans = await queries.plans(session, client_id)
    if any(plan.ended_on is None for plan in plans):
        # What is wrong in the request itself is said first: it stays wrong after the other plan has ended.
        await drafted(session, client_id, wanted, None, now)
        raise PlanRuns
    _refuse_overlap(plans, wanted.starts_on)
    plan = plan_of(session, client_id, wanted, seq, now)
    session.add(plan)
    await session.flush()
    return await _add_version(session, plan, wanted, None, Following(), sore, now)


def _refuse_overlap(plans: Sequence[Plan], starts_on: date) -> None:
    """A day belongs to one plan."""
    last_days = [plan.ended_on for plan in plans if plan.ended_on]
    if last_days and starts_on <= max(last_days):
        message = "Start after the last day of the plan before, %(day)s."
        raise Refused.one("/starts_on", "overlap", message % {"day": max(last_days).isoformat()})


async def change(
    session: ClinicSession,
    client_id: UUID,
    wanted: Prescription,
    expected_version: int,
    now: datetime,
    sore: Sequence[SorePlace] = (),
) -> Content:
    """Version N+1 from its start day; the one before when nothing differs. Raises Stale when somebody changed it.

    Raises ReasonNeeded as `prescribe` does.
    """
    seq = await next_seq(session, client_id)
    plan = await locked_plan(session, client_id)
    if plan.latest_version != expected_version:
        raise Stale
    await refuse_far(session, client_id, wanted.starts_on, now)
    versions = [c for c in await queries.contents(session, client_id) if c.plan.id == plan.id]
    after = following(versions, wanted.starts_on, now)
    if after.replaced:
        _refuse_overlap(await queries.plans(session, client_id), wanted.starts_on)
    content = await _add_version(session, plan, going_on(wanted, after), versions[0], after, sore, now)
    if content is not after.before:
        await take_back(session, after.replaced, seq, now)
        plan.latest_version, plan.title, plan.sync_seq = content.version.number, wanted.title, seq
    return content


async def _add_version(
    session: ClinicSession,
    plan: Plan,
    wanted: Prescription,
    first: Content | None,
    after: Following,
    sore: Sequence[SorePlace],
    now: datetime,
) -> Content:
    """`first` is the plan's first version so far."""
    before = after.known
    seq = await next_seq(session, plan.client_id)
    version = version_of(session, plan, before, wanted, seq, now)
    library = await library_of(session, wanted, before)
    first_day = version.programme_began_on or (first.version.starts_on if first else wanted.starts_on)
    found = await warned_of(session, plan.client_id, wanted, library, first_day, sore)
    if wanted.step is not None and before is not None:
        wanted = replace(wanted, reasons=await carried(session, before, wanted.items, found))
    unsaid = unanswered(found, wanted.reasons)
    problems = item_problems(wanted, library, before)
    if problems:
        raise Refused(problems + unsaid)
    content = await content_of(session, plan, version, wanted, before, library, now)
    if after.before is not None and after.base is not None and not after.replaced:
        if repeats(after.before, content, wanted) and not await says_more(
            session, after.before, content.items, found, wanted.reasons
        ):
            return after.before
        version.quiet = repeats(after.before, content, wanted, aside=["ahead"])
    if after.base is not None:
        version.change_lines = [
            *(line.stored() for line in after.lines),
            *change_lines(after.base, content, wanted.title, wanted.step),
        ]
    if unsaid:
        raise ReasonNeeded(unsaid)
    await _write(session, content, found, wanted, now)
    return content


async def _write(
    session: ClinicSession, content: Content, found: Sequence[Warned], wanted: Prescription, now: datetime
) -> None:
    version = content.version
    session.add(version)
    await session.flush()
    session.add_all([item.row for item in content.items])
    session.add_all([*content.habits, *content.fixes, *content.lessons])
    await _flush_rows(session)
    session.add_all(kept_rows(version, content.items, found, wanted.reasons, now))
    await session.flush()
    record(session, now, "prescribe", "plan_version", version.id, client_id=version.client_id)


async def _flush_rows(session: ClinicSession) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise Refused.one("/items", "twice", "Each item and habit may stand in a plan once.") from None
