"""Invitations for programs: a client is asked whether the clinic may write to them, and answers themselves."""

from typing import Literal
from uuid import UUID

from litestar import Router, delete, get, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from service.accounts.guards import AnyCaller, record_of
from service.accounts.rules import Right
from service.conversation.actions.invites import invite, withdraw
from service.conversation.queries.invites import InviteNow, newest_invites
from service.conversation.schemas import InvitationIn, InvitationList, InvitationOut


@get("/clients/{client_id:uuid}/invitations", operation_id="listInvitations", tags=["invitations"])
async def list_invitations(client_id: FromPath[UUID], staff: AnyCaller) -> InvitationList:
    """The newest one at each address of the client, and how far it is."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        return InvitationList([_out(one) for one in (await newest_invites(session, client.id, staff.now)).values()])


@put("/clients/{client_id:uuid}/invitations/{invitation_id:uuid}", operation_id="invite", tags=["invitations"])
async def put_invitation(
    client_id: FromPath[UUID], invitation_id: FromPath[UUID], data: JSONBody[InvitationIn], staff: AnyCaller
) -> InvitationOut:
    """Asks the client at one of their addresses whether the clinic may write there. Under an id made by whoever asks:
    the same again sends nothing more. One that waits at the address is replaced."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id)
        made = await invite(session, client, data.channel, invitation_id, staff.settings.secret_key, staff.now)
        return _out((await newest_invites(session, client.id, staff.now))[made.contact_point_id])


@delete(
    "/clients/{client_id:uuid}/invitations/{invitation_id:uuid}",
    operation_id="withdrawInvitation",
    status_code=204,
    tags=["invitations"],
)
async def withdraw_invitation(client_id: FromPath[UUID], invitation_id: FromPath[UUID], staff: AnyCaller) -> None:
    """Its link opens nothing more. One that was answered stays."""
    staff.require(Right.SEE_RECORD)
    async with staff.tx() as session:
        await withdraw(session, await record_of(session, staff, client_id), invitation_id, staff.now)


def _out(found: InviteNow) -> InvitationOut:
    row = found.row
    channel: Literal["sms", "email"] = "sms" if row.channel == "sms" else "email"
    return InvitationOut(
        id=row.id,
        channel=channel,
        state=found.state.code,
        invited_at=row.created_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at or UNSET,
        answered_at=row.accepted_at or row.declined_at or UNSET,
        withdrawn_at=row.replaced_at or UNSET,
        reason=found.reason or UNSET,
    )


router = Router("/v1", route_handlers=[list_invitations, put_invitation, withdraw_invitation])
