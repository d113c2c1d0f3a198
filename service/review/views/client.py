"""One client's page: everything that happened on one time axis, worked out when it is read."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.catalogue.queries import habits_by_id
from service.catalogue.rules import Sentence
from service.catalogue.rules.habits import Good
from service.catalogue.tables import Habit
from service.conversation import queries as conversation
from service.database.tenancy import ClinicSession
from service.diary import queries as diary
from service.diary.rules import meets
from service.diary.tables import HabitMark
from service.plans.asking import asked_on, period_of
from service.plans.queries import Content, content_on, contents
from service.plans.rules import is_paused
from service.plans.tables import PlanHabit
from service.progress.facts import proposals_of
from service.progress.facts.links import habit_links
from service.progress.queries import Progress
from service.progress.rules import change_words, too_small_band
from service.progress.rules.strength import strength
from service.reminders import queries as reminders
from service.reminders.queries import LedgerLine
from service.review.queries import sent_messages, sent_since
from service.review.queries.cases import Case, cases
from service.review.queries.person import person
from service.review.rules.visits import coming
from service.review.schemas import HabitState, HabitStrip, LedgerRow, Snoozed, Timeline
from service.review.schemas.stack import Range
from service.review.views.caseload import adherence_words, elsewhere, snoozed_until
from service.review.views.contacts import contacts, local
from service.review.views.contexts import label_words
from service.review.views.entries import SHOWN as ENTRIES
from service.review.views.entries import change_sentence, entries
from service.review.views.escalated import escalated
from service.review.views.links import links
from service.review.views.plan_fixes import lines
from service.review.views.proposals import steps_taken, with_steps
from service.review.views.red_flags import questions_answered, red_flags_shown, unanswered_since
from service.review.views.stack import DAYS, body_map, days_of, mark_entries, message_days, silent_since
from service.review.views.starting import programme_line
from service.review.views.thread import SHOWN, thread
from service.review.views.versions import pauses, plan_and_older, plan_changes, ran
from service.review.views.visits import visit_lines
from service.terms import LANGUAGES, prompt_words, said

LEDGER_DAYS = 14


async def timeline(
    session: ClinicSession, staff: Caller, client: Client, asked: Range = Range.TWO_MONTHS, shown: int = ENTRIES
) -> Timeline:
    """`as_of` and everything below it is in the client's own zone."""
    zone, locale = ZoneInfo(client.zone), staff.person.locale
    now = staff.now.astimezone(zone)
    clinic = await accounts.clinic(session)
    clinic_now = staff.now.astimezone(ZoneInfo(clinic.zone))
    listed_contents = await contents(session, client.id)
    days = days_of(asked, _since(client, listed_contents, zone), now.date())
    [case] = await cases(session, [client], now, max(len(days), DAYS), shares=True)
    today = case.progress.today
    # The drawing of places and the links of habits look back as far whatever is shown.
    first = min(days[0], today - timedelta(days=DAYS - 1))
    found = await diary.diary(session, client.id, first, today)
    began = datetime.combine(days[0], time(0), zone)
    known = await person(session, client.id, began)
    names = known.staff
    said_so_far = await conversation.thread(session, client.id)
    sent = await sent_messages(session, client.id, SHOWN)
    pain = case.progress.pain_days(len(days))
    told = [*(mark.day for mark in found.habits), *(score.day for score in case.progress.pain)]
    return Timeline(
        client_id=client.id,
        name=client.name,
        as_of=now,
        zone=client.zone,
        language=LANGUAGES[client.locale],
        tier=case.triage.tier,
        rule=case.triage.rule,
        reason=said(case.triage.reason, locale),
        summary=_summary(case, listed_contents, locale),
        pain=[(day, score) for day, score, _ in pain],
        pain_means=[(day, mean) for day, _, mean in pain],
        plan_changes=plan_changes(listed_contents, days, locale),
        visits=visit_lines(known, days, locale),
        adherence=[(record.day, record.state) for record in case.progress.days if record.day >= days[0]],
        habits=await habit_strips(session, listed_contents, found.habits, days, locale),
        **plan_and_older(listed_contents, known.warnings, names, today, locale),
        fixes=lines(content_on(listed_contents, today), known.fix_reports, today, locale),
        entries=entries(
            found,
            said_so_far,
            listed_contents,
            zone,
            locale,
            known.fix_reports,
            mark_entries(known, zone, locale),
            shown,
            known.flags,
        ),
        message_days=message_days(days, await sent_since(session, client.id, began), said_so_far, zone),
        body_map=body_map(found.pains, today, locale),
        silent_since=silent_since([*told, *(row.row.day for row in found.sessions)], today),
        messages=thread(said_so_far, sent, client, clinic, names, locale),
        ledger=[_ledger_row(line, locale) for line in await _ledger(session, client, today)],
        contacts=await contacts(session, known, zone, staff.now, locale),
        contexts=[label_words(label, locale) for label in known.labels],
        baseline=case.progress.baseline,
        too_small=None if case.progress.baseline is None else too_small_band(case.progress.baseline),
        adherence_words=adherence_words(case.progress),
        since=_since(client, listed_contents, zone),
        last_visit=known.last_visit(today),
        next_visit=coming(client.next_visit, today),
        forget_asked_at=local(known.asked_to_forget, zone),
        waiting_since=local(case.triage.since, zone),
        **_marks(case, clinic_now, zone, locale),
        look_by=local(case.look_by, zone),
        is_overdue=case.is_overdue(now),
        asked_by_text=local(await unanswered_since(session, client.id, known.screens), zone),
        questions=questions_answered(known.screens, zone),
        escalated=await escalated(session, case, zone, locale),
        red_flags=red_flags_shown(known, said_so_far, zone, locale),
        clinic_now=elsewhere(now, clinic.zone),
        programme=await programme_line(session, client.id, listed_contents, known.labels, today, locale),
        pauses=pauses(listed_contents, today),
        phone_seen_at=local(known.seen_at, zone),
        proposals=with_steps(
            await proposals_of(session, known.flags, case.progress, listed_contents, found),
            client.id,
            names,
            today,
            locale,
        ),
        steps=steps_taken(listed_contents, names, today, locale),
        habit_links=links(habit_links(listed_contents, found.habits, case.progress), locale),
        links_shown=client.links_shown,
        has_monitoring=clinic.monitoring,
    )


