"""What the prescribing guard asks about is gathered here, and what was said against its warnings is kept."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service.accounts.queries import clinic
from service.accounts.rules.limits import GuardLimits, limits_of
from service.catalogue.library import shipped
from service.catalogue.queries import entry_of
from service.catalogue.rules import Dose, dose_default
from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.tables import Exercise
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem
from service.ids import new_id
from service.plans import queries
from service.plans.actions.wanted import ItemToPrescribe, Prescription
from service.plans.queries import Content, Item, cadence_of
from service.plans.rules.guard import Candidate, Circumstances, SorePlace, Warned, warnings, week_of
from service.plans.tables import PlanVersion, PlanWarning

Reasons = Mapping[tuple[int | None, str], str]


@dataclass(frozen=True, slots=True)
class RecentPain:
    """How to learn where it hurt in the last days before a day: the diary knows, and stands above plans."""

    sore_places: Callable[[ClinicSession, UUID, date], Awaitable[Sequence[SorePlace]]]


@dataclass(frozen=True, slots=True)
class _Columns:
    """A cadence as columns, with what columns default to."""

    cadence: str
    weekdays: int = 0
    times_per_week: int | None = None
    every_days: int | None = None
    times_per_day: int = 1


async def warned_of(
    session: ClinicSession,
    client_id: UUID,
    wanted: Prescription,
    library: Mapping[str, Exercise],
    first_day: date,
    sore: Sequence[SorePlace],
) -> list[Warned]:
    """`first_day` is that of the programme. What is in no library is warned of by nobody."""
    labels = {context.id: context.name for context in shipped().contexts}
    picked = await queries.contexts(session, client_id)
    known = Circumstances(
        starts_on=wanted.starts_on,
        week=week_of(first_day, wanted.starts_on),
        labels={row.context: labels.get(row.context, row.context) for row in picked},
        sore=sore,
        limits=limits_of(GuardLimits, await clinic(session)),
    )
    return warnings(list(_candidates(wanted, library)), known)


def _candidates(wanted: Prescription, library: Mapping[str, Exercise]) -> Iterable[Candidate]:
    for place, item in enumerate(wanted.items):
        if item.exercise in library:
            entry = entry_of(library[item.exercise])
            cadence = cadence_of(_Columns(**item.cadence), wanted.starts_on)
            yield Candidate(place, entry, library[item.exercise].name, dose_wanted(entry, item), cadence)


def dose_wanted(entry: ExerciseEntry, item: ItemToPrescribe) -> Dose:
    """The library's default, with what the therapist chose instead."""
    return replace(dose_default(entry), **item.dose_fields)


def unanswered(found: Sequence[Warned], reasons: Reasons) -> list[FieldProblem]:
    return [
        FieldProblem(warned.pointer, warned.code, str(warned.words), warned.sources)
        for warned in found
        if (warned.place, warned.code) not in reasons
    ]


async def says_more(
    session: ClinicSession, before: Content, items: Sequence[Item], found: Sequence[Warned], reasons: Reasons
) -> bool:
    """Whether a reason is given that was not kept with the version before."""
    keys = {item.row.id: item.row.item_key for item in before.items}
    kept = {
        (keys[row.plan_item_id] if row.plan_item_id else None, row.code): row.reason
        for row in await queries.warnings(session, before.plan.client_id, before.version.id)
    }
    given = {
        (None if warned.place is None else items[warned.place].row.item_key, warned.code): reason
        for warned in found
        if (reason := reasons.get((warned.place, warned.code)))
    }
    return any(kept.get(key) != reason for key, reason in given.items())


async def carried(
    session: ClinicSession, before: Content, items: Sequence[ItemToPrescribe], found: Sequence[Warned]
) -> Reasons:
    """The reasons that were given with the version before for the very same warnings, word for word."""
    keys = {item.row.id: item.row.item_key for item in before.items}
    kept = {
        (keys[row.plan_item_id] if row.plan_item_id else None, row.code, _as_key(row.words)): row.reason
        for row in await queries.warnings(session, before.plan.client_id, before.version.id)
    }
    given = {}
    for warned in found:
        key = None if warned.place is None else items[warned.place].item_key or _NEW
        reason = kept.get((key, warned.code, _as_key(warned.in_full.stored())))
        if reason is not None:
            given[warned.place, warned.code] = reason
    return given


_NEW = UUID(int=0)
"""Of an item that no version had."""


def _as_key(words: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(words, order="deterministic")


def kept_rows(
    version: PlanVersion, items: Sequence[Item], found: Sequence[Warned], reasons: Reasons, now: datetime
) -> list[PlanWarning]:
    """Every warning has its reason by now."""
    return [
        PlanWarning(
            clinic_id=version.clinic_id,
            id=new_id(now),
            client_id=version.client_id,
            sync_seq=version.sync_seq,
            created_at=now,
            plan_version_id=version.id,
            plan_item_id=None if warned.place is None else items[warned.place].row.id,
            code=warned.code,
            words=warned.in_full.stored(),
            sources=list(warned.sources),
            reason=reasons[warned.place, warned.code],
        )
        for warned in found
    ]
