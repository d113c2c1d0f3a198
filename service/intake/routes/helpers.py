"""Helpers for programs: somebody who may tick a client's plan for them."""

from uuid import UUID

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody

from service.accounts.guards import AnyCaller, record_of
from service.intake.actions.helpers import NewHelper, end_helper, helper_token, name_helper
from service.intake.queries.helpers import helpers
from service.intake.schemas import HelperIn, HelperLink, HelperList, HelperOut


@get("/clients/{client_id:uuid}/helpers", operation_id="listHelpers", tags=["helpers"])
async def list_helpers(client_id: FromPath[UUID], caller: AnyCaller) -> HelperList:
    """Those whose link works, in the order in which they were named."""
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        return HelperList([HelperOut.of(one) for one in await helpers(session, client.id, caller.now)])


@put("/clients/{client_id:uuid}/helpers/{helper_id:uuid}", operation_id="nameHelper", tags=["helpers"])
async def put_helper(
    client_id: FromPath[UUID], helper_id: FromPath[UUID], data: JSONBody[HelperIn], caller: AnyCaller
) -> HelperLink:
    """Under an id made by whoever names them: the same again is the same helper. The link stands in this answer alone,
    to be handed over; we write to nobody."""
    new = NewHelper(helper_id, data.name, data.relation, data.contact, data.consent)
    key, url = caller.settings.secret_key, caller.settings.public_url
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        helper = HelperOut.of(await name_helper(session, client, new, key, caller.now))
    return HelperLink(helper, f"{url}/r/{helper_token(key, helper_id)}")


@delete("/clients/{client_id:uuid}/helpers/{helper_id:uuid}", operation_id="endHelper", tags=["helpers"])
async def delete_helper(client_id: FromPath[UUID], helper_id: FromPath[UUID], caller: AnyCaller) -> None:
    """Their link works no more, from the next look on."""
    async with caller.tx() as session:
        await end_helper(session, await record_of(session, caller, client_id), helper_id, caller.now)


handlers = [list_helpers, put_helper, delete_helper]
