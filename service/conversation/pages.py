"""The test inbox: what people would have got, and a way to answer as they would."""

from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, Router, get
from litestar.di import Provide
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from service import charts
from service.accounts import queries as people
from service.accounts.guards import AnyRequest
from service.accounts.rules import Right
from service.conversation import queries
from service.conversation.guards import INBOX, VISITOR, AnyVisitor, Visitor, provide_visitor
from service.conversation.queries.inbox import InboxOwner, Received, picked_owner, received
from service.conversation.schemas import (
    InboxBar,
    InboxLine,
    InboxLink,
    InboxPerson,
    InboxView,
    InboxWhy,
    phone_or_email,
)
from service.conversation.tables import ThreadMessage
from service.database.tenancy import ClinicSession
from service.outbox.rules import MessageKind, blocked_words, segments
from service.outbox.tables import Message
from service.page import language_of, page
from service.settings import Settings
from service.words import translator

CHIPS: Final = ("4", "DONE", "SKIP", "LATER", "STOP", "hurts a lot")

REASONS: Final[dict[str, str]] = {
    MessageKind.WELCOME: "They said yes to messages. This is the first one.",
    MessageKind.CHECK_IN: "The check-in came due, and the day had no entry yet.",
    MessageKind.PLAN: "The plan came due, and nothing was logged for the day yet.",
    MessageKind.HABIT: "The habits came due, and not all of them were told yet.",
    MessageKind.BUNDLE: "The check-in and the plan came due together, and neither was logged yet.",
    MessageKind.ANCHOR: "The moment of the day that they chose for the plan came, and nothing was logged yet.",
    MessageKind.EVENING: "It is evening, today is a day of the plan, and nothing was logged yet.",
    MessageKind.LAPSE_3: "3 days of the plan passed without a word from them.",
    MessageKind.LAPSE_10: "10 days of the plan passed without a word from them. Reminders rest from here.",
    MessageKind.LAPSE_30: "30 days of the plan passed without a word from them, and a month begins.",
    MessageKind.WHY: "Yesterday was a day of the plan and asked about, and nothing was told.",
    MessageKind.WEEK: "A week of theirs is over and can be looked at.",
    MessageKind.RECHECK: "Something they set up once is to be looked at again.",
    MessageKind.PLAN_CHANGED: "Somebody at the clinic changed the plan.",
    MessageKind.TAPER: "They log without being asked every time, so they are asked on fewer days.",
    MessageKind.MOVED: "They often log at another time of the day, so the reminder moved there.",
    MessageKind.INVITE: "Somebody at the clinic invited them. Nothing else goes out before they say yes.",
    MessageKind.MESSAGE: "Somebody at the clinic wrote to them. This says only that there is a message.",
    MessageKind.SIGN_IN_CODE: "Somebody asked for a sign-in code.",
    MessageKind.SHARED_CODE: "Somebody asked for a sign-in code.",
    MessageKind.STOPPED: "They asked us to stop. This is the one text that says so.",
}
"""Of all that goes out by itself; the rest answers a text."""
_ANSWERED: Final = "They texted us. This is the answer."


@get("/", include_in_schema=False)
async def inbox(
    request: AnyRequest,
    visitor: AnyVisitor,
    to: Annotated[str | None, QueryParameter()] = None,
    person: Annotated[UUID | None, QueryParameter()] = None,
    message: Annotated[UUID | None, QueryParameter()] = None,
) -> Response[str]:
    locale = _locale(request, visitor)
    bar = await _bar(visitor)
    owners = await visitor.owners()
    picked = picked_owner(owners, phone_or_email(to), person)
    if picked is None:
        view = InboxView(bar, _listed(owners, None), "", None, None, [], [], None)
    else:
        async with visitor.edge.database.clinic_tx(picked.clinic_id, VISITOR) as session:
            view = await _view(session, bar, owners, picked, message, locale)
    csrf, band = (visitor.staff.csrf, visitor.staff.band) if visitor.staff else ("", None)
    return page("conversation/inbox.html", locale=locale, view=view, csrf=csrf, band=band)


def _locale(request: AnyRequest, visitor: Visitor) -> str:
    return visitor.staff.person.locale if visitor.staff else language_of(request.headers.get("accept-language"))


