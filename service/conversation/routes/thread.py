"""The one thread between a client and the clinic, for programs. Reading it changes nothing, also not what is unread."""

from typing import Literal
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from service.accounts.guards import AnyCaller, Caller, record_of
from service.accounts.tables import Client
from service.conversation import queries
from service.conversation.actions import thread
from service.conversation.actions.thread import Written
from service.conversation.schemas import MessageIn, MessageOut, MessageOutList, ReadIn
from service.conversation.tables import ThreadMessage
from service.database.tenancy import ClinicSession
from service.ids import new_id


@get("/clients/{client_id:uuid}/messages", operation_id="getMessages", tags=["messages"])
async def get_messages(client_id: FromPath[UUID], caller: AnyCaller) -> MessageOutList:
    """All that was said by text, on pages and by links, oldest first."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        return MessageOutList([_out(row) for row in await queries.thread(session, client.id)])


@post("/clients/{client_id:uuid}/messages", operation_id="sendMessage", status_code=201, tags=["messages"])
async def send_message(client_id: FromPath[UUID], data: JSONBody[MessageIn], caller: AnyCaller) -> MessageOut:
    """From the client to the clinic, or from staff to the client, who gets a text or an email that says there is a
    message and nothing of it. The same `id` again is the same message."""
    message_id = new_id(caller.now) if data.id is UNSET else data.id
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        return _out((await write(session, caller, client, message_id, data.text)).row)


@post("/clients/{client_id:uuid}/messages/read", operation_id="markMessagesRead", status_code=204, tags=["messages"])
async def mark_read(client_id: FromPath[UUID], data: JSONBody[ReadIn], caller: AnyCaller) -> None:
    """Says that what the other side wrote until then was read."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        await thread.mark_read(session, client.id, theirs(caller), min(data.until, caller.now), caller.now)


def theirs(caller: Caller) -> Literal["in", "out"]:
    """What the other side wrote."""
    return "out" if caller.person.kind == "client" else "in"


async def write(session: ClinicSession, caller: Caller, client: Client, message_id: UUID, words: str) -> Written:
    if caller.person.kind == "client":
        return await thread.write_to_clinic(session, client, message_id, words, caller.now)
    return await thread.write_to_client(session, client, message_id, words, caller.settings.secret_key, caller.now)


def _out(row: ThreadMessage) -> MessageOut:
    return MessageOut(
        id=row.id,
        text=row.body,
        from_client=row.direction == "in",
        channel=row.channel,
        sent_at=row.sent_at,
        read_at=row.read_at,
        staff_id=row.staff_id,
    )


router = Router("/v1", route_handlers=[get_messages, send_message, mark_read])
