"""Text messages through a Twilio-compatible API."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scheduler.channels.base import (
    UNKNOWN_WORDS,
    Absent,
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
from scheduler.channels.http import Answer, NeverReached, NoAnswer, date_in, http_client, outcome_of
from scheduler.timing import Timing
from service.clock import utc_now
from service.outbox.codes import Failure, failure_of
from service.settings import SmsProvider

_VALIDITY = (1, 36_000)
# Two machines' clocks differ; the words with their own link tell one message from another.
_LOOK_BACK = timedelta(minutes=10)
_TOO_FAST = 60.0
"""Seconds that a sender waits when its provider says that it is too fast and not for how long."""
_SID = re.compile(r"[!-~]{1,100}")


class SmsChannel:
    provider = "twilio"
    batch = 500

    def __init__(self, settings: SmsProvider, timing: Timing) -> None:
        self.per_second = settings.per_second
        self._messages = f"{settings.url}/2010-04-01/Accounts/{settings.account}/Messages.json"
        self._client = http_client((settings.account, settings.token), timing)

    async def send(self, parcel: Parcel) -> Outcome:
        sending = self._client.send_form(self._messages, _form(parcel), parcel.send_before)
        return await outcome_of(sending, _outcome)

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        try:
            answer = await self._client.get(self._messages, {"To": sent_to, "PageSize": "100"})
        except (NeverReached, NoAnswer):
            return CannotTell(can_ever_tell=True)
        listed = answer.json.get("messages") if answer.status_code == 200 else None
        if not isinstance(listed, list):
            return CannotTell(can_ever_tell=True)
        found = [it for entry in listed if (it := _if_it(entry, body_sha256, since)) and it[1] not in spoken_for]
        # Of several with unknown words the earliest stands for the earliest message.
        return Found(min(found)[1]) if found else Absent()

    async def clock(self) -> datetime | None:
        try:
            answer = await self._client.get(self._messages, {"PageSize": "1"})
            return answer.date
        except (NeverReached, NoAnswer):
            return None

    async def close(self) -> None:
        await self._client.close()


def _form(parcel: Parcel) -> dict[str, str]:
    validity = int((parcel.expires_at - utc_now()).total_seconds())
    form = {
        "To": parcel.sent_to,
        "From": parcel.sent_from,
        "Body": parcel.text,
        "ValidityPeriod": str(min(max(validity, _VALIDITY[0]), _VALIDITY[1])),
    }
    return {**form, "StatusCallback": parcel.callback_url} if parcel.callback_url else form


def _outcome(answer: Answer) -> Outcome:
    """The status decides; within 4xx the provider's own code does. What nobody can read leaves it open."""
    status, body = answer.status_code, answer.json
    given = body.get("code")
    code = str(given) if isinstance(given, int) else None
    if 200 <= status < 300:
        sid = _sid(body)
        return Sent(sid) if sid else Unknown("answer without a sid", status)
    if not 400 <= status < 500:
        return Unknown(f"status {status}, code {code}", status)
    if status == 429:
        return Later(answer.retry_after, code or str(status))
    return _refusal(status, code, answer.retry_after, str(body.get("message", "")))


def _refusal(status: int, code: str | None, retry_after: float | None, message: str) -> Outcome:
    failure = failure_of(code)
    if status == 401 or failure is Failure.LOGIN or (code is None and status in (403, 404)):
        # Our login or our address is refused, not this message: it waits until somebody has mended the settings.
        return Later(None, code or str(status), whole_sender=False, own_login=True)
    if code is None:
        # Not how the provider refuses: a gateway in between, perhaps.
        return Unknown(f"status {status}", status)
    if failure is Failure.RATE:
        return Later(retry_after or _TOO_FAST, code)
    return Refused(code, storable(message), status, failure or Failure.REFUSED)


def _sid(entry: Mapping[str, Any]) -> str | None:
    sid = entry.get("sid")
    return sid if isinstance(sid, str) and _SID.fullmatch(sid) else None


def _if_it(entry: Any, body_sha256: bytes, since: datetime) -> tuple[datetime, str] | None:
    """When a listed text was taken, and its id there, when it is the one looked for."""
    if not isinstance(entry, dict) or not isinstance(entry.get("body"), str):
        return None
    words = hashlib.sha256(entry["body"].encode(errors="replace")).digest()
    created, sid = date_in(str(entry.get("date_created"))), _sid(entry)
    if created is None or sid is None or body_sha256 not in (words, UNKNOWN_WORDS):
        return None
    # The provider's clock counts whole seconds.
    return (created, sid) if created >= since.replace(microsecond=0) - _LOOK_BACK else None
