"""A clinic's own settings of how its clients are asked."""

from collections.abc import Mapping
from datetime import datetime

from service.accounts import queries as accounts
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.review.rules import settings


async def set_settings(session: ClinicSession, changes: Mapping[str, int | bool], now: datetime) -> None:
    """What is not named stays. What was planned already is decided by the new settings: each is read just before the
    wire."""
    clinic = await accounts.clinic(session)
    numbers = {name: changes[name] for name in settings.NUMBERS if name in changes}
    # The two caps are about each other, whichever of them changes.
    caps = {name: getattr(clinic, name) for name in settings.CAPS} if settings.CAPS & numbers.keys() else {}
    settings.refuse_impossible({**caps, **numbers})
    new = {name: value for name, value in changes.items() if getattr(clinic, name) != value}
    if new:
        clinic.sqlmodel_update(new)
        record(session, now, "set", "clinic", session.clinic_id, fields=sorted(new))
