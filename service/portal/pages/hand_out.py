"""The plan on paper: pictures, doses and a week to tick, which can be texted back by the letters of the moves."""

from itertools import groupby
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from litestar import route
from litestar.params import FromPath
from litestar.response import Response

from service import charts
from service.accounts.guards import AnyCaller, Caller, record_of
from service.accounts.queries import clinic as find_clinic
from service.accounts.queries import contact_points
from service.accounts.rules import Right, phone_read
from service.accounts.tables import Client
from service.catalogue.queries.media import media, parts
from service.catalogue.rules.media import Span
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import NotFound
from service.paper import paper, size_in
from service.pictures import printed
from service.portal.pages.plan import plan_view
from service.portal.pages.showing import reader_of
from service.portal.pages.today import READ
from service.portal.rules import Reader
from service.portal.rules.hand_out import DAYS, week_example
from service.portal.schemas import PlanMove, PlanView
from service.settings import Settings


@route("/plan.pdf", http_method=READ)
async def own_hand_out(client: AnyCaller) -> Response[bytes]:
    return await _hand_out(client, client.person.id)


@route("/clients/{client_id:uuid}/plan.pdf", http_method=READ)
async def hand_out_of(client_id: FromPath[UUID], staff: AnyCaller) -> Response[bytes]:
    """In the client's language: they take it home."""
    staff.require(Right.SEE_RECORD)
    return await _hand_out(staff, client_id)


async def _hand_out(caller: Caller, client_id: UUID) -> Response[bytes]:
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        view = await plan_view(session, client, caller.now)
        number = await _number(session, client, caller.settings)
    read = {name: await _picture(caller, name) for move in view.moves if (name := _file(move))}
    told = _told(view, number, reader_of(client))
    pictures = {name: content for name, content in read.items() if content}
    return await paper("hand_out.typ", told, pictures, "plan", today_of(client, caller.now))


async def _number(session: ClinicSession, client: Client, settings: Settings) -> str | None:
    """Where texts of this person arrive; None where none would be known as theirs, or nobody would get it."""
    clinic = await find_clinic(session)
    points = await contact_points(session, client.id)
    texts = any(point.channel == "sms" and point.opted_out_at is None for point in points)
    if not texts or (settings.sms is None and not settings.inbox):
        return None
    return phone_read(clinic.sms_from or settings.sms_sender, clinic.country)


def _file(move: PlanMove) -> str | None:
    address = move.item.shown.picture
    return PurePosixPath(address).name if address else None


async def _picture(caller: Caller, name: str) -> bytes | None:
    """A drawing of ours, or the clinic's own; None for one that was taken away in the meantime."""
    if name.endswith(".svg"):
        return printed(name).encode()
    async with caller.tx() as session:
        try:
            row = await media(session, UUID(PurePosixPath(name).stem))
        except NotFound:
            return None
    return b"".join([part async for part in parts(caller.tx, row.id, Span(0, row.size - 1))])


def _told(view: PlanView, number: str | None, reader: Reader) -> dict[str, Any]:
    say = reader.say
    foot = [f"{say('Questions? Call your clinic in office hours:')} {view.help_phone}"]
    return {
        "title": say("Your plan"),
        "lang": reader.locale,
        "size": size_in(view.country),
        "name": view.name,
        "facts": [view.clinic_name, *_since(view, reader)],
        "notice": view.safety.sentence if view.safety else None,
        "lines": _lines(view, reader),
        "routines": [
            {"name": routine, "moves": [_move(move) for move in moves]}
            for routine, moves in groupby(view.moves, key=lambda move: move.item.routine)
        ],
        "stop_rule": view.stop_rule if view.moves else None,
        "week": _week(view.moves, number, reader) if view.moves else None,
        "habits": {
            "title": say("Your habits"),
            "first": say("Habit"),
            "days": DAYS[reader.locale],
            "rows": [{"code": None, "name": habit} for habit in view.habits],
        }
        if view.habits
        else None,
        "parts": _parts(view, reader),
        "foot": [*foot, say("In an emergency call %(number)s.") % {"number": view.emergency_number}],
    }


def _since(view: PlanView, reader: Reader) -> list[str]:
    if view.starts_on is None or not view.moves:
        return []
    words = "From %(name)s, starts on %(day)s" if view.stage == "to_come" else "From %(name)s, since %(day)s"
    return [reader.say(words) % {"name": view.author, "day": charts.long_day(view.starts_on, reader.locale)}]


def _lines(view: PlanView, reader: Reader) -> list[str]:
    """What the page says where it shows no moves, or none to do."""
    if view.safety and view.safety.stops_plan:
        return [
            reader.say("Your plan is on hold"),
            reader.say("Your therapist will talk with you first. No need to do your moves today."),
        ]
    if view.stage == "none":
        return [reader.say("Your plan is not ready yet. Your therapist will send it soon.")]
    if view.stage == "ended" and view.stage_day:
        words = reader.say("Your plan ended on %(day)s. Thank you for your work.")
        return [
            words % {"day": charts.long_day(view.stage_day, reader.locale)},
            reader.say("Your therapist will tell you what comes next."),
        ]
    paused = [reader.say("Your plan is paused."), reader.say("No need to catch up.")]
    return paused if view.stage == "paused" else []


def _move(move: PlanMove) -> dict[str, Any]:
    item = move.item
    return {
        "code": move.code,
        "name": item.name,
        "dose": item.dose,
        "side": item.side,
        "finer": item.finer,
        "when": move.when,
        "cues": move.cues,
        "picture": _file(move),
        "alt": item.shown.alt or f"{item.name}: {item.cue}".removesuffix(": "),
    }


def _week(moves: list[PlanMove], number: str | None, reader: Reader) -> dict[str, Any]:
    texted = reader.say(
        "On Sunday, text your week to %(number)s: the word Week, then each letter and its days. "
        "Send only what you ticked."
    )
    say, how = reader.say, [texted % {"number": number}] if number else []
    return {
        "title": say("Your week"),
        "first": say("Move"),
        "days": DAYS[reader.locale],
        "rows": [{"code": move.code, "name": move.item.name} for move in moves],
        "how": [say("Tick the days on which you did a move."), *how, *([say("Like this:")] if number else [])],
        "example": week_example([move.code for move in moves], reader) if number else None,
    }


def _parts(view: PlanView, reader: Reader) -> list[dict[str, Any]]:
    fixes = [{"title": None, "body": fix} for fix in view.fixes]
    lessons = [{"title": title, "body": body} for title, body in view.lessons]
    parts = ((reader.say("To do once"), True, fixes), (reader.say("Good to know"), False, lessons))
    return [{"title": title, "listed": listed, "items": items} for title, listed, items in parts if items]


handlers = [own_hand_out, hand_out_of]
