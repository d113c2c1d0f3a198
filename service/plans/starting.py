"""What a plan can start from, as a draft for the therapist: nothing here prescribes anything.

Who takes over what another client has gets exercises, doses and how often. The side of one leg is that person's own
and stays open; words that were written to somebody do not come along.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from service.accounts.guards import Caller, record_of
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.catalogue.library import Programme
from service.catalogue.queries import entry_of, exercises_by_code, habits
from service.catalogue.rules import Dose, Effort, LoadUnit, Sentence, Side, WorkingSide
from service.catalogue.rules import Exercise as Entry
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.plans import queries
from service.plans.actions.versions import programme_of
from service.plans.actions.wanted import HabitToPrescribe, ItemToPrescribe
from service.plans.queries import Content, Item, columns_of, starts
from service.plans.rules.programmes import PhaseDue, Place, began_on, phase_due, phase_from, phase_items, week_on
from service.plans.tables import PlanItem

_DOSE_TYPES = {"side": Side, "working_side": WorkingSide, "load_unit": LoadUnit, "effort": Effort}
_CADENCE = ("cadence", "weekdays", "times_per_week", "every_days", "times_per_day")


@dataclass(frozen=True, slots=True)
class FromProgramme:
    """Without a phase: the first, or the one after the running plan's."""

    code: str
    phase: int | None = None


@dataclass(frozen=True, slots=True)
class FromTemplate:
    template_id: UUID


@dataclass(frozen=True, slots=True)
class FromVersion:
    version_id: UUID


Start = FromProgramme | FromTemplate | FromVersion


@dataclass(frozen=True, slots=True)
class Draft:
    """`left_out` are codes of exercises and habits that the clinic's library no longer has."""

    items: Sequence[ItemToPrescribe]
    habits: Sequence[HabitToPrescribe]
    place: Place | None = None
    left_out: Sequence[str] = ()


async def draft_of(
    session: ClinicSession, caller: Caller, client: Client, start: Start, running: Content | None, starts_on: date
) -> Draft:
    """Raises Refused for a phase that is none, NotFound for what this person may not see."""
    match start:
        case FromProgramme():
            return await phase_draft(session, start, running, starts_on)
        case FromTemplate(template_id=template_id):
            draft = await _of_template(session, template_id)
        case FromVersion(version_id=version_id):
            draft = await _of_version(session, caller, client, version_id)
    return await _fitting(session, draft, running)


async def phase_draft(session: ClinicSession, start: FromProgramme, running: Content | None, starts_on: date) -> Draft:
    """Raises Refused for a programme or a phase that is none."""
    return await _fitting(session, await _of_phase(session, start, running, starts_on), running)


async def _of_phase(session: ClinicSession, start: FromProgramme, running: Content | None, starts_on: date) -> Draft:
    programme = programme_of(start.code)
    if programme is None:
        raise Refused.one("/programme", "unknown", "Use the code of a programme in the catalogue.")
    place = running.place if running and running.place and running.place.programme == start.code else None
    number = (place.phase + 1 if place else 1) if start.phase is None else start.phase
    if not 1 <= number <= len(programme.phases):
        message = f"This programme has phases 1 to {len(programme.phases)}."
        raise Refused.one("/phase", "range", message)
    phase = programme.phases[number - 1]
    library = await _entries(session, phase.exercises, running)
    now = _by_code(running.items) if running else {}
    found = phase_items(phase, library, {code: [item.dose for item in items] for code, items in now.items()})
    items = [
        ItemToPrescribe(item.exercise, None, _fields(item.dose), columns_of(item.cadence), None, None) for item in found
    ]
    # A habit that a therapist took out of the plan does not come back with the next phase.
    habits = [] if place else [HabitToPrescribe(code, None, None) for code in programme.must_habits]
    kept = await _habits(session, running) if running else []
    known = {habit.habit for habit in kept}
    return Draft(
        items,
        [*kept, *(habit for habit in habits if habit.habit not in known)],
        Place(start.code, number, place.began_on if place else began_on(programme, number, starts_on)),
        [code for code in phase.exercises if code not in library],
    )


async def _of_template(session: ClinicSession, template_id: UUID) -> Draft:
    body = (await starts.template(session, template_id)).body
    items = [
        ItemToPrescribe(i["exercise"], i["routine"], _typed(i["dose"]), i["cadence"], None, None) for i in body["items"]
    ]
    habits = [HabitToPrescribe(h["habit"], h["target"], None) for h in body["habits"]]
    return await _for_somebody_else(session, Draft(items, habits))


async def _of_version(session: ClinicSession, caller: Caller, client: Client, version_id: UUID) -> Draft:
    owner = await starts.version_owner(session, version_id)
    if owner is None:
        raise NotFound
    if owner != client.id:
        await record_of(session, caller, owner, right=Right.PRESCRIBE)
    [content] = [c for c in await queries.contents(session, owner) if c.version.id == version_id]
    own = owner == client.id
    items = [_taken_over(item, item.row.cue if own else None) for item in content.items]
    draft = Draft(items, await _habits(session, content), content.place if own else None)
    return draft if own else await _for_somebody_else(session, draft)


