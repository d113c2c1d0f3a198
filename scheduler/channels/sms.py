"""Text messages through a Twilio-compatible API."""

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
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
    Unreached,
)
from scheduler.channels.http import Answer, NeverReached, NoAnswer, http_client
from scheduler.timing import Timing
from service.clock import utc_now
from service.settings import SmsProvider

OPTED_OUT = "21610"
_VALIDITY = (1, 36_000)
# Two machines' clocks differ; the words with their own link tell one message from another.
_LOOK_BACK = timedelta(minutes=10)


class SmsChannel:
    provider = "twilio"

    def __init__(self, settings: SmsProvider, timing: Timing) -> None:
        self.per_second = settings.per_second
        self._messages = f"{settings.url}/2010-04-01/Accounts/{settings.account}/Messages.json"
        self._client = http_client((settings.account, settings.token), timing)

    async def send(self, parcel: Parcel) -> Outcome:
        try:
            return _outcome(await self._client.ask("POST", self._messages, data=_form(parcel)))
        except NeverReached as error:
            return Unreached(str(error))
        except NoAnswer as error:
            return Unknown(str(error))

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        try:
            answer = await self._client.ask("GET", self._messages, params={"To": sent_to, "PageSize": "100"})
        except (NeverReached, NoAnswer):
            return CannotTell(can_ever_tell=True)
        listed = answer.json.get("messages") if answer.status_code == 200 else None
        if not isinstance(listed, list):
            return CannotTell(can_ever_tell=True)
        candidates = [entry for entry in listed if _is_it(entry, body_sha256, since) and entry["sid"] not in spoken_for]
        # Of several with unknown words the earliest stands for the earliest message.
        oldest = min(candidates, key=lambda entry: _created(entry) or since, default=None)
        return Absent() if oldest is None else Found(str(oldest["sid"]))

    async def clock(self) -> datetime | None:
        try:
            answer = await self._client.ask("GET", self._messages, params={"PageSize": "1"})
            return answer.date
        except (NeverReached, NoAnswer):
            return None

    async def close(self) -> None:
        await self._client.close()


def _form(parcel: Parcel) -> dict[str, str]:
    validity = int((parcel.expires_at - utc_now()).total_seconds())
    return {
        "To": parcel.sent_to,
        "From": parcel.sent_from,
        "Body": parcel.text,
        "StatusCallback": parcel.callback_url,
        "ValidityPeriod": str(min(max(validity, _VALIDITY[0]), _VALIDITY[1])),
    }


def _outcome(answer: Answer) -> Outcome:
    status = answer.status_code
    body = answer.json
    code = str(body.get("code", status))
    if 200 <= status < 300:
        sid = body.get("sid")
        return Sent(sid) if isinstance(sid, str) and sid else Unknown("answer without a sid", status)
    if status == 429:
        return Later(answer.retry_after, code)
    if status in (401, 403):
        # Our own login is refused, not this message: it waits until somebody has mended the settings.
        return Later(60.0, code)
    if 400 <= status < 500:
        return Refused(code, str(body.get("message", ""))[:200], status, opted_out=code == OPTED_OUT)
    return Unknown(f"status {status}", status)


def _is_it(entry: Any, body_sha256: bytes, since: datetime) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("body"), str) or not entry.get("sid"):
        return False
    if body_sha256 != UNKNOWN_WORDS and hashlib.sha256(entry["body"].encode()).digest() != body_sha256:
        return False
    created = _created(entry)
    # The provider's clock counts whole seconds.
    return created is not None and created >= since.replace(microsecond=0) - _LOOK_BACK


def _created(entry: dict[str, Any]) -> datetime | None:
    try:
        return parsedate_to_datetime(str(entry.get("date_created"))).astimezone(UTC)
    except ValueError:
        return None
