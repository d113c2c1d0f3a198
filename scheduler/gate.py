"""What is turned away before it is marked, because sending it could only fail; nothing here uses up an attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from scheduler import claims
from scheduler.channels.base import Channel
from scheduler.circuit import Circuits
from scheduler.messages import Claimed, Settlement, postponed
from scheduler.rounds import connection_lost
from service import logs
from service.clock import utc_now
from service.database.rows import uuids
from service.database.tenancy import ClinicSession
from service.outbox.rules import Fuse, MessageKind
from service.outbox.tables import EVERY_KIND
from service.reminders.failures import fall_back
from service.reminders.reasons import Reason

_IN_THE_WAY: Final = text(
    "SELECT NULL AS point_id, channel, kind, until_at FROM sending_stop "
    "WHERE clinic_id = :clinic_id AND until_at > now() "
    "UNION ALL SELECT id, NULL, NULL, NULL FROM contact_point "
    "WHERE clinic_id = :clinic_id AND id = ANY(CAST(:point_ids AS uuid[])) AND invalid_at IS NOT NULL"
)

LEFT_ALONE: Final = timedelta(minutes=5)
"""A message that cannot be handled now."""

logger = logs.logger("gate")


@dataclass(frozen=True, slots=True)
class Gate:
    channels: Mapping[str, Channel]
    secret_key: str
    circuits: Circuits
    hold: float

    async def let_through(self, session: ClinicSession, claimed: list[Claimed]) -> list[Claimed]:
        """Those that may be marked, in their order. The others wait, or end with their reason and fall back. What
        cannot be done together is done for each alone, so that one holds up none of the others."""
        if not claimed:
            return claimed
        try:
            async with session.begin_nested():
                return await self._let_through(session, claimed)
        except Exception as error:
            if connection_lost(error):
                raise
            logger.exception("a batch cannot be let through together", clinic_id=session.clinic_id)
        alone = [await self._alone(session, message) for message in claimed]
        return [message for through in alone for message in through]

    async def _alone(self, session: ClinicSession, message: Claimed) -> list[Claimed]:
        try:
            async with session.begin_nested():
                return await self._let_through(session, [message])
        except Exception as error:
            if connection_lost(error):
                raise
            logger.exception("a message cannot be let through", message_id=message.id, kind=message.kind)
            later = postponed(message, utc_now() + LEFT_ALONE)
            await claims.settle(session, [(message, later)], "leased")
            return []

    async def _let_through(self, session: ClinicSession, claimed: list[Claimed]) -> list[Claimed]:
        stops, invalid = await _in_the_way(session, claimed)
        senders = {message.channel: self.channels[message.channel].provider for message in claimed}
        waits, may_try = await self.circuits.waits(await session.connection(), set(senders.values()), self.hold)
        through, turned_away = [], []
        for message in claimed:
            sender = senders[message.channel]
            against = _against(message, stops, invalid)
            if against is None and sender in waits and sender not in may_try:
                against = postponed(message, waits[sender])
            if against is None:
                may_try.discard(sender)
                through.append(message)
            else:
                turned_away.append((message, against))
        await self._turn_away(session, turned_away)
        return through

    async def _turn_away(self, session: ClinicSession, turned_away: Sequence[tuple[Claimed, Settlement]]) -> None:
        await claims.settle(session, turned_away, "leased")
        for message, settlement in turned_away:
            if settlement.state == "failed":
                await fall_back(session, message.id, self.secret_key, utc_now())


async def _in_the_way(
    session: ClinicSession, claimed: list[Claimed]
) -> tuple[dict[tuple[str, str], datetime], set[UUID]]:
    """One statement a batch: what the clinic has stopped, and the addresses that do not work."""
    points = uuids({message.contact_point_id for message in claimed})
    rows = (await session.execute(_IN_THE_WAY, {"clinic_id": session.clinic_id, "point_ids": points})).all()
    stops = {(row.channel, row.kind): row.until_at for row in rows if row.point_id is None}
    return stops, {row.point_id for row in rows if row.point_id is not None}


def _against(message: Claimed, stops: Mapping[tuple[str, str], datetime], invalid: set[UUID]) -> Settlement | None:
    """Whoever may be in danger is answered while there is any chance: a stop is about cost and reputation."""
    if message.contact_point_id in invalid:
        return Settlement("failed", Reason.INVALID_ADDRESS.value)
    until = [stops[key] for kind in (message.kind, EVERY_KIND) if (key := (message.channel, kind)) in stops]
    if not until or MessageKind(message.kind).fuse is Fuse.SAFETY:
        return None
    if max(until) >= message.expires_at:
        return Settlement("failed", Reason.SENDER_STOPPED.value)
    return postponed(message, max(until))
