"""Takes back what was told on the page."""

from datetime import datetime
from typing import Any

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.actions import take_back
from service.diary.entries import When, checked_day
from service.diary.tables import ExerciseSession, HabitMark, MorningAfter, PainEntry
from service.errors import NotFound
from service.portal import rules
from service.portal.rules import Form

_UNDONE: tuple[type[Any], ...] = (PainEntry, ExerciseSession, HabitMark, MorningAfter)


async def undo(session: ClinicSession, client: Client, form: Form, now: datetime) -> None:
    """What stood before stands again. The form names what it takes back: sent twice, it takes back no more."""
    await next_seq(session, client.id)
    entry_id = rules.id_of(form.one("entry"))
    found = [await session.get(table, (session.clinic_id, entry_id)) for table in _UNDONE] if entry_id else []
    entry = next((one for one in found if one is not None and one.client_id == client.id), None)
    if entry is None:
        raise NotFound
    checked_day(session, client, When(entry.day), now)
    if str(entry.revision) == form.one("revision"):
        await take_back(session, client, entry, now)
