"""What a version holds that comes round on no day, one-off fixes and notes to read, checked before it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.errors import FieldProblem, Refused
from service.ids import new_id
from service.plans.fixes import (
    LATEST_RECHECK,
    LONGEST_FIX,
    LONGEST_LESSON,
    LONGEST_TITLE,
    MOST_FIXES,
    MOST_LESSONS,
)
from service.plans.queries import Content, Once
from service.plans.tables import PlanFix, PlanLesson, PlanVersion


@dataclass(frozen=True, slots=True)
class FixToPrescribe:
    """`prompt` is the therapist's own words, or those of a fix of the library. `fix_key`: the one it continues."""

    prompt: str
    due_on: date
    recheck_days: int | None = None
    fix_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class LessonToPrescribe:
    """`lesson_key`: the one it continues."""

    title: str
    body: str
    lesson_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class OnceToPrescribe:
    fixes: Sequence[FixToPrescribe] = ()
    lessons: Sequence[LessonToPrescribe] = ()


NOTHING = OnceToPrescribe()


def rows_of(version: PlanVersion, wanted: OnceToPrescribe, before: Content | None, now: datetime) -> Once:
    return Once(
        _fixes(version, wanted.fixes, before, now),
        _lessons(version, wanted.lessons, before, now),
    )


def _lessons(
    version: PlanVersion, wanted: Sequence[LessonToPrescribe], before: Content | None, now: datetime
) -> list[PlanLesson]:
    known = {lesson.lesson_key for lesson in before.lessons} if before else set()
    problems = [p for index, one in enumerate(wanted) for p in _lesson_problems(f"/lessons/{index}", one, known)]
    keys = [lesson.lesson_key for lesson in wanted if lesson.lesson_key]
    if len(wanted) > MOST_LESSONS:
        problems.append(FieldProblem("/lessons", "too_many", "Use at most 5 notes to read."))
    if len(keys) > len(set(keys)):
        problems.append(FieldProblem("/lessons", "twice", "Each note to read may stand in a plan once."))
    if problems:
        raise Refused(problems)
    return [_lesson_row(version, position, lesson, now) for position, lesson in enumerate(wanted)]


def _lesson_problems(pointer: str, lesson: LessonToPrescribe, known: set[UUID]) -> list[FieldProblem]:
    problems = []
    if not 1 <= len(lesson.title.strip()) <= LONGEST_TITLE:
        problems.append(FieldProblem(f"{pointer}/title", "length", "Use 1 to 80 characters."))
    if not 1 <= len(lesson.body.strip()) <= LONGEST_LESSON:
        problems.append(FieldProblem(f"{pointer}/body", "length", "Use 1 to 1500 characters."))
    if lesson.lesson_key is not None and lesson.lesson_key not in known:
        problems.append(FieldProblem(f"{pointer}/lesson_key", "unknown", "Use the key of a note to read of this plan."))
    return problems


def _lesson_row(version: PlanVersion, position: int, lesson: LessonToPrescribe, now: datetime) -> PlanLesson:
    return PlanLesson(
        clinic_id=version.clinic_id,
        id=new_id(now),
        client_id=version.client_id,
        sync_seq=version.sync_seq,
        created_at=now,
        plan_version_id=version.id,
        lesson_key=lesson.lesson_key or new_id(now),
        position=position,
        title=lesson.title.strip(),
        body=lesson.body.strip(),
    )


def _fixes(
    version: PlanVersion, wanted: Sequence[FixToPrescribe], before: Content | None, now: datetime
) -> list[PlanFix]:
    known = {fix.fix_key for fix in before.fixes} if before else set()
    problems = [p for index, fix in enumerate(wanted) for p in _problems(f"/fixes/{index}", fix, version, known)]
    keys = [fix.fix_key for fix in wanted if fix.fix_key]
    if len(wanted) > MOST_FIXES:
        problems.append(FieldProblem("/fixes", "too_many", "Use at most 5 things to do once."))
    if len(keys) > len(set(keys)):
        problems.append(FieldProblem("/fixes", "twice", "Each thing to do once may stand in a plan once."))
    if problems:
        raise Refused(problems)
    return [_row(version, position, fix, now) for position, fix in enumerate(wanted)]


def _problems(pointer: str, fix: FixToPrescribe, version: PlanVersion, known: set[UUID]) -> list[FieldProblem]:
    """One that goes on may have been due before this version starts."""
    problems = []
    if not 1 <= len(fix.prompt.strip()) <= LONGEST_FIX:
        problems.append(FieldProblem(f"{pointer}/prompt", "length", "Use 1 to 200 characters."))
    if fix.fix_key is None and fix.due_on < version.starts_on:
        problems.append(FieldProblem(f"{pointer}/due_on", "too_early", "Use the first day of the plan or a later one."))
    if fix.recheck_days is not None and not 1 <= fix.recheck_days <= LATEST_RECHECK:
        problems.append(FieldProblem(f"{pointer}/recheck_days", "range", "Use 1 to 366 days."))
    if fix.fix_key is not None and fix.fix_key not in known:
        message = "Use the key of a thing to do once of this plan."
        problems.append(FieldProblem(f"{pointer}/fix_key", "unknown", message))
    return problems


def _row(version: PlanVersion, position: int, fix: FixToPrescribe, now: datetime) -> PlanFix:
    return PlanFix(
        clinic_id=version.clinic_id,
        id=new_id(now),
        client_id=version.client_id,
        sync_seq=version.sync_seq,
        created_at=now,
        plan_version_id=version.id,
        fix_key=fix.fix_key or new_id(now),
        position=position,
        prompt=fix.prompt.strip(),
        due_on=fix.due_on,
        recheck_days=fix.recheck_days,
    )
