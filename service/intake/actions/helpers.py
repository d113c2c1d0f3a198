"""Names somebody who may tick a client's plan for them, and ends that. We never write to a helper: they said yes to
nothing. Whoever named them hands the link over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.actions import next_seq
from service.accounts.codes import link_token
from service.accounts.rules import HELPER_LINK, LinkPurpose
from service.accounts.sign_in import NewLink, make_links
from service.accounts.tables import Client, Link
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.intake.queries.helpers import helpers
from service.intake.rules.helpers import MOST, contact_of, helper_problems
from service.intake.tables import Helper


@dataclass(frozen=True, slots=True)
class NewHelper:
    """`wording` is what the client said yes to, in their language."""

    id: UUID
    name: str
    relation: str
    contact: str
    wording: str


def helper_token(secret_key: str, helper_id: UUID) -> str:
    return link_token(secret_key, "helper", helper_id)


async def name_helper(session: ClinicSession, client: Client, new: NewHelper, secret_key: str, now: datetime) -> Helper:
    """The same id again is the same helper. Raises Refused with every field that cannot be right."""
    await next_seq(session, client.id)
    known = await session.get(Helper, (session.clinic_id, new.id))
    if known is not None:
        if known.client_id != client.id:
            raise NotFound
        return known
    country = (await accounts.clinic(session)).country
    problems = helper_problems(new.name, new.relation, new.contact, country)
    if problems:
        raise Refused(problems)
    if len(await helpers(session, client.id, now)) >= MOST:
        raise Refused.one("/name", "too_many", "There are 3 helpers already. End one first.")
    expires_at = now + HELPER_LINK
    token = helper_token(secret_key, new.id)
    await make_links(session, [NewLink(client.id, LinkPurpose.HELPER, token, expires_at, id=new.id)], now)
    helper = Helper(
        clinic_id=session.clinic_id,
        id=new.id,
        client_id=client.id,
        name=new.name.strip(),
        relation=new.relation,
        contact=contact_of(new.contact, country) or "",
        wording=new.wording,
        staff_id=session.actor.id if session.actor.kind == "staff" else None,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(helper)
    await session.flush()
    record(session, now, "create", "helper", helper.id, client_id=client.id)
    return helper


async def end_helper(session: ClinicSession, client: Client, helper_id: UUID, now: datetime) -> None:
    """At once: the next look at the link finds nothing. Ended before, it stays as it was."""
    await next_seq(session, client.id)
    helper = await session.get(Helper, (session.clinic_id, helper_id))
    if helper is None or helper.client_id != client.id:
        raise NotFound
    if helper.ended_at is not None:
        return
    helper.ended_at = now
    helper.ended_by = "staff" if session.actor.kind == "staff" else "client"
    clinic = col(Link.clinic_id) == session.clinic_id
    await session.execute(update(Link).where(clinic, col(Link.id) == helper_id).values(revoked_at=now))
    record(session, now, "end", "helper", helper_id, client_id=client.id)
