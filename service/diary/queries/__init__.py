from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.queries import clinic
from service.accounts.rules.limits import GuardLimits, limits_of
from service.catalogue.rules import Side
from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.diary.queries.aims import WEEK_AIM as WEEK_AIM
from service.diary.queries.aims import week_aim as week_aim
from service.diary.queries.days import DIARY as DIARY
from service.diary.queries.days import Diary as Diary
from service.diary.queries.days import Pain as Pain
from service.diary.queries.days import Session as Session
from service.diary.queries.days import diary as diary
from service.diary.queries.days import diary_in as diary_in
from service.diary.queries.days import prescribed_and_told as prescribed_and_told
from service.diary.queries.days import told_of, with_sites
from service.diary.queries.flags import LAST_URGENCY as LAST_URGENCY
from service.diary.queries.flags import RED_FLAGS as RED_FLAGS
from service.diary.queries.flags import SCREENS_TOLD as SCREENS_TOLD
from service.diary.queries.flags import is_on_hold as is_on_hold
from service.diary.queries.flags import red_flags as red_flags
from service.diary.queries.flags import screens as screens
from service.diary.rules import CLIENT_BACK_DAYS
from service.diary.tables import (
    DiaryEntry,
    DiaryRevision,
    ExerciseResult,
    ExerciseSession,
    ExerciseSet,
    FixReport,
    HabitMark,
    MorningAfter,
    PainEntry,
    PainSite,
)
from service.plans.rules.guard import SorePlace


async def pain_entries(session: ClinicSession, client_id: UUID, first: date, last: date) -> list[Pain]:
    statement = (
        select(PainEntry)
        .where(
            col(PainEntry.clinic_id) == session.clinic_id,
            col(PainEntry.client_id) == client_id,
            col(PainEntry.day).between(first, last),
            col(PainEntry.deleted_at).is_(None),
        )
        .order_by(col(PainEntry.day), col(PainEntry.done_at), col(PainEntry.id))
    )
    entries = (await session.scalars(statement)).all()
    sites = await sites_of(session, client_id, [entry.id for entry in entries]) if entries else []
    return with_sites(entries, sites)


async def sites_of(session: ClinicSession, client_id: UUID, entry_ids: Sequence[UUID]) -> Sequence[PainSite]:
    statement = (
        select(PainSite)
        .where(
            col(PainSite.clinic_id) == session.clinic_id,
            col(PainSite.client_id) == client_id,
            col(PainSite.pain_entry_id).in_(entry_ids),
            col(PainSite.deleted_at).is_(None),
        )
        .order_by(col(PainSite.position))
    )
    return (await session.scalars(statement)).all()


async def sore_places(session: ClinicSession, client_id: UUID, today: date) -> list[SorePlace]:
    """Where it hurt in the last days, for the guard of a prescription. A score of 0 is no pain."""
    days = limits_of(GuardLimits, await clinic(session)).guard_sore_days
    pains = await pain_entries(session, client_id, today - timedelta(days=days - 1), today)
    told = [(site.site, site.side) for pain in pains if pain.entry.score for site in pain.sites]
    return [SorePlace(site, Side(side) if side else None) for site, side in dict.fromkeys(told)]


async def session_rows(session: ClinicSession, client_id: UUID, first: date, last: date) -> Sequence[ExerciseSession]:
    statement = (
        select(ExerciseSession)
        .where(
            col(ExerciseSession.clinic_id) == session.clinic_id,
            col(ExerciseSession.client_id) == client_id,
            col(ExerciseSession.day).between(first, last),
            col(ExerciseSession.deleted_at).is_(None),
        )
        .order_by(col(ExerciseSession.day), col(ExerciseSession.done_at), col(ExerciseSession.id))
    )
    return (await session.scalars(statement)).all()


async def sessions(session: ClinicSession, client_id: UUID, first: date, last: date) -> list[Session]:
    rows = await session_rows(session, client_id, first, last)
    ids = [row.id for row in rows]
    results = await results_of(session, client_id, ids) if ids else []
    sets = await sets_of(session, client_id, ids) if ids else []
    return told_of(rows, results, sets)


def told_session(row: ExerciseSession, results: Iterable[ExerciseResult], sets: Iterable[ExerciseSet]) -> Session:
    """With those of them that are its own."""
    own = [result for result in results if result.session_id == row.id]
    ids = {result.id for result in own}
    return Session(row, own, [one for one in sets if one.result_id in ids])


async def results_of(session: ClinicSession, client_id: UUID, ids: Sequence[UUID]) -> Sequence[ExerciseResult]:
    statement = select(ExerciseResult).where(
        col(ExerciseResult.clinic_id) == session.clinic_id,
        col(ExerciseResult.client_id) == client_id,
        col(ExerciseResult.session_id).in_(ids),
        col(ExerciseResult.deleted_at).is_(None),
    )
    return (await session.scalars(statement)).all()


async def sets_of(session: ClinicSession, client_id: UUID, session_ids: Sequence[UUID]) -> Sequence[ExerciseSet]:
    statement = (
        select(ExerciseSet)
        .join(
            ExerciseResult,
            (col(ExerciseResult.clinic_id) == col(ExerciseSet.clinic_id))
            & (col(ExerciseResult.id) == col(ExerciseSet.result_id)),
        )
        .where(
            col(ExerciseSet.clinic_id) == session.clinic_id,
            col(ExerciseSet.client_id) == client_id,
            col(ExerciseResult.session_id).in_(session_ids),
            col(ExerciseSet.deleted_at).is_(None),
        )
        .order_by(col(ExerciseSet.number))
    )
    return (await session.scalars(statement)).all()


