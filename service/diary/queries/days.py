"""A client's diary as it is read: everything of some days, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.database.reading import Found, Reading, Rows
from service.database.tenancy import ClinicSession
from service.diary.tables import (
    ExerciseResult,
    ExerciseSession,
    ExerciseSet,
    HabitMark,
    MorningAfter,
    PainEntry,
    PainSite,
)
from service.plans.queries import PRESCRIBED, prescribed_in


@dataclass(frozen=True, slots=True)
class Pain:
    entry: PainEntry
    sites: list[PainSite]


@dataclass(frozen=True, slots=True)
class Session:
    """A day's exercise with its per-item results, and the sets that somebody counted, in the order done."""

    row: ExerciseSession
    results: list[ExerciseResult]
    sets: Sequence[ExerciseSet] = ()


@dataclass(frozen=True, slots=True)
class Diary:
    """Everything a client recorded from `first` to `last`, both included, oldest first."""

    first: date
    last: date
    sessions: list[Session]
    habits: Sequence[HabitMark]
    pains: list[Pain]
    mornings: Sequence[MorningAfter] = ()


_OF_CLIENT = "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.deleted_at IS NULL"
_OF_DAYS = f"{_OF_CLIENT} AND t.day BETWEEN %(first)s AND %(last)s"


# As arrays, and not joined: these are asked for by their index, however many rows the table has. A join of all of
# a clinic's sessions was planned as cheaper than one person's.
_OF_SESSIONS = f"ANY(ARRAY(SELECT t.id FROM exercise_session t {_OF_DAYS}))"  # noqa: S608
_OF_SCORES = f"ANY(ARRAY(SELECT t.id FROM pain_entry t {_OF_DAYS}))"  # noqa: S608
_OF_RESULTS = f"ANY(ARRAY(SELECT t.id FROM exercise_result t {_OF_CLIENT} AND t.session_id = {_OF_SESSIONS}))"  # noqa: S608

DIARY = (
    Rows(ExerciseSession, f"{_OF_DAYS} ORDER BY t.day, t.done_at, t.id"),
    Rows(ExerciseResult, f"{_OF_CLIENT} AND t.session_id = {_OF_SESSIONS}"),
    Rows(ExerciseSet, f"{_OF_CLIENT} AND t.result_id = {_OF_RESULTS} ORDER BY t.number"),
    Rows(HabitMark, f"{_OF_DAYS} ORDER BY t.day, t.done_at"),
    Rows(PainEntry, f"{_OF_DAYS} ORDER BY t.day, t.done_at, t.id"),
    Rows(PainSite, f"{_OF_CLIENT} AND t.pain_entry_id = {_OF_SCORES} ORDER BY t.position"),
    Rows(MorningAfter, f"{_OF_DAYS} ORDER BY t.day"),
)


_DIARY = Reading(*DIARY)


async def diary(session: ClinicSession, client_id: UUID, first: date, last: date) -> Diary:
    """In one statement; to be read only."""
    return diary_in(await _DIARY(session, client_id=client_id, first=first, last=last), first, last)


_PRESCRIBED_AND_TOLD = Reading(*PRESCRIBED, *DIARY[:3])


async def prescribed_and_told(
    session: ClinicSession, client_id: UUID, day: date
) -> tuple[tuple[UUID, list[UUID]] | None, list[Session]]:
    """What `prescribed_on` says, and the exercise of that day, in one statement: every log of it asks for both. To be
    read only."""
    found = await _PRESCRIBED_AND_TOLD(session, client_id=client_id, day=day, first=day, last=day)
    told = told_of(found.of(ExerciseSession), found.of(ExerciseResult), found.of(ExerciseSet))
    return prescribed_in(found), told


def diary_in(found: Found, first: date, last: date) -> Diary:
    """Of what was read by `DIARY` with these days."""
    told = told_of(found.of(ExerciseSession), found.of(ExerciseResult), found.of(ExerciseSet))
    pains = with_sites(found.of(PainEntry), found.of(PainSite))
    return Diary(first, last, told, found.of(HabitMark), pains, found.of(MorningAfter))


def with_sites(entries: Sequence[PainEntry], sites: Sequence[PainSite]) -> list[Pain]:
    its: dict[UUID, list[PainSite]] = {entry.id: [] for entry in entries}
    for site in sites:
        its[site.pain_entry_id].append(site)
    return [Pain(entry, its[entry.id]) for entry in entries]


def told_of(
    rows: Sequence[ExerciseSession], results: Sequence[ExerciseResult], sets: Sequence[ExerciseSet]
) -> list[Session]:
    own: dict[UUID, list[ExerciseResult]] = {row.id: [] for row in rows}
    for result in results:
        own[result.session_id].append(result)
    its: dict[UUID, list[ExerciseSet]] = {result.id: [] for result in results}
    for one in sets:
        its[one.result_id].append(one)
    return [Session(row, own[row.id], [one for result in own[row.id] for one in its[result.id]]) for row in rows]
