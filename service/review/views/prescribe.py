"""The form that prescribes: filled from the plan as it is, from a programme, or as it was typed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from service.accounts.guards import Caller
from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.catalogue import queries as catalogue
from service.catalogue.library import shipped
from service.catalogue.queries import entry_of
from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.rules import Sentence, dose_default
from service.catalogue.tables import Exercise, Habit
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import Conflict, FieldProblem, Refused, Stale
from service.plans.queries import Content, contents
from service.plans.rules import cadence_words
from service.reminders import queries as reminders
from service.reminders.tables import KINDS, Reminder
from service.review.actions import NewPlan
from service.review.guards import Typed, bar_of, whole_number
from service.review.schemas import ReminderKind, StaffBar
from service.review.schemas.forms import Field, Option
from service.review.views import plan_form
from service.review.views.sides import offered, places
from service.terms import SIDES, said, without_asides

_USUAL_TIMES = {"check_in": "08:00", "plan": "19:00", "habit": "20:00"}
_USUAL_KINDS = ("check_in", "plan")
_CHANNELS = {"sms": "Text", "email": "Email"}


class ExercisePick(Struct, frozen=True, kw_only=True):
    """The dose fields hold the catalogue's usual dose until the therapist writes another."""

    code: str
    name: str
    position: str
    sets: Field
    reps: Field
    hold_s: Field
    sides: list[Option]
    cadences: list[Option]
    side_problem: str | None = None
    picked: bool = False
    caution: str | None = None


class RoutinePick(Struct, frozen=True):
    name: str
    exercises: list[ExercisePick]


class HabitPick(Struct, frozen=True):
    code: str
    prompt: str
    why: str
    picked: bool = False


class ReminderPick(Struct, frozen=True):
    kind: ReminderKind
    at: Field
    channels: list[Option]
    picked: bool = True


