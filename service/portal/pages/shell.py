"""What makes the pages a thing on the phone: its name and icons, the worker that keeps them for when there is no
network, and the page it shows when it has kept none. What is kept, for whom and until when: docs/decisions/0030."""

import json
from typing import Any

from litestar import route
from litestar.response import Response

from service.accounts.guards import AnyCaller, AnyRequest
from service.page import LOCALES, language_of, page
from service.portal.pages.today import READ
from service.portal.schemas import OfflineView
from service.static_files import files, url_of, version
from service.words import translator

KEPT_PAGES = ("/today", "/today/moves", "/plan", "/week", "/help")
"""Those that a phone keeps a copy of, without what follows the `?`."""

_PAPER, _SEA = "#f6f2f0", "#124b57"


@route("/manifest.webmanifest", http_method=READ)
async def manifest(request: AnyRequest) -> Response[bytes]:
    locale = language_of(request.headers.get("accept-language"))
    described = {
        "id": "/today",
        "name": "Clamshell",
        "short_name": "Clamshell",
        "description": translator(locale).gettext("Your plan for today, and a place to tell how it went."),
        "lang": locale,
        "start_url": "/today",
        "scope": "/",
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _SEA,
        "icons": [
            _icon("icon-192.png", 192),
            _icon("icon-512.png", 512),
            _icon("icon-maskable-512.png", 512, purpose="maskable"),
        ],
    }
    return Response(json.dumps(described).encode(), media_type="application/manifest+json")


def _icon(name: str, size: int, **more: str) -> dict[str, str]:
    return {"src": url_of(name), "sizes": f"{size}x{size}", "type": "image/png", **more}


@route("/sw.js", http_method=READ)
async def worker() -> Response[bytes]:
    """Another version of any file is another worker: a browser compares it byte by byte, and takes the new one."""
    shell = [url_of(name) for name in files() if not name.endswith((".png", "sw.js"))]
    offline = {locale: f"/offline?language={locale}" for locale in LOCALES}
    told = {"version": version(), "shell": [*shell, *offline.values()], "offline": offline, "pages": KEPT_PAGES}
    script = f"const told = {json.dumps(told)};\n".encode() + files()["js/sw.js"].content
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@route("/offline", http_method=READ)
async def show_offline(request: AnyRequest) -> Response[str]:
    """The same for everybody: the worker keeps it in each language for when there is neither network nor a copy."""
    language = request.query_params.get("language") or request.headers.get("accept-language")
    return page("portal/offline.html", locale=language_of(language), view=OfflineView())


@route("/today/me", http_method=READ)
async def who_is_signed_in(client: AnyCaller) -> Response[dict[str, Any]]:
    """For what waits on a phone: whose entries may be sent now, and the token their forms carry."""
    return Response({"person": str(client.person.id), "csrf": client.csrf})


handlers = [manifest, worker, show_offline, who_is_signed_in]
