"""A client's record in the client's words: the view of the Today page."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client, Clinic
from service.catalogue.library import shipped
from service.catalogue.rules import Sentence, minutes
from service.conversation.tables import ThreadMessage
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.queries import Pain
from service.diary.rules import DayState, Outcome
from service.ids import new_id
from service.plans.tables import PlanHabit
from service.portal import rules
from service.portal.queries import Record, latest_notes, record_on, staff_names
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import (
    Banner,
    Choice,
    Habit,
    Note,
    PainForm,
    PainToday,
    PlanCard,
    SafetyNotice,
    TodayView,
    WeekDay,
    habit_row,
    plan_item,
)
from service.terms import AGGRAVATORS, SIDES, SKIP_REASONS

NEWS = timedelta(days=7)
_SITES = {site.id: site.label for site in shipped().sites}


def reader_of(client: Client) -> Reader:
    return Reader(client.locale, ZoneInfo(client.zone))


async def today_view(
    session: ClinicSession, client: Client, now: datetime, unsaved: Unsaved | None = None
) -> TodayView:
    reader = reader_of(client)
    record = await record_on(session, client, today_of(client, now))
    clinic = await find_clinic(session)
    notes = await latest_notes(session, client.id)
    authors = [content.version.created_by for content in record.plans]
    names = await staff_names(session, [*authors, *(note.staff_id for note in notes)])
    week = _week(record)
    return TodayView(
        name=client.name.split()[0],
        day=record.day,
        clinic_name=clinic.short_name,
        emergency_number=clinic.emergency_number,
        help_phone=clinic.phone,
        session=record.state(record.day),
        session_words=_session_words(record, reader),
        session_problem=unsaved.message if unsaved and unsaved.place == "session" else None,
        plan=_plan_card(record, reader, unsaved),
        pain=_pain_today(record, reader),
        pain_form=_pain_form(record, reader, now, unsaved),
        habits=[_habit(record, habit, reader, unsaved) for habit in record.due_habits],
        week=week,
        week_done=sum(d.planned and d.state in (DayState.DONE, DayState.PARTLY) for d in week),
        week_planned=sum(d.planned for d in week),
        skip_reasons=_choices(SKIP_REASONS, {_reason(record)}, reader),
        messages=[_note(note, names, reader) for note in reversed(notes)],
        banners=_news(record, names, reader),
        safety=_safety(record, clinic, reader),
    )


def _week(record: Record) -> list[WeekDay]:
    monday = record.day - timedelta(days=record.day.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    return [WeekDay(d, bool(record.due_items(d)), record.state(d) if d <= record.day else None) for d in days]


def _reason(record: Record) -> str | None:
    return record.session.row.reason if record.session else None


def _session_words(record: Record, reader: Reader) -> str | None:
    session, reason = record.session, _reason(record)
    if reason:
        return reader.label(SKIP_REASONS[reason])
    if session is None or session.row.outcome != Outcome.PARTLY or not session.results:
        return None
    asked = {item.row.id for item in record.items_to_do}
    done = sum(result.done for result in session.results if result.plan_item_id in asked)
    return reader.read(Sentence("%(done)s of %(count)s moves", {"done": done, "count": len(asked)}))


def _plan_card(record: Record, reader: Reader, unsaved: Unsaved | None) -> PlanCard | None:
    if record.content is None:
        return None
    items = record.items_to_do
    ticks = {r.plan_item_id: r.done for r in record.session.results} if record.session else {}
    if unsaved and unsaved.place == "session":
        ticks = {item.row.id: item.row.id in (unsaved.form.ids_after("item_") or []) for item in items}
    routines = list(dict.fromkeys(item.row.routine for item in items))
    ordered = sorted(items, key=lambda item: routines.index(item.row.routine))
    return PlanCard(
        minutes(*(item.dose for item in items)),
        [plan_item(item, ticks.get(item.row.id), reader) for item in ordered],
        reader.read(rules.STOP_RULE) if items else None,
    )


def _pain_today(record: Record, reader: Reader) -> PainToday | None:
    if record.pain is None:
        return None
    entry = record.pain.entry
    places = [(row.site, row.side) for row in record.pain.sites]
    where = [reader.label(words) for words in rules.where_words(places, entry.aggravators)]
    return PainToday(entry.score, reader.local(entry.done_at), " · ".join(where) or None)


def _pain_form(record: Record, reader: Reader, now: datetime, unsaved: Unsaved | None) -> PainForm:
    failed = unsaved if unsaved and unsaved.place == "pain" else None
    picked = _told_where(record.pain) if record.pain else {}
    if failed is not None:
        picked = {name: failed.form.each(name) for name in ("side", "sites", "aggravators")}
    return PainForm(
        sides=_choices(SIDES, picked.get("side", ()), reader),
        sites=_choices(_SITES, picked.get("sites", ()), reader),
        aggravators=_choices(AGGRAVATORS, picked.get("aggravators", ()), reader),
        entry=record.pain.entry.id if record.pain else new_id(now),
        problem=failed.message if failed else None,
        is_open=failed is not None and bool(failed.form.one("where")),
    )


def _told_where(pain: Pain) -> dict[str, Sequence[str]]:
    return {
        "side": [row.side for row in pain.sites if row.side],
        "sites": [row.site for row in pain.sites if row.site],
        "aggravators": pain.entry.aggravators,
    }


def _choices(words: Mapping[str, str], picked: Collection[str | None], reader: Reader) -> list[Choice]:
    return [Choice(value, reader.label(label), value in picked) for value, label in words.items()]


def _habit(record: Record, habit: PlanHabit, reader: Reader, unsaved: Unsaved | None) -> Habit:
    failed = unsaved if unsaved and unsaved.place == str(habit.id) else None
    url, prompt = f"/today/habits/{habit.id}", reader.say(habit.prompt)
    return habit_row(habit, record.mark(habit), reader, url, prompt, failed)


def _note(note: ThreadMessage, names: Mapping[UUID, str], reader: Reader) -> Note:
    author = names[note.staff_id] if note.staff_id else reader.say("You")
    return Note(author, note.body, reader.local(note.sent_at), from_me=note.direction == "in")


def _news(record: Record, names: Mapping[UUID, str], reader: Reader) -> list[Banner]:
    """A change of the last seven days, today among them; the first version of a plan is no change."""
    content = record.content
    if content is None or content.version.number == 1 or record.day - content.version.starts_on >= NEWS:
        return []
    name = {"name": names[content.version.created_by]}
    lines = [reader.read(Sentence.from_stored(line)) for line in content.version.change_lines]
    if not lines:
        return [Banner(reader.say("%(name)s made a change to your plan.") % name)]
    changes = {"changes": "; ".join(lines)}
    return [Banner(reader.say("%(name)s made a change to your plan: %(changes)s.") % (name | changes))]


def _safety(record: Record, clinic: Clinic, reader: Reader) -> SafetyNotice | None:
    if record.pain is None or not rules.is_alarming(record.pain.entry.score, record.usual_pain):
        return None
    words = reader.say("This is not for emergencies. If you can't put weight on your leg, call %(number)s.")
    return SafetyNotice(words % {"number": clinic.emergency_number}, clinic.emergency_number)
