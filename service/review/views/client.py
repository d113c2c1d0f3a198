"""One client's page: everything that happened on one time axis, worked out when it is read."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from string import ascii_uppercase
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.tables import Client, Consent, ContactPoint
from service.catalogue.rules import Dose, Good, LoadUnit, Sentence
from service.catalogue.tables import Habit
from service.conversation import queries as conversation
from service.database.tenancy import ClinicSession
from service.diary import queries as diary
from service.diary.rules import meets
from service.diary.tables import HabitMark
from service.plans.queries import Content, content_on, contents
from service.plans.rules import cadence_words
from service.plans.tables import PlanHabit
from service.progress.queries import Progress
from service.progress.rules import change_words
from service.reminders import queries as reminders
from service.reminders.queries import LedgerLine
from service.review.queries import Case, cases, library_habits, phone_seen_at, sent_messages, staff_names
from service.review.schemas import (
    Contact,
    HabitState,
    HabitStrip,
    LedgerRow,
    PlanChange,
    PlanItemLine,
    PlanVersion,
    Timeline,
)
from service.review.views.caseload import adherence_words
from service.review.views.entries import change_sentence, entries
from service.review.views.thread import SHOWN, thread
from service.terms import LANGUAGES, ROUTINES, SIDES, listed, prompt_words, said

DAYS = 60
LEDGER_DAYS = 14


async def timeline(session: ClinicSession, staff: Caller, client: Client) -> Timeline:
    """`as_of` and everything below it is in the client's own zone."""
    zone, locale = ZoneInfo(client.zone), staff.person.locale
    now = staff.now.astimezone(zone)
    [case] = await cases(session, [client], now, DAYS)
    today = case.progress.today
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    listed_contents = await contents(session, client.id)
    names = await staff_names(session)
    found = await diary.diary(session, client.id, days[0], today)
    said_so_far = await conversation.thread(session, client.id)
    sent = await sent_messages(session, client.id, SHOWN)
    clinic = await accounts.clinic(session)
    pain = case.progress.pain_days(DAYS)
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
        plan_changes=_plan_changes(listed_contents, days, locale),
        adherence=[(record.day, record.state) for record in case.progress.days],
        habits=await _habit_strips(session, listed_contents, found.habits, days, locale),
        **_plan(listed_contents, names, today, locale),
        entries=entries(found, said_so_far, listed_contents, zone, locale),
        messages=thread(said_so_far, sent, client, clinic, names, locale),
        ledger=[_ledger_row(line, locale) for line in await _ledger(session, client, today)],
        contacts=await _contacts(session, client, zone),
        baseline=case.progress.baseline,
        adherence_words=adherence_words(case.progress),
        since=_since(client, listed_contents, zone),
        next_visit=client.next_visit,
        waiting_since=case.triage.since.astimezone(zone) if case.triage.since else None,
        phone_seen_at=_local(await phone_seen_at(session, client.id), zone),
    )


def _local(at: Any, zone: ZoneInfo) -> Any:
    return at.astimezone(zone) if at is not None else None


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
    changed = [c for c in versions if c.version.number > 1 and c.version.starts_on <= progress.today]
    if changed:
        parts = {"day": changed[-1].version.starts_on, "words": change_sentence(changed[-1])}
        sentences.append(Sentence("Last change %(day)s: %(words)s.", parts))
    return " ".join(said(sentence, locale) for sentence in sentences)


def _pain_summary(progress: Progress) -> Sentence:
    mean, before = progress.mean_on(progress.today), progress.baseline
    if mean is None or before is None:
        return Sentence("Too few answers to say how pain changes.")
    return Sentence("%(words)s.", {"words": change_words(mean, before).words})


def _plan_changes(versions: Sequence[Content], days: Sequence[date], locale: str) -> list[PlanChange]:
    begun = [content for content in versions if days[0] <= content.version.starts_on <= days[-1]]
    return [
        PlanChange(content.version.starts_on, letter, said(change_sentence(content), locale))
        for letter, content in zip(ascii_uppercase, begun, strict=False)
    ]


def _plan(versions: Sequence[Content], names: Mapping[UUID, str], today: date, locale: str) -> dict[str, Any]:
    """The version that holds, or the next one; all others newest first."""
    coming = [c for c in versions if c.version.starts_on > today and c.plan.ended_on is None]
    shown = content_on(versions, today) or next(iter(coming), None)
    others = [content for content in reversed(versions) if content is not shown]
    return {
        "plan": _version(shown, versions, names, locale) if shown else None,
        "older_versions": [_version(content, versions, names, locale) for content in others],
    }


