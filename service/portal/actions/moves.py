"""Keeps what was done move by move, as one session of the day."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.catalogue.queries import entry_of
from service.database.tenancy import ClinicSession
from service.diary.actions import NewSession, NewSet, record_session
from service.diary.entries import When, today_of
from service.diary.rules import SET_HINTS, Outcome
from service.errors import Refused
from service.plans.queries import Item
from service.portal.actions import refuse_on_hold
from service.portal.actions.sets import is_short_of
from service.portal.actions.stale import UNNAMED, moves_of_now
from service.portal.queries import Record, record_on
from service.portal.rules import Form, told_at
from service.portal.rules.moves import (
    COUNT_HINT,
    Told,
    amount_name,
    amounts_of,
    is_less,
    sets_told,
    walk_of,
)
from service.remedies import day_read

Amounts = Mapping[str, int | float]


async def keep_moves(session: ClinicSession, client: Client, form: Form, now: datetime) -> date:
    """Answers the day it was begun on, of which it is kept. What was told before stays done: going through the moves
    takes nothing back."""
    await next_seq(session, client.id)
    day = day_read(form.one("day")) if form.one("day") else None
    at = told_at(form, now)
    await refuse_on_hold(session, client, Outcome.PARTLY, at)
    record = await record_on(session, client, day or today_of(client, at))
    new = _session(moves_of_now(record, form), record)
    # What waited was told before what came in its place since.
    waited = When(record.day, at, at) if form.one("made_at") else When(record.day)
    await record_session(session, client, new, waited, now)
    return record.day


def _session(form: Form, record: Record) -> NewSession:
    items = {item.row.id: item for item in (record.content.items if record.content else [])}
    if form.one(UNNAMED):
        return NewSession(Outcome.PARTLY)
    told = walk_of(form, {id_: item.dose for id_, item in items.items()}).told
    amounts = {id_: found for id_ in told if (found := amounts_told(form, items[id_])) and told[id_] == Told.DONE}
    kept = _kept_sets(record)
    done = {id_ for id_ in told if told[id_] == Told.DONE} | done_before(record)
    if not done:
        raise Refused.one("/did", "nothing", "Tell first what you did today.")
    short = [id_ for id_, found in amounts.items() if is_less(items[id_].dose, found)]
    short += [id_ for id_ in done - amounts.keys() if is_short_of(items[id_], kept.get(id_, []))]
    due = {item.row.id for item in record.items_to_do}
    outcome = Outcome.DONE if due <= done and not short else Outcome.PARTLY
    sets = kept | {id_: _sets(items[id_], found) for id_, found in amounts.items()}
    listed = [one for id_ in sets if id_ in done for one in sets[id_]]
    return NewSession(outcome, sorted(done), sets=listed if amounts else None)


def amounts_told(form: Form, item: Item) -> Amounts | None:
    """None when it was all as planned. Of a box that is left empty nothing is told."""
    found: dict[str, int | float] = {}
    for box in amounts_of(item.dose):
        name = amount_name(item.row.id, box)
        hint = COUNT_HINT if box.name == "sets" else SET_HINTS[box.name]
        try:
            value = box.value_of(form.one(name))
        except ValueError:
            raise Refused.one(f"/{name}", "range", hint) from None
        if value == 0 and box.name == "sets":
            raise Refused.one(f"/{name}", "range", hint)
        if value is not None:
            found[box.name] = value
    is_changed = any(found.get(box.name, box.asked) != box.asked for box in amounts_of(item.dose))
    if is_changed and not found.keys() - {"sets"}:
        name = amount_name(item.row.id, amounts_of(item.dose)[1])
        raise Refused.one(f"/{name}", "nothing", "Say the reps, the seconds or the load of this set.")
    return {"sets": item.dose.sets} | found if is_changed else None


def _sets(item: Item, amounts: Amounts) -> list[NewSet]:
    each = {name: value for name, value in amounts.items() if name != "sets"}
    legs = sets_told(item.dose, entry_of(item.exercise).sides, amounts)
    return [NewSet(item.row.id, **each, side=leg) for leg in legs]  # type: ignore[arg-type]


def done_before(record: Record) -> set[UUID]:
    """Of the version that runs: what was done earlier that day under another one names moves that are gone."""
    listed = {item.row.id for item in record.content.items} if record.content else set()
    told = record.session.results if record.session else []
    return {result.plan_item_id for result in told if result.done} & listed


def _kept_sets(record: Record) -> dict[UUID, list[NewSet]]:
    """By move, as they were counted before."""
    if record.session is None:
        return {}
    items = {result.id: result.plan_item_id for result in record.session.results}
    sets: dict[UUID, list[NewSet]] = {}
    for one in record.session.sets:
        if item := items.get(one.result_id):
            sets.setdefault(item, []).append(NewSet(item, one.reps, one.seconds, one.load, one.side))
    return sets
