"""A person's own ways to sign in, and where they are signed in. Open to whoever has to add one, too."""

import secrets
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from service.accounts.actions.access import end_sessions
from service.accounts.guards import AnyCaller, AnyRequest, Caller
from service.accounts.queries.factors import codes_left
from service.accounts.rules.factors import SECRET_BYTES, matching_step, read_secret
from service.accounts.sign_in import factors as actions
from service.accounts.sign_in import passkeys
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.page import page
from service.review.guards import Typed, own_form, proved_form
from service.review.pages.staff import Done
from service.review.views.security import app_view, codes_view, security_view
from service.words import translator

_DONE: Final = {
    "added": "Added. It works from your next sign-in on.",
    "renamed": "Saved.",
    "removed": "Removed. It works no more.",
    "ended": "Signed out there.",
}


@get("/security", include_in_schema=False, before_second_factor=True)
async def security_page(staff: AnyCaller, done: Done = "") -> Response[str]:
    said = translator(staff.person.locale).gettext(_DONE[done]) if done in _DONE else None
    async with staff.tx() as session:
        view = replace(await security_view(session, staff), status=said)
    return page("review/security.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


async def _refused(staff: Caller, form: Typed, refused: Refused, renamed: UUID | None = None) -> Response[str]:
    async with staff.tx() as session:
        view = await security_view(session, staff, form, refused.problems, renamed)
    return page(
        "review/security.html",
        locale=staff.person.locale,
        status_code=422,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


@post("/security/passkey", include_in_schema=False, before_second_factor=True)
async def add_passkey(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    form = await proved_form(request, staff)
    try:
        if wrong := actions.name_problems(form.one("name")):
            raise Refused(wrong)
        key, challenge = passkeys.added(staff.settings, form.one("passkey"))
        async with staff.edge.database.installation_tx() as connection:
            await passkeys.use_up(connection, staff.settings.secret_key, "add", challenge, staff.now)
        async with staff.tx() as session:
            await actions.add_passkey(
                session, staff.person.id, form.one("name"), key.credential_id, key.key, key.counter, staff.now
            )
            return await _added(session, staff)
    except passkeys.NotShown:
        problem = Refused.one("/passkey", "passkey", "That passkey could not be read. Press the button once more.")
        return await _refused(staff, form, problem)
    except Refused as refused:
        return await _refused(staff, form, refused)


async def _added(session: ClinicSession, staff: Caller) -> Response[str] | Redirect:
    """With the first one come the codes for when it is lost."""
    if await codes_left(session, staff.person.id):
        return Redirect("/security?done=added", status_code=303)
    return await _codes_page(session, staff)


async def _codes_page(session: ClinicSession, staff: Caller) -> Response[str]:
    codes = await actions.make_codes(session, staff.person.id, staff.settings.secret_key, staff.now)
    view = await codes_view(session, staff, codes)
    return page("review/recovery_codes.html", locale=staff.person.locale, view=view, csrf=staff.csrf, band=staff.band)


@get("/security/app", include_in_schema=False, before_second_factor=True)
async def app_page(staff: AnyCaller) -> Response[str]:
    """A secret that is nowhere yet: it comes back with the first code of the app."""
    return await _app_page(staff, secrets.token_bytes(SECRET_BYTES))


async def _app_page(
    staff: Caller, secret: bytes, form: Typed | None = None, refused: Refused | None = None
) -> Response[str]:
    async with staff.tx() as session:
        view = await app_view(session, staff, secret, form, refused.problems if refused else ())
    status_code = 422 if refused else 200
    return page(
        "review/app.html",
        locale=staff.person.locale,
        status_code=status_code,
        view=view,
        csrf=staff.csrf,
        band=staff.band,
    )


@post("/security/app", include_in_schema=False, before_second_factor=True)
async def add_app(request: AnyRequest, staff: AnyCaller) -> Response[str] | Redirect:
    form = await proved_form(request, staff)
    secret = read_secret(form.one("secret"))
    if secret is None:
        return Redirect("/security/app", status_code=303)
    try:
        step, wrong = matching_step(secret, form.one("code"), staff.now), actions.name_problems(form.one("name"))
        if step is None:
            words = "This code does not match. Type the one that the app shows now."
            raise Refused([FieldProblem("/code", "code", words), *wrong])
        async with staff.tx() as session:
            await actions.add_app(session, staff.person.id, form.one("name"), secret, step, staff.now)
            return await _added(session, staff)
    except Refused as refused:
        return await _app_page(staff, secret, form, refused)


@post("/security/codes", include_in_schema=False, before_second_factor=True)
async def make_codes(request: AnyRequest, staff: AnyCaller) -> Response[str]:
    await proved_form(request, staff)
    async with staff.tx() as session:
        return await _codes_page(session, staff)


@post("/security/factors/{factor_id:uuid}/name", include_in_schema=False)
async def rename(request: AnyRequest, factor_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    form = await own_form(request, staff)
    try:
        async with staff.tx() as session:
            await actions.rename(session, staff.person.id, factor_id, form.one("name"), staff.now)
    except Refused as refused:
        return await _refused(staff, form, refused, factor_id)
    return Redirect("/security?done=renamed", status_code=303)


@post("/security/factors/{factor_id:uuid}/remove", include_in_schema=False)
async def remove(request: AnyRequest, factor_id: FromPath[UUID], staff: AnyCaller) -> Response[str] | Redirect:
    form = await proved_form(request, staff)
    try:
        async with staff.tx() as session:
            await actions.remove(session, staff.person.id, factor_id, staff.now)
    except Refused as refused:
        return await _refused(staff, form, refused)
    return Redirect("/security?done=removed", status_code=303)


@post("/security/sessions/others", include_in_schema=False)
async def sign_out_others(request: AnyRequest, staff: AnyCaller) -> Redirect:
    await own_form(request, staff)
    async with staff.tx() as session:
        await end_sessions(session, "staff", staff.person.id, staff.now, but=staff.person.session_id)
    return Redirect("/security?done=ended", status_code=303)


@post("/security/sessions/{session_id:uuid}", include_in_schema=False)
async def sign_out_one(request: AnyRequest, session_id: FromPath[UUID], staff: AnyCaller) -> Redirect:
    await own_form(request, staff)
    async with staff.tx() as session:
        await end_sessions(session, "staff", staff.person.id, staff.now, one=session_id)
    return Redirect("/security?done=ended", status_code=303)


handlers = [
    security_page,
    add_passkey,
    app_page,
    add_app,
    make_codes,
    rename,
    remove,
    sign_out_others,
    sign_out_one,
]
