"""Writes about people: clinics, staff, clients, how to reach them and what they agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, text, update
from sqlmodel import col

from service.accounts import queries, rules
from service.accounts.rules.factors import GRACE
from service.accounts.tables import Client, ClientScope, Clinic, Consent, ContactPoint, Staff
from service.audit.actions import record
from service.database.sealing import make_first_key
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind

WELCOME_WITHIN: Final = timedelta(days=2)
"""Long enough for a night and an outage; later than that it would only puzzle."""


@dataclass(frozen=True, slots=True)
class NewClient:
    name: str
    zone: str
    locale: str
    therapist_id: UUID
    phone: str | None
    email: str | None
    consent_wording: dict[str, str]
    """Channel to the exact words the person agreed to; a channel without words gets no messages."""
    starts_active: bool = True
    welcome: bool = False
    """Whether a first message says who writes, how often, and how to stop; not for somebody told of the past."""


async def next_seq(session: ClinicSession, client_id: UUID) -> int:
    """The number of this transaction in the client's record; the first call locks it until the commit."""
    if client_id not in session.sequences:
        taken = await session.scalar(
            text(
                "UPDATE client_scope SET seq = seq + 1 "
                "WHERE clinic_id = :clinic_id AND client_id = :client_id RETURNING seq"
            ),
            {"clinic_id": session.clinic_id, "client_id": client_id},
        )
        if taken is None:
            raise LookupError(f"client {client_id} has no scope")
        session.sequences[client_id] = taken
    return session.sequences[client_id]


async def create_clinic(session: ClinicSession, clinic: Clinic, now: datetime) -> None:
    """Raises Refused with every field that cannot be right."""
    problems = rules.clinic_problems(
        name=clinic.name,
        short_name=clinic.short_name,
        country=clinic.country,
        zone=clinic.zone,
        locale=clinic.locale,
        phone=clinic.phone,
        emergency_number=clinic.emergency_number,
    )
    if problems:
        raise Refused(problems)
    session.add(clinic)
    await session.flush()
    record(session, now, "create", "clinic", clinic.clinic_id)


async def add_staff(
    session: ClinicSession,
    *,
    name: str,
    email: str,
    role: str,
    password_hash: str,
    now: datetime,
    active: bool = True,
) -> UUID:
    problems = rules.staff_problems(name, email)
    cleaned = rules.clean_email(email)
    if problems or cleaned is None:
        raise Refused(problems)
    if await queries.staff_by_email(session, cleaned):
        raise Refused.one("/email", "taken", "Somebody on the team has this email already.")
    staff_id = new_id(now)
    session.add(
        Staff(
            clinic_id=session.clinic_id,
            id=staff_id,
            name=name.strip(),
            email=cleaned,
            role=role,
            password_hash=password_hash,
            active=active,
            factor_due_at=now + GRACE,
            created_at=now,
        )
    )
    await session.flush()
    record(session, now, "create", "staff", staff_id)
    return staff_id


async def add_client(session: ClinicSession, new: NewClient, now: datetime) -> Client:
    """Adds a client with addresses and consents; raises Refused with every field that cannot be right."""
    clinic = await queries.clinic(session)
    addresses = _addresses(new, clinic.country)
    client_id = new_id(now)
    await make_first_key(session, client_id)
    client = Client(
        clinic_id=session.clinic_id,
        id=client_id,
        name=new.name.strip(),
        therapist_id=new.therapist_id,
        zone=new.zone,
        locale=new.locale,
        state="active" if new.starts_active else "invited",
        sync_seq=1,
        created_at=now,
    )
    session.add(client)
    await session.flush()
    session.add(ClientScope(clinic_id=session.clinic_id, client_id=client_id))
    points = [
        _contact_point(session, client_id, channel, address, position, now)
        for position, (channel, address) in enumerate(addresses.items())
    ]
    session.add_all(points)
    for channel, wording in new.consent_wording.items():
        session.add(_consent(session, client_id, channel, wording, now))
    await session.flush()
    if new.welcome:
        await welcome(session, [point for point in points if point.channel in new.consent_wording], now)
    record(session, now, "create", "client", client_id, client_id=client_id)
    return client


async def welcome(session: ClinicSession, agreed: Sequence[ContactPoint], now: datetime) -> None:
    """One a person, on the first of the addresses agreed to; the notifier keeps it back in quiet hours."""
    for point in agreed[:1]:
        outgoing = Outgoing(
            client_id=point.client_id,
            contact_point_id=point.id,
            channel=point.channel,
            kind=MessageKind.WELCOME,
            dedupe_key=f"welcome:{point.client_id}",
            due_at=now,
            expires_at=now + WELCOME_WITHIN,
        )
        await enqueue(session, outgoing, now)


