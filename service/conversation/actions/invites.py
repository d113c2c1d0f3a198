"""Asks a client, at one of their addresses, whether the clinic may write there; and keeps what they answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.actions import next_seq, welcome
from service.accounts.actions.own import agree
from service.accounts.codes import link_token
from service.accounts.rules import INVITE_LINK, LinkPurpose
from service.accounts.sign_in import NewLink, make_links
from service.accounts.tables import Client, ContactPoint, Link
from service.audit.actions import record
from service.conversation.queries.invites import invite_of_link, invited_today, open_invites
from service.conversation.rules.invites import INVITES_A_DAY
from service.conversation.tables import ClientInvite
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.outbox.tables import Message
from service.reminders.reasons import Reason

WRITTEN_WITHIN: Final = timedelta(days=2)
"""A night and an outage; later, staff see that it did not arrive, and may send another."""


async def invite(
    session: ClinicSession, client: Client, channel: str, invite_id: UUID, secret_key: str, now: datetime
) -> ClientInvite:
    """The same id again is the same invitation, sent once. One that waits for an answer is replaced."""
    await next_seq(session, client.id)
    known = await session.get(ClientInvite, (session.clinic_id, invite_id))
    if known is not None:
        if known.client_id != client.id:
            raise NotFound
        return known
    point = await _point(session, client.id, channel)
    if await invited_today(session, client.id, now) >= INVITES_A_DAY:
        raise Refused.one("/channel", "too_many", "They were invited three times in 24 hours. Try again tomorrow.")
    for older in await open_invites(session, point.id):
        await _end(session, older, now)
    made = await _send(session, point, invite_id, secret_key, now)
    record(session, now, "invite", "client", client.id, client_id=client.id, fields=["channel"])
    return made


async def withdraw(session: ClinicSession, client: Client, invite_id: UUID, now: datetime) -> None:
    """Its link opens nothing more, and what waits is not sent. Withdrawn or replaced before, it stays as it was."""
    await next_seq(session, client.id)
    found = await session.get(ClientInvite, (session.clinic_id, invite_id))
    if found is None or found.client_id != client.id:
        raise NotFound
    if found.accepted_at or found.declined_at:
        raise Refused.one("", "answered", "They answered already.")
    if found.replaced_at is None:
        await _end(session, found, now)
        record(session, now, "end", "client_invite", found.id, client_id=client.id)


async def _point(session: ClinicSession, client_id: UUID, channel: str) -> ContactPoint:
    points = await accounts.contact_points(session, client_id)
    point = next((one for one in points if one.channel == channel), None)
    if point is None:
        raise Refused.one("/channel", "no_address", "There is no such address. Add it first.")
    if point.opted_out_at is not None:
        raise Refused.one("/channel", "stopped", "They asked us to stop here. Only they can start again.")
    if point.invalid_at is not None:
        raise Refused.one("/channel", "invalid", "This address does not work. Correct it first.")
    given = await accounts.consents(session, client_id)
    if any(one.channel == channel and one.withdrawn_at is None for one in given):
        raise Refused.one("/channel", "agreed", "They said yes already.")
    return point


async def _end(session: ClinicSession, older: ClientInvite, now: datetime) -> None:
    """Its link opens nothing more, and what was not sent yet is not sent."""
    older.replaced_at = now
    clinic = col(Link.clinic_id) == session.clinic_id
    await session.execute(update(Link).where(clinic, col(Link.id) == older.link_id).values(revoked_at=now))
    waiting = update(Message).where(
        col(Message.clinic_id) == session.clinic_id,
        col(Message.id) == older.message_id,
        col(Message.state) == "queued",
    )
    reason = Reason.CHANGED.value
    await session.execute(waiting.values(state="suppressed", reason=reason, settled_at=now, updated_at=now))


async def _send(
    session: ClinicSession, point: ContactPoint, invite_id: UUID, secret_key: str, now: datetime
) -> ClientInvite:
    outgoing = Outgoing(
        client_id=point.client_id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=MessageKind.INVITE,
        dedupe_key=f"invite:{invite_id}",
        due_at=now,
        expires_at=now + WRITTEN_WITHIN,
    )
    message_id = await enqueue(session, outgoing, now)
    if message_id is None:
        raise NotFound
    link_id, expires_at = new_id(now), now + INVITE_LINK
    token = link_token(secret_key, "answer", message_id)
    link = NewLink(point.client_id, LinkPurpose.INVITE, token, expires_at, contact_point_id=point.id, id=link_id)
    await make_links(session, [link], now)
    made = ClientInvite(
        clinic_id=session.clinic_id,
        id=invite_id,
        client_id=point.client_id,
        staff_id=session.actor.id if session.actor.kind == "staff" else None,
        contact_point_id=point.id,
        channel=point.channel,
        link_id=link_id,
        message_id=message_id,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(made)
    await session.flush()
    return made


async def answerable(session: ClinicSession, link: Link) -> ClientInvite | None:
    """The invitation of this link while nobody answered it."""
    found = await invite_of_link(session, link.id)
    return found if found and not (found.accepted_at or found.declined_at or found.replaced_at) else None


async def open_invite(session: ClinicSession, link: Link, now: datetime) -> bool:
    """By a press, never by a look: scanners open every link."""
    found = await answerable(session, link)
    if found is None:
        return False
    if found.opened_at is None:
        found.opened_at = now
        record(session, now, "open", "client_invite", found.id, client_id=found.client_id)
    return True


async def accept(session: ClinicSession, link: Link, wordings: Mapping[str, str], now: datetime) -> bool:
    """The person's own yes to each channel in `wordings`, in the words they saw. False: it was answered before."""
    await next_seq(session, link.client_id)
    found = await answerable(session, link)
    if found is None:
        return False
    points = [p for p in await accounts.contact_points(session, link.client_id) if p.channel in wordings]
    for channel in dict.fromkeys(point.channel for point in points):
        await agree(session, link.client_id, channel, wordings[channel], now)
    found.opened_at, found.accepted_at = found.opened_at or now, now
    client = await accounts.client(session, link.client_id)
    if client.state == "invited":
        client.state, client.sync_seq = "active", await next_seq(session, client.id)
    await session.flush()
    # At the address that was asked first, where they read this.
    await welcome(session, sorted(points, key=lambda point: point.id != found.contact_point_id), now)
    record(session, now, "accept", "client_invite", found.id, client_id=found.client_id)
    return True


async def decline(session: ClinicSession, link: Link, now: datetime) -> bool:
    await next_seq(session, link.client_id)
    found = await answerable(session, link)
    if found is None:
        return False
    found.opened_at, found.declined_at = found.opened_at or now, now
    record(session, now, "decline", "client_invite", found.id, client_id=found.client_id)
    return True
