"""A version of a plan as it is made: nothing of it is written yet, so it may be looked at only."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from service.catalogue.queries import exercises_by_code
from service.catalogue.tables import Exercise
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id
from service.plans.actions.allowing import set_ahead, targets
from service.plans.actions.items import habits_of, item_problems, items_of
from service.plans.actions.versions import set_place
from service.plans.actions.wanted import Prescription
from service.plans.fix_rows import rows_of
from service.plans.queries import Content, Once
from service.plans.tables import Plan, PlanVersion


def version_of(
    session: ClinicSession, plan: Plan, before: Content | None, wanted: Prescription, seq: int, now: datetime
) -> PlanVersion:
    version = PlanVersion(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=plan.client_id,
        sync_seq=seq,
        plan_id=plan.id,
        number=plan.latest_version + 1 if before else 1,
        starts_on=wanted.starts_on,
        note=wanted.note,
        created_by=wanted.step.by if wanted.step else staff_of(session),
        step_key=wanted.step.key if wanted.step else None,
        step_why=wanted.step.why.stored() if wanted.step else None,
        created_at=now,
    )
    kept = before.version.load_pain if before else None
    version.load_pain = kept if wanted.load_pain is UNSET else wanted.load_pain
    set_place(version, wanted, before)
    return version


async def library_of(session: ClinicSession, wanted: Prescription, before: Content | None) -> Mapping[str, Exercise]:
    """What was hidden in the meantime stays in the plans that have it. With what a step is allowed to, ahead."""
    kept = [item.exercise.id for item in before.items] if before else []
    return await exercises_by_code(session, [*(item.exercise for item in wanted.items), *targets(wanted)], kept)


async def content_of(
    session: ClinicSession,
    plan: Plan,
    version: PlanVersion,
    wanted: Prescription,
    before: Content | None,
    library: Mapping[str, Exercise],
    now: datetime,
) -> Content:
    items = items_of(version, wanted, library, now)
    set_ahead(version, items, wanted, library, before)
    habits = await habits_of(session, version, wanted, before, now)
    once = rows_of(version, wanted.once, before, now)
    return Content(plan, version, items, habits, [], once.fixes, once.lessons)


def repeats(before: Content, content: Content, wanted: Prescription, aside: Collection[str] = ()) -> bool:
    """Whether it says the very same as the version before; columns of items that are put `aside` do not count."""
    once = Once(content.fixes, content.lessons)
    same = before.prescribes(wanted.title, wanted.note, content.items, content.habits, once, aside)
    now, then = content.version, before.version
    return same and before.place == content.place and now.load_pain == then.load_pain


async def drafted(
    session: ClinicSession, client_id: UUID, wanted: Prescription, before: Content | None, now: datetime
) -> Content:
    """The version that sending this would make, with the pauses of the plan that runs.

    Raises Refused for what cannot be right. What is only warned of stands in nobody's way here.
    """
    plan = before.plan if before else plan_of(session, client_id, wanted, 0, now)
    version = version_of(session, plan, before, wanted, 0, now)
    library = await library_of(session, wanted, before)
    problems = item_problems(wanted, library, before)
    if problems:
        raise Refused(problems)
    content = await content_of(session, plan, version, wanted, before, library, now)
    content.pauses.extend(before.pauses if before else [])
    return content


def plan_of(session: ClinicSession, client_id: UUID, wanted: Prescription, seq: int, now: datetime) -> Plan:
    return Plan(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client_id,
        sync_seq=seq,
        title=wanted.title,
        created_by=staff_of(session),
        created_at=now,
    )


def staff_of(session: ClinicSession) -> UUID:
    if session.actor.id is None:
        raise Refused.one("", "staff", "Only a member of staff prescribes.")
    return session.actor.id