def _marks(case: Case, clinic_now: datetime, zone: ZoneInfo, locale: str) -> dict[str, Any]:
    """A snooze ends with the clinic's day, wherever the client is."""
    seen = case.mark if case.mark is not None and case.mark.until_at is None else None
    return {
        "seen_by": seen.by if seen else None,
        "seen_at": local(seen.marked_at, zone) if seen else None,
        "snoozed_until": snoozed_until(case, clinic_now),
        "snoozed": [
            Snoozed(triage.tier, said(triage.reason, locale), mark.until_at.astimezone(clinic_now.tzinfo).date())
            for triage, mark in case.asleep
            if mark.until_at is not None
        ],
    }


def _since(client: Client, versions: Sequence[Content], zone: ZoneInfo) -> date:
    first = versions[0].version.starts_on if versions else None
    return first or client.created_at.astimezone(zone).date()


def _summary(case: Case, versions: Sequence[Content], locale: str) -> str:
    progress = case.progress
    if not progress.pain and not progress.sessions:
        return said(Sentence("Nothing logged yet."), locale)
    sentences = [_pain_summary(progress)]
    if progress.adherence.due:
        sentences.append(Sentence("Planned days in 4 weeks: %(words)s.", {"words": progress.adherence.words}))
    begun = [c for c in versions if c.version.starts_on <= progress.today and ran(c, versions)]
    changed = [c for c in begun if c.version.number > 1]
    if changed:
        parts = {"day": changed[-1].version.starts_on, "words": change_sentence(changed[-1])}
        sentences.append(Sentence("Last change %(day)s: %(words)s.", parts))
    return " ".join(said(sentence, locale) for sentence in sentences)


def _pain_summary(progress: Progress) -> Sentence:
    mean, before = progress.mean_on(progress.today), progress.baseline
    if mean is None or before is None:
        return Sentence("Too few answers to say how pain changes.")
    return Sentence("%(words)s.", {"words": change_words(mean, before).words})


