from uuid import UUID

from litestar import post
from litestar.params import FromPath, JSONBody

from service.accounts.guards import AnyCaller, record_of
from service.accounts.rules import Right
from service.review.actions.helping import send_link
from service.review.schemas.helping import SendLinkIn


@post(
    "/clients/{client_id:uuid}/helpers/{helper_id:uuid}/link",
    operation_id="sendHelperLink",
    status_code=204,
    tags=["helpers"],
)
async def post_helper_link(
    client_id: FromPath[UUID], helper_id: FromPath[UUID], data: JSONBody[SendLinkIn], staff: AnyCaller
) -> None:
    """Sends a helper their link by text or email, at the address they were named with: once, and never at night."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        await send_link(session, client, helper_id, data.consent, staff.person.id, staff.now)


handlers = [post_helper_link]
