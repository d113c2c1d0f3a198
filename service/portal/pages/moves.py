"""The moves of a day one by one. Where somebody stands goes from page to page in the address; only a button keeps it.

A script of ours makes the same form count and time; without it each move is a page with a button.
"""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import post, route
from litestar.response import Redirect, Response

from service.accounts.guards import AnyCaller, AnyRequest, Caller, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.tables import Client
from service.catalogue.queries import entry_of
from service.catalogue.queries.media import Media, current_media
from service.catalogue.rules import Dose, rep_seconds, rests_between_holds
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.rules import Outcome
from service.errors import Refused
from service.pictures import loop_of
from service.plans.queries import Item
from service.plans.queries.codes import in_routines
from service.portal import actions, rules
from service.portal.actions.moves import amounts_told, done_before, keep_moves
from service.portal.actions.stale import PlanChanged
from service.portal.guards import form_of, own_page
from service.portal.pages.keeping import kept
from service.portal.pages.morning import felt_form
from service.portal.pages.plan_card import plan_item, stage
from service.portal.pages.showing import ASKED, reader_of, safety_of
from service.portal.pages.today import READ
from service.portal.queries import Record, record_on
from service.portal.rules import Form, Reader, Unsaved
from service.portal.rules.moves import Tap, Told, Walk, after, amount_name, amounts_of, next_open, walk_of
from service.portal.rules.sets import legs_of
from service.portal.schemas import Choice, SetBox
from service.portal.schemas.moves import FeltView, MovesView, Pace, Step
from service.progress.facts import warning_signs_of
from service.remedies import day_or_none
from service.terms import SIDES
from service.words import translator

URL = "/today/moves"
NIGHT = timedelta(days=1)


@route(URL, http_method=READ)
async def show_moves(request: AnyRequest, client: AnyCaller) -> Response[str]:
    return await _shown(client, Form(list(request.query_params.multi_items())))


async def _shown(client: Caller, form: Form, unsaved: Unsaved | None = None) -> Response[str]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        view = await moves_view(session, own, client.now, form, unsaved)
    return own_page("portal/moves.html", client, own, view, status_code=422 if unsaved else 200)