class PrescribeView(Struct, frozen=True, kw_only=True):
    """`starts` are links that fill the form from a programme; `replaces` names the version before.

    `version` comes back with the form: a plan that was changed meanwhile is not overwritten unseen.
    """

    bar: StaffBar
    client_id: UUID
    client_name: str
    routines: list[RoutinePick]
    habits: list[HabitPick]
    starts_on: Field
    reminders: list[ReminderPick] = []
    starts: list[Option] = []
    contexts: list[str] = []
    replaces: str | None = None
    version: int = 0
    note: Field = Field()
    most_active: int = 4
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the form is about: the client, the running plan, the library and the reminders."""

    client: Client
    today: date
    running: Content | None
    exercises: Sequence[Exercise]
    habits: Sequence[Habit]
    reminders: Mapping[str, Reminder]
    channels: Sequence[str]

    @property
    def library(self) -> dict[str, Exercise]:
        return {exercise.code: exercise for exercise in self.exercises}

    @property
    def version(self) -> int:
        return self.running.version.number if self.running else 0


async def setting_of(session: ClinicSession, client: Client, now: datetime) -> Setting:
    running = [c for c in await contents(session, client.id) if c.plan.ended_on is None]
    points = await contact_points(session, client.id)
    return Setting(
        client=client,
        today=today_of(client, now),
        running=running[-1] if running else None,
        exercises=await catalogue.exercises(session),
        habits=await catalogue.habits(session),
        reminders={r.kind: r for r in await reminders.reminders(session, client.id)},
        channels=list(dict.fromkeys(point.channel for point in points)),
    )


async def opened(session: ClinicSession, staff: Caller, client: Client, start: str, *swap: str) -> PrescribeView:
    """`start` is `current`, the code of a programme, or anything else for an empty form; `swap` as in `swapped`."""
    setting = await setting_of(session, client, staff.now)
    programme = next((p for p in shipped().programmes if p.id == start), None)
    form = Typed()
    if programme is not None:
        form = plan_form.started_from(programme, setting.library)
    elif start == "current" and setting.running is not None:
        form = plan_form.swapped(plan_form.filled(setting.running, setting.habits), setting.library, *swap)
    begins = max(setting.today, setting.running.version.starts_on) if setting.running else setting.today
    form = Typed([*form.pairs, *_reminder_fields(setting), ("starts_on", begins.isoformat())])
    return await _view(session, staff, setting, form, start=start)


async def again(
    session: ClinicSession, staff: Caller, client: Client, form: Typed, error: Refused | Conflict
) -> PrescribeView:
    """The form as it was typed, with what would be right."""
    setting = await setting_of(session, client, staff.now)
    if isinstance(error, Refused):
        return await _view(session, staff, setting, form, problems=error.problems)
    problem = "Somebody else changed this plan while you wrote. Look at it first: yours would come after it."
    return await _view(session, staff, setting, form, problems=[FieldProblem("", "stale", problem)])


def read(form: Typed, setting: Setting) -> NewPlan:
    """Raises Refused for what cannot be right, Stale when the plan is not the one the form was made from."""
    if whole_number(form.one("version")) != setting.version:
        raise Stale
    wanted = plan_form.prescription(form, setting.running, setting.library, setting.habits, setting.today)
    first_day = max(setting.today, wanted.starts_on)
    return NewPlan(wanted, setting.version, plan_form.wishes(form, setting.reminders, first_day))


def _reminder_fields(setting: Setting) -> list[tuple[str, str]]:
    """As they are; for a first plan the usual ones are ticked."""
    fields = []
    for kind in KINDS:
        known = setting.reminders.get(kind)
        if known is not None:
            fields.append((f"remind_{kind}", "on"))
            fields.append((f"remind_at_{kind}", f"{known.local_times[0]:%H:%M}"))
            fields.append((f"remind_by_{kind}", known.channels[0]))
        elif setting.running is None and not setting.reminders and kind in _USUAL_KINDS:
            fields.append((f"remind_{kind}", "on"))
    return fields


async def _view(
    session: ClinicSession,
    staff: Caller,
    setting: Setting,
    form: Typed,
    *,
    start: str | None = None,
    problems: Sequence[FieldProblem] = (),
) -> PrescribeView:
    locale = staff.person.locale
    beside = {p.pointer: said(Sentence(p.message), locale) for p in problems}
    stands = places(form, plan_form.picked_exercises(form, setting.running, setting.library), setting.library)
    sections: dict[str, list[ExercisePick]] = defaultdict(list)
    for exercise in setting.exercises:
        place = f"/items/{stands[exercise.code]}" if exercise.code in stands else None
        pick = _exercise_pick(exercise, form, beside, place, locale)
        sections[plan_form.section_of(exercise)].append(pick)
    return PrescribeView(
        bar=await bar_of(session, staff),
        client_id=setting.client.id,
        client_name=setting.client.name,
        routines=[
            RoutinePick(said(Sentence(name), locale), sorted(picks, key=lambda pick: not pick.picked))
            for name, picks in sections.items()
        ],
        habits=[_habit_pick(habit, form, locale) for habit in setting.habits],
        starts_on=Field(form.one("starts_on"), beside.get("/starts_on")),
        reminders=[_reminder_pick(kind, setting, form, beside, locale) for kind in KINDS],
        starts=_starts(setting, start, locale),
        replaces=_replaces(setting, locale),
        version=setting.version,
        note=Field(form.one("note"), beside.get("/note")),
        problem=_problem(problems, locale),
    )


def _problem(problems: Sequence[FieldProblem], locale: str) -> str | None:
    """What belongs to no field of the form is said at its top."""
    if not problems:
        return None
    general = [p.message for p in problems if p.pointer in ("", "/items") or p.code == "unknown"]
    words = general or ["Nothing was sent yet. Please look at the fields marked below."]
    return " ".join(said(Sentence(message), locale) for message in dict.fromkeys(words))


def _exercise_pick(
    exercise: Exercise, form: Typed, beside: Mapping[str, str], place: str | None, locale: str
) -> ExercisePick:
    entry, code = entry_of(exercise), exercise.code
    usual = dose_default(entry)

    def field(name: str, column: str, value: int) -> Field:
        typed = form.one(f"{name}_{code}") if form.has(f"{name}_{code}") else str(value)
        problem = beside.get(f"{place}/{column}") or beside.get(f"{place}/{name}")
        return Field(typed, problem if place else None)

    return ExercisePick(
        code=code,
        name=said(Sentence(exercise.name), locale),
        position=said(Sentence(entry.position), locale) if entry.position else "",
        sets=field("sets", "sets", usual.sets),
        reps=field("reps", "reps", usual.reps),
        hold_s=field("hold_s", "hold_seconds", usual.hold_seconds),
        sides=_sides(entry, form.one(f"side_{code}"), locale),
        side_problem=beside.get(f"{place}/side"),
        cadences=_cadences(exercise, form.one(f"cadence_{code}"), locale),
        picked=place is not None,
    )


def _sides(entry: ExerciseEntry, typed: str, locale: str) -> list[Option]:
    """A side is never chosen for the therapist, unless there is only one."""
    options = [Option(side.value, said(Sentence(SIDES[side]), locale), side == typed) for side in offered(entry)]
    return options if len(options) == 1 else [Option("", said(Sentence("choose"), locale)), *options]


def _cadences(exercise: Exercise, typed: str, locale: str) -> list[Option]:
    usual = plan_form.usual_cadence(exercise)
    chosen = typed if plan_form.cadence_of_token(typed) else usual
    options = []
    for token in dict.fromkeys((*plan_form.CADENCES, usual, chosen)):
        cadence = plan_form.cadence_of_token(token)
        if cadence is not None:
            options.append(Option(token, said(cadence_words(cadence), locale), token == chosen))
    return options


def _habit_pick(habit: Habit, form: Typed, locale: str) -> HabitPick:
    why = habit.body.get("why")
    return HabitPick(
        code=habit.code,
        prompt=said(Sentence(habit.prompt), locale),
        why=said(Sentence(why), locale) if why else "",
        picked=form.has(f"habit_{habit.code}"),
    )


def _reminder_pick(kind: str, setting: Setting, form: Typed, beside: Mapping[str, str], locale: str) -> ReminderPick:
    by = form.one(f"remind_by_{kind}")
    at = form.one(f"remind_at_{kind}") if form.has(f"remind_at_{kind}") else _USUAL_TIMES[kind]
    return ReminderPick(
        kind=kind,  # type: ignore[arg-type]
        at=Field(at, beside.get(f"/reminders/{kind}")),
        channels=[Option(c, said(Sentence(_CHANNELS[c]), locale), c == by) for c in setting.channels],
        picked=form.has(f"remind_{kind}"),
    )


def _starts(setting: Setting, start: str | None, locale: str) -> list[Option]:
    choices = [("current", "The plan now")] if setting.running else []
    choices += [(p.id, p.name) for p in shipped().programmes]
    return [
        Option(f"?from={code}", without_asides(said(Sentence(name), locale)), code == start)
        for code, name in [*choices, ("empty", "Empty")]
    ]


def _replaces(setting: Setting, locale: str) -> str | None:
    if setting.running is None:
        return None
    parts = {"number": setting.version, "day": setting.running.version.starts_on}
    return said(Sentence("follows version %(number)s, from %(day)s", parts), locale)
