"""Mail over SMTP on one kept connection."""

import asyncio
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from scheduler.channels.base import (
    CannotTell,
    Evidence,
    Later,
    Outcome,
    Parcel,
    Refused,
    Sent,
    Unknown,
    Unreached,
)
from scheduler.timing import Timing
from service.clock import monotonic, utc_now
from service.settings import MailServer


class EmailChannel:
    provider = "smtp"

    def __init__(self, settings: MailServer, timing: Timing) -> None:
        self._settings = settings
        self.per_second = settings.per_second
        self._one_at_a_time = asyncio.Lock()
        self._smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password,
            use_tls=settings.use_tls,
            timeout=timing.read,
        )

    async def send(self, parcel: Parcel) -> Outcome:
        async with self._one_at_a_time:
            if monotonic() > parcel.send_before:
                return Unreached("the queue was too long", tried=False)
            unreached = await self._connect()
            return unreached or await self._hand_over(parcel)

    async def _connect(self) -> Unreached | None:
        try:
            if not await self._alive():
                await self._smtp.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            self._smtp.close()
            return Unreached(type(error).__name__)
        return None

    async def _alive(self) -> bool:
        """A kept connection that the server closed while idle must not cost a message its certainty."""
        if not self._smtp.is_connected:
            return False
        try:
            await self._smtp.noop()
        except aiosmtplib.SMTPException:
            self._smtp.close()
            return False
        return True

    async def _hand_over(self, parcel: Parcel) -> Outcome:
        try:
            await self._smtp.send_message(compose(parcel, utc_now()))
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code, error.recipients[0].message)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            return _refused(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._smtp.close()
            return Unknown(type(error).__name__)
        return Sent(parcel.headers["Message-ID"])

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        return CannotTell(can_ever_tell=False)

    async def close(self) -> None:
        if self._smtp.is_connected:
            await self._smtp.quit()


def compose(parcel: Parcel, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = parcel.sent_from
    mail["To"] = parcel.sent_to
    mail["Subject"] = parcel.subject or ""
    mail["Date"] = format_datetime(now)
    for name, value in parcel.headers.items():
        mail[name] = value
    mail.set_content(parcel.text)
    if parcel.html:
        mail.add_alternative(parcel.html, subtype="html")
    return mail


def _refused(code: int, message: str) -> Outcome:
    """4xx: not taken, ask again later. 5xx: never."""
    if 400 <= code < 500:
        # 421: the server itself is closing its doors; anything else is about this one recipient.
        return Later(None, str(code), whole_sender=code == 421)
    return Refused(str(code), message[:200], code)