@post(URL)
async def tell_move(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        return await _next_page(session, own, form, client.now)

    async def again(refused: Refused) -> Response[str]:
        problem, say = refused.problems[0], translator(client.person.locale).gettext
        return await _shown(client, form, Unsaved(problem.pointer.removeprefix("/"), say(problem.message), form))

    return await kept(client, form, keep, again, URL)


async def _next_page(session: ClinicSession, client: Client, form: Form, now: datetime) -> str:
    tap = form.one("tell")
    if tap not in list(Tap):
        raise Refused.one("/tell", "unknown", "Tap one of the answers.")
    if tap in (Tap.STOP, Tap.FINISH):
        return await _keep(session, client, form, now)
    items = _items(await record_on(session, client, _day(form, today_of(client, now))))
    walk = walk_of(form, _doses(items))
    if walk.place <= len(items):
        amounts_told(form, items[walk.place - 1])
    return f"{URL}?{urlencode(list(after(walk, Tap(tap), list(_doses(items))).pairs()))}"


async def _keep(session: ClinicSession, client: Client, form: Form, now: datetime) -> str:
    if form.one("tell") == Tap.STOP and Told.DONE not in dict(form.pairs).values():
        return "/today#plan"
    try:
        day = await keep_moves(session, client, form, now)
    except PlanChanged as changed:
        if not form.one("made_at"):
            raise
        # As with the session of Today: nobody looks at what an outbox sends.
        await keep_moves(session, client, changed.form, now)
        return "/today?saved=changed#plan"
    if day != today_of(client, now):
        return f"/today?saved={day}#week"
    return f"{URL}/felt" if form.one("tell") == Tap.FINISH else "/today?saved=session#plan"


async def moves_view(
    session: ClinicSession, client: Client, now: datetime, form: Form, unsaved: Unsaved | None = None
) -> MovesView:
    reader, today = reader_of(client), today_of(client, now)
    record = await record_on(session, client, _day(form, today))
    clinic, (where, where_day) = await find_clinic(session), stage(record)
    signs = await warning_signs_of(session, client.id, record.diary, now)
    safety = safety_of(record, signs, clinic, reader)
    asked = ASKED.get(signs.asked.why) if signs.asked else None
    held = (safety is not None and safety.stops_plan) or asked in ("words", "pain")
    items = [] if held or where != "runs" else _items(record)
    walk = _walk(form, items, record)
    own = await current_media(session, [item.exercise.id for item in items]) if items else {}
    steps = [_step(place, item, walk, reader, unsaved, own) for place, item in enumerate(items, 1)]
    wrong = next((step.place for step in steps if step.problem), None)
    limit = record.content.pain_limit(clinic.load_pain) if record.content else clinic.load_pain
    return MovesView(
        clinic_name=clinic.short_name,
        day=record.day,
        stage=where,
        stage_day=where_day,
        steps=steps,
        at=wrong or walk.place,
        stop_rule=reader.read(rules.stop_rule(limit)),
        keep=f"moves-{client.id}-{record.day}",
        safety=safety,
        questions=asked,
        problem=unsaved.message if unsaved and wrong is None else None,
    )


def _day(form: Form, today: date) -> date:
    """Who began before midnight goes on with the moves of that day."""
    day = day_or_none(form.one("day"))
    return day if day == today - NIGHT else today


def _items(record: Record) -> list[Item]:
    return in_routines(record.items_to_do)


def _doses(items: list[Item]) -> dict[Any, Dose]:
    return {item.row.id: item.dose for item in items}


def _walk(form: Form, items: list[Item], record: Record) -> Walk:
    """What the address carries; who comes to it anew goes on behind what was told today, or from the start when that
    was all of it."""
    doses = _doses(items)
    if form.one("at"):
        return walk_of(form, doses)
    told = dict.fromkeys(doses.keys() & done_before(record), Told.DONE)
    told = {} if len(told) == len(doses) else told
    return Walk(next_open(0, told, list(doses)), told)


def _step(place: int, item: Item, walk: Walk, reader: Reader, unsaved: Unsaved | None, own: Media) -> Step:
    dose, told = item.dose, walk.told.get(item.row.id)
    # A clinic's own picture or video takes the place of what we drew.
    loop = None if own.get(item.exercise.id) else loop_of(item.exercise.code, dose.side)
    amounts = [_amount(item, dose, number, walk, reader) for number in range(len(amounts_of(dose)))]
    names = {box.name for box in amounts}
    return Step(
        place=place,
        item=plan_item(item, None, [], reader, own),
        pace=_pace(dose),
        amounts=amounts,
        legs=[Choice(leg, reader.label(SIDES[leg])) for leg in legs_of(dose, entry_of(item.exercise).sides)],
        loop=f"/pictures/{loop}" if loop else None,
        told=told.value if told else None,
        problem=unsaved.message if unsaved and unsaved.place in names else None,
        is_changed=not names.isdisjoint(walk.fields),
    )


def _amount(item: Item, dose: Dose, number: int, walk: Walk, reader: Reader) -> SetBox:
    box = amounts_of(dose)[number]
    name, asked = amount_name(item.row.id, box), str(box.asked)
    step = "1" if box.is_whole else "any"
    return SetBox(name, reader.say(box.unit), asked, box.most, walk.fields.get(name, asked), step)


def _pace(dose: Dose) -> Pace:
    between = rests_between_holds(dose)
    relax = dose.rest_seconds if between else rep_seconds(dose)
    return Pace(dose.sets, dose.reps, dose.hold_seconds, 0 if between else dose.rest_seconds, relax, rep_seconds(dose))


@route(f"{URL}/felt", http_method=READ)
async def show_felt(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    return await _felt_page(client, is_saved=bool(request.query_params.get("saved")))


async def _felt_page(client: Caller, *, is_saved: bool = False, problem: str | None = None) -> Response[Any]:
    async with client.tx() as session:
        own = await record_of(session, client, client.person.id)
        record = await record_on(session, own, today_of(own, client.now))
        clinic = await find_clinic(session)
    felt = felt_form(record, reader_of(own))
    if felt is None or record.session is None:
        return Redirect(URL, status_code=303)
    due = _doses(record.items_to_do).keys()
    view = FeltView(
        clinic_name=clinic.short_name,
        felt=felt,
        done=len(due & done_before(record)),
        asked=len(due),
        is_all=record.session.row.outcome == Outcome.DONE,
        keep=f"moves-{own.id}-{record.day}",
        is_saved=is_saved,
        problem=problem,
    )
    return own_page("portal/felt_after.html", client, own, view, status_code=422 if problem else 200)


@post(f"{URL}/felt")
async def save_felt(request: AnyRequest, client: AnyCaller) -> Response[Any]:
    form = form_of(request)

    async def keep(session: ClinicSession, own: Client) -> str:
        await actions.keep_felt(session, own, form, client.now)
        return f"{URL}/felt?saved=1"

    async def again(refused: Refused) -> Response[Any]:
        return await _felt_page(client, problem=translator(client.person.locale).gettext(refused.problems[0].message))

    return await kept(client, form, keep, again)


handlers = [show_moves, tell_move, show_felt, save_felt]
