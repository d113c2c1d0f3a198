"""Tick: sends the mails to staff that the service wrote (`review.actions.digests`, `review.actions.overdue`), and the
few texts.

The same rule as for every message, over a ledger of their own, since neither staff nor a helper is a client: nothing is
sent that was not durably marked, and what was marked is never sent again unless it certainly did not leave. They go in
the turns of their sender, and what becomes of them counts for it.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never
from uuid import UUID

from sqlalchemy import text

from scheduler import retry
from scheduler.channels.base import Channel, Later, Outcome, Refused, Sent, Unknown, Unreached
from scheduler.failpoints import reach
from scheduler.letters import Marked, parcel_of
from scheduler.messages import Settlement
from scheduler.metrics import MAILS
from scheduler.rounds import connection_lost, each_clinic
from scheduler.senders import Senders, hold
from scheduler.timing import NORMAL, Timing
from service import logs
from service.clock import monotonic, utc_now
from service.database.tenancy import SYSTEM, Across, ClinicSession, Database
from service.reminders.reasons import FAILED, Reason
from service.review.rules.digest import NotSent
from service.settings import Settings

AT_ONCE = 20

logger = logs.logger("digests")

_CLINICS = text(
    "SELECT clinic_id FROM digest_mail WHERE state IN ('queued', 'in_flight') AND due_at <= now() "
    "GROUP BY clinic_id ORDER BY min(due_at)"
)
_RECOVERED = text("SELECT recovered_at FROM epoch")
# Phones of staff, and what a helper's record holds, are not kept here once they are of no use.
# What was marked and not recorded may have arrived; so may what a restored database has forgotten.
_END = text(
    "UPDATE digest_mail SET state = 'expired', about = CAST('{}' AS jsonb), settled_at = now(), lease_until = NULL,"
    "  address = CASE WHEN kind = 'helper' OR channel = 'sms' THEN '' ELSE address END,"
    "  reason = CASE WHEN state = 'in_flight' OR created_at < CAST(:recovered_at AS timestamptz)"
    "    THEN :uncertain ELSE :late END "
    "WHERE clinic_id = :clinic_id AND (state = 'in_flight' AND lease_until <= now()"
    "  OR state = 'queued' AND (expires_at <= now() OR created_at < CAST(:recovered_at AS timestamptz)))"
)
# That nobody looked in time is told to whoever works there, and so is a link to sign in; the mail of the morning to
# whoever wants it; an invitation goes to somebody who does not work there yet, and a helper's link to them while it
# opens something.
_WANTED = (
    "(m.kind = 'invite' OR m.kind = 'helper' AND EXISTS (SELECT 1 FROM link l WHERE l.clinic_id = :clinic_id"
    " AND l.id = m.helper_id AND l.revoked_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM staff s WHERE s.clinic_id = :clinic_id AND s.id = m.staff_id AND s.active)"
    " AND (m.kind IN ('overdue', 'sign_in', 'test', 'anchor', 'reset') OR EXISTS (SELECT 1 FROM digest_wish w"
    "  WHERE w.clinic_id = :clinic_id AND w.staff_id = m.staff_id AND w.next_at IS NOT NULL)))"
)
_SKIP = (
    "UPDATE digest_mail m SET state = 'skipped', reason = :not_wanted, about = CAST('{}' AS jsonb), settled_at = now(),"
    " address = CASE WHEN m.kind = 'helper' OR m.channel = 'sms' THEN '' ELSE m.address END "
    "WHERE m.clinic_id = :clinic_id AND m.state = 'queued' AND NOT ("
)
_DUE = (
    " FROM digest_mail m WHERE m.clinic_id = :clinic_id AND m.state = 'queued' AND m.due_at <= now()"
    "  AND m.expires_at > now() AND (CAST(:recovered_at AS timestamptz) IS NULL"
    "    OR m.created_at >= CAST(:recovered_at AS timestamptz)) AND " + _WANTED
)
_LOCKED = " ORDER BY m.due_at, m.id LIMIT :most FOR UPDATE SKIP LOCKED) "
# A helper's stands there sealed, as in their own record, and is opened with the client's key by whoever writes to it.
_IN_FLIGHT = (
    "UPDATE digest_mail m SET state = 'in_flight', lease_token = m.lease_token + 1,"
    "  lease_until = now() + make_interval(secs => :flight) "
    "FROM due, clinic c WHERE m.clinic_id = :clinic_id AND m.id = due.id AND c.clinic_id = :clinic_id "
    "RETURNING m.id, m.kind, m.channel, m.client_id, m.helper_id, m.day, m.about, m.lease_token, m.expires_at,"
    "  m.soft_fails, c.locale, c.short_name, c.phone, c.mail_from, c.sms_from,"
    "  CASE WHEN m.kind = 'helper' AND m.address ~ '^([0-9a-f]{2})+$'"
    "    THEN encode(uuid_send(m.clinic_id) || uuid_send(m.client_id) || coalesce((SELECT k.wrapped FROM owner_key k"
    "    WHERE k.clinic_id = m.clinic_id AND k.owner_id = m.client_id), ''::bytea) || decode(m.address, 'hex'), 'hex')"
    "    ELSE m.address END AS address"
)
_LEAVE = text(_SKIP + _WANTED + ")")
_WAITING = text("SELECT m.channel, count(*)" + _DUE + " GROUP BY m.channel")
_MARK = text("WITH due AS MATERIALIZED (SELECT m.id" + _DUE + " AND m.channel = :channel" + _LOCKED + _IN_FLIGHT)
_RECORD = text(
    "UPDATE digest_mail SET state = :state, reason = :reason, due_at = COALESCE(:due_at, due_at),"
    "  soft_fails = soft_fails + :soft_fail, provider_message_id = :provider_message_id, lease_until = NULL,"
    "  about = CASE WHEN :settled THEN CAST('{}' AS jsonb) ELSE about END,"
    "  address = CASE WHEN :settled AND (kind = 'helper' OR channel = 'sms') THEN '' ELSE address END,"
    "  settled_at = CASE WHEN :settled THEN now() END "
    "WHERE clinic_id = :clinic_id AND id = :id AND lease_token = :lease_token AND state = 'in_flight'"
)


@dataclass(frozen=True, slots=True)
class Digests:
    """`senders`: the same as of everything else this process sends."""

    database: Database
    channels: Mapping[str, Channel]
    settings: Settings
    senders: Senders
    timing: Timing = NORMAL
    chance: random.Random = field(default_factory=random.Random)

    async def tick(self) -> int:
        """Returns how many were handed over."""
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = list((await connection.execute(_CLINICS)).scalars())
        return sum(await each_clinic(clinics, self._send_clinic))

    async def _send_clinic(self, clinic_id: UUID) -> int:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            waiting = await end_what_may_not_go(session)
        return sum([await self._send_by(clinic_id, name, number) for name, number in waiting.items()])

    async def _send_by(self, clinic_id: UUID, name: str, waiting: int) -> int:
        channel = self.channels[name]
        most = await self.senders.grant(channel, min(waiting, AT_ONCE))
        if not most:
            return 0
        send_before = monotonic() + self.timing.flight - self.timing.last_call
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            marked = await mark(session, name, self.timing.flight, most)
            reach("digest_marking")
        reach("digest_marked")
        told = await asyncio.gather(*(self._outcome(channel, clinic_id, mail, send_before) for mail in marked))
        await self._record(channel, clinic_id, list(zip(marked, told, strict=True)))
        return len(marked)

    async def _record(self, channel: Channel, clinic_id: UUID, told: Sequence[tuple[Marked, Outcome | None]]) -> None:
        async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
            for mail, outcome in told:
                await self._record_or_leave(session, mail, outcome)
            reach("digest_recording")
        answers = [(channel, outcome) for _, outcome in told if outcome is not None]
        await hold(self.database, answers)
        await self.senders.tell(answers)

    async def _record_or_leave(self, session: ClinicSession, mail: Marked, outcome: Outcome | None) -> None:
        """One whose outcome cannot be written stays in doubt, and leaves none of the others there."""
        try:
            async with session.begin_nested():
                await _record(session, mail, ending_of(outcome, mail, utc_now(), self.chance, self.timing))
        except Exception as error:
            if connection_lost(error):
                raise
            logger.exception("what became of a mail cannot be written", mail_id=mail.id)

    async def _outcome(self, channel: Channel, clinic_id: UUID, mail: Marked, send_before: float) -> Outcome | None:
        """None when there is nothing that could be sent."""
        try:
            parcel = parcel_of(mail, clinic_id, self.settings, send_before)
        except Exception:
            logger.exception("a mail cannot be written", mail_id=mail.id)
            return None
        try:
            outcome = await channel.send(parcel)
        except Exception as error:
            logger.exception("what became of a mail is not known", mail_id=mail.id)
            outcome = Unknown(type(error).__name__)
        reach("digest_answered")
        return outcome


async def end_what_may_not_go(session: ClinicSession) -> dict[str, int]:
    """Returns how many wait that may, by their channel."""
    clinic = {"clinic_id": session.clinic_id}
    known = {**clinic, "recovered_at": await session.scalar(_RECOVERED)}
    reasons = {"uncertain": Reason.UNCERTAIN.value, "late": Reason.LATE.value}
    await session.execute(_END, {**known, **reasons})
    await session.execute(_LEAVE, {**clinic, "not_wanted": NotSent.NOT_WANTED.value})
    return {channel: number for channel, number in await session.execute(_WAITING, known)}


async def mark(session: ClinicSession, channel: str, flight: float, most: int) -> list[Marked]:
    """Marks them as possibly sent; durable with the caller's commit."""
    # Asked of the same connection: the database may have been restored since these were counted.
    known = {"clinic_id": session.clinic_id, "recovered_at": await session.scalar(_RECOVERED)}
    rows = await session.execute(_MARK, {**known, "channel": channel, "most": most, "flight": flight})
    return [Marked(**row._mapping) for row in rows]


