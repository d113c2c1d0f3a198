"""What the notifier decides about: a person, a way to reach them, and a local day."""

from datetime import date, datetime, time
from functools import lru_cache
from uuid import UUID

from msgspec import Struct

from service.reminders.rules import Asked, local_to_utc


class Moment(Struct, frozen=True):
    """Something to decide about: whom it would reach and where, and for which local day.

    `key` is the caller's own; `reminder_id` is that of its reminder, None for what is no reminder; `kind` is what a
    reminder asks for, None for a word about the reminders.
    """

    key: UUID
    client_id: UUID
    contact_point_id: UUID
    day: date
    day_starts_at: datetime
    kind: Asked | None = None
    reminder_id: UUID | None = None


@lru_cache(maxsize=1024)
def start_of(day: date, zone: str, now: datetime) -> datetime:
    """When a local day begins; `now` where the local calendar leaves it out. KeyError: there is no such zone."""
    return local_to_utc(day, time(0), zone) or now
