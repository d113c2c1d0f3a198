"""When a client comes next: one day, said by staff, or none."""

from datetime import date, datetime, timedelta
from typing import Final

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.errors import Refused

FURTHEST: Final = timedelta(days=366)


async def book_visit(session: ClinicSession, client: Client, day: date | None, now: datetime) -> None:
    """In place of the one before; None when none is booked. The same again changes nothing."""
    today = today_of(client, now)
    if day is not None and not today <= day <= today + FURTHEST:
        raise Refused.one("/day", "range", "Use today, or a day within a year.")
    seq = await next_seq(session, client.id)
    if client.next_visit != day:
        client.next_visit, client.sync_seq = day, seq
        record(session, now, "set", "client", client.id, client_id=client.id, fields=["next_visit"])