async def every_result_of(session: ClinicSession, entry: ExerciseSession) -> Sequence[ExerciseResult]:
    """With those taken back: a session has one row for an item, which comes back when the item does."""
    statement = select(ExerciseResult).where(
        col(ExerciseResult.clinic_id) == session.clinic_id,
        col(ExerciseResult.client_id) == entry.client_id,
        col(ExerciseResult.session_id) == entry.id,
    )
    return (await session.scalars(statement)).all()


async def habit_marks(session: ClinicSession, client_id: UUID, first: date, last: date) -> Sequence[HabitMark]:
    statement = (
        select(HabitMark)
        .where(
            col(HabitMark.clinic_id) == session.clinic_id,
            col(HabitMark.client_id) == client_id,
            col(HabitMark.day).between(first, last),
            col(HabitMark.deleted_at).is_(None),
        )
        .order_by(col(HabitMark.day), col(HabitMark.done_at))
    )
    return (await session.scalars(statement)).all()


async def mornings_after(session: ClinicSession, client_id: UUID, first: date, last: date) -> Sequence[MorningAfter]:
    statement = (
        select(MorningAfter)
        .where(
            col(MorningAfter.clinic_id) == session.clinic_id,
            col(MorningAfter.client_id) == client_id,
            col(MorningAfter.day).between(first, last),
            col(MorningAfter.deleted_at).is_(None),
        )
        .order_by(col(MorningAfter.day))
    )
    return (await session.scalars(statement)).all()


FIX_REPORTS = Rows(
    FixReport,
    "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.deleted_at IS NULL ORDER BY t.day",
)
_FIX_REPORTS = Reading(FIX_REPORTS)


async def fix_reports(session: ClinicSession, client_id: UUID) -> Sequence[FixReport]:
    """Of all time: what was done months ago may be looked at again today. To be read only."""
    return (await _FIX_REPORTS(session, client_id=client_id)).of(FixReport)


async def revisions(session: ClinicSession, entry_kind: str, entry_id: UUID) -> Sequence[DiaryRevision]:
    """What an entry said before each correction, oldest first, and what arrived too late to be said by it."""
    statement = (
        select(DiaryRevision)
        .where(
            col(DiaryRevision.clinic_id) == session.clinic_id,
            col(DiaryRevision.entry_kind) == entry_kind,
            col(DiaryRevision.entry_id) == entry_id,
        )
        .order_by(col(DiaryRevision.revision), col(DiaryRevision.late))
    )
    return (await session.scalars(statement)).all()


async def before(session: ClinicSession, entry: DiaryEntry) -> DiaryRevision | None:
    """What an entry said before it says what it says now, or was told to say then and would have said, had it arrived;
    None when it was never told anything else."""
    found = await revisions(session, str(entry.__tablename__), entry.id)
    stood = next((one for one in reversed(found) if not one.late), None)
    told = [one for one in found if one.late and (stood is None or said_at(one) > said_at(stood))]
    return max(told, key=said_at, default=stood)


def said_at(revision: DiaryRevision) -> datetime:
    """When somebody told what the revision says."""
    return datetime.fromisoformat(revision.body["written_at"])


async def told_at(session: ClinicSession, client_id: UUID, day: date, at: datetime) -> list[DiaryEntry]:
    """The entries up to this day that say what was texted at this instant: a week on paper tells of several days."""
    found: list[DiaryEntry] = []
    for table in (PainEntry, ExerciseSession, HabitMark):
        statement = select(table).where(
            col(table.clinic_id) == session.clinic_id,
            col(table.client_id) == client_id,
            col(table.day).between(day - timedelta(days=CLIENT_BACK_DAYS), day),
            col(table.written_at) == at,
            col(table.deleted_at).is_(None),
        )
        found += (await session.scalars(statement)).all()
    through = await told_through(session, found)
    return [entry for entry in found if through[entry.id] == "text"]


async def told_through(session: ClinicSession, entries: Sequence[DiaryEntry]) -> dict[UUID, str]:
    """The channel of what each entry says now: of its last correction, if it was corrected."""
    statement = (
        select(col(DiaryRevision.entry_id), col(DiaryRevision.channel))
        .where(
            col(DiaryRevision.clinic_id) == session.clinic_id,
            col(DiaryRevision.entry_id).in_([entry.id for entry in entries]),
            col(DiaryRevision.late) == 0,
        )
        .order_by(col(DiaryRevision.revision))
    )
    corrected = {row.entry_id: row.channel for row in await session.execute(statement)}
    return {entry.id: corrected.get(entry.id, entry.channel) for entry in entries}


async def parts_of(session: ClinicSession, entry: DiaryEntry) -> dict[str, list[Any]]:
    """The parts of an entry that live in rows of their own, as plain lists: what a correction compares and keeps."""
    match entry:
        case PainEntry():
            sites = await sites_of(session, entry.client_id, [entry.id])
            return {"sites": [[row.site, row.side] for row in sites]}
        case ExerciseSession():
            results = await results_of(session, entry.client_id, [entry.id])
            told = told_session(entry, results, await sets_of(session, entry.client_id, [entry.id]))
            done_items = sorted(str(row.plan_item_id) for row in results if row.done)
            return {"done_items": done_items, "sets": _set_lists(told)}
        case _:
            return {}


def _set_lists(told: Session) -> list[list[Any]]:
    items = {row.id: str(row.plan_item_id) for row in told.results}
    return sorted([items[s.result_id], s.number, s.reps, s.seconds, s.load, s.side] for s in told.sets)
