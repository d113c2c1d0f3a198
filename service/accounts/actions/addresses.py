"""What staff may mend about an address. Whoever said STOP is the only one who starts again: nothing here lifts that."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlmodel import col

from service.accounts import queries, rules
from service.accounts.actions import next_seq
from service.accounts.tables import ContactPoint, Link, SignInCode, SignInSession
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused

_ON_ITS_WAY = text(
    "SELECT EXISTS (SELECT 1 FROM message WHERE clinic_id = :clinic_id AND client_id = :client_id"
    "  AND contact_point_id = :id AND state IN ('leased', 'in_flight', 'uncertain'))"
)


async def correct_address(session: ClinicSession, client_id: UUID, channel: str, raw: str, now: datetime) -> None:
    """Another number or email in place of a wrong one. What was agreed to and what was stopped stays as it is. Whoever
    had the wrong one gets in no more; the client signs in again."""
    point = await _point(session, client_id, channel)
    address = await _cleaned(session, channel, raw)
    if address == point.address:
        return
    if any(other.address == address for other in await queries.contact_points(session, client_id)):
        raise Refused.one("/address", "twice", "This client has that address already.")
    if await session.scalar(_ON_ITS_WAY, {"clinic_id": session.clinic_id, "client_id": client_id, "id": point.id}):
        # Where it went is looked up by the address: it must not change under a message nobody knows the end of.
        raise Refused.one("/address", "busy", "A message to the old address is on its way. Try again in 20 minutes.")
    point.address, point.verified_at = address, now
    _works(point)
    await _shut_doors(session, client_id, point.id, now)
    record(session, now, "correct", "contact_point", point.id, client_id=client_id, fields=["address"])


async def try_again(session: ClinicSession, client_id: UUID, channel: str, now: datetime) -> None:
    """A provider called it dead and staff know better: it is written to again."""
    point = await _point(session, client_id, channel)
    if point.invalid_at is None and point.opted_out_how != rules.BOUNCED:
        if point.opted_out_at is not None:
            raise Refused.one(
                "", "stopped", "They asked us to stop. Only they can start again: ask them to reply START."
            )
        raise Refused.one("", "works", "As far as we know this address works.")
    _works(point)
    record(session, now, "try_again", "contact_point", point.id, client_id=client_id)


async def _shut_doors(session: ClinicSession, client_id: UUID, point_id: UUID, now: datetime) -> None:
    """Which session was opened with a code that went there is not known, so all end, and codes with them."""
    own = {"clinic_id": session.clinic_id, "client_id": client_id}
    for table, ends in ((SignInSession, {"revoked_at": now}), (SignInCode, {"expires_at": now})):
        await session.execute(update(table).filter_by(**own).where(col(table.expires_at) > now).values(**ends))
    there = update(Link).filter_by(**own, contact_point_id=point_id).where(col(Link.expires_at) > now)
    await session.execute(there.values(revoked_at=now))


def _works(point: ContactPoint) -> None:
    point.invalid_at = point.invalid_code = None
    if point.opted_out_how == rules.BOUNCED:
        point.opted_out_at = point.opted_out_how = None


async def _point(session: ClinicSession, client_id: UUID, channel: str) -> ContactPoint:
    """Locked, so that a STOP that comes now is not undone."""
    await next_seq(session, client_id)
    statement = (
        select(ContactPoint)
        .where(
            col(ContactPoint.clinic_id) == session.clinic_id,
            col(ContactPoint.client_id) == client_id,
            col(ContactPoint.channel) == channel,
        )
        .order_by(col(ContactPoint.position))
        .limit(1)
        .with_for_update()
    )
    found = await session.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def _cleaned(session: ClinicSession, channel: str, raw: str) -> str:
    if channel == "sms":
        cleaned, hint = rules.phone_e164(raw, (await queries.clinic(session)).country), rules.PHONE_HINT
    else:
        cleaned, hint = rules.clean_email(raw), rules.EMAIL_HINT
    if cleaned is None:
        raise Refused.one("/address", "address", hint)
    return cleaned
