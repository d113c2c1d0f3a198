"""An address at which nobody reads is closed when its server says so: writing to it again would harm all our mail."""

import logging
from datetime import datetime

from scheduler.channels.base import Channel, Evidence, Outcome, Parcel, Refused
from service.accounts.actions import close_mailbox
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database

logger = logging.getLogger("clamshell.no_mailbox")


class ClosingDeadAddresses:
    """A channel that acts on `Refused.no_mailbox`, and passes everything on as it is."""

    def __init__(self, channel: Channel, database: Database) -> None:
        self._channel = channel
        self._database = database
        self.provider = channel.provider
        self.per_second = channel.per_second

    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await self._channel.send(parcel)
        if isinstance(outcome, Refused) and outcome.no_mailbox:
            try:
                await self._close(parcel)
            except Exception as error:
                # The outcome is worth more than what follows from it: without it the mail would be in doubt.
                logger.error("message %s: its address could not be closed: %s", parcel.message_id, type(error).__name__)
        return outcome

    async def _close(self, parcel: Parcel) -> None:
        async with self._database.clinic_tx(parcel.clinic_id, SYSTEM) as session:
            await close_mailbox(session, parcel.sent_to, "bounce", utc_now())

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        return await self._channel.look_up(sent_to, body_sha256, since, spoken_for)

    async def clock(self) -> datetime | None:
        return await self._channel.clock()

    async def close(self) -> None:
        await self._channel.close()
