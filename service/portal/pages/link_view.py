"""What a link's page shows: the one question it was made for, and what was told through a link before."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar, cast
from uuid import UUID

from msgspec.structs import replace

from service.accounts.queries import client as find_client
from service.accounts.queries import clinic as find_clinic
from service.accounts.rules import LinkPurpose
from service.accounts.tables import Client, Clinic, Link
from service.charts import clock_time, week_day
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.queries import is_on_hold, told_through
from service.diary.rules.screening import NOT_WATCHED
from service.diary.tables import DiaryEntry, PainEntry
from service.ids import new_id
from service.plans.fixes import answers_to
from service.portal import rules
from service.portal.actions.helping import told_by_them, told_for
from service.portal.pages.fix_rows import fix_row, standing_before
from service.portal.pages.habit_rows import habit_row
from service.portal.pages.showing import reader_of
from service.portal.queries import Record, record_on
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import Habit, HelpLines, LinkView, SafetyNotice
from service.portal.schemas import LinkPurpose as Purpose
from service.reminders.queries import ledger

_ANSWERS = {"done": "I did all of it", "partly": "I did some of it", "skipped": "Not today"}
_OF_A_DAY_BEFORE = {"skipped": "Not that day"}
_HELPS = {"done": "All of it", "partly": "Some of it", "skipped": "Not today"}


@dataclass(frozen=True, slots=True)
class Told:
    """What was just sent: the habit it was about, if it was, and the answer when it could not be kept."""

    habit_id: UUID | None
    unsaved: Unsaved | None


async def link_view(
    session: ClinicSession, link: Link, url: str, now: datetime, told: Told | None = None
) -> tuple[LinkView, Client, Clinic]:
    client, clinic = await find_client(session, link.client_id), await find_clinic(session)
    reader, today = reader_of(client), today_of(client, now)
    unsaved = told.unsaved if told else None
    view = LinkView(
        purpose=cast(Purpose, link.purpose),
        url=url,
        clinic_name=clinic.short_name,
        ends_at=None if link.purpose == LinkPurpose.UNSUBSCRIBE else reader.local(link.expires_at),
        initial=f"{client.name[:1]}." if link.purpose == LinkPurpose.SIGN_IN else None,
        about=link.day if link.day != today else None,
        problem=reader.say(unsaved.message) if unsaved else None,
        entry=new_id(now) if link.purpose == LinkPurpose.MESSAGE else None,
        words=unsaved.form.one("text") if unsaved else "",
    )
    match LinkPurpose(link.purpose):
        case LinkPurpose.CHECK_IN:
            # Kept under the link's own id.
            entry = await session.get(PainEntry, (session.clinic_id, link.id))
            view = _with_answer(view, str(entry.score), str(entry.score), entry, reader, today) if entry else view
        case LinkPurpose.PLAN | LinkPurpose.HABIT | LinkPurpose.FIX | LinkPurpose.HELPER:
            record = await record_on(session, client, link.day or today)
            if link.purpose in (LinkPurpose.PLAN, LinkPurpose.HELPER) and await is_on_hold(session, client.id, now):
                words = reader.say(NOT_WATCHED) % {"number": clinic.emergency_number}
                view = replace(view, on_hold=SafetyNotice(words, clinic.emergency_number, stops_plan=True))
            view = _with_day(view, record, await _told_by_link(session, link, record), reader, today, told)
            if link.purpose == LinkPurpose.HELPER:
                view = await _for_helper(session, view, record, reader, unsaved)
    return view, client, clinic


async def _for_helper(
    session: ClinicSession, view: LinkView, record: Record, reader: Reader, unsaved: Unsaved | None
) -> LinkView:
    """What is still to be told, and when reminders come; never what the person told, nor why none came."""
    lines = []
    for moment in reversed(await ledger(session, record.client.id, record.day, record.day)):
        at = clock_time(reader.local(moment.sent_at or moment.due_at), reader.locale)
        if moment.sent_at is not None:
            lines.append(reader.say("A reminder went out at %(time)s.") % {"time": at})
        elif moment.state == "queued":
            lines.append(reader.say("A reminder comes at %(time)s.") % {"time": at})
    asks = bool(record.content and record.due_items(record.day)) and not record.is_paused
    # Why there is none is between the person and the clinic.
    asks, view = asks and view.on_hold is None, replace(view, on_hold=None)
    habits = [row for row in view.habits if not told_by_them(told_for(record, row.id))]
    fixes = [row for row in view.fixes if not told_by_them(told_for(record, row.id))]
    beside = any(row.problem for row in [*habits, *fixes])
    return replace(
        view,
        habits=habits,
        fixes=fixes,
        problem=reader.say(unsaved.message) if unsaved and not beside else None,
        help=HelpLines(lines, asks, told_by_them(told_for(record, None))),
    )


def _with_day(
    view: LinkView, record: Record, shown: Set[UUID], reader: Reader, today: date, told: Told | None
) -> LinkView:
    """Today's plan is its exercises and its habits: one link asks for both."""
    habits = _habits(record, reader, view.url, shown, told) if view.purpose != "fix" else []
    fixes = _fixes(record, reader, view.url, shown, told)
    if record.content:
        view = replace(view, plan=record.content.version.id)
    beside = any(row.problem for row in [*habits, *fixes])
    view = replace(view, habits=habits, fixes=fixes, problem=None if beside else view.problem)
    session = record.session.row if record.session and record.session.row.id in shown else None
    if view.purpose not in ("plan", "helper") or session is None:
        return view
    words = (_ANSWERS | _OF_A_DAY_BEFORE if view.about else _ANSWERS) if view.purpose == "plan" else _HELPS
    answer = f"“{reader.say(words[session.outcome])}”"
    return _with_answer(view, session.outcome, answer, session, reader, today)


