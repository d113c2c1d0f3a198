"""Mail through a Postmark-compatible API, for whoever has no mail server of their own.

The provider knows no idempotency key. It keeps a list of what it took, in which the words' fingerprint leads back to a
message: what is found there was sent. What is not found may only not be listed yet, so an absence proves nothing.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from scheduler.channels.base import (
    CannotTell,
    Evidence,
    Found,
    Later,
    Outcome,
    Parcel,
    Refused,
    Sent,
    Unknown,
    storable,
)
from scheduler.channels.http import Answer, NeverReached, NoAnswer, http_client, outcome_of
from scheduler.timing import Timing
from service.outbox.codes import Failure
from service.settings import MailProvider

# Bad token, sender unknown or not confirmed, no credit left, account not approved, stream unknown: for us to mend. And
# maintenance, for them (postmarkapp.com/developer/api/overview#error-codes).
_NOT_NOW: Final = frozenset({10, 400, 401, 405, 412, 413, 1235, 100})
_INACTIVE: Final = 406
"""The provider has seen this address bounce, complain or leave before, and writes to it no more."""

# What it gives out are UUIDs; anything else of this kind may be stored and compared.
_MESSAGE_ID: Final = re.compile(r"[0-9A-Za-z-]{1,100}")
_WAIT_FOR_MENDING = 60.0
_LOOK_BACK = timedelta(minutes=10)


class PostmarkChannel:
    provider = "postmark"
    # A mail is twenty times as long as a text.
    batch = 250

    def __init__(self, settings: MailProvider, timing: Timing) -> None:
        self._url = settings.url
        self.per_second = settings.per_second
        self._client = http_client(None, timing)
        self._headers = {"Accept": "application/json", "X-Postmark-Server-Token": settings.token}

    async def send(self, parcel: Parcel) -> Outcome:
        sending = self._client.send_json(f"{self._url}/email", _mail(parcel), self._headers, parcel.send_before)
        return await outcome_of(sending, _outcome)

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        wanted = {"recipient": sent_to, "metadata_words": body_sha256.hex(), "count": "50", "offset": "0"}
        try:
            answer = await self._client.get(f"{self._url}/messages/outbound", wanted, self._headers)
        except (NeverReached, NoAnswer):
            return CannotTell(can_ever_tell=True)
        listed = answer.json.get("Messages") if answer.status_code == 200 else None
        for entry in listed if isinstance(listed, list) else []:
            message_id = _message_id(entry) if _is_it(entry, body_sha256, since) else None
            if message_id is not None and message_id not in spoken_for:
                return Found(message_id)
        return CannotTell(can_ever_tell=True)

    async def clock(self) -> datetime | None:
        try:
            answer = await self._client.get(f"{self._url}/server", {}, self._headers)
        except (NeverReached, NoAnswer):
            return None
        return answer.date

    async def close(self) -> None:
        await self._client.close()


def _mail(parcel: Parcel) -> dict[str, Any]:
    """Nobody's opening or clicking is watched. The provider hands the metadata back with each event."""
    headers = [{"Name": name, "Value": value} for name, value in parcel.headers.items()]
    return {
        "From": parcel.sent_from,
        "To": parcel.sent_to,
        "Subject": parcel.subject or "",
        "TextBody": parcel.text,
        "HtmlBody": parcel.html,
        "Headers": [*headers, {"Name": "X-PM-KeepID", "Value": "true"}],
        "Metadata": {
            "clinic": str(parcel.clinic_id),
            "attempt": str(parcel.attempt_id),
            "words": hashlib.sha256(parcel.text.encode()).hexdigest(),
        },
        "TrackOpens": False,
        "TrackLinks": "None",
        "MessageStream": "outbound",
    }


def _outcome(answer: Answer) -> Outcome:
    status, body = answer.status_code, answer.json
    code = body.get("ErrorCode")
    if status == 200:
        message_id = _message_id(body)
        if code == 0 and message_id:
            return Sent(message_id)
        return Unknown("answer without a message id", status)
    told = str(code if isinstance(code, int) else status)
    if status == 429:
        return Later(answer.retry_after, told)
    if status in (401, 403) or (400 <= status < 500 and code in _NOT_NOW):
        return Later(_WAIT_FOR_MENDING, told)
    if 400 <= status < 500:
        failure = Failure.INVALID_ADDRESS if code == _INACTIVE else Failure.REFUSED
        return Refused(told, storable(str(body.get("Message", ""))), status, failure)
    return Unknown(f"status {status}", status)


def _message_id(entry: Mapping[str, Any]) -> str | None:
    found = entry.get("MessageID")
    return found if isinstance(found, str) and _MESSAGE_ID.fullmatch(found) else None


def _is_it(entry: Any, body_sha256: bytes, since: datetime) -> bool:
    if not isinstance(entry, dict):
        return False
    known = entry.get("Metadata")
    if not isinstance(known, dict) or known.get("words") != body_sha256.hex():
        return False
    try:
        received = datetime.fromisoformat(str(entry.get("ReceivedAt")))
    except ValueError:
        return False
    return received.tzinfo is not None and received >= since - _LOOK_BACK
