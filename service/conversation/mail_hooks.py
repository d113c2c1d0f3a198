"""Where mail comes back: what a mail server returned, handed in as it is, and a mail provider's events.

Both are asked for the same password, `CLAMSHELL_MAIL_HOOK_TOKEN`. Whatever they tell is answered with 200 when it
could be read, known here or not: nobody finds out which mails there are.
"""

from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.params import FromPath

from service.accounts import queries as people
from service.accounts.guards import AnyEdge, AnyRequest, Edge
from service.conversation.actions import events, reports
from service.conversation.actions.returned_mail import take_report
from service.conversation.bounces import Report, read_event, read_report
from service.conversation.guards import check_mail_hook
from service.conversation.schemas import MailHeard
from service.database.tenancy import Actor
from service.errors import BadSignature, NotFound, Refused

_SERVER = Actor("provider", None, "email")


@post("/postmark", operation_id="receiveMailEvent", tags=["webhooks"], status_code=200)
async def receive_mail_event(request: AnyRequest, edge: AnyEdge) -> MailHeard:
    """An event of a mail provider, as JSON. What is about no mail of ours changes nothing."""
    await _check(edge, request)
    event = read_event(_object(await request.body()))
    if event is None:
        return MailHeard("none")
    try:
        await _take(edge, event.clinic_id, "postmark", event.key, event.report)
    except NotFound:
        return MailHeard("none")
    return MailHeard(event.report.outcome)


@post("/{clinic_id:uuid}", operation_id="receiveReturnedMail", tags=["webhooks"], status_code=200)
async def receive_returned_mail(clinic_id: FromPath[UUID], request: AnyRequest, edge: AnyEdge) -> MailHeard:
    """A mail that came back, as message/rfc822: a bounce, a complaint, or anything else, which changes nothing."""
    await _check(edge, request)
    raw = await request.body()
    if not raw.strip():
        raise Refused.one(
            "", "required", "Send the mail as it came back, with the header Content-Type: message/rfc822."
        )
    report = read_report(raw)
    if report is None:
        return MailHeard("none")
    await _take(edge, clinic_id, "smtp", sha256(raw).hexdigest(), report)
    return MailHeard(report.outcome)


async def _check(edge: Edge, request: AnyRequest) -> None:
    try:
        check_mail_hook(edge.settings, request.headers.get("authorization", ""))
    except BadSignature:
        async with edge.database.installation_tx() as connection:
            await events.count_turned_away(connection, "mail", edge.now.date())
        raise


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused.one("", "json", "Send one JSON object in UTF-8.") from None


async def _take(edge: Edge, clinic_id: UUID, provider: str, key: str, report: Report) -> None:
    """Kept first, with the address closed. Should we die before the ledger follows, the notifier brings it on."""
    async with edge.database.clinic_tx(clinic_id, _SERVER) as session:
        await people.clinic(session)
        event_id = await take_report(session, provider, key, report, edge.now)
    async with edge.database.clinic_tx(clinic_id, _SERVER) as session:
        await reports.act_on_report(session, event_id, edge.settings.secret_key, edge.now)


routers = [Router("/hooks/mail", route_handlers=[receive_mail_event, receive_returned_mail])]
