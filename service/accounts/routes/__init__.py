from uuid import UUID

from litestar import Router, get, post, put
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath, JSONBody
from litestar.response import Response
from msgspec import UNSET

from service.accounts import actions, queries, rules, sign_in
from service.accounts.actions import NewClient, addresses
from service.accounts.guards import AnyCaller, AnyEdge, AnyRequest, Caller, Edge, record_of
from service.accounts.routes.staff import clinics_with, second_step, sign_in_staff
from service.accounts.rules import Right
from service.accounts.schemas import (
    AddressIn,
    ChannelName,
    ClientList,
    ClientOut,
    CodeRequest,
    CodeSignIn,
    ConsentOut,
    ContactPointOut,
    NewClientIn,
    SignedIn,
)
from service.accounts.sign_in import codes
from service.accounts.sign_in.guesses import count_guess, give_back, is_known
from service.accounts.tables import Client
from service.audit.actions import look
from service.database.tenancy import Actor, ClinicSession
from service.errors import Refused, SignInNeeded
from service.ids import new_id


@post("/sign-in/code", operation_id="requestSignInCode", status_code=202, tags=["sign-in"])
async def request_code(data: JSONBody[CodeRequest], edge: AnyEdge) -> Response[None]:
    return Response(None, status_code=202, background=await code_asked(edge, data.address))


async def code_asked(edge: Edge, address: str, marks: str = "") -> BackgroundTask:
    """What sends a code to everybody with this address once the answer is out: how long it takes tells nobody whether
    there is anybody. `marks`: who signed in on this device before (`sign_in.guesses`)."""
    cleaned = cleaned_address(address)
    async with edge.database.installation_tx() as connection:
        known = is_known(edge.settings.secret_key, cleaned, marks)
        await count_guess(connection, "code", cleaned, edge.now, known=known)
    return BackgroundTask(_send_codes, edge, cleaned)


async def _send_codes(edge: Edge, cleaned: str) -> None:
    for clinic_id in await clinics_with(edge, cleaned):
        async with edge.database.clinic_tx(clinic_id, Actor("system", None, "web")) as session:
            await sign_in.send_codes(session, cleaned, edge.settings.secret_key, edge.now)


@post("/sign-in/code/check", operation_id="signInWithCode", status_code=200, tags=["sign-in"])
async def sign_in_with_code(request: AnyRequest, data: JSONBody[CodeSignIn], edge: AnyEdge) -> SignedIn:
    user_agent = request.headers.get("user-agent", "")
    first_name = None if data.first_name is UNSET else data.first_name
    return await client_signed_in(edge, data.address, data.code, user_agent, first_name)


async def client_signed_in(
    edge: Edge, address: str, code: str, user_agent: str, first_name: str | None = None, marks: str = ""
) -> SignedIn:
    """Raises SignInNeeded when no open code for this address matches; every try counts but the right one.

    Raises Refused (`/code`) for a code that a newer one replaced, and (`/first_name`) for a right one that was sent to
    an address of two people, unless it is said which of them signs in. Neither tells anything without a code of ours.
    """
    cleaned = cleaned_address(address)
    known = is_known(edge.settings.secret_key, cleaned, marks)
    async with edge.database.installation_tx() as connection:
        await count_guess(connection, "check", cleaned, edge.now, known=known)
    replaced = False
    for clinic_id in await clinics_with(edge, cleaned) or [new_id(edge.now)]:
        async with edge.database.clinic_tx(clinic_id, Actor("system", None, "web")) as session:
            people = await queries.names_at(session, cleaned)
            tried = await codes.try_code(session, people, code, edge.now)
            if tried.right:
                client_id = codes.whose(tried, people, first_name, edge.now)
                token = await sign_in.start_session(session, client_id=client_id, user_agent=user_agent, now=edge.now)
                await give_back(await session.connection(), "check", cleaned, edge.now, known=known)
                return SignedIn(token, "client", client_id)
        replaced = replaced or tried.replaced
    if replaced:
        raise Refused.one("/code", "replaced", "We sent a newer code. Only the newest one works.")
    raise SignInNeeded


def cleaned_address(address: str) -> str:
    # Without a country a number must bring its own prefix; one typed without it simply finds nobody.
    return rules.clean_email(address) or rules.phone_e164(address, "US") or address.strip()


@post("/sign-out", operation_id="signOut", status_code=204, tags=["sign-in"], for_people=True)
async def sign_out(caller: AnyCaller) -> None:
    async with caller.tx() as session:
        await sign_in.end_session(session, caller.person.session_id, caller.now)


