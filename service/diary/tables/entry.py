"""What every entry of a diary has."""

from datetime import date, datetime

from service.database.columns import ClientOwned

AUTHORS = ("client", "helper", "therapist", "text")
"""Of a text it is only known from which phone it came."""

ENTRY_CHANNELS = ("web", "api", "app", "text", "email", "link", "demo")


class DiaryEntry(ClientOwned):
    """`revision` counts corrections; what stood before is kept in `diary_revision`."""

    day: date
    done_at: datetime
    written_at: datetime
    received_at: datetime
    entered_by: str = "client"
    channel: str
    revision: int = 1
