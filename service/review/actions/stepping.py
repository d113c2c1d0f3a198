"""Steps that a therapist allowed ahead are taken: in the client's evening, once, or not at all.

All about one client is one transaction: killed anywhere, nothing of it happened, and it is looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from service.accounts import queries as accounts
from service.accounts.rules import RIGHTS, Right
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary import queries as diary
from service.errors import NotFound, Refused
from service.plans.actions.stepping import take_step
from service.plans.actions.wanted import Taken
from service.plans.queries import Content, Item, content_on, contents, running_plan
from service.plans.rules import is_paused
from service.plans.rules.ahead import Ahead, Direction, Standing, Target
from service.progress.facts import ExerciseProposal, proposals_of
from service.progress.loading import Verdict
from service.review.queries.cases import Case, cases
from service.review.queries.stepping import evening_of, lock_record
from service.review.rules import CALM

LOOK_BACK = timedelta(days=59)
"""As far as the client's page looks, so that the rule says the same."""

LOOK_EVERY = timedelta(minutes=15)

_WAYS = {Verdict.ADVANCE: Direction.HARDER, Verdict.STEP_BACK: Direction.EASIER}


@dataclass(frozen=True, slots=True)
class _Evening:
    """What is known of a client on the evening of `today`; `alone` is what the sessions under `running` say alone."""

    today: date
    running: Content
    newest: Content
    case: Case
    proposed: Sequence[ExerciseProposal]
    alone: Sequence[ExerciseProposal]

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)


async def step_if_allowed(session: ClinicSession, client_id: UUID, now: datetime) -> bool:
    """Whether a step was taken: one at most, since all exercises of a session are judged by the same pain."""
    await lock_record(session, client_id)
    plan, client = await running_plan(session, client_id), await accounts.client(session, client_id)
    today = evening_of(client.zone, plan.steps_on, now) if plan else None
    if plan is None or today is None or client.state == "ended":
        return False
    plan.steps_on = today
    await session.flush()
    evening = await _evening(session, client_id, today, now)
    if evening is None:
        return False
    for one in evening.proposed:
        way = _WAYS.get(one.proposal.verdict)
        if way is not None and await _take(session, evening, one, way, now):
            return True
    return False


async def _evening(session: ClinicSession, client_id: UUID, today: date, now: datetime) -> _Evening | None:
    listed = await contents(session, client_id)
    running = content_on(listed, today)
    if running is None or not any(item.ahead and item.ahead.until >= today for item in running.items):
        return None
    [case] = await cases(session, [await accounts.client(session, client_id)], now, LOOK_BACK.days + 1, shares=True)
    told = await diary.diary(session, client_id, today - LOOK_BACK, today)
    flags = await diary.red_flags(session, client_id)
    under = [one for one in told.sessions if one.row.plan_version_id == running.version.id]
    return _Evening(
        today,
        running,
        [content for content in listed if content.plan.ended_on is None][-1],
        case,
        await proposals_of(session, flags, case.progress, listed, told),
        await proposals_of(session, flags, case.progress, listed, replace(told, sessions=under)),
    )


async def _take(
    session: ClinicSession, evening: _Evening, one: ExerciseProposal, way: Direction, now: datetime
) -> bool:
    items = [item for item in evening.running.items if item.exercise.id == one.exercise.id]
    ahead, to = items[0].ahead, _allowed(items, way, evening.today)
    against = (await _standing(session, evening, one, ahead, to, way)).against
    if ahead is None or to is None or against:
        return False
    step = Taken(items[0].row.item_key, ahead.by, way, one.proposal.why)
    sore = await diary.sore_places(session, evening.case.client.id, evening.today)
    try:
        async with session.begin_nested():
            await take_step(session, evening.running, one.exercise.code, to, step, evening.tomorrow, now, sore)
    except Refused:
        # A warning that nobody answered, or something the library no longer has: it waits for the therapist.
        return False
    return True


def _allowed(items: Sequence[Item], way: Direction, today: date) -> Target | None:
    """Where it stands the same on each leg of the exercise, and has not ended."""
    found = {item.ahead.steps.get(way) if item.ahead and item.ahead.until >= today else None for item in items}
    return found.pop() if len(found) == 1 else None


async def _standing(
    session: ClinicSession,
    evening: _Evening,
    one: ExerciseProposal,
    ahead: Ahead | None,
    to: Target | None,
    way: Direction,
) -> Standing:
    alone = next(other for other in evening.alone if other.exercise.id == one.exercise.id)
    days = (evening.today, evening.tomorrow)
    return Standing(
        is_allowed=to is not None,
        is_proposed=alone.proposal.verdict is one.proposal.verdict,
        may_still_prescribe=ahead is not None and await _may_prescribe(session, ahead.by, evening.case.client),
        no_warning_sign=not evening.case.flag_open,
        no_alert=evening.case.triage.tier in CALM and not evening.case.asleep,
        not_paused=not any(is_paused(day, evening.running.pauses) for day in days),
        is_newest=evening.running is evening.newest and evening.running.plan.ended_on is None,
        is_in_chain=way in one.steps,
    )


async def _may_prescribe(session: ClinicSession, staff_id: UUID, client: Client) -> bool:
    """A client who was handed on is another therapist's, who has allowed nothing."""
    try:
        staff = await accounts.staff(session, staff_id)
    except NotFound:
        return False
    theirs = staff.role != "therapist" or client.therapist_id == staff.id
    return staff.active and theirs and Right.PRESCRIBE in RIGHTS[staff.role]
