"""What was said between a client and the clinic, in both directions, as it reads on a phone."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.tables import Client, Clinic
from service.conversation.rules import shown_words
from service.conversation.tables import ThreadMessage as ThreadRow
from service.outbox.rules import MESSAGES, MessageKind, text_of
from service.outbox.tables import Message
from service.reminders.reasons import Reason
from service.review.schemas import ThreadMessage
from service.words import translator

SHOWN = 12
_STATES = {"accepted": "sent", "delivered": "delivered", "undelivered": "not delivered"}
# What opens a door is not shown to anybody but the person it was sent to.
_HIDDEN = {"link": "…", "code": "······", "host": "…"}


def thread(
    said: Sequence[ThreadRow],
    sent: Sequence[Message],
    client: Client,
    clinic: Clinic,
    names: Mapping[UUID, str],
    locale: str,
) -> list[ThreadMessage]:
    """The last of both, oldest first, in the client's own time."""
    zone = ZoneInfo(client.zone)
    say = translator(locale).gettext
    lines = [_said(row, client, clinic, names, zone, say) for row in said]
    lines += [_sent(message, client, clinic, zone, locale) for message in sent]
    return sorted(lines, key=lambda line: line.at)[-SHOWN:]


def _said(
    row: ThreadRow,
    client: Client,
    clinic: Clinic,
    names: Mapping[UUID, str],
    zone: ZoneInfo,
    say: Callable[[str], str],
) -> ThreadMessage:
    from_client, codes = row.direction == "in", (row.reading or "").split()
    ours = names.get(row.staff_id, clinic.short_name) if row.staff_id else clinic.short_name
    author = client.name if from_client else ours
    is_new = from_client and row.read_at is None and not {"note", "danger", "picture"}.isdisjoint(codes)
    read_at = row.read_at.astimezone(zone) if row.read_at and not from_client else None
    return ThreadMessage(
        row.sent_at.astimezone(zone),
        shown_words(row.body, "picture" in codes, say),
        author,
        from_client,
        row.channel,
        read_at=read_at,
        is_new=is_new,
    )


def _sent(message: Message, client: Client, clinic: Clinic, zone: ZoneInfo, locale: str) -> ThreadMessage:
    """A text in full, a mail by its subject, in the language it was sent in; and why it was not, if it was not."""
    at = message.accepted_at or message.created_at
    words = Reason(message.reason).msgid if message.reason else _STATES.get(message.state, message.state)
    state = translator(locale).gettext(words)
    return ThreadMessage(
        at=at.astimezone(zone),
        text=_text(message, client, clinic),
        author=clinic.short_name,
        from_client=False,
        channel=message.channel,
        state=state,
    )


def _text(message: Message, client: Client, clinic: Clinic) -> str:
    kind, say = MessageKind(message.kind), translator(client.locale).gettext
    facts = {
        "clinic": clinic.short_name,
        "phone": clinic.phone,
        "emergency": clinic.emergency_number,
        "most": clinic.texts_per_day,
    }
    values = {**message.params, **facts, **{name: f"<{name}>" for name in _HIDDEN}}
    # What could not be written when it was sent cannot be written here.
    if message.channel == "email" or message.reason == Reason.RENDER:
        return say(MESSAGES[kind].subject) % values
    text = text_of(kind, say, values)
    for name, sign in _HIDDEN.items():
        text = text.replace(f"<{name}>", sign)
    return text