def _contact_point(
    session: ClinicSession, client_id: UUID, channel: str, address: str, position: int, now: datetime
) -> ContactPoint:
    return ContactPoint(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client_id,
        channel=channel,
        address=address,
        position=position,
        verified_at=now,
        created_at=now,
    )


def _consent(session: ClinicSession, client_id: UUID, channel: str, wording: str, now: datetime) -> Consent:
    return Consent(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client_id,
        channel=channel,
        wording=wording,
        given_at=now,
        recorded_by=session.actor.id,
    )


def _addresses(new: NewClient, country: str) -> dict[str, str]:
    """Channel to cleaned address, in the order given; refuses what cannot be reached."""
    problems: list[FieldProblem] = []
    addresses: dict[str, str] = {}
    if not new.name.strip():
        problems.append(FieldProblem("/name", "required", "Give the person's name."))
    if new.phone:
        phone = rules.phone_e164(new.phone, country)
        if phone is None:
            problems.append(FieldProblem("/phone", "phone", rules.PHONE_HINT))
        else:
            addresses["sms"] = phone
    if new.email:
        email = rules.clean_email(new.email)
        if email is None:
            problems.append(FieldProblem("/email", "email", rules.EMAIL_HINT))
        else:
            addresses["email"] = email
    if not new.phone and not new.email:
        problems.append(FieldProblem("/phone", "required", "Give a phone number or an email address."))
    problems += _detail_problems(new)
    if problems:
        raise Refused(problems)
    return addresses


def _detail_problems(new: NewClient) -> list[FieldProblem]:
    problems = []
    if not rules.valid_zone(new.zone):
        problems.append(FieldProblem("/zone", "zone", "Use a time zone such as Europe/Berlin or America/New_York."))
    if new.locale not in rules.LOCALES:
        problems.append(FieldProblem("/locale", "locale", "Use en or es."))
    for channel, wording in new.consent_wording.items():
        if channel not in rules.CHANNELS or not wording.strip():
            problems.append(FieldProblem(f"/consent/{channel}", "consent", "Give the words the person agreed to."))
    return problems


async def opt_out(session: ClinicSession, contact_point_id: UUID, how: str, now: datetime) -> None:
    """STOP: ends messages to this address at once. Marks wait for this row, so none commits after it."""
    values = {"opted_out_at": now, "opted_out_how": how}
    await _change_points(session, "opt_out", values, now, col(ContactPoint.id) == contact_point_id)


async def close_mailbox(session: ClinicSession, mark: bytes, how: str, now: datetime) -> None:
    """By the mark of its address. A mailbox that is gone, or whose owner calls our mail spam, is so for everybody here
    who has it. Closed before, it keeps its time."""
    await _change_points(
        session,
        "opt_out",
        {"opted_out_at": now, "opted_out_how": how},
        now,
        col(ContactPoint.channel) == "email",
        col(ContactPoint.address_mark) == mark,
        col(ContactPoint.opted_out_at).is_(None),
    )


async def mark_invalid(session: ClinicSession, contact_point_id: UUID, code: str, now: datetime) -> None:
    """A provider said that there is nobody to reach: nothing more is tried here, and staff see it."""
    which = (col(ContactPoint.id) == contact_point_id, col(ContactPoint.invalid_at).is_(None))
    await _change_points(session, "mark_invalid", {"invalid_at": now, "invalid_code": code}, now, *which)


async def _change_points(
    session: ClinicSession, act: str, values: dict[str, Any], now: datetime, *which: ColumnElement[bool]
) -> None:
    """Without a look at the addresses themselves."""
    changed = await session.execute(
        update(ContactPoint)
        .where(col(ContactPoint.clinic_id) == session.clinic_id, *which)
        .values(**values)
        .returning(col(ContactPoint.id), col(ContactPoint.client_id))
    )
    for point_id, client_id in changed.all():
        record(session, now, act, "contact_point", point_id, client_id=client_id)


async def mark_valid(session: ClinicSession, contact_point_id: UUID) -> None:
    """Something came from this address, so it works after all."""
    await session.execute(
        update(ContactPoint)
        .where(
            col(ContactPoint.clinic_id) == session.clinic_id,
            col(ContactPoint.id) == contact_point_id,
            col(ContactPoint.invalid_at).is_not(None),
        )
        .values(invalid_at=None, invalid_code=None)
    )


async def opt_in(session: ClinicSession, contact_point_id: UUID, now: datetime) -> bool:
    """START: re-opens an address, only when consent was given and not withdrawn."""
    point = await session.get(ContactPoint, (session.clinic_id, contact_point_id))
    if point is None:
        return False
    agreed = [c for c in await queries.consents(session, point.client_id) if c.channel == point.channel]
    if not any(consent.withdrawn_at is None for consent in agreed):
        return False
    point.opted_out_at = None
    point.opted_out_how = None
    record(session, now, "opt_in", "contact_point", point.id, client_id=point.client_id)
    return True
