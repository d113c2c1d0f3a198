"""The session that a browser had before somebody came in anew."""

from service.accounts import queries, sign_in
from service.accounts.guards import AnyRequest, Edge, presented
from service.database.tenancy import Actor


async def end_former(request: AnyRequest, edge: Edge) -> None:
    """Its cookie is about to be replaced: no page shows it any more, and nobody would miss it."""
    token, channel = presented(request)
    known = sign_in.read_token(token) if token and channel == "web" else None
    if known is None:
        return
    clinic_id, token_hash = known
    async with edge.database.clinic_tx(clinic_id, Actor("system", None, channel)) as session:
        found = await queries.signed_in(session, token_hash)
        if found is not None:
            await sign_in.end_session(session, found.row.id, edge.now)
