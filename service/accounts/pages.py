"""The way into a demo: a keyed link and a button, instead of a password everybody knows. Test installations only."""

import hmac
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Struct

from service.accounts import queries, sign_in
from service.accounts.codes import link_token
from service.accounts.guards import AnyEdge, AnyRequest, Edge, cookie_name
from service.accounts.rules import STAFF_SESSION
from service.accounts.tables import Staff
from service.database.tenancy import Actor
from service.errors import NotFound
from service.page import language_of, page


class EnterView(Struct, frozen=True):
    name: str
    url: str
    to: str


@get("/dev/enter/{clinic_id:uuid}/{staff_id:uuid}/{token:str}", include_in_schema=False)
async def enter(
    request: AnyRequest,
    clinic_id: FromPath[UUID],
    staff_id: FromPath[UUID],
    token: FromPath[str],
    edge: AnyEdge,
    to: Annotated[str, QueryParameter()] = "/caseload",
) -> Response[str]:
    staff = await _staff(edge, clinic_id, staff_id, token)
    locale = language_of(request.headers.get("accept-language"))
    return page("accounts/enter.html", locale=locale, view=EnterView(staff.name, request.url.path, _inside(to)))


@post("/dev/enter/{clinic_id:uuid}/{staff_id:uuid}/{token:str}", include_in_schema=False)
async def entered(
    request: AnyRequest,
    clinic_id: FromPath[UUID],
    staff_id: FromPath[UUID],
    token: FromPath[str],
    edge: AnyEdge,
) -> Redirect:
    staff = await _staff(edge, clinic_id, staff_id, token)
    form = await request.form()
    async with edge.database.clinic_tx(clinic_id, Actor("staff", staff.id, "web")) as session:
        opened = await sign_in.start_session(session, staff_id=staff.id, now=edge.now)
    answer = Redirect(_inside(str(form.get("to", ""))), status_code=303)
    answer.set_cookie(
        cookie_name(edge.settings),
        opened,
        max_age=int(STAFF_SESSION.total_seconds()),
        secure=edge.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return answer


async def _staff(edge: Edge, clinic_id: UUID, staff_id: UUID, token: str) -> Staff:
    expected = link_token(edge.settings.secret_key, "enter", clinic_id, staff_id)
    if not hmac.compare_digest(token.encode(), expected.encode()):
        raise NotFound
    async with edge.database.clinic_tx(clinic_id, Actor("system", None, "web")) as session:
        return await queries.staff(session, staff_id)


def _inside(to: str) -> str:
    """A path of ours, never another site."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/caseload"


demo_routers = [Router("/", route_handlers=[enter, entered])]
