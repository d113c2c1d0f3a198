"""Mail over SMTP, on a few kept connections.

Until its DATA a mail cannot have been taken: whatever breaks before is certain, and is tried again at once when it was
only the kept connection that had died. From DATA on only the server's answer is certain.

A server takes one mail after the other on a connection, and aiosmtplib waits for each of its four answers (it drops
what comes unasked, so commands cannot be sent ahead): several connections are what makes a distant server fast.
"""

import asyncio
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import assert_never

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
    storable,
)
from scheduler.channels.turns import NO_TURN, in_time
from scheduler.timing import Timing
from service.clock import monotonic, utc_now
from service.conversation.bounces import MESSAGE_HEADER
from service.mail_codes import NEEDS_LOGIN, Verdict, status_in, verdict
from service.outbox.codes import Failure
from service.settings import MailServer
from service.smtp import smtp_client, trusted

LANES = 20
"""Connections at once, one for each mail of a batch. Some servers allow fewer: a lane that is refused while others
stand is left out for a while."""

LANE_RESTS = 60.0
WAIT_FOR_MENDING = 60.0
"""Seconds until a mail is tried again after our own login or sender was refused."""

# No line is folded: a folded one would cut the address in List-Unsubscribe. Eight-bit text is encoded, so that
# every server can take it.
_POLICY = SMTP.clone(max_line_length=900, cte_type="7bit")
_RCPT_OPTIONS = ("NOTIFY=FAILURE",)
_CLOSING = 421
_BROKEN = (aiosmtplib.SMTPException, OSError, TimeoutError)


class EmailChannel:
    provider = "smtp"
    batch = 5 * LANES

    def __init__(self, settings: MailServer, timing: Timing) -> None:
        self.per_second = settings.per_second
        self._timing = timing
        tls = trusted(settings)
        self._lanes = [smtp_client(settings, tls, timing.read) for _ in range(LANES)]
        # The lane that was used last goes first, so that a quiet day keeps one connection and not all.
        self._free: asyncio.LifoQueue[aiosmtplib.SMTP] = asyncio.LifoQueue()
        for lane in reversed(self._lanes):
            self._free.put_nowait(lane)

    async def send(self, parcel: Parcel) -> Outcome:
        outcome: Outcome | None = None
        while outcome is None:
            outcome = await self._try(parcel)
        return outcome

    async def _try(self, parcel: Parcel) -> Outcome | None:
        """None: the lane got no connection while others have one, and is left out for a while."""
        try:
            lane = await in_time(self._free.get, parcel.send_before)
        except TimeoutError:
            return NO_TURN
        rests = 0.0
        try:
            # Not before its turn: a batch of mails would be held twice.
            mail = _written(parcel)
            if isinstance(mail, Refused):
                return mail
            kept = lane.is_connected
            closed = await self._open(lane, parcel)
            if closed is None:
                return await self._announce(lane, parcel, mail, kept)
            if not any(other.is_connected for other in self._lanes):
                return closed
            rests = LANE_RESTS
            return None
        except BaseException:
            lane.close()
            raise
        finally:
            if rests:
                asyncio.get_running_loop().call_later(rests, self._free.put_nowait, lane)
            else:
                self._free.put_nowait(lane)

    def _time(self, parcel: Parcel, most: float) -> float:
        """The flight ends `last_call` after the last moment to begin, and the outcome is written down before."""
        return min(parcel.send_before + self._timing.last_call - self._timing.connect - monotonic(), most)

    async def _open(self, lane: aiosmtplib.SMTP, parcel: Parcel) -> Outcome | None:
        if lane.is_connected:
            return None
        # What is left of a connection that the server closed.
        lane.close()
        try:
            async with asyncio.timeout(self._time(parcel, self._timing.read)):
                await lane.connect(timeout=self._timing.connect)
                if lane.is_ehlo_or_helo_needed:
                    await lane.ehlo()
        except aiosmtplib.SMTPAuthenticationError as error:
            lane.close()
            return Later(WAIT_FOR_MENDING, _code(error), whole_sender=False, own_login=True)
        except aiosmtplib.SMTPResponseException as error:
            lane.close()
            return Later(WAIT_FOR_MENDING, _code(error))
        except _BROKEN as error:
            lane.close()
            return Unreached(type(error.__cause__ or error).__name__)
        return None

    async def _announce(self, lane: aiosmtplib.SMTP, parcel: Parcel, mail: bytes, kept: bool) -> Outcome:
        """`kept`: the server may have closed the connection while nobody looked, which one more try finds out."""
        try:
            async with asyncio.timeout(self._time(parcel, self._timing.read)):
                await lane.mail(parcel.sent_from, options=_options(lane, parcel, len(mail)))
                await lane.rcpt(parcel.sent_to, options=_RCPT_OPTIONS if lane.supports_extension("dsn") else ())
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused) as error:
            if not (kept and error.code == _CLOSING):
                return await self._turned_down(lane, error)
        except _BROKEN as error:
            lane.close()
            if not kept:
                return Unreached(type(error).__name__)
        else:
            return await self._hand_over(lane, parcel, mail)
        return await self._open(lane, parcel) or await self._announce(lane, parcel, mail, kept=False)

    async def _hand_over(self, lane: aiosmtplib.SMTP, parcel: Parcel, mail: bytes) -> Outcome:
        left = self._time(parcel, self._timing.flight)
        if left < self._timing.connect:
            lane.close()
            return Unreached("the flight was nearly over")
        try:
            async with asyncio.timeout(left):
                await lane.data(mail, timeout=None)
        except aiosmtplib.SMTPDataError as error:
            return await self._turned_down(lane, error)
        except _BROKEN as error:
            lane.close()
            return Unknown(type(error).__name__)
        return Sent(parcel.headers["Message-ID"])

    async def _turned_down(self, lane: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException) -> Outcome:
        """The rest of a refused mail must not become the beginning of the next one."""
        try:
            async with asyncio.timeout(self._timing.connect):
                await lane.rset()
        except _BROKEN:
            lane.close()
        return outcome_of(error)

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        return CannotTell(can_ever_tell=False)

    async def clock(self) -> datetime | None:
        return None

    async def close(self) -> None:
        for lane in self._lanes:
            if lane.is_connected:
                try:
                    async with asyncio.timeout(self._timing.connect):
                        await lane.quit()
                except _BROKEN:
                    lane.close()


