"""The one place where routes, database, templates and error answers meet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import PurePath
from typing import Any, cast

from litestar import Litestar, Response, get, route
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.enums import HttpMethod, ScopeType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Tag
from litestar.params import FromPath
from litestar.types import (
    ControllerRouterHandler,
    Message,
    Receive,
    Scope,
    Send,
)

from service.accounts import pages as accounts_pages
from service.accounts import routes as accounts
from service.accounts.guards import provide_caller, provide_client, provide_edge, provide_staff
from service.accounts.guards.begun import end_begun, end_begun_first
from service.catalogue import pages as catalogue_pages
from service.catalogue import routes as catalogue
from service.clock import utc_now
from service.compressing import Compressing
from service.conversation import mail_hooks
from service.conversation import pages as conversation_pages
from service.conversation import routes as conversation
from service.database.protection import APP, refuse_unsafe_login
from service.database.tenancy import Database
from service.dependencies import check_request
from service.diary import routes as diary
from service.diary.queries import sore_places
from service.digest_rounds import keep_writing
from service.error_responses import HANDLED
from service.error_responses import answer as answer_error
from service.errors import NotFound
from service.exchange import pages as exchange
from service.intake import routes as intake
from service.plans import routes as plans
from service.plans.actions import RecentPain
from service.portal import pages as portal
from service.portal.guards import keep_signed_in
from service.portal.pages.preview import as_the_client_sees_it
from service.progress import routes as progress
from service.reminders import routes as reminders
from service.requests import watched
from service.review import pages as review_pages
from service.review import routes as review
from service.review.pages.previewing import ClientsPage
from service.review.views.live import Live
from service.settings import Settings
from service.static_files import find, version

BODY_LIMIT = 1_000_000
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
        "script-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with that, browsers send our own forms as coming from nowhere, and we refuse them.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def routers(settings: Settings) -> list[ControllerRouterHandler]:
    found: list[ControllerRouterHandler] = [
        *accounts.routers,
        *catalogue.routers,
        *catalogue_pages.routers,
        *plans.routers,
        *diary.routers,
        *intake.routers,
        *conversation.routers,
        *mail_hooks.routers,
        *conversation.inbox_routers(settings),
        *conversation_pages.inbox_routers(settings),
        *progress.routers,
        *reminders.routers,
        *review.routers,
        *review_pages.routers,
        *portal.routers,
        *exchange.routers,
        health,
        static_file,
    ]
    if settings.inbox:
        found += [*accounts_pages.demo_routers]
    return found


@get("/health", operation_id="health", tags=["operations"])
async def health(state: State) -> Response[dict[str, str]]:
    """200 when the database answers."""
    async with state.database.installation_tx() as connection:
        await connection.exec_driver_sql("SELECT 1")
    return Response({"status": "ok"})


@route("/static/{path:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def static_file(path: FromPath[PurePath]) -> Response[bytes]:
    found = find(path.as_posix().lstrip("/"))
    if found is None:
        raise NotFound
    file, is_current = found
    kept = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": kept, "ETag": f'"{version()}"'})


class _Service(Litestar):
    """HEAD is answered wherever GET is, with the same headers: who checks a link need not fetch what it leads to."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        asked = cast(Scope, {**scope, "method": "GET"}) if is_head else scope
        with watched(scope["method"], asked) as request:
            answer = self._head if is_head else super().__call__
            try:
                await answer(asked, receive, request.sending(send))
            finally:
                await end_begun(asked)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_told = is_ended = False

        async def without_body(message: Message) -> None:
            nonlocal is_told, is_ended
            is_told = True
            is_ended = message["type"] == "http.response.body" and not message.get("more_body")
            await send(cast(Message, {**message, "body": b""}) if message["type"] == "http.response.body" else message)

        async def hang_up() -> Any:
            """Once the headers are there: a stream goes on for as long as somebody listens."""
            return {"type": "http.disconnect"} if is_told else await receive()

        await super().__call__(scope, hang_up, without_body)
        if is_told and not is_ended:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def create_app(settings: Settings, database: Database, clock: Callable[[], datetime] = utc_now) -> Litestar:
    live = Live(database, clock)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with database.installation_tx() as connection:
            await refuse_unsafe_login(connection, APP)
        digests = asyncio.create_task(keep_writing(database, clock, settings.audit_anchor_to))
        yield
        live.close()
        digests.cancel()
        await asyncio.wait([digests])
        await database.close()

    return _Service(
        route_handlers=routers(settings),
        dependencies={
            "edge": Provide(provide_edge, sync_to_thread=False),
            "caller": Provide(provide_caller),
            "staff": Provide(provide_staff),
            "client": Provide(provide_client),
            "recent_pain": Provide(lambda: RecentPain(sore_places), sync_to_thread=False),
            "clients_page": Provide(lambda: ClientsPage(as_the_client_sees_it), sync_to_thread=False),
        },
        state=State({"settings": settings, "database": database, "clock": clock, "live": live}),
        before_request=check_request,
        before_send=[end_begun_first, _protect, keep_signed_in],
        middleware=[Compressing],
        exception_handlers={kind: answer_error for kind in HANDLED},
        openapi_config=OpenAPIConfig(
            title="Clamshell",
            version="1",
            path="/v1/openapi",
            render_plugins=[JsonRenderPlugin()],
            tags=[Tag("sign-in")],
        ),
        request_max_body_size=BODY_LIMIT,
        lifespan=[lifespan],
        logging_config=None,
    )


async def _protect(message: Message, _: Scope) -> None:
    """On every answer, errors and files included. What does not say how long it keeps is kept by no cache."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
