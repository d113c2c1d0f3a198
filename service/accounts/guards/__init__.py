"""Who is calling, and what they may touch. A handler that asks for `staff` or `client` is closed to everybody else."""

import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Literal
from uuid import UUID

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from service.accounts import queries, rules, sign_in
from service.accounts.guards.begun import Begun, kept_open
from service.accounts.guards.sent import sent_form
from service.accounts.queries.tokens import sent_token
from service.accounts.rules import RIGHTS, Right
from service.accounts.rules.factors import PROOF_LASTS
from service.accounts.rules.tokens import CALLS_A_MINUTE, MINUTE
from service.accounts.sign_in import tokens
from service.accounts.tables import Client, Clinic, SignInSession, Staff
from service.audit.actions import look
from service.database.tenancy import Actor, Channel, ClinicSession, Database
from service.errors import FactorNeeded, Forbidden, NotFound, SignInNeeded
from service.settings import Settings
from service.words import translator

COOKIE = "clamshell_session"
DEVICE_COOKIE = "clamshell_device"
_FOR_PROGRAMS = ("/v1/", "/media/")
MOST_FIELDS = 2000
"""Of a form: a plan has some twenty for each exercise, and may have too many of them while it is written."""
_SALT = 16
TEST_BAND = "Test mode. No texts leave this computer."
AnyRequest = Request[object, object, State]


@dataclass(frozen=True, slots=True)
class Person:
    kind: Literal["staff", "client"]
    clinic_id: UUID
    id: UUID
    name: str
    role: str
    locale: str
    session_id: UUID
    proved_at: datetime | None = None
    """When a member of staff last showed who they are."""
    factor_due_at: datetime | None = None
    """By when they have to add a second way to sign in; None when that is done."""
    scopes: frozenset[str] | None = None
    """What a program may do that acts for them; None for the person."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What one request brings: the database's doors, the settings and the time, read once."""

    database: Database
    settings: Settings
    now: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person making one request."""

    person: Person
    edge: Edge
    channel: Channel
    clinic: Clinic
    own: Client | None
    """Read with the session, like the clinic, and to be read only; None for staff."""
    begun: Begun | None = None

    @property
    def now(self) -> datetime:
        return self.edge.now

    @property
    def settings(self) -> Settings:
        return self.edge.settings

    @property
    def csrf(self) -> str:
        return csrf_token(self.edge.settings.secret_key, self.person.session_id)

    @property
    def band(self) -> str | None:
        """What stands above every page of a clinic that is not live."""
        return band_of(self.clinic, self.person.locale)

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[ClinicSession]:
        """The transaction of this request; it commits when the block ends. The first of a page that only reads is the
        one that asked who calls."""
        actor = Actor(self.person.kind, self.person.id, self.channel)
        if self.begun and self.begun.is_open:
            opened = self.begun.taken_over(actor)
        else:
            opened = self.edge.database.clinic_tx(self.person.clinic_id, actor)
        async with opened as session:
            session.info["clinic"] = self.clinic
            yield session

    @property
    def is_proved(self) -> bool:
        """Recently enough for what is dangerous."""
        return self.person.proved_at is not None and self.now - self.person.proved_at <= PROOF_LASTS

    def may(self, right: Right) -> bool:
        scopes = self.person.scopes
        return right in RIGHTS[self.person.role] and (scopes is None or right in scopes)

    def require(self, right: Right) -> None:
        if not self.may(right):
            raise Forbidden


def band_of(clinic: Clinic, locale: str) -> str | None:
    return translator(locale).gettext(TEST_BAND) if clinic.live_at is None else None


# What handlers write in their signatures: `staff: AnyCaller` is closed to clients, `client: AnyCaller` to staff.
AnyEdge = NamedDependency[Edge]
AnyCaller = NamedDependency[Caller]


def csrf_token(secret_key: str, session_id: UUID, salt: str = "") -> str:
    """Another one for each page. Pages are compressed: a token that stayed could be weighed out of them."""
    salt = salt or token_hex(_SALT // 2)
    return salt + hmac.new(secret_key.encode(), f"csrf|{session_id}|{salt}".encode(), "sha256").hexdigest()


def provide_edge(state: State) -> Edge:
    clock: Callable[[], datetime] = state.clock
    return Edge(state.database, state.settings, clock())


async def provide_caller(request: AnyRequest, edge: AnyEdge) -> Caller:
    """Raises SignInNeeded when nobody is signed in, or the session has ended, and FactorNeeded for staff whose time
    with a password alone is over, but where they can add another way."""
    token, channel = presented(request)
    if token and channel == "api" and (sent := tokens.read_api_token(token)):
        return await _caller_by_token(request, edge, *sent)
    known = sign_in.read_token(token) if token else None
    if known is None:
        raise SignInNeeded
    clinic_id, token_hash = known
    async with AsyncExitStack() as ending:
        opened = edge.database.clinic_tx(clinic_id, Actor("system", None, channel))
        session = await ending.enter_async_context(opened)
        found = await queries.signed_in(session, token_hash)
        if found is None or _ended(found.row, edge.now):
            raise SignInNeeded
        person = _person(found)
        if (form := sent_form(request)) is not None:
            form.is_own = is_of_session(edge.settings, person.session_id, form.one("csrf"))
        if _is_overdue(person, edge.now) and not request.route_handler.opt.get("before_second_factor"):
            raise FactorNeeded
        # That a session is used stays noted whatever becomes of the page.
        is_noted = await sign_in.touch_session(session, found.row, edge.now)
        goes_on = request.method == "GET" and not is_noted
        begun = kept_open(request.scope, session, ending) if goes_on else None
    return Caller(person, edge, channel, found.clinic, found.client, begun)


async def _caller_by_token(request: AnyRequest, edge: Edge, clinic_id: UUID, token_hash: bytes) -> Caller:
    """A program in the place of the owner who made its token. Pages, and what is a person's own, are not for it."""
    async with edge.database.clinic_tx(clinic_id, Actor("system", None, "api")) as session:
        found = await sent_token(session, token_hash)
        if found is None or edge.now >= found.row.expires_at or not found.staff.active:
            raise SignInNeeded
        await tokens.note_use(session, found.row, edge.now)
    async with edge.database.installation_tx() as connection:
        await sign_in.count_try(connection, ["token", found.row.id.hex], CALLS_A_MINUTE, MINUTE, edge.now)
    is_own = request.route_handler.opt.get("for_people") or not request.scope["path"].startswith(_FOR_PROGRAMS)
    if is_own or (request.method not in ("GET", "HEAD") and not found.row.can_write):
        raise Forbidden
    staff, clinic = found.staff, found.clinic
    person = Person(
        "staff",
        clinic_id,
        staff.id,
        staff.name,
        staff.role,
        clinic.locale,
        found.row.id,
        scopes=frozenset(found.row.scopes),
    )
    return Caller(person, edge, "api", clinic, None)


