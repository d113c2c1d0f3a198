"""Where staff come in: a password and then a second step, or a passkey alone."""

from dataclasses import dataclass
from uuid import UUID

from litestar import post
from litestar.params import JSONBody
from msgspec import UNSET

from service.accounts import queries, rules, sign_in
from service.accounts.guards import AnyEdge, AnyRequest, Caller, Edge, presented
from service.accounts.queries import factors as kept
from service.accounts.schemas import SecondStep, SignedIn, StaffSignIn
from service.accounts.sign_in import factors, passkeys
from service.accounts.sign_in.guesses import count_guess, give_back
from service.accounts.tables import SignInSession, Staff
from service.database.tenancy import Across, Actor, ClinicSession
from service.errors import SignInNeeded
from service.ids import new_id

NOBODY_YET = Actor("system", None, "web")


@dataclass(frozen=True, slots=True)
class Entered:
    """`is_half`: the second step is still to come."""

    token: str
    staff_id: UUID
    email: str
    is_half: bool = False


@post("/sign-in", operation_id="signInStaff", status_code=200, tags=["sign-in"])
async def sign_in_staff(request: AnyRequest, data: JSONBody[StaffSignIn], edge: AnyEdge) -> SignedIn:
    """With a second way to sign in, `needs` says that its code is still to be sent."""
    entered = await password_typed(edge, data.email, data.password, request.headers.get("user-agent", ""))
    return SignedIn(entered.token, "staff", entered.staff_id, "second_step" if entered.is_half else UNSET)


@post("/sign-in/second-step", operation_id="signInSecondStep", status_code=200, tags=["sign-in"])
async def second_step(request: AnyRequest, data: JSONBody[SecondStep], edge: AnyEdge) -> SignedIn:
    """A code of an app, or a recovery code, with the token that signing in gave. Another token comes back."""
    token, _ = presented(request)
    user_agent = request.headers.get("user-agent", "")
    entered = await code_typed(edge, token or "", data.code, user_agent, known=False)
    return SignedIn(entered.token, "staff", entered.staff_id)


async def password_typed(edge: Edge, email: str, password: str, user_agent: str, *, known: bool = False) -> Entered:
    """Raises SignInNeeded alike for a wrong password and for an email nobody has. `known`: they signed in on this
    device before."""
    cleaned = rules.clean_email(email) or ""
    async with edge.database.installation_tx() as connection:
        await count_guess(connection, "password", cleaned.lower(), edge.now, known=known)
    # For an email nobody has, the same is done in a clinic that is not there: it takes as long, and finds nobody.
    for clinic_id in await clinics_with(edge, cleaned) or [new_id(edge.now)]:
        entered = await _try_password(edge, clinic_id, cleaned, password, user_agent)
        if entered:
            async with edge.database.installation_tx() as connection:
                await give_back(connection, "password", cleaned.lower(), edge.now, known=known)
            return entered
    raise SignInNeeded


async def clinics_with(edge: Edge, address: str) -> list[UUID]:
    async with edge.database.across_clinics(Across.FIND_ADDRESS) as connection:
        return await queries.clinics_with_address(connection, address)


async def _try_password(edge: Edge, clinic_id: UUID, email: str, password: str, user_agent: str) -> Entered | None:
    async with edge.database.clinic_tx(clinic_id, NOBODY_YET) as session:
        staff = await queries.staff_by_email(session, email)
    # Between two transactions: the slow check would keep a database connection from everybody else.
    if not await sign_in.password_matches(staff.password_hash if staff else None, password) or staff is None:
        return None
    async with edge.database.clinic_tx(clinic_id, NOBODY_YET) as session:
        return await first_step_done(session, staff, user_agent, edge)


async def first_step_done(session: ClinicSession, staff: Staff, user_agent: str, edge: Edge) -> Entered:
    """Who has a second way to show who they are has to; who has none is in."""
    is_half = bool(await kept.factors(session, staff.id))
    token = await sign_in.start_session(session, staff_id=staff.id, user_agent=user_agent, now=edge.now, half=is_half)
    return Entered(token, staff.id, staff.email, is_half)


