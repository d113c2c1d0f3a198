"""Invites a client who was added just now, instead of a yes that staff write down."""

from datetime import datetime
from uuid import UUID

from service.accounts import queries as accounts
from service.conversation.actions.invites import invite
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.ids import new_id


async def invite_new(session: ClinicSession, client_id: UUID, secret_key: str, now: datetime) -> None:
    """At the first of their addresses that was not agreed to."""
    agreed = {consent.channel for consent in await accounts.consents(session, client_id)}
    points = await accounts.contact_points(session, client_id)
    point = next((one for one in points if one.channel not in agreed), None)
    if point is None:
        raise Refused.one("/invite", "agreed", "They said yes to all of it: an invitation has nothing to ask.")
    client = await accounts.client(session, client_id)
    await invite(session, client, point.channel, new_id(now), secret_key, now)