async def _bar(visitor: Visitor) -> InboxBar:
    """Without names when nobody is signed in."""
    if visitor.staff is None:
        return InboxBar("", "")
    async with visitor.staff.tx() as session:
        name = (await people.clinic(session)).name
    staff = visitor.staff
    return InboxBar(
        name,
        staff.person.name,
        has_digest=staff.may(Right.SEE_RECORD),
        has_settings=staff.may(Right.SETTINGS),
        has_library=staff.may(Right.PRESCRIBE),
    )


async def _view(
    session: ClinicSession,
    bar: InboxBar,
    owners: list[InboxOwner],
    picked: InboxOwner,
    message_id: UUID | None,
    locale: str,
) -> InboxView:
    zone = ZoneInfo(picked.client.zone)
    got = await received(session, client_id=picked.client.id)
    said = [line for line in await queries.thread(session, picked.client.id) if line.direction == "in"]
    chosen = next((one for one in got if one.inbox.id == message_id), got[-1] if got else None)
    chosen_id = chosen.inbox.id if chosen else None
    lines = [_received_line(one, zone, chosen_id) for one in got] + [_said_line(one, zone) for one in said]
    return InboxView(
        bar=bar,
        people=_listed(owners, picked),
        name=picked.client.name,
        phone=picked.phone,
        email=picked.email,
        messages=sorted(lines, key=lambda line: (line.at, line.id)),
        chips=list(CHIPS),
        why=_why(chosen, zone, locale) if chosen else None,
    )


def _listed(owners: list[InboxOwner], picked: InboxOwner | None) -> list[InboxPerson]:
    return [
        InboxPerson(_url_of(owner.client.id), owner.client.name, owner.address, owner.unread, owner is picked)
        for owner in owners
    ]


def _received_line(one: Received, zone: ZoneInfo, chosen: UUID | None) -> InboxLine:
    return InboxLine(
        id=one.inbox.id,
        url=f"{_url_of(one.message.client_id)}&message={one.inbox.id}#message-{one.inbox.id}",
        at=one.inbox.received_at.astimezone(zone),
        from_client=False,
        channel=one.inbox.medium,
        text=one.inbox.body,
        subject=one.inbox.subject,
        state=one.message.state,
        picked=one.inbox.id == chosen,
    )


def _said_line(line: ThreadMessage, zone: ZoneInfo) -> InboxLine:
    url = f"{_url_of(line.client_id)}#message-{line.id}"
    return InboxLine(line.id, url, line.sent_at.astimezone(zone), True, "sms", line.body, state=line.reading)


def _url_of(client_id: UUID) -> str:
    return f"{INBOX}?person={client_id}"


def _why(one: Received, zone: ZoneInfo, locale: str) -> InboxWhy:
    say = translator(locale).gettext
    lock_screen = one.inbox.subject or one.inbox.body
    return InboxWhy(
        reason=say(REASONS.get(one.message.kind, _ANSWERED)),
        facts=_facts(one, zone, locale),
        links=[InboxLink(url, say("Link %(number)s") % {"number": n}) for n, url in enumerate(one.links, 1)],
        lock_screen=lock_screen,
        blocked_words=blocked_words(lock_screen),
        at=one.inbox.received_at.astimezone(zone),
        raw=_raw(one.message),
    )


def _facts(one: Received, zone: ZoneInfo, locale: str) -> list[tuple[str, str]]:
    say, message = translator(locale).gettext, one.message
    size = segments(one.inbox.body)
    spoken = translator(locale).ngettext(
        "%(characters)s characters, %(parts)s part", "%(characters)s characters, %(parts)s parts", size.parts
    )
    length = spoken % {"characters": len(one.inbox.body), "parts": size.parts}
    facts = [
        (say("Due"), charts.day_and_time(message.due_at.astimezone(zone), locale)),
        (say("Sent"), charts.day_and_time(one.inbox.received_at.astimezone(zone), locale)),
        (say("Kind"), message.kind),
        (say("State"), message.state if message.reason is None else f"{message.state} ({message.reason})"),
    ]
    return facts if one.inbox.medium == "email" else [*facts, (say("Length"), length)]


def _raw(message: Message) -> str:
    """The row as it stands, but for what the message says."""
    row = message.model_dump(mode="json", exclude={"params"}, exclude_none=True)
    return msgspec.json.format(msgspec.json.encode(row), indent=2).decode()


def inbox_routers(settings: Settings) -> list[ControllerRouterHandler]:
    """Nothing at all beside real providers."""
    router = Router(INBOX, route_handlers=[inbox], dependencies={"visitor": Provide(provide_visitor)})
    return [router] if settings.inbox else []
