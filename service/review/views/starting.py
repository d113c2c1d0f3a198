"""The page that asks what a plan starts from, and the form that each choice fills."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.catalogue.library import Programme, shipped
from service.catalogue.queries import exercises, habits
from service.catalogue.rules import Sentence, Side
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.plans.actions import ItemToPrescribe, Prescription
from service.plans.queries import Content, contents, contexts
from service.plans.queries.starts import newest_versions, templates
from service.plans.starting import (
    Draft,
    FromProgramme,
    FromTemplate,
    FromVersion,
    InProgramme,
    Start,
    draft_of,
    due_words,
    in_programme,
    row_of,
)
from service.plans.tables import PlanTemplate
from service.review.guards import Typed, bar_of, whole_number
from service.review.schemas.proposals import PhaseProposal, ProgrammeLine
from service.review.schemas.starting import StartChoice, StartView
from service.review.views import finer
from service.review.views.entries import change_sentence
from service.review.views.how_often import cadence_token
from service.review.views.plan_items import load_fields
from service.terms import listed, said, without_asides

EMPTY = "empty"
_SHOWN = ("sets", "reps", "hold_seconds", "load", "load_unit", *finer.COLUMNS.values())


def start_of(choice: str, running: Content | None) -> Start | None:
    """`prog-oa`, `prog-oa:2`, `next`, `template:…` and `version:…`; None for anything else."""
    kind, _, rest = choice.partition(":")
    if choice == "next":
        return FromProgramme(running.place.programme) if running and running.place else None
    if kind in ("template", "version"):
        try:
            found = UUID(rest)
        except ValueError:
            return None
        return FromTemplate(found) if kind == "template" else FromVersion(found)
    if kind in {programme.id for programme in shipped().programmes}:
        return FromProgramme(kind, whole_number(rest) if rest else None)
    return None


def _choice(start: Start, draft: Draft) -> str:
    match start:
        case FromProgramme(code=code):
            return f"{code}:{draft.place.phase}" if draft.place else code
        case FromTemplate(template_id=template_id):
            return f"template:{template_id}"
        case FromVersion(version_id=version_id):
            return f"version:{version_id}"


async def filled_from(
    session: ClinicSession, staff: Caller, client: Client, choice: str, running: Content | None, begins: date
) -> Typed:
    """The form of a draft; it says what it started from, and so does what is sent back."""
    start = start_of(choice, running)
    if start is None:
        return Typed([("start", EMPTY)])
    draft = await draft_of(session, staff, client, start, running, begins)
    codes = dict.fromkeys(item.exercise for item in draft.items)
    fields = [pair for code in codes for pair in _fields(code, [i for i in draft.items if i.exercise == code])]
    fields += [(f"habit_{habit.habit}", "on") for habit in draft.habits]
    fields += [(f"goal_{habit.habit}", f"{habit.target:g}") for habit in draft.habits if habit.target is not None]
    return Typed([("start", _choice(start, draft)), *fields])


def _fields(code: str, items: Sequence[ItemToPrescribe]) -> list[tuple[str, str]]:
    """An exercise has one line: both legs are one, where their doses are the same."""
    first = items[0]
    dose = dict(first.dose_fields)
    if is_pair(items):
        dose["side"] = Side.BOTH
    names = {"sets": "sets", "reps": "reps", "hold_s": "hold_seconds", "side": "side"}
    fields = [(f"{field}_{code}", str(dose[name])) for field, name in names.items() if name in dose]
    fields += finer.filled(code, dose)
    fields += load_fields(code, dose.get("load"), dose.get("load_unit"))
    fields += [(f"cadence_{code}", cadence_token(row_of(first))), (f"cue_{code}", first.cue or "")]
    return [(f"item_{code}", "on"), *fields]


def is_pair(items: Sequence[ItemToPrescribe]) -> bool:
    shown = {(tuple(i.dose_fields.get(n) for n in _SHOWN), tuple(sorted(i.cadence.items()))) for i in items}
    return {item.dose_fields.get("side") for item in items} == {Side.LEFT, Side.RIGHT} and len(shown) == 1


async def completed(
    session: ClinicSession, staff: Caller, client: Client, wanted: Prescription, choice: str, running: Content | None
) -> Prescription:
    """What the form has no field for comes from what the plan started from: the routine, a second item, the phase."""
    if not choice:
        return wanted
    start = start_of(choice, running)
    if start is None:
        return replace(wanted, place=None)
    try:
        draft = await draft_of(session, staff, client, start, running, wanted.starts_on)
    except (NotFound, Refused):
        raise Refused.one("", "unknown", "What you started from is no longer there. Please start again.") from None
    return _completed(wanted, draft)


def _completed(wanted: Prescription, draft: Draft) -> Prescription:
    codes = {item.exercise for item in wanted.items}
    taken = {(item.exercise, item.dose_fields.get("side")) for item in wanted.items}
    more = [
        item
        for item in draft.items
        if item.exercise in codes
        and _of(draft, item.exercise).index(item) > 0
        and not is_pair(_of(draft, item.exercise))
        and (item.exercise, item.dose_fields.get("side")) not in taken
    ]
    return replace(
        wanted,
        items=[*(_with_routine(item, _of(draft, item.exercise)) for item in wanted.items), *more],
        place=draft.place,
    )


def _of(draft: Draft, code: str) -> list[ItemToPrescribe]:
    return [item for item in draft.items if item.exercise == code]


def _with_routine(item: ItemToPrescribe, drafted: Sequence[ItemToPrescribe]) -> ItemToPrescribe:
    same = [d for d in drafted if d.dose_fields.get("side") == item.dose_fields.get("side")]
    known = next(iter([*same, *drafted]), item)
    return replace(item, routine=known.routine or item.routine)


async def programme_line(
    session: ClinicSession,
    client_id: UUID,
    versions: Sequence[Content],
    labels: Sequence[str],
    day: date,
    locale: str,
) -> ProgrammeLine | None:
    found = await in_programme(session, versions, labels, day)
    return _programme_line(found, client_id, locale) if found else None


def _programme_line(found: InProgramme, client_id: UUID, locale: str) -> ProgrammeLine:
    programme, due = found.programme, found.due
    parts = {
        "programme": programme_name(programme, locale),
        "phase": found.place.phase,
        "phases": len(programme.phases),
        "week": found.week,
    }
    words = "%(programme)s: phase %(phase)s of %(phases)s, week %(week)s"
    proposal = None
    advice = None
    if due:
        phase = programme.phases[due.phase - 1]
        advice = said(Sentence(phase.note), locale) if phase.note else None
        url = f"/clients/{client_id}/plan/new?from={programme.id}:{due.phase}"
        proposal = PhaseProposal(said(due_words(due), locale), url)
    return ProgrammeLine(said(Sentence(words, parts), locale), proposal, advice)


async def start_view(session: ClinicSession, staff: Caller, client: Client, today: date) -> StartView:
    locale, own = staff.person.locale, await contents(session, client.id)
    new = f"/clients/{client.id}/plan/new?from="
    names = {exercise.code: exercise.name for exercise in await exercises(session)}
    labels = [row.context for row in await contexts(session, client.id)]
    return StartView(
        bar=await bar_of(session, staff),
        client_id=client.id,
        client_name=client.name,
        programmes=[_programme_choice(programme, names, new, locale) for programme in shipped().programmes],
        templates=[
            StartChoice(f"{new}template:{row.id}", row.name, facts)
            for row, facts in await templates_told(session, locale)
        ],
        earlier=[_version_choice(content, new, locale) for content in reversed(own)],
        others=await _others(session, staff, client, new, locale),
        runs=any(content.plan.ended_on is None for content in own),
        current=await programme_line(session, client.id, own, labels, today, locale),
    )


def programme_name(programme: Programme, locale: str) -> str:
    """Without its asides; two that are called the same then are told apart by how long they go on."""
    name = _short(programme, locale)
    if [_short(other, locale) for other in shipped().programmes].count(name) < 2:
        return name
    return said(Sentence("%(programme)s of %(weeks)s weeks", {"programme": name, "weeks": programme.weeks}), locale)


def _short(programme: Programme, locale: str) -> str:
    return without_asides(said(Sentence(programme.name), locale))


def _programme_choice(programme: Programme, names: Mapping[str, str], new: str, locale: str) -> StartChoice:
    first = [Sentence(names[code]) for code in programme.phases[0].exercises if code in names]
    parts = {"weeks": programme.weeks, "phases": len(programme.phases), "first": listed(first) if first else "–"}
    return StartChoice(
        f"{new}{programme.id}",
        programme_name(programme, locale),
        said(Sentence("%(weeks)s weeks, %(phases)s phases. First: %(first)s", parts), locale),
        said(Sentence(programme.evidence), locale),
    )


def _version_choice(content: Content, new: str, locale: str) -> StartChoice:
    version = content.version
    name = Sentence("Version %(number)s, from %(day)s", {"number": version.number, "day": version.starts_on})
    return StartChoice(f"{new}version:{version.id}", said(name, locale), said(change_sentence(content), locale))


async def _others(session: ClinicSession, staff: Caller, client: Client, new: str, locale: str) -> list[StartChoice]:
    """Running plans of the other clients that this person prescribes for."""
    own_only = staff.person.id if staff.person.role == "therapist" else None
    clients = [c for c in await accounts.clients_of(session, own_only) if c.id != client.id]
    newest = await newest_versions(session)
    return [
        StartChoice(
            f"{new}version:{newest[other.id].id}",
            other.name,
            said(Sentence("since %(day)s", {"day": newest[other.id].starts_on}), locale),
        )
        for other in clients
        if other.id in newest
    ]


async def templates_told(session: ClinicSession, locale: str) -> list[tuple[PlanTemplate, str]]:
    """Each with its exercises and habits in a line; what the library no longer has is not named."""
    names = {exercise.code: exercise.name for exercise in await exercises(session)}
    prompts = {habit.code: habit.prompt for habit in await habits(session)}

    def facts(row: PlanTemplate) -> str:
        moves = [names[c] for c in dict.fromkeys(i["exercise"] for i in row.body["items"]) if c in names]
        asked = [prompts[h["habit"]] for h in row.body["habits"] if h["habit"] in prompts]
        told = [Sentence(name) for name in [*moves, *asked]]
        return without_asides(said(listed(told), locale)) if told else ""

    return [(row, facts(row)) for row in await templates(session)]
