"""A clinic's own settings of how its clients are asked."""

from collections.abc import Mapping
from datetime import date, datetime

from service.accounts import queries as accounts
from service.accounts.rules.office import office_problems
from service.accounts.tables import Clinic
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.review.rules import settings
from service.review.rules.limits import refuse_looser

Changes = Mapping[str, int | bool | list[str] | list[date]]


async def set_settings(session: ClinicSession, changes: Changes, now: datetime) -> None:
    """What is not named stays. What was planned already is decided by the new settings: each is read just before the
    wire."""
    clinic = await accounts.clinic_to_change(session)
    numbers: dict[str, int] = {name: changes[name] for name in settings.NUMBERS if name in changes}  # type: ignore[misc]
    days, closed = (changes.get(name, getattr(clinic, name)) for name in settings.OFFICE)
    # The two caps are about each other, whichever of them changes.
    caps = {name: getattr(clinic, name) for name in settings.CAPS} if settings.CAPS & numbers.keys() else {}
    settings.refuse_impossible({**caps, **numbers}, office_problems(days, closed))
    _keep(session, clinic, changes, now)


async def set_limits(session: ClinicSession, given: Mapping[str, int | None], now: datetime) -> None:
    """Raises Refused for what is looser than it comes, or None: no whole number."""
    refuse_looser(given)
    _keep(session, await accounts.clinic_to_change(session), {n: v for n, v in given.items() if v is not None}, now)


def _keep(session: ClinicSession, clinic: Clinic, changes: Changes, now: datetime) -> None:
    new = {name: value for name, value in changes.items() if getattr(clinic, name) != value}
    if new:
        clinic.sqlmodel_update(new)
        record(session, now, "set", "clinic", session.clinic_id, fields=sorted(new))
