"""Opening a clinic: its facts, its library and its owner, all or nothing."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from service.accounts import queries
from service.accounts.actions import add_staff, create_clinic
from service.accounts.rules import clinic_problems, password_problems, staff_problems
from service.accounts.sign_in import hash_password
from service.accounts.tables import Clinic
from service.catalogue.actions import stock_library
from service.database.tenancy import Across, Actor, Database
from service.errors import FieldProblem, Refused
from service.ids import new_id


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    name: str
    short_name: str
    country: str
    zone: str
    locale: str
    phone: str
    emergency_number: str


@dataclass(frozen=True, slots=True)
class NewClinic:
    facts: ClinicFacts
    owner_name: str
    owner_email: str
    is_live: bool = False
    """Otherwise nothing is sent to its clients until the owner goes live."""


def problems_of(new: NewClinic) -> list[FieldProblem]:
    """What can be told without the database."""
    return clinic_problems(**asdict(new.facts)) + staff_problems(new.owner_name, new.owner_email, prefix="owner_")


async def open_clinic(database: Database, new: NewClinic, password: str, now: datetime) -> UUID:
    """Raises Refused with everything that cannot be right; nothing is written then."""
    problems = problems_of(new) + password_problems(password)
    problems += await _taken(database, new.owner_email)
    if problems:
        raise Refused(problems)
    clinic_id = new_id(now)
    async with database.clinic_tx(clinic_id, Actor("system", None, "cli")) as session:
        await create_clinic(session, _clinic(clinic_id, new, now), now)
        await stock_library(session, now)
        await add_staff(
            session,
            name=new.owner_name,
            email=new.owner_email,
            role="owner",
            password_hash=hash_password(password),
            now=now,
        )
    return clinic_id


def _clinic(clinic_id: UUID, new: NewClinic, now: datetime) -> Clinic:
    return Clinic(clinic_id=clinic_id, created_at=now, live_at=now if new.is_live else None, **asdict(new.facts))


async def _taken(database: Database, email: str) -> list[FieldProblem]:
    """An email signs in to one clinic only."""
    if not email.isprintable():
        return []
    async with database.across_clinics(Across.FIND_ADDRESS) as connection:
        taken = await queries.staff_email_in_use(connection, email.strip())
    message = "Use another email address: somebody signs in with this one already."
    return [FieldProblem("/owner_email", "taken", message)] if taken else []
