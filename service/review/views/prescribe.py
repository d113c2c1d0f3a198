"""The form that prescribes: filled from the plan as it is, from a programme, or as it was typed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import UNSET

from service.accounts.guards import Caller
from service.accounts.queries import clinic as find_clinic
from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.catalogue import queries as catalogue
from service.catalogue.queries.media import Media, current_media
from service.catalogue.rules import Dose, Sentence, minutes
from service.catalogue.tables import Exercise, Habit
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.queries import sore_places
from service.errors import FieldProblem, ReasonNeeded, Refused, Stale
from service.plans.actions import Prescription
from service.plans.actions.guarding import dose_wanted, warned_of
from service.plans.queries import Content, contexts, running_content, warnings
from service.plans.rules.guard import SorePlace
from service.plans.tables import PlanWarning
from service.reminders import queries as reminders
from service.reminders.tables import KINDS, Reminder
from service.review.actions import NewPlan
from service.review.guards import Typed, bar_of, whole_number
from service.review.queries.drafts import draft_of
from service.review.schemas.forms import Field, Option
from service.review.schemas.prescribing import ExercisePick, PrescribeView
from service.review.views import plan_fixes, plan_form, plan_habits, plan_items, plan_lessons, plan_reminders
from service.review.views.contexts import label_words
from service.review.views.exercise_pick import exercise_pick
from service.review.views.guarded import Guarded, given_before, guarded
from service.review.views.searching import search
from service.review.views.sides import places
from service.review.views.starting import completed, filled_from, programme_line
from service.terms import said


@dataclass(frozen=True, slots=True)
class Setting:
    """What the form is about: the client, the running plan's versions, the library and the reminders.

    `first_day` is that of the running plan's first version; `passed` was warned of before.
    """

    client: Client
    today: date
    versions: Sequence[Content]
    exercises: Sequence[Exercise]
    habits: Sequence[Habit]
    reminders: Mapping[str, Reminder]
    channels: Sequence[str]
    first_day: date | None
    passed: Sequence[PlanWarning]
    contexts: Sequence[str]
    sore: Sequence[SorePlace]

    @property
    def running(self) -> Content | None:
        return self.versions[-1] if self.versions else None

    @property
    def library(self) -> dict[str, Exercise]:
        return {exercise.code: exercise for exercise in self.exercises}

    @property
    def version(self) -> int:
        return self.running.version.number if self.running else 0


async def setting_of(session: ClinicSession, client: Client, now: datetime) -> Setting:
    versions = await running_content(session, client.id)
    points = await contact_points(session, client.id)
    today = today_of(client, now)
    return Setting(
        client=client,
        today=today,
        versions=versions,
        exercises=await catalogue.exercises(session, [i.exercise.id for i in versions[-1].items] if versions else []),
        habits=await catalogue.habits(session, [h.habit_id for h in versions[-1].habits] if versions else []),
        reminders={r.kind: r for r in await reminders.reminders(session, client.id)},
        channels=list(dict.fromkeys(point.channel for point in points)),
        first_day=versions[0].version.starts_on if versions else None,
        passed=await warnings(session, client.id, versions[-1].version.id) if versions else [],
        contexts=[row.context for row in await contexts(session, client.id)],
        sore=await sore_places(session, client.id, today),
    )


async def opened(session: ClinicSession, staff: Caller, client: Client, start: str, *swap: str) -> PrescribeView:
    """`start` is `current`, or what `filled_from` knows, or anything else for an empty form; `swap` as in `swapped`."""
    setting = await setting_of(session, client, staff.now)
    begins = max(setting.today, setting.running.version.starts_on) if setting.running else setting.today
    if start != "current":
        form = await filled_from(session, staff, client, start, setting.running, begins)
        form = Typed([*form.pairs, *plan_form.once_filled(setting.running, staff.person.locale)])
    elif setting.running is not None:
        filled = plan_form.filled(setting.running, setting.habits, staff.person.locale)
        form = plan_form.swapped(filled, setting.library, *swap)
        form = Typed([*form.pairs, *given_before(setting.running, setting.passed)])
    else:
        form = Typed()
    form = Typed(
        [
            *form.pairs,
            *plan_reminders.filled(setting.reminders, is_first=setting.running is None),
            ("starts_on", begins.isoformat()),
        ]
    )
    return await shown(session, staff, setting, form)


async def again(
    session: ClinicSession, staff: Caller, client: Client, form: Typed, error: Refused | Stale
) -> PrescribeView:
    """The form as it was typed, with what would be right."""
    setting = await setting_of(session, client, staff.now)
    if isinstance(error, ReasonNeeded):
        problem = "Nothing was sent yet. Please give a reason at each warning, or change the plan."
        return await shown(session, staff, setting, form, problems=[FieldProblem("", "reason", problem)])
    if isinstance(error, Refused):
        return await shown(session, staff, setting, form, problems=error.problems)
    problem = "Somebody ended the plan while you wrote. Send this, and it begins a new one."
    return await shown(session, staff, setting, form, problems=[FieldProblem("", "stale", problem)])


def read(form: Typed, setting: Setting, locale: str) -> NewPlan:
    """Raises Refused for what cannot be right, Stale when the plan is not the one the form was made from."""
    if whole_number(form.one("version")) != setting.version:
        raise Stale
    form = plan_reminders.rebased(form, setting.reminders)
    wanted = plan_form.prescription(
        form,
        setting.running,
        setting.library,
        setting.habits,
        setting.today,
        locale,
        plan_reminders.problems(form, setting.reminders),
    )
    first_day = max(setting.today, wanted.starts_on)
    return NewPlan(wanted, setting.version, plan_reminders.wishes(form, setting.reminders, first_day))


async def shown(
    session: ClinicSession,
    staff: Caller,
    setting: Setting,
    form: Typed,
    *,
    problems: Sequence[FieldProblem] = (),
    is_draft: bool = False,
) -> PrescribeView:
    locale, form = staff.person.locale, plan_reminders.rebased(form, setting.reminders)
    # What is only warned of is said by the guard itself, with its source.
    problems = [problem for problem in problems if not problem.sources]
    beside = {p.pointer: said(Sentence(p.message), locale) for p in problems}
    wanted = await _wanted(session, staff, setting, form)
    told = await _guarded(session, staff, setting, form, wanted, beside)
    own, draft = await current_media(session), await draft_of(session, setting.client.id)
    clinic = await find_clinic(session)
    return PrescribeView(
        bar=await bar_of(session, staff),
        client_id=setting.client.id,
        client_name=setting.client.name,
        rows=_rows(setting, form, beside, told, own),
        search=search(form, setting.exercises, own, locale),
        minutes=minutes(*_doses(wanted, setting.library)),
        most_active=clinic.guard_exercises,
        habits=[plan_habits.pick(h, form, beside.get(f"/goals/{h.code}"), locale) for h in setting.habits],
        fixes=plan_fixes.rows(form, beside),
        fix_words=plan_fixes.suggestions(locale),
        lessons=plan_lessons.rows(form, beside),
        starts_on=Field(form.one("starts_on"), beside.get("/starts_on")),
        reminders=[
            plan_reminders.pick(kind, form, setting.reminders, setting.channels, beside, locale) for kind in KINDS
        ],
        start=form.one("start"),
        programme=await programme_line(
            session, setting.client.id, setting.versions, setting.contexts, setting.today, locale
        ),
        replaces=_replaces(setting, locale),
        version=setting.version,
        note=Field(form.one("note"), beside.get("/note")),
        pain_limits=_pain_limits(form.one("load_pain"), clinic.load_pain, locale),
        pain_problem=beside.get("/load_pain"),
        problem=_problem(problems, locale),
        contexts=[label_words(code, locale) for code in setting.contexts],
        warnings=told.of_plan,
        other_reasons=told.others,
        saved_at=draft.saved_at.astimezone(ZoneInfo(clinic.zone)) if draft else None,
        is_draft=is_draft,
    )


def _pain_limits(typed: str, most: int, locale: str) -> list[Option]:
    usual = Option("", said(Sentence("up to %(score)s, as for everybody", {"score": most}), locale))
    own = [limit for limit in plan_form.PAIN_LIMITS if int(limit) < most or limit == typed]
    return [
        usual,
        *(Option(n, said(Sentence("up to %(score)s", {"score": n}), locale), n == typed) for n in reversed(own)),
    ]


def _rows(setting: Setting, form: Typed, beside: Mapping[str, str], told: Guarded, own: Media) -> list[ExercisePick]:
    library, codes = setting.library, plan_items.codes_of(form)
    stands = places(form, codes, library)
    return [
        exercise_pick(
            library[code],
            form,
            beside,
            f"/items/{stands[code]}",
            plan_items.routine_of(code, setting.running, library),
            told,
            own,
            library,
        )
        for code in codes
        if code in library
    ]


def _doses(wanted: Prescription, library: Mapping[str, Exercise]) -> list[Dose]:
    return [
        dose_wanted(catalogue.entry_of(library[item.exercise]), item)
        for item in wanted.items
        if item.exercise in library
    ]


async def _wanted(session: ClinicSession, staff: Caller, setting: Setting, form: Typed) -> Prescription:
    """As far as it can be read."""
    wanted = plan_form.draft(form, setting.running, setting.library, setting.habits, setting.today)
    # What is sent has the loads of what it started from, so they are warned of too; unless that is gone.
    with suppress(Refused):
        wanted = await completed(session, staff, setting.client, wanted, form.one("start"), setting.running)
    return wanted


async def _guarded(
    session: ClinicSession,
    staff: Caller,
    setting: Setting,
    form: Typed,
    wanted: Prescription,
    beside: Mapping[str, str],
) -> Guarded:
    now = setting.running.place if setting.running else None
    place = now if wanted.place is UNSET else wanted.place
    first_day = place.began_on if place else setting.first_day or wanted.starts_on
    found = await warned_of(session, setting.client.id, wanted, setting.library, first_day, setting.sore)
    return guarded(form, found, wanted.items, setting.contexts, beside, staff.person.locale)


def _problem(problems: Sequence[FieldProblem], locale: str) -> str | None:
    """What belongs to no field of the form is said at its top."""
    if not problems:
        return None
    general = [p.message for p in problems if p.pointer in ("", "/items") or p.code == "unknown"]
    words = general or ["Nothing was sent yet. Please look at the fields marked below."]
    return " ".join(said(Sentence(message), locale) for message in dict.fromkeys(words))


def _replaces(setting: Setting, locale: str) -> str | None:
    if setting.running is None:
        return None
    parts = {"number": setting.version, "day": setting.running.version.starts_on}
    waits = "version %(number)s waits for %(day)s: one that starts sooner, or on that day, takes its place"
    # Tomorrow has begun somewhere, and then nothing takes its place any more (`plans.actions.replacing`).
    is_waiting = setting.running.version.starts_on > setting.today + timedelta(days=1)
    return said(Sentence(waits if is_waiting else "follows version %(number)s, from %(day)s", parts), locale)
