"""What a client's pages are made from. The number of statements is the same however long the record is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.rules.limits import PainLimits, limits_of
from service.accounts.tables import Client, Clinic, Staff
from service.catalogue.queries.media import Media, by_exercise
from service.catalogue.tables import ExerciseMedia
from service.conversation.tables import ThreadMessage
from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.diary import queries as diaries
from service.diary.queries import Diary, Pain, Session
from service.diary.rules import CLIENT_BACK_DAYS, DayState, Outcome
from service.diary.rules.aims import monday_of
from service.diary.rules.screening import is_alarming
from service.diary.tables import (
    FixReport,
    HabitMark,
    MorningAfter,
    RedFlag,
    RedFlagScreen,
    UrgencyAnswer,
    WeekAim,
)
from service.intake.queries import ANY_VERSION
from service.intake.tables import Intake
from service.plans.asking import asked_on
from service.plans.fixes import answers_to, standing
from service.plans.queries import PRESCRIBED_EVER, Content, Item, content_after, content_on, contents, contents_in
from service.plans.rules import is_paused, resumes_on
from service.plans.tables import PlanFix, PlanHabit
from service.progress.facts import WarningSigns, signs_in
from service.progress.rules import LOOK_BACK, day_state, own_median

NOTES = 12
_WORDS = "(^| )(note|danger|picture)( |$)"
"""Among the readings of a text: more was said than a plain answer."""


@dataclass(frozen=True)
class Record:
    """A client's plans and diary, as they stand on a local day."""

    client: Client
    day: date
    plans: list[Content]
    diary: Diary
    fixes: Sequence[FixReport] = ()

    @cached_property
    def content(self) -> Content | None:
        return content_on(self.plans, self.day)

    @cached_property
    def to_come(self) -> Content | None:
        """The version that starts next."""
        return content_after(self.plans, self.day)

    @property
    def newest(self) -> Content | None:
        """The version made last, of a plan that has not ended."""
        open_ones = [c for c in self.plans if c.plan.ended_on is None or c.plan.ended_on >= self.day]
        return open_ones[-1] if open_ones else None

    @property
    def began_on(self) -> date | None:
        """The first day of the plan that runs."""
        if self.content is None:
            return None
        return min(c.version.starts_on for c in self.plans if c.plan.id == self.content.plan.id)

    @property
    def ended_on(self) -> date | None:
        """The last day of the plan before, when no plan runs."""
        last_days = [c.plan.ended_on for c in self.plans if c.plan.ended_on and c.plan.ended_on < self.day]
        return max(last_days, default=None)

    @cached_property
    def is_paused(self) -> bool:
        return self.content is not None and is_paused(self.day, self.content.pauses)

    @property
    def resumes_on(self) -> date | None:
        """None while nobody has said when a pause ends, and when the plan is over by then."""
        if self.content is None:
            return None
        day, last_day = resumes_on(self.day, self.content.pauses), self.content.plan.ended_on
        return day if day and (last_day is None or day <= last_day) else None

    def due_items(self, day: date) -> list[Item]:
        if day not in self._due:
            content = content_on(self.plans, day)
            self._due[day] = content.due_items(day, self._active_days) if content else []
        return self._due[day]

    @cached_property
    def _due(self) -> dict[date, list[Item]]:
        """By day: a page asks for the same few days again and again."""
        return {}

    @cached_property
    def _active_days(self) -> set[date]:
        return {s.row.day for s in self.diary.sessions if s.row.outcome != Outcome.SKIPPED}

    @cached_property
    def items_to_do(self) -> list[Item]:
        """What is due; on a rest day all of the plan, for whoever does something all the same."""
        return self.due_items(self.day) or (self.content.items if self.content else [])

    @property
    def items_shown(self) -> list[Item]:
        """Of a plan to come, all of it."""
        return self.items_to_do if self.content else self.to_come.items if self.to_come else []

    @cached_property
    def session(self) -> Session | None:
        return self._session_on(self.day)

    def _session_on(self, day: date) -> Session | None:
        return next((s for s in reversed(self.diary.sessions) if s.row.day == day), None)

    def state(self, day: date) -> DayState:
        session = self._session_on(day)
        planned = any(content.version.starts_on <= day for content in self.plans)
        outcome = Outcome(session.row.outcome) if session else None
        return day_state(bool(self.due_items(day)), outcome, planned=planned)

    @cached_property
    def untold(self) -> list[date]:
        """The days that can still be told of, on which something was due and nothing was said; the latest first."""
        days = [self.day - timedelta(days=back) for back in range(1, CLIENT_BACK_DAYS + 1)]
        return [day for day in days if self.state(day) is DayState.NO_ENTRY]

    @cached_property
    def pain(self) -> Pain | None:
        """The latest "right now" of the day."""
        return self.pain_of("now")

    def pain_of(self, kind: str) -> Pain | None:
        return next(reversed(self.pains_of(kind)), None)

    def pains_of(self, kind: str) -> list[Pain]:
        return [p for p in self.diary.pains if p.entry.day == self.day and p.entry.kind == kind]

    @cached_property
    def last_pain(self) -> Pain | None:
        """Of any kind: the one of the day that was told last."""
        told = [pain for pain in self.diary.pains if pain.entry.day == self.day]
        return max(told, key=lambda pain: (pain.entry.written_at, pain.entry.id), default=None)

    @property
    def last_place(self) -> Pain | None:
        """The latest one before today's that says where."""
        today = self.pain
        told = [p for p in self.diary.pains if p.sites and (today is None or p.entry.id != today.entry.id)]
        return told[-1] if told else None

    @cached_property
    def usual_pain(self) -> float | None:
        return own_median([pain.entry for pain in self.diary.pains], self.day)

    @property
    def morning(self) -> MorningAfter | None:
        """How it is after the session of the day before, as far as it was told."""
        return next((morning for morning in self.diary.mornings if morning.day == self.day), None)

    def is_alarming(self, clinic: Clinic) -> bool:
        """A lower score later in the day takes nothing back of a higher one before it."""
        told = [pain.entry.score for kind in ("now", "worst_24h") for pain in self.pains_of(kind)]
        told += [self.morning.score] if self.morning else []
        limits = limits_of(PainLimits, clinic)
        return any(is_alarming(score, self.usual_pain, limits) for score in told)

    @cached_property
    def due_habits(self) -> list[PlanHabit]:
        """At most five; a weekly habit is asked until it is answered in that week, a monthly one in that month."""
        told = {(mark.habit_key, mark.day) for mark in self.diary.habits}
        return asked_on(self.content.habits if self.content else [], told, self.day)

    @property
    def habits_today(self) -> list[PlanHabit]:
        """What is asked on the client's own page: a pause asks nothing, and leaves what was told."""
        return [habit for habit in self.due_habits if not self.is_paused or self.mark(habit)]

    @cached_property
    def due_fixes(self) -> list[PlanFix]:
        """Those to be done or looked at again, and those told of on the day."""
        return [fix for fix in (self.content.fixes if self.content else []) if self._is_open(fix)]

    @property
    def fixes_today(self) -> list[PlanFix]:
        return [fix for fix in self.due_fixes if not self.is_paused or self.fix_told(fix)]

    def _is_open(self, fix: PlanFix) -> bool:
        state = standing(fix.recheck_days, self.told_of(fix), self.day).state
        return bool(answers_to(state)) or self.fix_told(fix) is not None

    def told_of(self, fix: PlanFix) -> list[FixReport]:
        return [report for report in self.fixes if report.fix_key == fix.fix_key]

    def fix_told(self, fix: PlanFix) -> FixReport | None:
        return next((report for report in self.told_of(fix) if report.day == self.day), None)

    def mark(self, habit: PlanHabit) -> HabitMark | None:
        marks = (m for m in self.diary.habits if m.habit_key == habit.habit_key and m.day == self.day)
        return next(marks, None)


