"""A client's intake as a therapist reads it: what was told, version by version, what to consider, visits and care."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID

from msgspec import Struct

from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.catalogue.library import Pattern, shipped
from service.catalogue.rules import Sentence
from service.catalogue.rules.habits import Habit
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.rules import HabitValue
from service.ids import new_id
from service.intake import forms, queries, rules
from service.intake.forms import IntakeForm, Pick, Reading
from service.intake.queries import Version
from service.intake.rules import Answers, Goal, TreatmentKind
from service.intake.tables import Treatment, Visit
from service.review.guards import Typed, bar_of
from service.review.queries import staff_names
from service.review.rules.visits import coming
from service.review.schemas import StaffBar
from service.review.schemas.forms import NOTHING_SENT, Sent
from service.terms import (
    AGGRAVATORS,
    HABIT_CHOICES,
    QUALITIES,
    RADIATES,
    SIDES,
    listed,
    prompt_words,
    said,
    site_label,
)

TREATMENTS: Mapping[str, str] = {
    TreatmentKind.MASSAGE: "massage",
    TreatmentKind.TRIGGER_POINT: "trigger points",
    TreatmentKind.MYOFASCIAL: "myofascial release",
    TreatmentKind.OTHER: "other",
}
PARTS: Mapping[str, str] = {
    "sites": "Where",
    "radiates": "Down the leg",
    "qualities": "What it is like",
    "timing": "When",
    "aggravators": "What brings it on",
    "onset": "How it began",
    "previous_care": "Care so far",
    "goals": "Goals",
    "habits": "Habits that day",
    "red_flags": "Warning signs",
}


class Line(Struct, frozen=True):
    label: str
    words: list[str]


class ToldVersion(Struct, frozen=True):
    """`changed` names what is told otherwise than in the version before."""

    number: int
    day: date
    by_staff: bool
    lines: list[Line]
    changed: list[str]


class Consider(Struct, frozen=True):
    reported: str
    suggests: list[str]
    warning: bool
    sources: list[tuple[str, str]]


class Event(Struct, frozen=True):
    id: UUID
    day: date
    words: str
    author: str


class TreatmentForm(Struct, frozen=True, kw_only=True):
    entry: UUID
    kinds: list[Pick]
    sites: list[Pick]
    sides: list[Pick]


class IntakeView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    client_id: UUID
    name: str
    newest: ToldVersion | None
    older: list[ToldVersion]
    consider: list[Consider]
    form: IntakeForm
    form_is_open: bool
    visits: list[Event]
    treatments: list[Event]
    today: str
    next_visit: str
    treatment: TreatmentForm
    sent: Sent = NOTHING_SENT
    spare_outer_hip: bool = False
    status: str | None = None


class Unkept(Struct, frozen=True, kw_only=True):
    """A form that could not be kept. `place` is `intake`, `visit` or `treatment`."""

    place: str
    form: Typed
    reading: Reading | None = None
    problems: dict[str, str] = {}

    @property
    def sent(self) -> Sent:
        return Sent(self.place, {name: self.form.one(name) for name, _ in self.form.pairs}, self.problems)


async def intake_view(
    session: ClinicSession, staff: Caller, client: Client, unkept: Unkept | None = None, status: str | None = None
) -> IntakeView:
    locale = staff.person.locale
    told = await queries.versions(session, client.id)
    names = await staff_names(session)
    versions = [_version(one, before, locale) for one, before in zip_longest(told, told[1:])]
    considered = rules.patterns(told[0].answers) if told else []
    failed = {unkept.place: unkept} if unkept else {}
    today = today_of(client, staff.now)
    return IntakeView(
        bar=await bar_of(session, staff),
        client_id=client.id,
        name=client.name,
        newest=versions[0] if versions else None,
        older=versions[1:],
        consider=[_consider(found, locale) for found in considered],
        form=_form(staff, client, told[0] if told else None, failed.get("intake")),
        form_is_open=not told or "intake" in failed,
        visits=[_visit(row, names) for row in await queries.visits(session, client.id)],
        treatments=[_treatment(row, names, locale) for row in await queries.treatments(session, client.id)],
        today=today.isoformat(),
        next_visit=booked.isoformat() if (booked := coming(client.next_visit, today)) else "",
        treatment=_treatment_form(staff, failed.get("treatment")),
        sent=unkept.sent if unkept else NOTHING_SENT,
        status=status,
        spare_outer_hip=any("gt" in found.suggests for found in considered),
    )


def _form(staff: Caller, client: Client, newest: Version | None, failed: Unkept | None) -> IntakeForm:
    reading = failed.reading if failed else None
    return forms.shown(
        f"/clients/{client.id}/intake",
        new_id(staff.now),
        newest.row.version if newest else 0,
        reading.answers if reading else (newest.answers if newest else Answers()),
        staff.person.locale,
        reading.problems if reading else (),
        sent=reading is not None,
        stale=reading is not None and not reading.problems,
    )


def _version(version: Version, before: Version | None, locale: str) -> ToldVersion:
    row = version.row
    changed = rules.changed(version.answers, before.answers) if before else []
    return ToldVersion(
        row.version,
        row.day,
        row.entered_by == "therapist",
        [Line(_say(PARTS[name], locale), words) for name, words in _told(version.answers, locale) if words],
        [_say(PARTS[name], locale) for name in changed],
    )


def _say(msgid: str, locale: str) -> str:
    return said(Sentence(msgid), locale)


def _told(answers: Answers, locale: str) -> list[tuple[str, list[str]]]:
    """By part of the intake; what was not answered has no words."""

    def codes(words: Mapping[str, str], told: Sequence[str]) -> list[str]:
        return [said(listed([Sentence(words[code]) for code in told]), locale)] if told else []

    flags = {flag.id: flag.ask for flag in shipped().red_flags}
    ticked = [_say(flags[code], locale) for code in answers.red_flags or ()]
    habits = rules.seed_habits()
    return [
        ("sites", [said(_place(site, side), locale) for site, side in answers.sites]),
        ("radiates", codes(RADIATES, [answers.radiates] if answers.radiates else [])),
        ("qualities", codes(QUALITIES, answers.qualities)),
        ("timing", codes(AGGRAVATORS, answers.timing)),
        ("aggravators", codes(AGGRAVATORS, answers.aggravators)),
        ("onset", [answers.onset] if answers.onset else []),
        ("previous_care", [answers.previous_care] if answers.previous_care else []),
        ("goals", [said(_goal(goal), locale) for goal in answers.goals]),
        (
            "habits",
            [
                f"{_asked(habits[name], locale)} {_habit_words(value, locale)}"
                for name, value in answers.habits.items()
                if name in habits
            ],
        ),
        ("red_flags", ticked or [_say("None of these", locale)]),
    ]


def _place(site: str | None, side: str | None) -> Sentence:
    parts = [Sentence(site_label(site))] if site else []
    return listed([*parts, *([Sentence(SIDES[side])] if side else [])])


def _goal(goal: Goal) -> Sentence:
    parts = {"words": goal.words}
    told = [Sentence("“%(words)s”", parts)]
    if goal.now is not None:
        told.append(Sentence("now %(score)s of 10", {"score": goal.now}))
    if goal.wanted is not None:
        told.append(Sentence("wanted %(score)s of 10", {"score": goal.wanted}))
    return listed(told)


def _asked(habit: Habit, locale: str) -> str:
    """A number needs the unit that stands in an aside."""
    counts = habit.kind in ("count", "minutes", "number")
    return _say(habit.prompt, locale) if counts else prompt_words(habit.prompt, locale)


def _habit_words(value: HabitValue, locale: str) -> str:
    if isinstance(value, bool):
        return _say("Yes" if value else "No", locale)
    return _say(HABIT_CHOICES.get(value, value), locale) if isinstance(value, str) else f"{value:g}"


def _consider(pattern: Pattern, locale: str) -> Consider:
    contexts = {context.id: context.name for context in shipped().contexts}
    cited = {source.id: source.cite for source in shipped().sources}
    return Consider(
        _say(pattern.reported, locale),
        [_say(contexts[code], locale) for code in pattern.suggests],
        pattern.warning,
        [(code, cited[code]) for code in pattern.source],
    )


def _visit(row: Visit, names: Mapping[UUID, str]) -> Event:
    return Event(row.id, row.day, row.note or "", names.get(row.staff_id, ""))


def _treatment(row: Treatment, names: Mapping[UUID, str], locale: str) -> Event:
    parts = [Sentence(TREATMENTS[row.kind])]
    if row.site or row.side:
        parts.append(_place(row.site, row.side))
    if row.minutes is not None:
        parts.append(Sentence("%(amount)s min", {"amount": row.minutes}))
    if row.note:
        parts.append(Sentence("“%(note)s”", {"note": row.note}))
    return Event(row.id, row.day, said(listed(parts), locale), names.get(row.staff_id, ""))


def _treatment_form(staff: Caller, failed: Unkept | None) -> TreatmentForm:
    locale, form = staff.person.locale, failed.form if failed else Typed()
    places = {site.id: site.label for site in shipped().sites}

    def picks(words: Mapping[str, Any], picked: str) -> list[Pick]:
        return [Pick(str(code), _say(label, locale), code == picked) for code, label in words.items()]

    return TreatmentForm(
        entry=new_id(staff.now),
        kinds=picks(TREATMENTS, form.one("kind")),
        sites=picks(places, form.one("site")),
        sides=picks(SIDES, form.one("side")),
    )