def ending_of(
    outcome: Outcome | None, mail: Marked, now: datetime, chance: random.Random, timing: Timing
) -> Settlement:
    """Only what certainly was not taken is tried again, and only while its hour is not long past."""
    match outcome:
        case Sent(provider_message_id=provider_message_id):
            return Settlement("sent", provider_message_id=provider_message_id)
        case Later(retry_after_seconds=seconds):
            return _again(mail, retry.after_told_to_wait(now, seconds))
        case Unreached():
            return _again(mail, retry.after_unreached(now, mail.soft_fails, chance, timing))
        case Unknown():
            return Settlement("expired", Reason.UNCERTAIN.value)
        case None:
            return Settlement("failed", Reason.RENDER.value)
        case Refused(failure=failure):
            return Settlement("failed", FAILED[failure].value)
        case _:
            assert_never(outcome)


def _again(mail: Marked, due_at: datetime) -> Settlement:
    if due_at >= mail.expires_at:
        return Settlement("expired", Reason.LATE.value)
    return Settlement("queued", due_at=due_at, soft_fail=1)


async def _record(session: ClinicSession, mail: Marked, ending: Settlement) -> None:
    MAILS.labels(mail.kind, ending.state, ending.reason or "").inc()
    values = {
        "id": mail.id,
        "lease_token": mail.lease_token,
        "state": ending.state,
        "reason": ending.reason,
        "due_at": ending.due_at,
        "soft_fail": ending.soft_fail,
        "provider_message_id": ending.provider_message_id,
        "settled": ending.state != "queued",
    }
    await session.execute(_RECORD, {"clinic_id": session.clinic_id, **values})
