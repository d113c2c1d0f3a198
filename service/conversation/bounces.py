"""Reads what mail servers send back: reports of failed delivery (RFC 3464 and older ways) and complaints (RFC 5965).

Anybody can write such a mail. What it says counts only for a message whose id it gives back: an id that only whoever
got the message, or carried it, can know. An address alone proves nothing. Pure.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32
from typing import Any, Final, Literal
from uuid import UUID

from service.mail_codes import Verdict, reading, status_in, verdict

Outcome = Literal["gone", "undelivered", "delayed", "delivered", "complaint"]
MESSAGE_HEADER: Final = "X-Clamshell-Message"
"""Some services write their own Message-ID over ours; this one they leave alone."""

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_IDS: Final = re.compile(rf"(?:<|\b{MESSAGE_HEADER}:\s*)({_UUID})(?=[@\s]|$)", re.I)
_COPY_BEGINS: Final = re.compile(
    r"^[-= ]*(below this line is a copy|this is a copy of|original message|a copy of the original|"
    r"message headers? follows?|unsent message below|the (body|header)s? of (the|your) (original )?message)",
    re.I | re.M,
)
_FROM_A_SERVER: Final = re.compile(r"mailer-daemon|postmaster|mail delivery (sub)?system|^<>$", re.I)
_RETURNED: Final = re.compile(
    r"undeliver|failure notice|returned (mail|to sender)|delivery (has )?(failed|failure|status|problem)|"
    r"could not be delivered|mail delivery failed|non remis|unzustellbar|no se puede entregar",
    re.I,
)
_STATUS_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
_COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
_LONGEST_MAIL: Final = 100_000
"""What comes first in a report is enough; our own mails are shorter."""

_LONGEST_WORDS: Final = 4000
_MOST_IDS: Final = 10


@dataclass(frozen=True, slots=True)
class Report:
    """`gone`: nobody will ever read mail to this address. `ids` may be a message's or an attempt's, likeliest first."""

    outcome: Outcome
    ids: tuple[UUID, ...]
    code: str | None = None

    @property
    def kind(self) -> str:
        return "complaint" if self.outcome == "complaint" else "bounce"


def read_report(raw: bytes) -> Report | None:
    """None for any mail that reports nothing, such as somebody's note that they are away."""
    try:
        mail = message_from_bytes(raw[:_LONGEST_MAIL], policy=compat32)
        parts = list(mail.walk())
        return _complaint(mail, parts) or _status_report(mail, parts) or _plain_report(mail, parts)
    except RecursionError:
        # Parts within parts within parts: written to hurt.
        return None


def _complaint(mail: Message, parts: list[Message]) -> Report | None:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            kinds = [_field(block, "Feedback-Type").lower() for block in _blocks(part)]
            return Report("complaint", _ids(mail, parts)) if _COMPLAINTS & set(kinds) else None
    # Outlook.com also forwards the mail itself, with the person it went to in a header of its own.
    if any(_field(part, "X-HmXmrOriginalRecipient") for part in parts):
        return Report("complaint", _ids(mail, parts))
    return None


def _status_report(mail: Message, parts: list[Message]) -> Report | None:
    blocks = [b for p in parts if p.get_content_type() in _STATUS_TYPES for b in _blocks(p)]
    told = [_of_recipient(block) for block in blocks if _field(block, "Action") or _field(block, "Status")]
    if not told:
        return None
    envelope = [UUID(e) for b in blocks for e in re.findall(_UUID, _field(b, "Original-Envelope-Id"))]
    failed = [one for one in told if one[0] in ("gone", "undelivered")]
    # Several lines are one address that was passed on: it is gone when all of them are.
    outcome, code = max(failed or told, key=lambda one: one[0] != "gone")
    return Report(outcome, tuple(dict.fromkeys((*envelope, *_ids(mail, parts)))), code)


def _of_recipient(block: Message) -> tuple[Outcome, str | None]:
    action, status = _field(block, "Action").lower(), status_in(_field(block, "Status"))
    words = _field(block, "Diagnostic-Code")
    reply, diagnosed = reading(words.partition(";")[2] or words)
    # The other server's own words say more than what ours made of them; 5.0.0 says nothing.
    code = diagnosed if diagnosed and not diagnosed.endswith(".0.0") else status or diagnosed
    if action in ("delayed", "relayed", "expanded"):
        return "delayed", code
    if action == "delivered" or (not action and code and code.startswith("2")):
        return "delivered", code
    gone = verdict(reply, code, words) is Verdict.NO_MAILBOX
    return ("gone" if gone else "undelivered"), code or (str(reply) if reply else None)


