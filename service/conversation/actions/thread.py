"""Messages that a client and the clinic write each other on pages. What goes out by text or email says only that
there is one: free words may be about health, and a text is read on a lock screen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.actions import next_seq, opt_out
from service.accounts.codes import link_token
from service.accounts.rules import LinkPurpose
from service.accounts.sign_in import NewLink, make_links
from service.accounts.tables import Client, ContactPoint
from service.audit.actions import record
from service.conversation import queries
from service.conversation.grammar import read_reply
from service.conversation.rules import Danger, Stop, message_problem
from service.conversation.tables import ThreadMessage
from service.database.tenancy import ClinicSession
from service.diary.red_flags import open_red_flag
from service.errors import NotFound, Refused
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind

NOTICE_WITHIN: Final = timedelta(days=2)
"""A message kept back by quiet hours still goes in the morning; later than this it was read or forgotten."""

ONE_NOTICE_IN: Final = timedelta(hours=1)
"""Somebody who writes three lines one after the other is announced once."""

ANSWER_WITHIN: Final = timedelta(days=14)
"""How long the link of a notice takes an answer."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message under the id its writer's page or app gave it. `announced` is the channel that tells of it."""

    row: ThreadMessage
    announced: str | None = None


async def write_to_client(
    session: ClinicSession,
    client: Client,
    message_id: UUID,
    words: str,
    secret_key: str,
    now: datetime,
    *,
    answers: bool = True,
    hold: timedelta = timedelta(0),
) -> Written:
    """From the member of staff who acts. The same id again is the same message, announced once. `answers`: whoever
    writes has read what the client wrote. `hold`: for so long nothing tells of it."""
    # Before any row is read: of two that come at once the second sees the first.
    await next_seq(session, client.id)
    point = await _reachable(session, client.id)
    channel = point.channel if point else None
    if known := await _known(session, client, message_id):
        return Written(known, channel)
    announced_before = await queries.staff_wrote_since(session, client.id, now - ONE_NOTICE_IN)
    row = await _keep(session, client, message_id, words, "out", None, now)
    if answers:
        await mark_read(session, client.id, "in", now, now)
    if point is not None and not announced_before:
        await _announce(session, point, message_id, secret_key, now, hold)
    return Written(row, channel)


async def write_to_clinic(
    session: ClinicSession, client: Client, message_id: UUID, words: str, now: datetime
) -> Written:
    """From the client's page, app or link. Danger alerts and STOP ends texts, as they do in a text; nothing else
    of it is taken for an answer."""
    await next_seq(session, client.id)
    if known := await _known(session, client, message_id):
        return Written(known)
    readings = read_reply(words, asked=None, locale=client.locale)
    is_danger = any(isinstance(reading, Danger) for reading in readings)
    is_stop = Stop() in readings
    reading = "danger" if is_danger else "stop note" if is_stop else "note"
    row = await _keep(session, client, message_id, words, "in", reading, now)
    if is_danger:
        record(session, now, "alert", "thread_message", row.id, client_id=client.id)
        await open_red_flag(session, client.id, "text", now)
    if is_stop:
        await _end_texts(session, client.id, now)
    if session.actor.kind == "client":
        await mark_read(session, client.id, "out", now, now)
    return Written(row)


async def mark_read(
    session: ClinicSession, client_id: UUID, direction: Literal["in", "out"], as_of: datetime, now: datetime
) -> None:
    """What the page showed: `as_of` is when it was made, and what came after it was not read."""
    waiting = await queries.unread(session, client_id, direction, as_of)
    if not waiting:
        return
    await session.execute(
        update(ThreadMessage)
        .where(col(ThreadMessage.clinic_id) == session.clinic_id, col(ThreadMessage.id).in_(waiting))
        .values(read_at=now, sync_seq=await next_seq(session, client_id))
    )


async def _known(session: ClinicSession, client: Client, message_id: UUID) -> ThreadMessage | None:
    known = await session.get(ThreadMessage, (session.clinic_id, message_id))
    if known is not None and known.client_id != client.id:
        raise NotFound
    return known


async def _keep(
    session: ClinicSession,
    client: Client,
    message_id: UUID,
    words: str,
    direction: Literal["in", "out"],
    reading: str | None,
    now: datetime,
) -> ThreadMessage:
    # A browser sends each line break as two characters, which the box on the page counts as one.
    words = words.replace("\r\n", "\n").strip()
    if problem := message_problem(words):
        raise Refused.one("/text", "message", problem)
    row = ThreadMessage(
        clinic_id=session.clinic_id,
        id=message_id,
        client_id=client.id,
        sync_seq=await next_seq(session, client.id),
        created_at=now,
        direction=direction,
        channel=session.actor.channel,
        body=words,
        reading=reading,
        staff_id=session.actor.id if direction == "out" else None,
        sent_at=now,
    )
    session.add(row)
    await session.flush()
    record(session, now, "create", "thread_message", row.id, client_id=client.id)
    return row


async def _reachable(session: ClinicSession, client_id: UUID) -> ContactPoint | None:
    """The first address that somebody agreed to and did not close, one that works before one that does not."""
    agreed = {c.channel for c in await accounts.consents(session, client_id) if c.withdrawn_at is None}
    points = await accounts.contact_points(session, client_id)
    open_ones = [p for p in points if p.channel in agreed and p.opted_out_at is None]
    return next((p for p in open_ones if p.invalid_at is None), next(iter(open_ones), None))


async def _announce(
    session: ClinicSession, point: ContactPoint, message_id: UUID, secret_key: str, now: datetime, hold: timedelta
) -> None:
    outgoing = Outgoing(
        client_id=point.client_id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=MessageKind.MESSAGE,
        dedupe_key=f"thread:{message_id}",
        due_at=now + hold,
        expires_at=now + NOTICE_WITHIN,
    )
    notice_id = await enqueue(session, outgoing, now)
    token, expires_at = link_token(secret_key, "answer", notice_id), now + ANSWER_WITHIN
    link = NewLink(point.client_id, LinkPurpose.MESSAGE, token, expires_at, contact_point_id=point.id)
    await make_links(session, [link], now)


async def _end_texts(session: ClinicSession, client_id: UUID, now: datetime) -> None:
    for point in await accounts.contact_points(session, client_id):
        if point.channel == "sms" and point.opted_out_at is None:
            await opt_out(session, point.id, "page", now)