async def half_of(edge: Edge, token: str) -> tuple[SignInSession, Staff] | None:
    """Who typed their password a moment ago."""
    known = sign_in.read_token(token)
    if known is None:
        return None
    async with edge.database.clinic_tx(known[0], NOBODY_YET) as session:
        found = await kept.half_signed_in(session, known[1])
    return found if found and edge.now < found[0].expires_at else None


async def code_typed(edge: Edge, token: str, code: str, user_agent: str, *, known: bool) -> Entered:
    """Raises SignInNeeded for a wrong code, one that was used before, and when the first step is too long ago."""
    half = await half_of(edge, token)
    if half is None:
        raise SignInNeeded
    row, staff = half
    await check_code(edge, staff.clinic_id, staff.id, code, known=known)
    async with edge.database.clinic_tx(staff.clinic_id, NOBODY_YET) as session:
        await sign_in.end_session(session, row.id, edge.now)
        opened = await sign_in.start_session(session, staff_id=staff.id, user_agent=user_agent, now=edge.now)
    return Entered(opened, staff.id, staff.email)


async def check_code(edge: Edge, clinic_id: UUID, staff_id: UUID, code: str, *, known: bool) -> None:
    """Uses the code up. Raises SignInNeeded unless it is right."""
    async with edge.database.installation_tx() as connection:
        await count_guess(connection, "code of staff", staff_id.hex, edge.now, known=known)
    async with edge.database.clinic_tx(clinic_id, Actor("staff", staff_id, "web")) as session:
        is_right = await factors.use_code(session, staff_id, code, edge.settings.secret_key, edge.now)
    if not is_right:
        raise SignInNeeded
    async with edge.database.installation_tx() as connection:
        await give_back(connection, "code of staff", staff_id.hex, edge.now, known=known)


async def passkey_shown(edge: Edge, said: str, user_agent: str, half_token: str = "") -> Entered:
    """A passkey alone is enough: the device asked for a finger, a face or a PIN. It is never locked out, for there is
    nothing to guess. Raises SignInNeeded."""
    found, staff = await _checked_passkey(edge, said)
    half = await half_of(edge, half_token)
    async with edge.database.clinic_tx(staff.clinic_id, NOBODY_YET) as session:
        if half is not None and half[1].clinic_id == staff.clinic_id:
            await sign_in.end_session(session, half[0].id, edge.now)
        opened = await sign_in.start_session(session, staff_id=found.staff_id, user_agent=user_agent, now=edge.now)
    return Entered(opened, staff.id, staff.email)


async def _checked_passkey(edge: Edge, said: str) -> tuple[passkeys.Shown, Staff]:
    found = passkeys.shown(said)
    async with edge.database.installation_tx() as connection:
        await passkeys.use_up(connection, edge.settings.secret_key, "enter", found.challenge, edge.now)
    async with edge.database.clinic_tx(found.clinic_id, NOBODY_YET) as session:
        await passkeys.check(session, edge.settings, found, edge.now)
        staff = await queries.staff(session, found.staff_id)
        if not staff.active:
            raise SignInNeeded
    return found, staff


async def prove(staff: Caller, *, code: str = "", passkey: str = "", password: str = "") -> None:
    """Who is signed in shows once more that it is them. A password is enough only for who has nothing else. Raises
    SignInNeeded."""
    edge, me = staff.edge, staff.person
    if passkey:
        found, _ = await _checked_passkey(edge, passkey)
        if (found.clinic_id, found.staff_id) != (me.clinic_id, me.id):
            raise SignInNeeded
    elif code:
        await check_code(edge, me.clinic_id, me.id, code, known=True)
    else:
        await _check_own_password(staff, password)
    async with staff.tx() as session:
        await sign_in.mark_proved(session, me.session_id, edge.now)


async def _check_own_password(staff: Caller, password: str) -> None:
    edge, me = staff.edge, staff.person
    async with staff.tx() as session:
        own = await queries.staff(session, me.id)
        has_more = bool(await kept.factors(session, me.id))
    async with edge.database.installation_tx() as connection:
        await count_guess(connection, "password", own.email.lower(), edge.now, known=True)
    if has_more or not await sign_in.password_matches(own.password_hash, password):
        raise SignInNeeded
    async with edge.database.installation_tx() as connection:
        await give_back(connection, "password", own.email.lower(), edge.now, known=True)