def _written(parcel: Parcel) -> bytes | Refused:
    try:
        return compose(parcel, utc_now()).as_bytes()
    except ValueError as error:
        return Refused("unwritable", type(error).__name__)


def compose(parcel: Parcel, now: datetime) -> EmailMessage:
    """Raises ValueError when an address or a header is none."""
    parcel.sent_to.encode("ascii")
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = parcel.sent_from
    mail["To"] = parcel.sent_to
    mail["Subject"] = parcel.subject or ""
    mail["Date"] = format_datetime(now)
    mail[MESSAGE_HEADER] = str(parcel.message_id)
    for name, value in parcel.headers.items():
        mail[name] = value
    mail.set_content(parcel.text)
    if parcel.html:
        mail.add_alternative(parcel.html, subtype="html")
    return mail


def _options(lane: aiosmtplib.SMTP, parcel: Parcel, size: int) -> list[str]:
    """A report that comes back names the attempt (RFC 3461), and does not carry our words along."""
    options = [f"SIZE={size}"] if lane.supports_extension("size") else []
    return options + ([f"ENVID={parcel.attempt_id}", "RET=HDRS"] if lane.supports_extension("dsn") else [])


def outcome_of(error: aiosmtplib.SMTPResponseException) -> Outcome:
    code, detail = _code(error), storable(error.message)
    if not 400 <= error.code < 600:
        return Unknown(detail, error.code) if isinstance(error, aiosmtplib.SMTPDataError) else Unreached(detail)
    match verdict(error.code, status_in(error.message[:40]), error.message):
        case Verdict.LATER:
            # The server closes its doors; anything else is about this one mail.
            return Later(None, code, whole_sender=error.code == _CLOSING)
        case Verdict.OURS if error.code in NEEDS_LOGIN:
            return Later(WAIT_FOR_MENDING, code, whole_sender=False, own_login=True)
        case Verdict.OURS:
            return Later(WAIT_FOR_MENDING, code)
        case Verdict.NO_MAILBOX if isinstance(error, aiosmtplib.SMTPRecipientRefused):
            return Refused(code, detail, error.code, Failure.INVALID_ADDRESS)
        case Verdict.NO_MAILBOX | Verdict.REFUSED if isinstance(error, aiosmtplib.SMTPSenderRefused):
            # One clinic's own sender: it waits until somebody has mended it, and the others go on.
            return Later(WAIT_FOR_MENDING, code, whole_sender=False)
        case Verdict.NO_MAILBOX | Verdict.REFUSED:
            return Refused(code, detail, error.code)
        case never:
            assert_never(never)


def _code(error: aiosmtplib.SMTPResponseException) -> str:
    return status_in(error.message[:40]) or str(error.code)