@post("/clients", operation_id="addClient", tags=["clients"])
async def add_client(data: JSONBody[NewClientIn], staff: AnyCaller) -> Response[ClientOut]:
    staff.require(Right.ADD_CLIENT)
    async with staff.tx() as session:
        client = await actions.add_client(session, new_client(data, staff), staff.now)
        body = await client_out(session, client, for_staff=True)
    return Response(body, status_code=201, headers={"Location": f"/v1/clients/{client.id}"})


def new_client(data: NewClientIn, staff: Caller) -> NewClient:
    wording = {"sms": data.consent.sms, "email": data.consent.email}
    return NewClient(
        name=data.name,
        zone=data.zone,
        locale=data.locale,
        therapist_id=staff.person.id,
        phone=None if data.phone is UNSET else data.phone,
        email=None if data.email is UNSET else data.email,
        consent_wording={channel: words for channel, words in wording.items() if words is not UNSET},
        welcome=True,
    )


@get("/clients", operation_id="listClients", tags=["clients"])
async def list_clients(staff: AnyCaller) -> ClientList:
    staff.require(Right.SEE_CONTACTS)
    own_only = staff.person.id if staff.person.role == "therapist" else None
    async with staff.tx() as session:
        look(session, staff.now, "client_list")
        return ClientList([_client_line(client) for client in await queries.clients_of(session, own_only)])


@get("/clients/{client_id:uuid}", operation_id="getClient", tags=["clients"])
async def get_client(client_id: FromPath[UUID], caller: AnyCaller) -> ClientOut:
    right = Right.SEE_RECORD if caller.person.kind == "client" else Right.SEE_CONTACTS
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id, right=right)
        return await client_out(session, client, for_staff=caller.person.kind == "staff")


@put("/clients/{client_id:uuid}/addresses/{channel:str}", operation_id="correctAddress", tags=["clients"])
async def correct_address(
    client_id: FromPath[UUID], channel: FromPath[ChannelName], data: JSONBody[AddressIn], staff: AnyCaller
) -> ClientOut:
    """Another phone number or email in place of a wrong one. A STOP stays: only the person's START lifts it. Links that
    went to the old one work no more, and the client signs in again."""
    staff.require(Right.SEE_CONTACTS)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.SEE_CONTACTS)
        await addresses.correct_address(session, client.id, channel, data.address, staff.now)
        return await client_out(session, client, for_staff=True)


@post(
    "/clients/{client_id:uuid}/addresses/{channel:str}/try-again",
    operation_id="tryAddressAgain",
    status_code=200,
    tags=["clients"],
)
async def try_address_again(client_id: FromPath[UUID], channel: FromPath[ChannelName], staff: AnyCaller) -> ClientOut:
    """Writes again to an address that a provider called dead. A STOP stays."""
    staff.require(Right.SEE_CONTACTS)
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.SEE_CONTACTS)
        await addresses.try_again(session, client.id, channel, staff.now)
        return await client_out(session, client, for_staff=True)


def _client_line(client: Client) -> ClientOut:
    return ClientOut(
        id=client.id,
        name=client.name,
        zone=client.zone,
        locale=client.locale,
        state=client.state,  # type: ignore[arg-type]
        therapist_id=client.therapist_id,
        created_at=client.created_at,
    )


async def client_out(session: ClinicSession, client: Client, *, for_staff: bool) -> ClientOut:
    """Only staff are told that other people have an address too."""
    out = _client_line(client)
    others = await queries.also_used_by(session, client.id) if for_staff else {}
    out.contact_points = [
        ContactPointOut(
            point.channel,  # type: ignore[arg-type]
            point.address,
            point.opted_out_at or UNSET,
            invalid_at=(point.invalid_at if for_staff else None) or UNSET,
            also_used_by=others.get(point.address_mark, 0),
        )
        for point in await queries.contact_points(session, client.id)
    ]
    out.consents = [
        ConsentOut(c.channel, c.wording, c.given_at, c.withdrawn_at or UNSET)  # type: ignore[arg-type]
        for c in await queries.consents(session, client.id)
    ]
    return out


routers = [
    Router(
        "/v1",
        route_handlers=[
            sign_in_staff,
            second_step,
            request_code,
            sign_in_with_code,
            sign_out,
            add_client,
            list_clients,
            get_client,
            correct_address,
            try_address_again,
        ],
    )
]
