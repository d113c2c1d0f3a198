"""What the test inbox offers to programs: what came, and answering as somebody would."""

from typing import Annotated
from urllib.parse import parse_qs, parse_qsl, urlencode

import msgspec
from litestar import Response, Router, get, post
from litestar.di import Provide
from litestar.params import QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from service.accounts.guards import AnyRequest, Edge, check_form
from service.conversation.guards import (
    INBOX,
    VISITOR,
    AnyVisitor,
    Webhook,
    auth_token,
    provide_visitor,
    signature,
)
from service.conversation.queries.inbox import InboxOwner, Received, links_in, mail_to_staff, picked_owner, received
from service.conversation.routes.webhooks import INBOUND, take_text
from service.conversation.schemas import InboxMessageList, InboxMessageOut, InboxReplied, phone_or_email
from service.errors import NotFound, Refused
from service.ids import new_id
from service.outbox.tables import InboxMessage
from service.settings import INBOX_NUMBER, Settings


@get("/messages", include_in_schema=False)
async def inbox_messages(visitor: AnyVisitor, to: Annotated[str | None, QueryParameter()] = None) -> InboxMessageList:
    """The newest messages, oldest first: of one phone number or email, or of everybody."""
    found: list[InboxMessageOut] = []
    for clinic_id in await visitor.clinics():
        async with visitor.edge.database.clinic_tx(clinic_id, VISITOR) as session:
            found += [_message_out(one) for one in await received(session, to=phone_or_email(to))]
            found += [_out(inbox, "digest", "sent") for inbox in await mail_to_staff(session, phone_or_email(to))]
    return InboxMessageList(found)


@post("/reply", include_in_schema=False, status_code=200)
async def reply_as_client(request: AnyRequest, visitor: AnyVisitor) -> Response[InboxReplied] | Redirect:
    """Texts us as somebody would: `from` (or `to`) is their number, `text` (or `body`) their words."""
    fields, is_form = _fields(request, await request.body())
    if is_form and visitor.staff is not None:
        check_form(visitor.staff, fields)
    number = phone_or_email(fields.get("from") or fields.get("to")) or ""
    words = fields.get("text") or fields.get("body") or ""
    if not number or not words or "\x00" in number + words:
        raise Refused.one("/text" if number else "/from", "required", "Give a phone number and some words.")
    owner = picked_owner(await visitor.owners(), number, None)
    if visitor.staff is not None and owner is None:
        raise NotFound
    key = await _text_us(visitor.edge, number, words, owner)
    if is_form:
        return Redirect(f"{INBOX}?{urlencode({'to': number})}", status_code=303)
    return Response(InboxReplied(key))


async def _text_us(edge: Edge, number: str, words: str, owner: InboxOwner | None) -> str:
    """Signs as the provider would and goes the provider's way; returns the id the text got."""
    key = f"SM{new_id(edge.now).hex}"
    to = (owner.our_number if owner else None) or INBOX_NUMBER
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
    return _out(one.inbox, one.message.kind, one.message.state)


def _out(inbox: InboxMessage, kind: str, state: str) -> InboxMessageOut:
    return InboxMessageOut(
        id=inbox.id,
        message_id=inbox.message_id,
        client_id=inbox.client_id,
        medium=inbox.medium,
        kind=kind,
        state=state,
        to=inbox.sent_to,
        received_at=inbox.received_at,
        text=inbox.body,
        links=links_in(inbox.body),
        subject=inbox.subject,
        html=inbox.html,
        headers=inbox.headers,
    )


def inbox_routers(settings: Settings) -> list[ControllerRouterHandler]:
    """Nothing at all beside real providers."""
    handlers = [inbox_messages, reply_as_client]
    router = Router(INBOX, route_handlers=handlers, dependencies={"visitor": Provide(provide_visitor)})
    return [router] if settings.inbox else []
