"""One message to many clients: a message of each one's own thread, announced to each once. For a short while it can be
taken back, because what was meant for ten is read by a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, exists, select, update
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.conversation.actions.thread import write_to_client
from service.conversation.queries import own_messages
from service.conversation.queries.reaching import reach_of
from service.conversation.rules import message_problem
from service.conversation.rules.reaching import MOST_AT_ONCE, NotReached
from service.conversation.tables import ThreadMessage
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.outbox.tables import Message

HOLD: Final = timedelta(minutes=2)
"""How long nothing leaves, and it can be taken back."""

CHANGED: Final = "changed"


@dataclass(slots=True)
class Written:
    """Who gets it, and who does not and why."""

    to: list[UUID] = field(default_factory=list)
    not_to: dict[UUID, NotReached] = field(default_factory=dict)


def message_id(bulk_id: UUID, client_id: UUID) -> UUID:
    """The same for the same press, so that two presses are one message for each."""
    return uuid5(bulk_id, client_id.hex)


async def write_to_many(
    session: ClinicSession, clients: Sequence[Client], bulk_id: UUID, words: str, secret_key: str, now: datetime
) -> Written:
    if problem := message_problem(words.replace("\r\n", "\n").strip()):
        raise Refused.one("/text", "message", problem)
    if not clients:
        raise Refused.one("/to", "nobody", "Pick at least one person.")
    if len(clients) > MOST_AT_ONCE:
        raise Refused.one("/to", "too_many", "Pick at most 300 people at once.")
    ways = await reach_of(session, [client.id for client in clients])
    written = Written()
    # In one order everywhere: two who write to the same people wait for each other and never deadlock.
    for client in sorted(clients, key=lambda client: client.id):
        way = ways[client.id]
        if isinstance(way, NotReached):
            written.not_to[client.id] = way
            continue
        one = message_id(bulk_id, client.id)
        await write_to_client(session, client, one, words, secret_key, now, answers=False, hold=HOLD)
        written.to.append(client.id)
    record(session, now, "write_to_many", "thread_message", bulk_id)
    return written


async def sent_to(session: ClinicSession, bulk_id: UUID) -> list[ThreadMessage]:
    """What whoever acts wrote to each, whosever clients they are by now, in the order of `write_to_many`."""
    ids = [message_id(bulk_id, client.id) for client in await accounts.clients_of(session, None)]
    return sorted(await own_messages(session, ids), key=lambda row: row.client_id)


async def take_back(session: ClinicSession, bulk_id: UUID, now: datetime) -> int:
    """From everybody whom nothing told of it yet, and who did not read it; returns from how many."""
    taken = 0
    for row in await sent_to(session, bulk_id):
        seq = await next_seq(session, row.client_id)
        waiting = update(Message).where(*_telling_of(session, row.id), col(Message.state) == "queued")
        values = {"state": "suppressed", "reason": CHANGED, "settled_at": now, "updated_at": now}
        await session.execute(waiting.values(**values))
        if row.read_at is not None or await was_told(session, row.id):
            continue
        row.deleted_at, row.sync_seq = now, seq
        record(session, now, "take_back", "thread_message", row.id, client_id=row.client_id)
        taken += 1
    return taken


def _telling_of(session: ClinicSession, thread_message_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Message.clinic_id) == session.clinic_id,
        # Only what belongs to no due moment is found by its key.
        col(Message.occurrence_id).is_(None),
        col(Message.dedupe_key) == f"thread:{thread_message_id}",
    )


async def was_told(session: ClinicSession, thread_message_id: UUID) -> bool:
    """Something that tells of it left, or may have."""
    left = select(col(Message.id)).where(*_telling_of(session, thread_message_id), col(Message.state) != "suppressed")
    return bool(await session.scalar(select(exists(left))))