def _taken_over(item: Item, cue: str | None) -> ItemToPrescribe:
    columns = {name: getattr(item.row, name) for name in _CADENCE}
    return ItemToPrescribe(item.exercise.code, item.row.routine, _fields(item.dose), columns, cue, None)


async def _habits(session: ClinicSession, content: Content) -> list[HabitToPrescribe]:
    codes = {habit.id: habit.code for habit in await habits(session, [h.habit_id for h in content.habits])}
    return [HabitToPrescribe(codes[h.habit_id], h.target, None) for h in content.habits]


async def _for_somebody_else(session: ClinicSession, draft: Draft) -> Draft:
    """One leg is left open; both legs, one beside the other, are nobody's own."""
    library = await _entries(session, [item.exercise for item in draft.items])
    sides: dict[str, set[Any]] = defaultdict(set)
    for item in draft.items:
        sides[item.exercise].add(item.dose_fields.get("side"))
    items = [
        item if _is_anybodys(library.get(item.exercise), sides[item.exercise]) else _without_side(item)
        for item in draft.items
    ]
    return replace(draft, items=items)


def _is_anybodys(entry: Entry | None, sides: set[Any]) -> bool:
    return entry is None or len(entry.sides) == 1 or sides == {Side.LEFT, Side.RIGHT} or sides == {Side.BOTH}


def _without_side(item: ItemToPrescribe) -> ItemToPrescribe:
    return replace(item, dose_fields={k: v for k, v in item.dose_fields.items() if k != "side"})


async def _fitting(session: ClinicSession, draft: Draft, running: Content | None) -> Draft:
    """Only what the clinic's library has; an item or habit that is in the running plan goes on as the same one."""
    library = await _entries(session, [item.exercise for item in draft.items], running)
    keys = {habit.habit_id: habit.habit_key for habit in running.habits} if running else {}
    habit_codes = {habit.code: habit.id for habit in await habits(session, keys)}
    free = {code: list(items) for code, items in _by_code(running.items if running else []).items()}
    left_out = [item.exercise for item in draft.items if item.exercise not in library]
    left_out += [habit.habit for habit in draft.habits if habit.habit not in habit_codes]
    return replace(
        draft,
        items=[_continuing(item, free.get(item.exercise, [])) for item in draft.items if item.exercise in library],
        habits=[
            replace(habit, habit_key=keys.get(habit_codes[habit.habit]))
            for habit in draft.habits
            if habit.habit in habit_codes
        ],
        left_out=[*draft.left_out, *left_out],
    )


def _continuing(item: ItemToPrescribe, free: list[Item]) -> ItemToPrescribe:
    """Takes the item it continues out of `free`; the same side first."""
    side = item.dose_fields.get("side")
    same = [known for known in free if side is None or known.row.side == side]
    if not same:
        return item
    known = same[0]
    free.remove(known)
    return replace(
        item,
        routine=known.row.routine,
        cue=item.cue or known.row.cue,
        item_key=known.row.item_key,
        dose_fields={"side": known.dose.side, **item.dose_fields},
    )


def _by_code(items: Sequence[Item]) -> Mapping[str, Sequence[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item.exercise.code].append(item)
    return found


async def _entries(session: ClinicSession, codes: Sequence[str], running: Content | None = None) -> dict[str, Entry]:
    """What was hidden stays in the plan that has it."""
    kept = [item.exercise.id for item in running.items] if running else []
    return {code: entry_of(row) for code, row in (await exercises_by_code(session, codes, kept)).items()}


def _fields(dose: Dose) -> dict[str, Any]:
    return {name: value for name in Dose.__slots__ if (value := getattr(dose, name)) is not None}


def _typed(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _DOSE_TYPES.get(name, lambda v: v)(value) for name, value in stored.items()}


def row_of(item: ItemToPrescribe) -> PlanItem:
    """How often, as a row reads it."""
    return PlanItem(**item.cadence)


@dataclass(frozen=True, slots=True)
class InProgramme:
    """`week` is the programme week of the day; `due` the phase that may start."""

    programme: Programme
    place: Place
    week: int
    due: PhaseDue | None


def due_words(due: PhaseDue) -> Sentence:
    parts = {"phase": due.phase, "phases": due.phases, "week": due.now}
    return Sentence("Phase %(phase)s of %(phases)s can start: week %(week)s reached.", parts)


async def in_programme(
    session: ClinicSession, versions: Sequence[Content], labels: Sequence[str], day: date
) -> InProgramme | None:
    """`versions` are a client's, oldest first. What was changed for a day to come counts already."""
    running = [content for content in versions if content.plan.ended_on is None]
    place = running[-1].place if running else None
    programme = programme_of(place.programme) if place else None
    if place is None or programme is None:
        return None
    following = programme.phases[place.phase : place.phase + 1]
    library = await _entries(session, [code for phase in following for code in phase.exercises])
    since = phase_from([(content.version.starts_on, content.place) for content in running])
    pauses = running[-1].pauses
    due = phase_due(programme, place, since, day, library, pauses, labels)
    return InProgramme(programme, place, week_on(place.began_on, day, pauses), due)