def _version(content: Content, versions: Sequence[Content], names: Mapping[UUID, str], locale: str) -> PlanVersion:
    version = content.version
    later = [
        c.version.starts_on for c in versions if c.plan.id == content.plan.id and c.version.number > version.number
    ]
    ends = [
        *(day - timedelta(days=1) for day in later),
        *([content.plan.ended_on] if content.plan.ended_on else []),
    ]
    return PlanVersion(
        number=version.number,
        starts_on=version.starts_on,
        author=names.get(version.created_by, ""),
        change=said(change_sentence(content), locale),
        items=[
            PlanItemLine(
                name=said(Sentence(item.exercise.name), locale),
                dose=said(dose_words(item.dose), locale),
                cadence=said(cadence_words(content.cadence(item)), locale),
                routine=said(Sentence(ROUTINES.get(item.row.routine, item.row.routine)), locale),
                side=None if item.row.side == "both" else said(Sentence(SIDES[item.row.side]), locale),
            )
            for item in content.items
        ],
        habits=[said(Sentence(habit.prompt), locale) for habit in content.habits],
        ends_on=min(ends, default=None),
        note=version.note,
    )


_LOADS = {LoadUnit.KG: "%(load)s kg", LoadUnit.LB: "%(load)s lb", LoadUnit.BAND: "band %(load)s"}


def dose_words(dose: Dose) -> Sentence:
    """As therapists write it: "2 × 10, hold 5 s, 4 kg", or "3 × 30 s" for a single long hold."""
    if dose.reps == 1 and dose.hold_seconds:
        parts = [Sentence("%(sets)s × %(seconds)s s", {"sets": dose.sets, "seconds": dose.hold_seconds})]
    else:
        parts = [Sentence("%(sets)s × %(reps)s", {"sets": dose.sets, "reps": dose.reps})]
        if dose.hold_seconds:
            parts.append(Sentence("hold %(seconds)s s", {"seconds": dose.hold_seconds}))
    if dose.load is not None and dose.load_unit is not None:
        parts.append(Sentence(_LOADS[dose.load_unit], {"load": f"{dose.load:g}"}))
    return listed(parts)


async def _habit_strips(
    session: ClinicSession,
    versions: Sequence[Content],
    marks: Sequence[HabitMark],
    days: Sequence[date],
    locale: str,
) -> list[HabitStrip]:
    """One for each daily habit of the days shown, and for any other that was answered."""
    asked = {day: _asked(content_on(versions, day), day) for day in days}
    told = {(mark.habit_key, mark.day): mark for mark in marks}
    every = {habit.habit_key: habit for content in versions for habit in content.habits}
    shown = dict.fromkeys([key for keys in asked.values() for key in keys] + [mark.habit_key for mark in marks])
    library = await library_habits(session, [every[key].habit_id for key in shown])
    strips = []
    for key in shown:
        habit = every[key]
        states = [
            (day, _habit_state(told.get((key, day)), key in asked[day], habit, library.get(habit.habit_id)))
            for day in days
        ]
        answered = [state for _, state in states if state not in ("no_entry", "not_asked")]
        strips.append(HabitStrip(prompt_words(habit.prompt, locale), states, answered.count("met"), len(answered)))
    return strips


def _asked(content: Content | None, day: date) -> list[UUID]:
    if content is None or any(
        p.from_day <= day and (p.until_day is None or day <= p.until_day) for p in content.pauses
    ):
        return []
    return [habit.habit_key for habit in content.habits if habit.cadence == "daily"]


def _habit_state(mark: HabitMark | None, asked: bool, habit: PlanHabit, library: Habit | None) -> HabitState:
    """An answer such as "not sure" says nothing either way: it is unclear, and never a no."""
    if mark is None:
        return "no_entry" if asked else "not_asked"
    value = next(v for v in (mark.yes, mark.amount, mark.choice) if v is not None)
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
        sent_at=_local(line.sent_at, zone),
        answered_at=_local(line.answered_at, zone),
    )


async def _contacts(session: ClinicSession, client: Client, zone: ZoneInfo) -> list[Contact]:
    given = [c for c in await accounts.consents(session, client.id) if c.withdrawn_at is None]
    newest = {consent.channel: consent for consent in given}
    points = await accounts.contact_points(session, client.id)
    return [_contact(point, newest.get(point.channel), zone) for point in points]


def _contact(point: ContactPoint, consent: Consent | None, zone: ZoneInfo) -> Contact:
    return Contact(
        kind="phone" if point.channel == "sms" else "email",
        address=point.address,
        verified=point.verified_at is not None,
        consent_words=consent.wording if consent else None,
        consent_at=_local(consent.given_at, zone) if consent else None,
        stopped_at=_local(point.opted_out_at, zone),
    )
