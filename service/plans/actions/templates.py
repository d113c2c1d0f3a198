"""A clinic's own templates: kept from a plan, named anew, and taken away from the list by a mark."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from service.audit.actions import record
from service.catalogue.queries import habits
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id
from service.plans.actions.making import staff_of
from service.plans.queries import Content, dose_of
from service.plans.queries.starts import template, templates
from service.plans.tables import PlanItem, PlanTemplate

LONGEST_NAME = 80
_CADENCE = ("cadence", "weekdays", "times_per_week", "every_days", "times_per_day")


async def save_template(session: ClinicSession, name: str, content: Content, now: datetime) -> PlanTemplate:
    """What is prescribed, and no words that were written to somebody: neither the note nor tips."""
    codes = {habit.id: habit.code for habit in await habits(session, [h.habit_id for h in content.habits])}
    body = {
        "items": [_item(item.exercise.code, item.row) for item in content.items],
        "habits": [{"habit": codes[h.habit_id], "target": h.target} for h in content.habits],
    }
    return await _add(session, _name(name), body, now)


async def _add(session: ClinicSession, name: str, body: Mapping[str, Any], now: datetime) -> PlanTemplate:
    made = PlanTemplate(
        clinic_id=session.clinic_id,
        id=new_id(now),
        name=name,
        body=dict(body),
        created_by=staff_of(session),
        created_at=now,
    )
    session.add(made)
    await _flush(session)
    record(session, now, "create", "plan_template", made.id)
    return made


def _item(code: str, row: PlanItem) -> Mapping[str, Any]:
    dose = dose_of(row)
    fields = {name: getattr(dose, name) for name in dose.__slots__}
    return {
        "exercise": code,
        "routine": row.routine,
        "dose": {name: value for name, value in fields.items() if value is not None},
        "cadence": {name: getattr(row, name) for name in _CADENCE},
    }


async def rename_template(session: ClinicSession, template_id: UUID, name: str, now: datetime) -> PlanTemplate:
    found = await template(session, template_id, lock=True)
    found.name = _name(name)
    await _flush(session)
    record(session, now, "change", "plan_template", template_id)
    return found


async def copy_template(session: ClinicSession, template_id: UUID, now: datetime) -> PlanTemplate:
    """To be named anew: until then it has the name with a number."""
    found = await template(session, template_id)
    taken = {row.name for row in await templates(session)}
    numbered = (f"{found.name[: LONGEST_NAME - 4]} {number}" for number in range(2, len(taken) + 3))
    return await _add(session, next(name for name in numbered if name not in taken), found.body, now)


async def remove_template(session: ClinicSession, template_id: UUID, now: datetime) -> None:
    """Plans that were made from it stay."""
    found = await template(session, template_id, lock=True)
    found.removed_at = now
    record(session, now, "remove", "plan_template", template_id)


def _name(name: str) -> str:
    words = " ".join(name.split())
    if not 1 <= len(words) <= LONGEST_NAME or not words.isprintable():
        raise Refused.one("/name", "length", "Use a name of 1 to 80 characters.")
    return words


async def _flush(session: ClinicSession) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise Refused.one("/name", "taken", "Another template has this name.") from None
