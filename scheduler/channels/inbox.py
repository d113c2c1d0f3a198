"""The test inbox: what would have left the machine is kept for the page `/dev/inbox` instead."""

from datetime import datetime

from scheduler.channels.base import CannotTell, Evidence, Outcome, Parcel, Sent
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.outbox.actions import Delivery, deliver_to_inbox


class InboxChannel:
    provider = "inbox"
    per_second = 1000.0
    batch = 500

    def __init__(self, database: Database, medium: str) -> None:
        self._database = database
        self._medium = medium

    async def send(self, parcel: Parcel) -> Outcome:
        async with self._database.clinic_tx(parcel.clinic_id, SYSTEM) as session:
            delivery = Delivery(
                client_id=parcel.client_id,
                message_id=parcel.message_id,
                attempt_id=parcel.attempt_id,
                medium=self._medium,
                sent_to=parcel.sent_to,
                subject=parcel.subject,
                body=parcel.text,
                html=parcel.html,
                headers=parcel.headers,
                at=utc_now(),
            )
            await deliver_to_inbox(session, [delivery])
        return Sent(f"inbox-{parcel.attempt_id}")

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        return CannotTell(can_ever_tell=False)

    async def clock(self) -> datetime | None:
        return None

    async def close(self) -> None:
        return None