async def provide_staff(caller: AnyCaller) -> Caller:
    if caller.person.kind != "staff":
        raise Forbidden
    return caller


async def provide_client(caller: AnyCaller) -> Caller:
    if caller.person.kind != "client":
        raise Forbidden
    return caller


def presented(request: AnyRequest) -> tuple[str | None, Channel]:
    """The token of a session, and the way it came."""
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        return header[7:].strip(), "api"
    return request.cookies.get(cookie_name(request.app.state.settings)), "web"


def cookie_name(settings: Settings, name: str = COOKIE) -> str:
    """`__Host-` binds the cookie to this host over TLS; without TLS a browser would refuse that name."""
    return f"__Host-{name}" if settings.secure_cookies else name


def _ended(found: SignInSession, now: datetime) -> bool:
    return rules.session_expired(found.seen_at, found.expires_at, now, staff=found.staff_id is not None)


def _is_overdue(person: Person, now: datetime) -> bool:
    return person.factor_due_at is not None and now > person.factor_due_at


def _person(found: queries.SignedIn) -> Person:
    """Nobody for whoever has typed a password and not taken the second step."""
    clinic_id, session_id = found.clinic.clinic_id, found.row.id
    match found:
        case queries.SignedIn(row=SignInSession(proved_at=datetime() as proved_at), staff=Staff(active=True) as staff):
            return Person(
                "staff",
                clinic_id,
                staff.id,
                staff.name,
                staff.role,
                found.clinic.locale,
                session_id,
                proved_at,
                staff.factor_due_at,
            )
        case queries.SignedIn(client=Client() as client):
            return Person("client", clinic_id, client.id, client.name, "client", client.locale, session_id)
        case _:
            raise SignInNeeded


def own_record(session: ClinicSession, caller: Caller) -> Client:
    """`record_of` for a client's own page, as it was read with the session: to be read only."""
    if caller.own is None:
        raise NotFound
    look(session, caller.now, "client", caller.own.id)
    return caller.own


async def record_of(
    session: ClinicSession, caller: Caller, client_id: UUID, *, right: Right = Right.SEE_RECORD
) -> Client:
    """The client whose record this person may use: own, or of an own client, or any of the clinic for its owner.

    Every look is audited. Raises NotFound otherwise, the same as for an id that does not exist.
    """
    client = await queries.client(session, client_id)
    if not _may_use(caller, client, right):
        raise NotFound
    look(session, caller.now, "client", client_id)
    return client


def _may_use(caller: Caller, client: Client, right: Right) -> bool:
    person = caller.person
    if person.kind == "client":
        return person.id == client.id and right is Right.SEE_RECORD
    if not caller.may(right):
        return False
    return person.role != "therapist" or client.therapist_id == person.id


async def wrote_form(
    session: ClinicSession, settings: Settings, kind: Literal["staff", "client"], person_id: UUID, csrf: str
) -> bool:
    """Whether a page of this person's wrote the form that holds this token, in this session or one that has ended."""
    known = await queries.sessions_so_far(session, kind, person_id)
    tokens = (csrf_token(settings.secret_key, session_id, csrf[:_SALT]) for session_id in known)
    return any([hmac.compare_digest(csrf.encode(), token.encode()) for token in tokens])


def check_form(caller: Caller, form: dict[str, str]) -> None:
    """Refuses a form that our own page did not write for this session."""
    if not is_of_session(caller.settings, caller.person.session_id, form.get("csrf", "")):
        raise Forbidden


def is_of_session(settings: Settings, session_id: UUID, csrf: str) -> bool:
    right = csrf_token(settings.secret_key, session_id, csrf[:_SALT])
    return hmac.compare_digest(csrf.encode(), right.encode())
