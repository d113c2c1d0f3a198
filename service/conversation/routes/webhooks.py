"""Webhooks of the SMS provider. What the test inbox is answered takes the same way in.

What the provider did not sign is counted, and nothing of it is kept.
"""

from typing import Final
from uuid import UUID

from litestar import Response, Router, post
from litestar.params import FromPath

from service import logs
from service.accounts import queries as people
from service.accounts.guards import AnyEdge, AnyRequest, Edge
from service.accounts.rules import LOCALES
from service.conversation import queries
from service.conversation.actions import events, reports, texts, unplaced
from service.conversation.actions.events import LONGEST_TEXT, InboundText
from service.conversation.grammar import read_reply
from service.conversation.guards import (
    Webhook,
    signed_form,
)
from service.conversation.queries import Sender
from service.conversation.rules import Danger, Reading, Stop
from service.database.tenancy import Across, Actor
from service.errors import BadSignature, Refused

INBOUND: Final = "/hooks/sms/inbound"
_PROVIDER: Final = Actor("provider", None, "text")

logger = logs.logger("conversation")


@post("/inbound", operation_id="receiveText", tags=["webhooks"], status_code=200)
async def receive_text(request: AnyRequest, edge: AnyEdge) -> Response[bytes]:
    """A text from somebody's phone, as a form. The answer to it, if any, is a message of its own."""
    await take_text(edge, await Webhook.of(request))
    return _nothing_to_say()


@post("/{clinic_id:uuid}/{attempt_id:uuid}", operation_id="receiveStatus", tags=["webhooks"], status_code=200)
async def receive_status(
    clinic_id: FromPath[UUID], attempt_id: FromPath[UUID], request: AnyRequest, edge: AnyEdge
) -> Response[bytes]:
    """What became of a message we sent, as a form. Statuses nobody knows yet are kept too."""
    form = await _signed(edge, await Webhook.of(request), "sms_status")
    state, provider_message_id = _required(form, "MessageStatus"), _required(form, "MessageSid")
    async with edge.database.clinic_tx(clinic_id, _PROVIDER) as session:
        await people.clinic(session)
        code = form.get("ErrorCode", "")[:20] or None
        event_id = await reports.store_report(session, attempt_id, provider_message_id, state, code, edge.now)
    async with edge.database.clinic_tx(clinic_id, _PROVIDER) as session:
        await reports.act_on_report(session, event_id, edge.settings.secret_key, edge.now)
    return _nothing_to_say()


