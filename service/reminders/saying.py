"""What is said to a client in the morning and in the evening, from what is known; nothing here is read or written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from service.charts import clock_time
from service.outbox.rules import MessageKind
from service.plans.rules import DAYS_A_WEEK, WEEKDAYS
from service.reminders import rhythm
from service.reminders.history import Awake, History
from service.reminders.reasons import Reason
from service.reminders.rhythm import Extra, hours
from service.reminders.rules import DAY, time_zone
from service.words import translator

LONGEST_NAME = 15
"""Of a therapist, so that the text stays in one part."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to say, and what changes with it: what must be told happens only when it is. A kind of None is a
    change that nobody need be told. `day`: the local day that makes it one, when it is not today."""

    slot: Extra
    kind: MessageKind | None
    params: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    against: Reason | None = None
    day: date | None = None
    moves_to: time | None = None


def this_morning(person: Awake, known: History, today: date) -> list[Word]:
    words = [*changed(known, today), *recheck(known, today), *morning(person, known, today)]
    return words if any(word.kind for word in words) else [*words, *week(person, known, today)]


def morning(person: Awake, known: History, today: date) -> Iterator[Word]:
    """At most one thing is said: silence first, then a miss, then a good rhythm."""
    past = known.past(today)
    rung = rhythm.next_rung(
        person.rung, person.rung_on, past, heard_on=person.heard_on, today=today, fresh_start=person.fresh_start
    )
    if rung is not None:
        yield _rung(rung, today)
        return
    if person.rung:
        return
    pace = rhythm.next_pace(person.texts_a_week, person.stepped_on, past, wants_daily=person.wants_daily)
    fewer = pace is not None and (pace.texts_a_week or DAYS_A_WEEK) < (person.texts_a_week or DAYS_A_WEEK)
    missed = rhythm.missed_day(
        past, today=today, asked=_was_asked(known, today - DAY), asked_why_on=person.asked_why_on
    )
    if missed is not None:
        yield Word(Extra.WHY, MessageKind.WHY, changes={"asked_why_on": today, "missed_on": missed})
    if pace is not None and not (fewer and missed):
        kind = MessageKind.TAPER if fewer else None
        params = {"days": _days(pace.weekdays, person.locale)} if fewer else {}
        changes = {"texts_a_week": pace.texts_a_week, "ask_days": pace.mask, "stepped_on": today}
        yield Word(Extra.TAPER, kind, params, changes)
    elif missed is None:
        yield from _moved(person, known, today)


def recheck(known: History, today: date) -> Iterator[Word]:
    """One text for every one-off fix that is to be looked at again."""
    moments = [m for m in known.moments if m.slot == Extra.RECHECK and m.state in ("queued", "sent")]
    if rhythm.recheck_to_tell(known.waiting, [m.day for m in moments], today):
        yield Word(Extra.RECHECK, MessageKind.RECHECK)


def week(person: Awake, known: History, today: date) -> Iterator[Word]:
    """For a morning on which nothing else is said."""
    said_on = [m.day for m in known.moments if m.slot == Extra.WEEK]
    monday = rhythm.week_over(today, said_on) if person.week_text and person.rung < rhythm.SILENT_RUNG else None
    if monday is not None:
        told = any(monday <= day < monday + DAYS_A_WEEK * DAY for day in known.told)
        yield Word(Extra.WEEK, MessageKind.WEEK, against=None if told else Reason.NOTHING_TOLD)


def changed(known: History, today: date) -> Iterator[Word]:
    day = rhythm.told_of_change(list(known.changed_by), today)
    if day is not None and not any(m.slot == Extra.CHANGED and m.day == day for m in known.moments):
        params = {"therapist": known.changed_by[day][:LONGEST_NAME]}
        yield Word(Extra.CHANGED, MessageKind.PLAN_CHANGED, params, day=day)


def _moved(person: Awake, known: History, today: date) -> Iterator[Word]:
    """Only a plan that is asked about once a day."""
    speaker = known.speaker
    if speaker is None or speaker.kind != "plan" or len(speaker.local_times) != 1 or person.keeps_time:
        return
    zone = time_zone(person.zone)
    logged = [at.astimezone(zone).time() for at in known.written_at]
    [wall] = speaker.local_times
    moved = hours.moved_time(wall, logged, person.quiet_from, person.quiet_until, person.moved_on, today)
    if moved is not None:
        params = {
            "time": clock_time(moved.wall, person.locale).lower(),
            "usual": clock_time(moved.usual, person.locale).lower(),
        }
        changes = {"moved_from": wall, "moved_on": today}
        yield Word(Extra.MOVED, MessageKind.MOVED, params, changes, moves_to=moved.wall)


def _rung(rung: int, today: date) -> Word:
    """0 is somebody who is back from the first rung: nothing is said about it."""
    kinds = {3: MessageKind.LAPSE_3, 10: MessageKind.LAPSE_10, 30: MessageKind.LAPSE_30}
    return Word(Extra.LAPSE, kinds.get(rung), changes={"rung": rung, "rung_on": today if rung else None})


def evening(known: History, today: date, now: datetime) -> Iterator[Word]:
    plan = next((reminder for reminder in known.reminders if reminder.kind == "plan"), None)
    if plan is None:
        return
    sent = [m for m in known.moments if m.reminder_id == plan.id and m.state == "sent"]
    asked = [m.due_at for m in sent if m.day == today]
    if not rhythm.nudges_tonight(
        now=now,
        planned_today=known.asks_on(today),
        logged_today=today in known.told,
        last_asked_at=max(asked, default=None),
    ):
        return
    enough = rhythm.enough_evenings([m.day for m in sent if m.slot == Extra.EVENING], today)
    yield Word(Extra.EVENING, MessageKind.EVENING, against=Reason.TWO_EVENINGS if enough else None)


def _was_asked(known: History, day: date) -> bool:
    return any(m.day == day and m.kind == "plan" and m.state == "sent" for m in known.moments)


def _days(weekdays: tuple[int, ...], locale: str) -> str:
    say = translator(locale).gettext
    names = [say(WEEKDAYS[weekday]) for weekday in weekdays]
    return say("%(first)s and %(last)s") % {"first": names[0], "last": names[-1]} if names[1:] else names[0]
