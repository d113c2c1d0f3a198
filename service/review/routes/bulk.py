"""One message to many, for programs."""

from typing import Literal
from uuid import UUID

from litestar import delete, get, put
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET

from service.accounts.guards import AnyCaller
from service.accounts.rules import Right
from service.conversation.actions.bulk import HOLD, take_back, write_to_many
from service.errors import NotFound
from service.review.rules import Tier
from service.review.schemas.bulk import (
    BulkIn,
    BulkOut,
    NotReachedOut,
    Recipient,
    RecipientList,
    RecipientOut,
    TakenBack,
)
from service.review.views.bulk import Wish, bulk_view, own_clients


@get("/bulk-messages/recipients", operation_id="listRecipients", tags=["messages"])
async def list_recipients(
    staff: AnyCaller, tier: FromQuery[Tier | None] = None, therapist_id: FromQuery[UUID | None] = None
) -> RecipientList:
    """Who would get a message now, and who would not and why: of a therapist's own clients, or the clinic's for its
    owner, or of one of its therapists."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        view = await bulk_view(session, staff, Wish(tier, therapist_id))
    left_out = [NotReachedOut(one.id, one.code) for one in view.left_out]
    return RecipientList([_recipient(one) for one in view.to], left_out, view.more)


@put("/bulk-messages/{bulk_id:uuid}", operation_id="sendToMany", tags=["messages"])
async def send_to_many(bulk_id: FromPath[UUID], data: JSONBody[BulkIn], staff: AnyCaller) -> BulkOut:
    """A message of each one's own thread. Under an id made by whoever writes: the same again reaches nobody twice."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        theirs = {client.id: client for client in await own_clients(session, staff)}
        if not theirs.keys() >= set(data.to):
            raise NotFound
        picked = [theirs[one] for one in dict.fromkeys(data.to)]
        written = await write_to_many(session, picked, bulk_id, data.text, staff.settings.secret_key, staff.now)
    left_out = [NotReachedOut(one, why.value) for one, why in written.not_to.items()]
    return BulkOut(written.to, left_out, staff.now + HOLD)


@delete("/bulk-messages/{bulk_id:uuid}", operation_id="takeBackFromMany", status_code=200, tags=["messages"])
async def take_back_from_many(bulk_id: FromPath[UUID], staff: AnyCaller) -> TakenBack:
    """What whoever asks wrote, from everybody whom nothing told of it yet and who did not read it."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        return TakenBack(await take_back(session, bulk_id, staff.now))


def _recipient(one: Recipient) -> RecipientOut:
    channel: Literal["sms", "email"] = "sms" if one.by_text else "email"
    return RecipientOut(one.id, channel, one.from_at or UNSET)


handlers = [list_recipients, send_to_many, take_back_from_many]
