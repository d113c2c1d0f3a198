"""A client's record in the client's words: the view of the Today page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.rules.limits import PainLimits, limits_of
from service.accounts.rules.office import when_read
from service.accounts.tables import Client, Clinic
from service.conversation.rules import shown_words
from service.conversation.tables import ThreadMessage
from service.diary.rules import SkipReason
from service.diary.rules.screening import NOT_WATCHED, Why, asks_urgency, care_words, most_urgent
from service.diary.tables import DiaryEntry
from service.ids import new_id
from service.plans.tables import PlanFix, PlanHabit
from service.portal.pages import plan_card
from service.portal.pages.fix_rows import fix_row
from service.portal.pages.habit_rows import habit_row
from service.portal.pages.morning import felt_form, morning_form
from service.portal.pages.pain import choices, pain_form, pain_today
from service.portal.queries import Record, Today
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import (
    AskedFor,
    Banner,
    Habit,
    MessageForm,
    Note,
    SafetyNotice,
    TodayView,
)
from service.progress.facts import WarningSigns
from service.terms import SKIP_REASONS

ASKED: Mapping[Why, AskedFor] = {Why.WORDS: "words", Why.PAIN: "pain", Why.FULL: "full", Why.WEEKLY: "weekly"}


def reader_of(client: Client) -> Reader:
    return Reader(client.locale, ZoneInfo(client.zone))


def today_view(found: Today, clinic: Clinic, now: datetime, unsaved: Unsaved | None = None) -> TodayView:
    client, reader = found.record.client, reader_of(found.record.client)
    record, signs, notes, names, aim = found.record, found.signs, found.notes, found.names, found.aim
    week = plan_card.week_of(record)
    stage, stage_day = plan_card.stage(record)
    return TodayView(
        name=client.name.split()[0],
        day=record.day,
        clinic_name=clinic.short_name,
        emergency_number=clinic.emergency_number,
        read_when=when_read(clinic, now, client.locale),
        help_phone=clinic.phone,
        session=record.state(record.day),
        session_words=plan_card.session_words(record, reader),
        session_problem=unsaved.message if unsaved and unsaved.place == "session" else None,
        stage=stage,
        stage_day=stage_day,
        plan=plan_card.plan_card(record, reader, unsaved, found.media, clinic.load_pain),
        plan_note=plan_card.plan_note(record, names, reader),
        pain=pain_today(record, reader),
        pain_form=pain_form(record, reader, now, unsaved),
        habits=[_habit(record, habit, reader, unsaved) for habit in record.habits_today],
        undo=_undo(record),
        last_score=record.last_pain.entry.score if record.last_pain else None,
        fixes=[_fix(record, fix, reader, unsaved) for fix in record.fixes_today],
        yesterday=_yesterday(record, reader, unsaved),
        lessons=[(one.title, one.body) for one in record.content.lessons] if record.content else [],
        week=week,
        week_words=plan_card.week_words(record, week, reader),
        week_aim=plan_card.aim_words(aim.days, reader) if aim else None,
        untold=record.untold,
        skip_reasons=choices(SKIP_REASONS, {plan_card.reason_of(record)}, reader),
        messages=[_note(note, names, reader) for note in reversed(notes)],
        message_form=_message_form(now, unsaved),
        banners=[*_intake_banner(found, reader), *plan_card.news(record, names, reader)],
        safety=safety_of(record, signs, clinic, reader),
        morning=morning_form(record, reader, unsaved),
        felt=felt_form(record, reader),
        urgency_entry=_urgency_entry(found, clinic, now),
        questions=ASKED.get(signs.asked.why) if signs.asked else None,
    )


def _intake_banner(found: Today, reader: Reader) -> list[Banner]:
    """Until somebody has filled it in."""
    if found.is_filled_in:
        return []
    return [
        Banner(reader.say("Your therapist would like to know more."), "/today/intake", reader.say("Tell about you"))
    ]


def _habit(record: Record, habit: PlanHabit, reader: Reader, unsaved: Unsaved | None) -> Habit:
    failed = unsaved if unsaved and unsaved.place == str(habit.id) else None
    url, prompt = f"/today/habits/{habit.id}#habit-{habit.id}", reader.say(habit.prompt)
    return habit_row(habit, record.mark(habit), reader, url, prompt, failed)


def _yesterday(record: Record, reader: Reader, unsaved: Unsaved | None) -> list[Habit]:
    """What was forgotten then, one tap away; what was told of it stays, so that a slip can be mended."""
    if record.content is None or record.is_paused:
        return []
    before = replace(record, day=record.day - timedelta(days=1))
    rows = []
    for habit in before.habits_today:
        place = f"{habit.id}-{before.day.isoformat()}"
        failed = unsaved if unsaved and unsaved.place == place else None
        url, prompt = f"/today/habits/{habit.id}#habit-{place}", reader.say(habit.prompt)
        rows.append(habit_row(habit, before.mark(habit), reader, url, prompt, failed, before.day))
    return rows


def _undo(record: Record) -> dict[str, tuple[UUID, int]]:
    """What the place of each form on the page kept last."""
    before = replace(record, day=record.day - timedelta(days=1))
    told: dict[str, DiaryEntry | None] = {
        "pain": record.last_pain.entry if record.last_pain else None,
        "session": record.session.row if record.session else None,
        "morning": record.morning,
        **{str(habit.id): record.mark(habit) for habit in record.habits_today},
        **{f"{habit.id}-{before.day.isoformat()}": before.mark(habit) for habit in before.habits_today},
    }
    return {place: (entry.id, entry.revision) for place, entry in told.items() if entry is not None}


def _fix(record: Record, fix: PlanFix, reader: Reader, unsaved: Unsaved | None) -> Habit:
    failed = unsaved if unsaved and unsaved.place == str(fix.id) else None
    url, prompt = f"/today/fixes/{fix.id}#habit-{fix.id}", reader.say(fix.prompt)
    return fix_row(record, fix, record.fix_told(fix), reader, url, prompt, failed)


def _note(note: ThreadMessage, names: Mapping[UUID, str], reader: Reader) -> Note:
    author = names[note.staff_id] if note.staff_id else reader.say("You")
    read_at = reader.local(note.read_at) if note.read_at else None
    words = shown_words(note.body, "picture" in (note.reading or "").split(), reader.say)
    return Note(author, words, reader.local(note.sent_at), from_me=note.direction == "in", read_at=read_at)


def _message_form(now: datetime, unsaved: Unsaved | None) -> MessageForm:
    if unsaved is None or unsaved.place != "message":
        return MessageForm(entry=new_id(now), as_of=now)
    return MessageForm(entry=new_id(now), as_of=now, words=unsaved.form.one("text"), problem=unsaved.message)


def _urgency_entry(found: Today, clinic: Clinic, now: datetime) -> UUID | None:
    hurts = [s.row.written_at for s in found.record.diary.sessions if s.row.reason == SkipReason.HURTS]
    answered_at = found.urgency.answered_at if found.urgency else None
    return new_id(now) if asks_urgency(now, hurts, answered_at, limits_of(PainLimits, clinic)) else None


def safety_of(record: Record, signs: WarningSigns, clinic: Clinic, reader: Reader) -> SafetyNotice | None:
    """While a warning sign is open nothing is asked of the person but to get care."""
    number = {"number": clinic.emergency_number}
    if tier := most_urgent(signs.yes):
        words = " ".join(reader.say(words) % number for words in care_words(tier)[:2])
        return SafetyNotice(words, clinic.emergency_number, stops_plan=True)
    if signs.open_flags:
        return SafetyNotice(reader.say(NOT_WATCHED) % number, clinic.emergency_number, stops_plan=True)
    if not record.is_alarming(clinic):
        return None
    words = reader.say("This is not for emergencies. If you can't put weight on your leg, call %(number)s.")
    return SafetyNotice(words % number, clinic.emergency_number)