async def record_on(session: ClinicSession, client: Client, day: date) -> Record:
    listed = await contents(session, client.id)
    found = await diaries.diary(session, client.id, day - LOOK_BACK, day)
    fixes = await diaries.fix_reports(session, client.id) if any(content.fixes for content in listed) else ()
    return Record(client, day, listed, found, fixes)


_NOT_SHOWN = ("clinic_id", "client_id", "sync_seq", "created_at", "deleted_at", "received_at", "entered_by", "channel")
_PAGE = Reading(
    *PRESCRIBED_EVER,
    # Half of what a diary weighs, on its way here and in the making of its rows.
    *(part.without(*_NOT_SHOWN) for part in diaries.DIARY),
    diaries.FIX_REPORTS,
    diaries.RED_FLAGS,
    diaries.SCREENS_TOLD,
    diaries.LAST_URGENCY,
    diaries.WEEK_AIM,
    ANY_VERSION,
    Rows(
        ExerciseMedia,
        "WHERE t.clinic_id = %(clinic_id)s AND t.retired_at IS NULL AND t.exercise_id IN (SELECT exercise_id"
        " FROM plan_item WHERE clinic_id = %(clinic_id)s AND client_id = %(client_id)s)",
    ),
    # What people wrote to the client, and what the client wrote beyond a plain answer; newest first.
    Rows(
        ThreadMessage,
        "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s AND t.deleted_at IS NULL"
        f" AND (t.staff_id IS NOT NULL OR t.reading ~ '{_WORDS}') ORDER BY t.sent_at DESC LIMIT {NOTES}",
    ),
    Rows(Staff, "WHERE t.clinic_id = %(clinic_id)s", columns=["id", "name"]),
)


@dataclass(frozen=True, slots=True)
class Today:
    """All that the page of a day is made from. `notes`: the newest first; `names`: of staff."""

    record: Record
    signs: WarningSigns
    notes: Sequence[ThreadMessage]
    names: Mapping[UUID, str]
    media: Media
    aim: WeekAim | None
    urgency: UrgencyAnswer | None
    is_filled_in: bool


async def everything_of(session: ClinicSession, client: Client, clinic: Clinic, day: date, now: datetime) -> Today:
    first = day - LOOK_BACK
    found = await _PAGE(session, client_id=client.id, first=first, last=day, monday=monday_of(day))
    told = diaries.diary_in(found, first, day)
    limits = limits_of(PainLimits, clinic)
    return Today(
        Record(client, day, contents_in(found), told, found.of(FixReport)),
        signs_in(found.of(RedFlag), found.of(RedFlagScreen), told, limits, now),
        found.of(ThreadMessage),
        {row.id: row.name for row in found.of(Staff)},
        by_exercise(found.of(ExerciseMedia)),
        found.first(WeekAim),
        found.first(UrgencyAnswer),
        found.first(Intake) is not None,
    )


async def staff_names(session: ClinicSession, staff_ids: Sequence[UUID | None]) -> dict[UUID, str]:
    statement = select(col(Staff.id), col(Staff.name)).where(
        col(Staff.clinic_id) == session.clinic_id, col(Staff.id).in_({i for i in staff_ids if i is not None})
    )
    return {row.id: row.name for row in await session.execute(statement)}