def _nothing_to_say() -> Response[bytes]:
    """TwiML that asks for nothing."""
    return Response(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', media_type="application/xml")


async def take_text(edge: Edge, webhook: Webhook) -> None:
    """The whole way of an inbound text, which the test inbox takes too. Raises BadSignature."""
    told = _text(await _signed(edge, webhook, "sms_text"))
    async with edge.database.installation_tx() as connection:
        if await queries.is_unrouted(connection, told.key):
            return
    possible = await _possible_senders(edge, told)
    sender, is_stop = the_one(possible), _is_stop(told, possible)
    if is_stop:
        await _close_phones(edge, [one for one in possible if one is not sender], sender)
    if sender is None:
        await _set_aside(edge, told, possible, is_stop=is_stop)
        return
    async with edge.database.clinic_tx(sender.clinic_id, Actor("client", sender.client_id, "text")) as session:
        event_id = await events.store_text(session, sender, told, edge.now, is_stop=is_stop)
    await _act(edge, sender.clinic_id, sender.client_id, event_id)
    async with edge.database.clinic_tx(sender.clinic_id, _PROVIDER) as session:
        waiting = await queries.left_behind(session, edge.now)
    for left_event_id, client_id in waiting:
        await _act(edge, sender.clinic_id, client_id, left_event_id)


async def _signed(edge: Edge, webhook: Webhook, kind: str) -> dict[str, str]:
    try:
        return signed_form(edge.settings, webhook)
    except BadSignature:
        async with edge.database.installation_tx() as connection:
            await events.count_turned_away(connection, kind, edge.now.date())
        raise


def _required(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not 0 < len(value) <= 200:
        raise Refused.one(f"/{name}", "required", f"Give {name}, at most 200 characters.")
    return value


def _text(form: dict[str, str]) -> InboundText:
    return InboundText(
        key=_required(form, "MessageSid"),
        sent_from=_required(form, "From"),
        sent_to=_required(form, "To"),
        body=form.get("Body", "").strip()[:LONGEST_TEXT],
        handled=form.get("OptOutType") or None,
        pictures=_count(form.get("NumMedia", "")),
    )


def _count(words: str) -> int:
    """What is no number says nothing."""
    return int(words) if words.isdecimal() and len(words) < 3 else 0


async def _possible_senders(edge: Edge, told: InboundText) -> list[Sender]:
    async with edge.database.across_clinics(Across.FIND_ADDRESS) as connection:
        clinics = await people.clinics_with_address(connection, told.sent_from)
    found: list[Sender] = []
    for clinic_id in clinics:
        async with edge.database.clinic_tx(clinic_id, _PROVIDER) as session:
            found += await queries.senders(
                session, number=told.sent_from, sent_to=told.sent_to, event_key=told.key, now=edge.now
            )
    return found


def the_one(possible: list[Sender]) -> Sender | None:
    """Who sent a text: whoever it was the first time; else the only person with that number; else the only
    one of them with an open question. Never a guess."""
    heard = [sender for sender in possible if sender.told_before]
    # The number it was sent to says which clinic is meant, when that number is one clinic's own.
    meant = heard or [sender for sender in possible if sender.own_number] or possible
    asked = meant if len(meant) == 1 else [sender for sender in meant if sender.asked is not None]
    return asked[0] if len(asked) == 1 else None


def _is_stop(told: InboundText, possible: list[Sender]) -> bool:
    """Whether it is one to anybody who may have sent it."""
    return told.handled == "STOP" or Stop() in _readings(told, possible)


def _readings(told: InboundText, possible: list[Sender]) -> list[Reading]:
    """Everything it may mean, whoever of them sent it, in any language; of nobody known, whatever was asked."""
    asked = {sender.asked for sender in possible} or {None}
    return [one for kind in asked for locale in LOCALES for one in read_reply(told.body, asked=kind, locale=locale)]


async def _close_phones(edge: Edge, others: list[Sender], sender: Sender | None) -> None:
    """A STOP needs no name: it is about the phone, whoever else has it. Told again it closes nothing."""
    if sender is not None and sender.told_before:
        return
    for one in others:
        async with edge.database.clinic_tx(one.clinic_id, _PROVIDER) as session:
            await events.close_phone(session, one.contact_point_id, edge.now)


async def _set_aside(edge: Edge, told: InboundText, possible: list[Sender], *, is_stop: bool) -> None:
    """Keeps a text that could be nobody's or two people's, for the staff of the clinic it was sent to.

    Two clinics never hear of each other's: of a text that may be to either, each is told only when it is alarming.
    """
    clinics = {one.clinic_id for one in possible}
    is_danger = any(isinstance(reading, Danger) for reading in _readings(told, possible))
    if not possible:
        async with edge.database.across_clinics(Across.FIND_ADDRESS) as connection:
            clinic_id = await queries.clinic_at(connection, told.sent_to)
        clinics = {clinic_id} if clinic_id else set()
    if len(clinics) == 1 or is_danger:
        for clinic_id in sorted(clinics):
            here = [one for one in possible if one.clinic_id == clinic_id]
            if await _placed(edge, clinic_id, told, here):
                return
            async with edge.database.clinic_tx(clinic_id, _PROVIDER) as session:
                ask = not is_stop and len(clinics) == 1
                await unplaced.keep(session, told, here, edge.now, is_danger=is_danger, ask=ask)
    async with edge.database.installation_tx() as connection:
        await events.keep_unrouted(connection, told, "two_people" if possible else "unknown_number", edge.now)


async def _placed(edge: Edge, clinic_id: UUID, told: InboundText, possible: list[Sender]) -> bool:
    """Whether this is the letter that says whose the text before it was."""
    async with edge.database.clinic_tx(clinic_id, _PROVIDER) as session:
        if await queries.placed_by(session, told.key):
            return True
        placed = await unplaced.place(session, told, possible, edge.now)
    if placed is not None:
        await _act(edge, clinic_id, placed[0].client_id, placed[1])
    return placed is not None


async def _act(edge: Edge, clinic_id: UUID, client_id: UUID, event_id: UUID) -> None:
    """Whatever goes wrong with a stored text, the words reach the therapist, and no other text waits for it."""
    actor = Actor("client", client_id, "text")
    for act in (texts.act_on_text, texts.keep_as_note):
        try:
            async with edge.database.clinic_tx(clinic_id, actor) as session:
                await act(session, client_id, event_id, edge.settings.secret_key, edge.now)
            return
        except Exception as error:
            logger.error("an event cannot be acted on", act=act.__name__, event_id=event_id, exc_info=error)


router = Router("/hooks/sms", route_handlers=[receive_text, receive_status])
