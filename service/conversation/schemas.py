"""What the thread and the test inbox take and show. Instants of the inbox are in the zone of whom they are about."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from service.conversation.rules import LONGEST_MESSAGE
from service.conversation.rules.invites import Code


class MessageIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`id` is made by whoever writes, so that sending it again sends it once."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_MESSAGE)]
    id: UUID | UnsetType = UNSET


class ReadIn(Struct, forbid_unknown_fields=True):
    """`until` is when the thread was read: what came after it stays unread."""

    until: Annotated[datetime, Meta(tz=True)]


class MessageOut(Struct, frozen=True, omit_defaults=True):
    """`channel` is how it came in or was written; `read_at` when the other side said it was read."""

    id: UUID
    text: str
    from_client: bool
    channel: str
    sent_at: datetime
    read_at: datetime | None = None
    staff_id: UUID | None = None


class MessageOutList(Struct, frozen=True):
    data: list[MessageOut]


class InvitationIn(Struct, forbid_unknown_fields=True):
    channel: Literal["sms", "email"]


class InvitationOut(Struct, frozen=True, omit_defaults=True):
    """`reason`: why its message did not arrive, as in the ledger."""

    id: UUID
    channel: Literal["sms", "email"]
    state: Code
    invited_at: datetime
    expires_at: datetime
    opened_at: datetime | UnsetType = UNSET
    answered_at: datetime | UnsetType = UNSET
    withdrawn_at: datetime | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class InvitationList(Struct, frozen=True):
    data: list[InvitationOut]


class InboxBar(Struct, frozen=True):
    """The strip at the top, as every staff page has it."""

    clinic_name: str
    staff_name: str
    inbox_url: str = "/dev/inbox"
    sign_out_url: str = "/staff/sign-out"
    unplaced: int = 0
    has_digest: bool = False
    has_settings: bool = False
    has_library: bool = False
    factor_due_on: date | None = None


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
    """One message as its far end got it. `links` are the addresses in its text; mail to staff has no client."""

    id: UUID
    message_id: UUID
    medium: str
    kind: str
    state: str
    to: str
    received_at: datetime
    text: str
    links: list[str]
    client_id: UUID | None = None
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
