"""Opening a clinic: its facts, its library and its owner, all or nothing; and who its messages come from."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from service.accounts import queries
from service.accounts.actions import add_staff, create_clinic
from service.accounts.rules import clean_email, clinic_problems, password_problems, phone_e164, staff_problems
from service.accounts.sign_in import hash_password
from service.accounts.tables import Clinic
from service.audit.actions import record
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


@dataclass(frozen=True, slots=True)
class Senders:
    """None stays as it is; empty is the installation's own."""

    texts: str | None
    mail: str | None


_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")


async def set_senders(database: Database, clinic_id: UUID, wanted: Senders, now: datetime) -> Senders:
    """By whoever runs the installation: the provider must know the number, and what is texted to it is this clinic's.
    Returns what holds now. Raises Refused with everything that cannot be right, and NotFound."""
    async with database.clinic_tx(clinic_id, Actor("system", None, "cli")) as session:
        clinic = await queries.clinic_to_change(session)
        texts = wanted.texts and _number(wanted.texts, clinic.country)
        problems = []
        if wanted.texts and texts is None:
            problems.append(FieldProblem("/texts", "phone", "Use a number such as +12025550100, or a short code."))
        if wanted.mail and clean_email(wanted.mail) is None:
            problems.append(FieldProblem("/mail", "email", "Use an email address such as hello@clinic.example."))
        if texts and await _others(database, clinic_id, texts):
            problems.append(FieldProblem("/texts", "taken", "Another clinic has this number."))
        if problems:
            raise Refused(problems)
        kept = {"sms_from": texts, "mail_from": wanted.mail and clean_email(wanted.mail)}
        changed = {name: value or None for name, value in kept.items() if value is not None}
        clinic.sqlmodel_update(changed)
        if changed:
            record(session, now, "set", "clinic", clinic_id, fields=sorted(changed))
        return Senders(clinic.sms_from, clinic.mail_from)


def _number(words: str, country: str) -> str | None:
    return words if _SHORT_CODE.fullmatch(words) else phone_e164(words, country)


async def _others(database: Database, clinic_id: UUID, number: str) -> bool:
    async with database.across_clinics(Across.FIND_ADDRESS) as connection:
        statement = text("SELECT clinic_id FROM clinic WHERE sms_from = :number AND clinic_id <> :clinic_id LIMIT 1")
        return (await connection.scalar(statement, {"number": number, "clinic_id": clinic_id})) is not None
