"""What the test inbox shows and answers. Instants carry the zone of the person they are about."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class InboxBar(Struct, frozen=True):
    """The strip at the top, as every staff page has it."""

    clinic_name: str
    staff_name: str
    inbox_url: str = "/dev/inbox"
    sign_out_url: str = "/staff/sign-out"


class InboxPerson(Struct, frozen=True):
    """`unread` counts what came since the person last wrote."""

    url: str
    name: str
    address: str
    unread: int
    picked: bool


class InboxLine(Struct, frozen=True):
    """One bubble of a thread: a text, a mail, or what the person texted."""

    id: UUID
    url: str
    at: datetime
    from_client: bool
    channel: str
    text: str
    subject: str | None = None
    state: str | None = None
    picked: bool = False


class InboxLink(Struct, frozen=True):
    url: str
    label: str


class InboxWhy(Struct, frozen=True):
    """Why one message went out, and what anybody who passes by can read of it."""

    reason: str
    facts: list[tuple[str, str]]
    links: list[InboxLink]
    lock_screen: str
    blocked_words: tuple[str, ...]
    at: datetime
    raw: str


class InboxView(Struct, frozen=True):
    bar: InboxBar
    people: list[InboxPerson]
    name: str
    phone: str | None
    email: str | None
    messages: list[InboxLine]
    chips: list[str]
    why: InboxWhy | None
    status: str | None = None
    problem: str | None = None


class InboxMessageOut(Struct, frozen=True, omit_defaults=True):
    """One message as its far end got it. `links` are the addresses in its text."""

    id: UUID
    message_id: UUID
    client_id: UUID
    medium: str
    kind: str
    state: str
    to: str
    received_at: datetime
    text: str
    links: list[str]
    subject: str | None = None
    html: str | None = None
    headers: dict[str, str] = {}


class InboxMessageList(Struct, frozen=True):
    data: list[InboxMessageOut]


class InboxReplied(Struct, frozen=True):
    """`provider_message_id` is what the provider would call the text."""

    provider_message_id: str


def phone_or_email(typed: str | None) -> str | None:
    """An address as somebody wrote it into a query; a plus sign that was not escaped comes as a space."""
    found = (typed or "").strip()
    return f"+{found}" if found.isdecimal() else found or None


class MailHeard(Struct, frozen=True):
    """What was read (gone, undelivered, delayed, delivered, complaint, none), whether or not it is about our mail."""

    report: str
