"""What was typed when the session had ended goes along through signing in, in the same browser only.

The pages carry it in their forms. Who comes in by the link in the message leaves those behind, so for as long as that
link works it is in a cookie too, sealed: nobody reads it off a phone.
"""

import hashlib
import hmac
import os
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from litestar.response import Response

from service.accounts import sign_in as sessions
from service.accounts.guards import AnyRequest, Edge, csrf_token, wrote_form
from service.accounts.queries import signed_in as signed_in_by
from service.database.tenancy import Actor
from service.page import Owner, page
from service.portal import guards
from service.portal.rules import Form
from service.portal.rules.typed import Typed, carried
from service.portal.schemas.sign_in import SendTypedView
from service.settings import Settings

_NONCE: Final = 12
_FITS: Final = 3_500
"""Characters. With its name and attributes a browser keeps 4096 bytes of a cookie; what is longer goes by code only."""


def remember(answer: Response[Any], settings: Settings, typed: Typed) -> None:
    nonce, words = os.urandom(_NONCE), zlib.compress(urlencode(typed.hidden).encode())
    sealed = urlsafe_b64encode(nonce + _cipher(settings).encrypt(nonce, words, None)).decode()
    guards.carry(answer, settings, sealed if len(sealed) <= _FITS else "")


def remembered(request: AnyRequest, settings: Settings) -> Typed | None:
    try:
        sealed = urlsafe_b64decode(guards.carried_by(request))
        words = zlib.decompress(_cipher(settings).decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
    except (ValueError, InvalidTag):
        return None
    return carried(Form(parse_qsl(words.decode(), keep_blank_values=True)))


async def typed_page(edge: Edge, client_id: UUID, token: str, typed: Typed | None) -> Response[Any] | None:
    """To whoever typed it, and to nobody else who signs in on the same phone."""
    known = sessions.read_token(token)
    if typed is None or known is None:
        return None
    clinic_id, token_hash = known
    async with edge.database.clinic_tx(clinic_id, Actor("client", client_id, "web")) as session:
        if not await wrote_form(session, edge.settings, "client", client_id, typed.csrf):
            return None
        now_in = await signed_in_by(session, token_hash)
    if now_in is None or now_in.client is None:
        return None
    view = SendTypedView(clinic_name=now_in.clinic.short_name, url=typed.to, fields=typed.pairs, words=typed.words)
    csrf = csrf_token(edge.settings.secret_key, now_in.row.id)
    owner = Owner(now_in.client.id, now_in.client.zone)
    return page("portal/send_typed.html", locale=now_in.client.locale, owner=owner, view=view, csrf=csrf)


def _cipher(settings: Settings) -> AESGCM:
    return AESGCM(hmac.digest(settings.secret_key.encode(), b"typed", hashlib.sha256))