async def _told_by_link(session: ClinicSession, link: Link, record: Record) -> Set[UUID]:
    """The entries of the day whose answer came by a link: whoever holds one is shown nothing else."""
    if link.used_at is None:
        return set()
    is_helper = link.purpose == LinkPurpose.HELPER
    marks = [record.mark(habit) for habit in record.due_habits]
    entries: list[DiaryEntry] = [mark for mark in marks if mark]
    entries += [report for fix in record.due_fixes if (report := record.fix_told(fix))]
    entries += [record.session.row] if record.session else []
    if is_helper:
        return {entry.id for entry in entries if not told_by_them(entry)}
    return {entry for entry, channel in (await told_through(session, entries)).items() if channel == "link"}


def _with_answer(view: LinkView, told: str, answer: str, entry: DiaryEntry, reader: Reader, today: date) -> LinkView:
    at = reader.local(entry.written_at)
    parts = {"answer": answer, "time": clock_time(at, reader.locale), "day": week_day(at.date(), reader.locale)}
    words = "You saved %(answer)s at %(time)s."
    if at.date() != today:
        words = "You saved %(answer)s on %(day)s at %(time)s."
    return replace(view, told=told, saved=reader.say(words) % parts)


def _habits(record: Record, reader: Reader, url: str, shown: Set[UUID], told: Told | None) -> list[Habit]:
    rows = []
    for habit in record.due_habits:
        prompt = rules.prompt_in_public(reader.say(habit.prompt), *habit.options, habit.unit or "")
        if prompt is None:
            continue
        mark, failed = _may_show(record.mark(habit), habit.id, reader, shown, told)
        rows.append(habit_row(habit, mark, reader, f"{url}#habit-{habit.id}", prompt, failed))
    return rows


def _fixes(record: Record, reader: Reader, url: str, shown: Set[UUID], told: Told | None) -> list[Habit]:
    rows = []
    for fix in record.due_fixes:
        prompt = rules.prompt_in_public(reader.say(fix.prompt))
        report, failed = _may_show(record.fix_told(fix), fix.id, reader, shown, told)
        if prompt is not None and (report or answers_to(standing_before(record, fix).state)):
            rows.append(fix_row(record, fix, report, reader, f"{url}#habit-{fix.id}", prompt, failed))
    return rows


_Entry = TypeVar("_Entry", bound=DiaryEntry)


def _may_show(
    entry: _Entry | None, row_id: UUID, reader: Reader, shown: Set[UUID], told: Told | None
) -> tuple[_Entry | None, Unsaved | None]:
    """What was told by a link, or just now through this one; and what could not be kept."""
    just_told = told is not None and told.habit_id == row_id
    unsaved = told.unsaved if told and just_told else None
    failed = Unsaved(unsaved.place, reader.say(unsaved.message), unsaved.form) if unsaved else None
    is_shown = entry is not None and (entry.id in shown or (just_told and not failed))
    return entry if is_shown else None, failed