def _plain_report(mail: Message, parts: list[Message]) -> Report | None:
    """What servers without RFC 3464 send: a note in plain words, and then the mail."""
    failed = bool(_field(mail, "X-Failed-Recipients"))
    sender = f"{_field(mail, 'From')} {_field(mail, 'Return-Path')}"
    if not failed and not (_FROM_A_SERVER.search(sender) and _RETURNED.search(_field(mail, "Subject"))):
        return None
    text = "\n".join(_text(part) for part in parts if part.get_content_type() == "text/plain")
    note = _COPY_BEGINS.split(text, maxsplit=1)[0][:_LONGEST_WORDS]
    reply, status = reading(note)
    meant = verdict(reply, status, note)
    outcome: Outcome = "gone" if meant is Verdict.NO_MAILBOX else "undelivered"
    if meant is Verdict.LATER and re.search(r"warning|delayed|will (be )?retr|still (be )?try", note, re.I):
        outcome = "delayed"
    return Report(outcome, _ids(mail, parts), status or (str(reply) if reply else None))


def _ids(mail: Message, parts: list[Message]) -> tuple[UUID, ...]:
    """Of the mail that came back; where it is not there, of the mail that this one says it answers."""
    inside = [
        f"{MESSAGE_HEADER}: {_field(part, MESSAGE_HEADER)}\n{_field(part, 'Message-ID')}\n{_text(part)}"
        for part in parts
        if part is not mail
    ]
    answered = f"{_field(mail, 'In-Reply-To')} {_field(mail, 'References')}"
    found = (id for words in (*inside, _text(mail), answered) for id in _IDS.findall(words))
    return tuple(dict.fromkeys(UUID(id) for id in found))[:_MOST_IDS]


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields in a report, also of one that was encoded although it must not be."""
    payload = part.get_payload()
    rest = "" if isinstance(payload, list) else str(payload)
    for block in payload if isinstance(payload, list) else ():
        if isinstance(block, Message):
            yield block
            rest += f"\n{block.get_payload()}" if not block.is_multipart() else ""
    if _field(part, "Content-Transfer-Encoding").lower() == "base64":
        try:
            rest = b64decode(rest).decode("utf-8", "replace")
        except ValueError:
            return
    for group in re.split(r"(?:\r?\n){2,}", rest):
        yield message_from_string(group.strip() + "\n\n", policy=compat32)


def _text(part: Message) -> str:
    if part.get_content_maintype() != "text":
        return ""
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _field(part: Message, name: str) -> str:
    """As it stands in the mail: reading it as the standard says would take long for what is written to hurt."""
    value = next((str(value) for key, value in part.raw_items() if key.lower() == name.lower()), "")
    return " ".join(value[:_LONGEST_WORDS].split())


# As postmarkapp.com/developer/api/bounce-api lists them; the rest (a note that somebody is away) change nothing. A soft
# bounce and a transient one, which its pages call undeliverable, come when no more is tried (postmarkapp.com/support,
# articles 815 and 1159). Should it arrive all the same, the report of that outranks them.
_EVENT_GONE: Final = frozenset({"HardBounce", "BadEmailAddress"})
_EVENT_COMPLAINT: Final = frozenset({"SpamComplaint", "Unsubscribe", "ManualSuppression"})
_EVENT_UNDELIVERED: Final = frozenset(
    {
        "SoftBounce",
        "Transient",
        "DnsError",
        "SpamNotification",
        "VirusNotification",
        "Blocked",
        "DMARCPolicy",
        "Unknown",
    }
    | {"SMTPApiError", "InboundError", "ManuallyDeactivated", "TemplateRenderingFailed"}
)


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider of the Postmark kind told about a mail of one clinic, and a key that is the event's own."""

    clinic_id: UUID
    key: str
    report: Report


def read_event(told: Mapping[str, Any]) -> Event | None:
    """None for what is about no mail of ours, or says nothing about its way: an opening, a click."""
    ours = told.get("Metadata")
    ours = ours if isinstance(ours, dict) else {}
    clinic_id, attempt_id = _uuid(ours.get("clinic")), _uuid(ours.get("attempt"))
    record, code = str(told.get("RecordType")), str(told.get("Type") or told.get("SuppressionReason") or "") or None
    outcome = _event_outcome(record, code, suppressed=told.get("SuppressSending") is True)
    if clinic_id is None or attempt_id is None or outcome is None:
        return None
    parts = (record, told.get("MessageID"), told.get("ID") or told.get("ChangedAt") or told.get("Recipient"))
    key = ":".join(str(part) for part in parts)[:200]
    return Event(clinic_id, key, Report(outcome, (attempt_id,), code))


def _event_outcome(record: str, code: str | None, *, suppressed: bool) -> Outcome | None:
    match record:
        case "Delivery":
            return "delivered"
        case "SpamComplaint":
            return "complaint"
        case "SubscriptionChange":
            return ("gone" if code in _EVENT_GONE else "complaint") if suppressed else None
        case "Bounce" if code in _EVENT_GONE:
            return "gone"
        case "Bounce" if code in _EVENT_COMPLAINT:
            return "complaint"
        case "Bounce":
            return "undelivered" if code in _EVENT_UNDELIVERED else "delayed"
    return None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
