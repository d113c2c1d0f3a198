"""What an owner saves about the clinic, a test email to themselves, and going live."""

from datetime import datetime, time
from uuid import UUID

from service.accounts import queries as accounts
from service.accounts.rules import clinic_problems, phone_e164
from service.audit.actions import record
from service.conversation.actions.silence import asked_to_stop
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id
from service.reminders.rules import local_day
from service.review.rules.escalation import MailKind
from service.review.rules.set_up import SKIPPED, TEST_LASTS, Known, Step, missing, refuse_too_early, with_step
from service.review.tables import DigestMail


async def save_facts(session: ClinicSession, facts: dict[str, str], quiet: tuple[time, time], now: datetime) -> None:
    """Raises Refused with every field that cannot be right. What was planned is decided by the new facts: each is read
    just before the wire."""
    clinic = await accounts.clinic_to_change(session)
    problems = clinic_problems(**facts)
    if problems:
        raise Refused(problems)
    changed = {**facts, "quiet_from": quiet[0], "quiet_until": quiet[1]}
    fields = sorted(name for name, value in changed.items() if getattr(clinic, name) != value)
    clinic.sqlmodel_update({**changed, "set_up": with_step(clinic.set_up, Step.FACTS)})
    record(session, now, "set", "clinic", session.clinic_id, fields=fields)


async def mark_step(session: ClinicSession, name: str, now: datetime) -> None:
    """A step that is over, or was skipped for now."""
    clinic = await accounts.clinic_to_change(session)
    if name not in clinic.set_up:
        clinic.set_up = with_step(clinic.set_up, name)
        record(session, now, "set", "clinic", session.clinic_id, fields=["set_up"])


async def skip(session: ClinicSession, step: Step, now: datetime) -> None:
    await mark_step(session, f"{SKIPPED}{step}", now)


async def send_test(
    session: ClinicSession, staff_id: UUID, now: datetime, words: str | None = None, phone: str | None = None
) -> None:
    """To their own address, in test mode too: it is how an owner sees that mail arrives. `words` are those of a text
    that they want to see come, and of nobody; at `phone` it comes as a text. Raises Refused for a phone that is none,
    or that said stop."""
    person, clinic = await accounts.staff(session, staff_id), await accounts.clinic(session)
    number = None if phone is None else phone_e164(phone, clinic.country)
    if phone is not None and number is None:
        raise Refused.one("/phone", "phone", "Write a phone number that can be right.")
    if number and await asked_to_stop(session, number):
        raise Refused.one("/phone", "stopped", "This phone asked us to stop. Use another one.")
    mail = DigestMail(
        clinic_id=session.clinic_id,
        id=new_id(now),
        staff_id=staff_id,
        kind=MailKind.TEST.value,
        channel="sms" if number else "email",
        day=local_day(now, clinic.zone),
        address=number or person.email,
        about={"text": words} if words else {},
        due_at=now,
        expires_at=now + TEST_LASTS,
        created_at=now,
    )
    session.add(mail)
    record(session, now, "create", "digest_mail", mail.id)
    if words is None:
        await mark_step(session, Step.MESSAGES, now)


async def go_live(session: ClinicSession, known: Known, now: datetime) -> None:
    """Once. What was made before stays here (`scheduler.deciding`)."""
    clinic = await accounts.clinic_to_change(session)
    if clinic.live_at is not None:
        return
    refuse_too_early(missing(known))
    clinic.live_at = now
    record(session, now, "go_live", "clinic", session.clinic_id)