async def habit_strips(
    session: ClinicSession,
    versions: Sequence[Content],
    marks: Sequence[HabitMark],
    days: Sequence[date],
    locale: str,
) -> list[HabitStrip]:
    """One for each habit asked on the days shown, and for any other that was answered. An answer is judged as the
    plan asked for it then."""
    told = {(mark.habit_key, mark.day): mark for mark in marks}
    asked = {day: _asked(content_on(versions, day), told, day) for day in days}
    every = {habit.habit_key: habit for content in versions for habit in content.habits}
    rows = {habit.id: habit for content in versions for habit in content.habits}
    shown = dict.fromkeys([key for keys in asked.values() for key in keys] + [mark.habit_key for mark in marks])
    library = await habits_by_id(session, [every[key].habit_id for key in shown])
    strips = []
    for key in shown:
        habit = every[key]
        states = [
            (day, _habit_state(told.get((key, day)), key in asked[day], rows, library.get(habit.habit_id)))
            for day in days
        ]
        answered = [state for _, state in states if state not in ("no_entry", "not_asked")]
        name, score = prompt_words(habit.prompt, locale), _strength(habit, [state for _, state in states])
        strips.append(HabitStrip(name, states, answered.count("met"), len(answered), score))
    return strips


_TIMES_A_DAY = {"daily": 1.0, "weekly": 1 / 7, "monthly": 1 / 30}
_VALUES: dict[HabitState, float] = {"met": 1.0, "nearly": 0.5, "not_met": 0.0}


def _strength(habit: PlanHabit, states: Sequence[HabitState]) -> int | None:
    score = strength(map(_VALUES.get, states), _TIMES_A_DAY[habit.cadence])
    return None if score is None else round(score * 100)


def _asked(content: Content | None, told: Mapping[tuple[UUID, date], HabitMark], day: date) -> list[UUID]:
    """A weekly or monthly habit that nobody told of is silence on the last day of its week or month alone."""
    if content is None or is_paused(day, content.pauses):
        return []
    daily = {habit.habit_key for habit in content.habits if habit.cadence == "daily"}
    asked = [habit.habit_key for habit in asked_on(content.habits, told.keys(), day) if habit.habit_key in daily]
    return asked + [h.habit_key for h in content.habits if h.habit_key not in daily and _untold(h, told, day)]


def _untold(habit: PlanHabit, told: Mapping[tuple[UUID, date], HabitMark], day: date) -> bool:
    first, last = period_of(habit.cadence, day)
    return day == last and not any(key == habit.habit_key and first <= on <= last for key, on in told)


def _habit_state(
    mark: HabitMark | None, asked: bool, rows: Mapping[UUID, PlanHabit], library: Habit | None
) -> HabitState:
    """An answer such as "not sure" says nothing either way: it is unclear, and never a no."""
    if mark is None:
        return "no_entry" if asked else "not_asked"
    value, habit = mark.value, rows[mark.plan_habit_id]
    if not habit.good:
        return "unclear"
    met = meets(msgspec.convert(habit.good, Good), value, habit.target)
    if met is not False:
        return "met" if met else "unclear"
    soft = library.body.get("soft_good") if library else None
    return "nearly" if soft and meets(msgspec.convert(soft, Good), value, habit.target) else "not_met"


async def _ledger(session: ClinicSession, client: Client, today: date) -> list[LedgerLine]:
    first = today - timedelta(days=LEDGER_DAYS - 1)
    return await reminders.ledger(session, client.id, first, today + timedelta(days=1))


def _ledger_row(line: LedgerLine, locale: str) -> LedgerRow:
    zone = ZoneInfo(line.zone)
    return LedgerRow(
        due_at=line.due_at.astimezone(zone),
        kind=line.kind,  # type: ignore[arg-type]
        state=line.outcome,  # type: ignore[arg-type]
        reason=said(Sentence(line.words), locale),
        channel=line.channel,  # type: ignore[arg-type]
        sent_at=local(line.sent_at, zone),
        answered_at=local(line.answered_at, zone),
        first_try=_first_try(line, locale),
    )


def _first_try(line: LedgerLine, locale: str) -> str | None:
    if line.first_try is None:
        return None
    msgid = "First by email. %(reason)s" if line.first_channel == "email" else "First by text. %(reason)s"
    return said(Sentence(msgid, {"reason": Sentence(line.first_try)}), locale)
