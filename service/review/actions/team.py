"""Asking somebody to join, what they may do, and what ends when they leave."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from service.accounts import queries as accounts
from service.accounts.actions import add_staff
from service.accounts.actions.access import end_sessions
from service.accounts.codes import link_token
from service.accounts.rules import clean_email, staff_problems
from service.accounts.rules.factors import GRACE
from service.accounts.sign_in import hashed
from service.accounts.sign_in.factors import remove_all
from service.accounts.sign_in.tokens import revoke_tokens_of
from service.accounts.tables import Staff, StaffInvite
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.ids import new_id
from service.reminders.rules import local_day
from service.review.actions.digests import stop_digest
from service.review.actions.mailed_links import take_links_back
from service.review.queries import team
from service.review.rules.escalation import MailKind
from service.review.rules.team import (
    INVITE_LASTS,
    JOIN,
    MAIL_LASTS,
    may_hold_clients,
    refuse_last_owner,
    refuse_no_heir,
    role_problems,
)
from service.review.tables import DigestMail

_COUNT_UP: Final = text(
    "UPDATE client_scope s SET seq = s.seq + 1 FROM client c WHERE s.clinic_id = :clinic_id "
    "AND c.clinic_id = :clinic_id AND s.client_id = c.id AND c.therapist_id = :from_id"
)
_HAND_OVER: Final = text(
    "UPDATE client c SET therapist_id = :to_id, sync_seq = s.seq FROM client_scope s WHERE c.clinic_id = :clinic_id "
    "AND s.clinic_id = :clinic_id AND s.client_id = c.id AND c.therapist_id = :from_id RETURNING c.id"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked to join, by whom, and with which key the link is made."""

    name: str
    email: str
    role: str
    by: str
    by_id: UUID
    secret_key: str


async def invite(session: ClinicSession, asked: Asked, now: datetime) -> None:
    """Somebody who left may be asked again. That an address is known at another clinic is said to its owner only, when
    they follow the link."""
    everybody = await team.everybody_locked(session)
    problems = [*staff_problems(asked.name, asked.email), *role_problems(asked.role)]
    if problems:
        raise Refused(problems)
    email = clean_email(asked.email) or ""
    known = next((one for one in everybody if one.email.lower() == email.lower()), None)
    if known is None or known.active:
        staff_id = await add_staff(
            session, name=asked.name, email=email, role=asked.role, password_hash="", now=now, active=False
        )
        known = await accounts.staff(session, staff_id)
    known.sqlmodel_update({"name": asked.name.strip(), "role": asked.role})
    await send_link(session, known, asked, now)


async def invite_again(
    session: ClinicSession, staff_id: UUID, by: str, by_id: UUID, secret_key: str, now: datetime
) -> None:
    """Also for somebody who forgot their password: what they have works until they choose another one."""
    await team.everybody_locked(session)
    person = await accounts.staff(session, staff_id)
    await send_link(session, person, Asked(person.name, person.email, person.role, by, by_id, secret_key), now)


async def send_link(session: ClinicSession, person: Staff, asked: Asked, now: datetime) -> None:
    await take_links_back(session, now, to=person.id, purpose=JOIN)
    invite_id = new_id(now)
    token = link_token(asked.secret_key, "invite", invite_id)
    link = StaffInvite(
        clinic_id=session.clinic_id,
        id=invite_id,
        staff_id=person.id,
        invited_by=asked.by_id,
        token_hash=hashed(token),
        created_at=now,
        expires_at=now + INVITE_LASTS,
    )
    mail = DigestMail(
        clinic_id=session.clinic_id,
        # The mail's link is made of it, so that it stands nowhere in clear.
        id=invite_id,
        staff_id=person.id,
        kind=MailKind.INVITE.value,
        day=local_day(now, (await accounts.clinic(session)).zone),
        address=person.email,
        about={"by": asked.by},
        due_at=now,
        expires_at=now + MAIL_LASTS,
        created_at=now,
    )
    session.add_all([link, mail])
    record(session, now, "invite", "staff", person.id)


async def join(session: ClinicSession, link: StaffInvite, password_hash: str, now: datetime) -> None:
    """Their own password from now on. Whoever was signed in as them is not any more."""
    person = await accounts.staff(session, link.staff_id)
    if not person.active:
        person.factor_due_at = now + GRACE
    person.sqlmodel_update({"password_hash": password_hash, "active": True})
    link.used_at = now
    await end_sessions(session, "staff", person.id, now)
    record(session, now, "join", "staff", person.id, fields=["password_hash"])


async def change_role(session: ClinicSession, staff_id: UUID, role: str, heir: UUID | None, now: datetime) -> None:
    """Holds from their next request on. Whoever may see no record can hold no clients, and hears nothing of them."""
    person = await _leaving(session, staff_id, heir, role, now)
    if person.role == role:
        return
    person.role = role
    if not may_hold_clients(role):
        await stop_digest(session, staff_id, now)
    record(session, now, "set", "staff", staff_id, fields=["role"])


async def reset_factors(session: ClinicSession, staff_id: UUID, now: datetime) -> None:
    """Somebody lost their phone and their codes. Their password, or a link by email, leads to where they add another
    way, and to nothing else."""
    await team.everybody_locked(session)
    person = await accounts.staff(session, staff_id)
    if not person.active:
        raise NotFound
    await end_sessions(session, "staff", staff_id, now)
    await remove_all(session, staff_id, now)
    record(session, now, "reset", "staff", staff_id, fields=["factors"])


async def end_work(session: ClinicSession, staff_id: UUID, heir: UUID | None, now: datetime) -> None:
    """At once: where they are signed in, their ways to sign in, tokens they made, links they have not used or gave to
    somebody who has not, and mails on their way to them. Open pages end with the session (`review.views.live`)."""
    person = await _leaving(session, staff_id, heir, None, now)
    person.active = False
    await take_links_back(session, now, to=staff_id)
    await take_links_back(session, now, by=staff_id)
    await end_sessions(session, "staff", staff_id, now)
    await remove_all(session, staff_id, now)
    await revoke_tokens_of(session, staff_id, now)
    await stop_digest(session, staff_id, now)
    record(session, now, "end", "staff", staff_id)


async def _leaving(session: ClinicSession, staff_id: UUID, heir: UUID | None, role: str | None, now: datetime) -> Staff:
    """`role`: what they become, None when they leave. Their clients are somebody else's when they can be theirs no
    more."""
    everybody = await team.everybody_locked(session)
    person = next((one for one in everybody if one.id == staff_id), None)
    if person is None:
        raise NotFound
    if role is not None and (problems := role_problems(role)):
        raise Refused(problems)
    if role != "owner":
        refuse_last_owner(everybody, person)
    if role is not None and may_hold_clients(role):
        return person
    held = (await team.clients_held(session)).get(staff_id, 0)
    refuse_no_heir(everybody, staff_id, heir, held)
    if held and heir is not None:
        await _hand_over(session, staff_id, heir, now)
    return person


async def _hand_over(session: ClinicSession, from_id: UUID, to_id: UUID, now: datetime) -> None:
    known = {"clinic_id": session.clinic_id, "from_id": from_id}
    await session.execute(_COUNT_UP, known)
    for client_id in (await session.scalars(_HAND_OVER, {**known, "to_id": to_id})).all():
        record(session, now, "hand_over", "client", client_id, client_id=client_id, fields=["therapist_id"])
