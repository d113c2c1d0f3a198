"""Webhooks of the SMS provider, and what the test inbox offers to programs: its replies take the same way in.

What the provider did not sign is counted, and nothing of it is kept.
"""

import logging
from traceback import format_tb
from typing import Annotated, Final
from urllib.parse import parse_qs, parse_qsl, urlencode
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import Provide
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from service.accounts import queries as people
from service.accounts.guards import AnyEdge, AnyRequest, Edge, check_form
from service.accounts.rules import LOCALES
from service.conversation import queries
from service.conversation.actions import events, reports, texts
from service.conversation.actions.events import LONGEST_TEXT, InboundText
from service.conversation.guards import (
    INBOX,
    VISITOR,
    AnyVisitor,
    Webhook,
    auth_token,
    provide_visitor,
    signature,
    signed_form,
)
from service.conversation.queries import InboxOwner, Received, Sender, picked_owner
from service.conversation.rules import Stop, read_reply
from service.conversation.schemas import InboxMessageList, InboxMessageOut, InboxReplied, phone_or_email
from service.database.tenancy import Across, Actor
from service.errors import BadSignature, NotFound, Refused
from service.ids import new_id
from service.settings import Settings

INBOUND: Final = "/hooks/sms/inbound"
OUR_NUMBER: Final = "+15550100"
"""Where texts go that are answered in the test inbox of a clinic without a number."""

_PROVIDER: Final = Actor("provider", None, "text")

logger = logging.getLogger("clamshell.conversation")


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
        await reports.store_report(session, attempt_id, provider_message_id, state, code, edge.now)
    async with edge.database.clinic_tx(clinic_id, _PROVIDER) as session:
        await reports.act_on_reports(session, edge.settings.secret_key, edge.now)
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
        await _set_aside(edge, told, "two_people" if possible else "unknown_number")
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
    )


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
    asked = {sender.asked for sender in possible}
    readings = (read_reply(told.body, asked=kind, locale=locale) for kind in asked for locale in LOCALES)
    return told.handled == "STOP" or any(Stop() in reading for reading in readings)


async def _close_phones(edge: Edge, others: list[Sender], sender: Sender | None) -> None:
    """A STOP needs no name: it is about the phone, whoever else has it. Told again it closes nothing."""
    if sender is not None and sender.told_before:
        return
    for one in others:
        async with edge.database.clinic_tx(one.clinic_id, _PROVIDER) as session:
            await events.close_phone(session, one.contact_point_id, edge.now)


async def _set_aside(edge: Edge, told: InboundText, reason: str) -> None:
    """Keeps a text that could be nobody's or two people's."""
    async with edge.database.installation_tx() as connection:
        await events.keep_unrouted(connection, told, reason, edge.now)


async def _act(edge: Edge, clinic_id: UUID, client_id: UUID, event_id: UUID) -> None:
    """Whatever goes wrong with a stored text, the words reach the therapist, and no other text waits for it."""
    actor = Actor("client", client_id, "text")
    for act in (texts.act_on_text, texts.keep_as_note):
        try:
            async with edge.database.clinic_tx(clinic_id, actor) as session:
                await act(session, client_id, event_id, edge.now)
            return
        except Exception as error:
            # Where it happened, and not what it says: an error of the database quotes the row.
            where = "".join(format_tb(error.__traceback__))
            logger.error("%s of event %s failed: %s\n%s", act.__name__, event_id, type(error).__name__, where)


@get("/messages", include_in_schema=False)
async def inbox_messages(visitor: AnyVisitor, to: Annotated[str | None, QueryParameter()] = None) -> InboxMessageList:
    """The newest messages, oldest first: of one phone number or email, or of everybody."""
    found: list[Received] = []
    for clinic_id in await visitor.clinics():
        async with visitor.edge.database.clinic_tx(clinic_id, VISITOR) as session:
            found += await queries.received(session, to=phone_or_email(to))
    return InboxMessageList([_message_out(one) for one in found])


@post("/reply", include_in_schema=False, status_code=200)
async def reply_as_client(request: AnyRequest, visitor: AnyVisitor) -> Response[InboxReplied] | Redirect:
    """Texts us as somebody would: `from` (or `to`) is their number, `text` (or `body`) their words."""
    fields, is_form = _fields(request, await request.body())
    if is_form and visitor.staff is not None:
        check_form(visitor.staff, fields)
    number = phone_or_email(fields.get("from") or fields.get("to")) or ""
    owner = picked_owner(await visitor.owners(), number, None) if number else None
    if visitor.staff is not None and owner is None:
        raise NotFound
    key = await _text_us(visitor.edge, number, fields.get("text") or fields.get("body") or "", owner)
    if is_form:
        return Redirect(f"{INBOX}?{urlencode({'to': number})}", status_code=303)
    return Response(InboxReplied(key))


async def _text_us(edge: Edge, number: str, words: str, owner: InboxOwner | None) -> str:
    """Signs as the provider would and goes the provider's way; returns the id the text got."""
    if not number or not words or "\x00" in number + words:
        raise Refused.one("/text" if number else "/from", "required", "Give a phone number and some words.")
    key = f"SM{new_id(edge.now).hex}"
    to = (owner.our_number if owner else None) or OUR_NUMBER
    body = urlencode({"MessageSid": key, "From": number, "To": to, "Body": words, "NumMedia": "0"})
    signed = signature(auth_token(edge.settings), edge.settings.public_url + INBOUND, parse_qs(body))
    await take_text(edge, Webhook(INBOUND, body.encode(), signed))
    return key


def _fields(request: AnyRequest, body: bytes) -> tuple[dict[str, str], bool]:
    """The fields of a form or of a JSON object, and whether it was a form."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode("ascii"))), True
    try:
        return msgspec.json.decode(body, type=dict[str, str]), False
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused.one("", "json", 'Send a form, or JSON such as {"from": "+1…", "text": "4"}.') from None


def _message_out(one: Received) -> InboxMessageOut:
    inbox, message = one.inbox, one.message
    return InboxMessageOut(
        id=inbox.id,
        message_id=message.id,
        client_id=inbox.client_id,
        medium=inbox.medium,
        kind=message.kind,
        state=message.state,
        to=inbox.sent_to,
        received_at=inbox.received_at,
        text=inbox.body,
        links=one.links,
        subject=inbox.subject,
        html=inbox.html,
        headers=inbox.headers,
    )


routers = [Router("/hooks/sms", route_handlers=[receive_text, receive_status])]


def inbox_routers(settings: Settings) -> list[ControllerRouterHandler]:
    """Nothing at all beside real providers."""
    handlers = [inbox_messages, reply_as_client]
    router = Router(INBOX, route_handlers=handlers, dependencies={"visitor": Provide(provide_visitor)})
    return [router] if settings.inbox else []
