"""What a helper tells for a client. They tick what nobody told yet; what the person told themselves stays theirs."""

from datetime import datetime
from uuid import UUID

from service.accounts.actions import next_seq
from service.accounts.tables import Client, Link
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.tables import DiaryEntry
from service.errors import Refused
from service.intake.tables import Helper
from service.portal import rules
from service.portal.actions import keep_answer
from service.portal.queries import Record, record_on
from service.portal.rules import Form

THEIRS = "This was told already. Only the person can change it."


def told_by_them(entry: DiaryEntry | None) -> bool:
    return entry is not None and entry.entered_by != "helper"


def told_for(record: Record, row_id: UUID | None) -> DiaryEntry | None:
    """What was told of the plan, for None, or of a habit or a thing to do once."""
    if row_id is None:
        return record.session.row if record.session else None
    marks = [record.mark(habit) for habit in record.due_habits if habit.id == row_id]
    reports = [record.fix_told(fix) for fix in record.due_fixes if fix.id == row_id]
    return next((entry for entry in [*marks, *reports] if entry), None)


async def keep_help(session: ClinicSession, client: Client, link: Link, form: Form, now: datetime) -> bool:
    """As `keep_answer`, for today."""
    await next_seq(session, client.id)
    record = await record_on(session, client, today_of(client, now))
    if told_by_them(told_for(record, rules.id_of(form.one("habit")))):
        raise Refused.one("/answer", "theirs", THEIRS)
    is_asked = await keep_answer(session, client, link, form, now)
    helper = await session.get_one(Helper, (session.clinic_id, link.id))
    helper.told_at = now
    return is_asked
