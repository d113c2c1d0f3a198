"""Whether the SMS provider sent a webhook, who may hand in returned mail, and who may see the test inbox.

The SMS provider signs with the token we share: base64 of an HMAC-SHA1 over the address it called, followed by
each field's name and value in the order of the names.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit, urlunsplit
from uuid import UUID

from litestar.di import NamedDependency

from service.accounts.guards import AnyEdge, AnyRequest, Caller, Edge, provide_caller
from service.accounts.guards.begun import end_begun
from service.conversation.queries.inbox import InboxOwner, clinics_here, inbox_owners
from service.database.tenancy import Across, Actor
from service.errors import BadSignature, Forbidden, SignInNeeded
from service.settings import Settings

INBOX: Final = "/dev/inbox"
VISITOR: Final = Actor("system", None, "web")

_PORTS: Final = {"http": 80, "https": 443}
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Webhook:
    """What the signature covers. `address` is the path with its query, exactly as it was asked for."""

    address: str
    body: bytes
    signature: str

    @classmethod
    async def of(cls, request: AnyRequest) -> "Webhook":
        query = request.scope["query_string"].decode("latin-1")
        address = request.url.path + (f"?{query}" if query else "")
        return cls(address, await request.body(), request.headers.get("x-twilio-signature", ""))


def signed_form(settings: Settings, webhook: Webhook) -> dict[str, str]:
    """The fields of a webhook that our provider signed, the first of a repeated one. Raises BadSignature."""
    try:
        form = parse_qs(webhook.body.decode("latin-1"), keep_blank_values=True, max_num_fields=500)
    except ValueError:
        raise BadSignature from None
    token, presented = auth_token(settings), webhook.signature.encode()
    expected = [signature(token, url, form).encode() for url in _spellings(settings.public_url + webhook.address)]
    # Every spelling is compared: how long the answer takes does not tell which one was nearly right.
    if True not in [hmac.compare_digest(one, presented) for one in expected]:
        raise BadSignature
    return {name: values[0] for name, values in form.items()}


def auth_token(settings: Settings) -> str:
    """The provider's; without one a token only this installation can make: the test inbox signs with it."""
    if settings.sms is not None:
        return settings.sms.token
    return hmac.new(settings.secret_key.encode(), b"sms|webhook", "sha256").hexdigest()


def signature(token: str, url: str, form: Mapping[str, Sequence[str]]) -> str:
    fields = [name + value for name in sorted(form) for value in sorted(set(form[name]))]
    signed = hmac.new(token.encode(), "".join([url, *fields]).encode(), "sha1").digest()
    return base64.b64encode(signed).decode()


def _spellings(url: str) -> Iterator[str]:
    """With and without the port: the provider may sign either."""
    parts = urlsplit(url)
    host = re.sub(r":\d+$", "", parts.netloc)
    for netloc in dict.fromkeys((parts.netloc, host, f"{host}:{parts.port or _PORTS[parts.scheme]}")):
        yield urlunsplit(parts._replace(netloc=netloc))


def check_mail_hook(settings: Settings, authorization: str) -> None:
    """HTTP Basic with our token as the password and any name, which is all that mail providers offer and a mail
    server's `curl` can do. Raises BadSignature, also while no token is set."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        presented = base64.b64decode(encoded.strip(), validate=True).partition(b":")[2]
    except ValueError:
        presented = b""
    token = (settings.mail_hook_token or "").encode()
    right = hmac.compare_digest(token, presented)
    if not (token and right and scheme.lower() == "basic"):
        raise BadSignature


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the test inbox: signed-in staff, or whoever sits at this machine (`staff` is None)."""

    edge: Edge
    staff: Caller | None

    async def clinics(self) -> list[UUID]:
        """Staff see their clinic; whoever sits at this machine sees them all."""
        if self.staff is not None:
            return [self.staff.person.clinic_id]
        async with self.edge.database.across_clinics(Across.FIND_ADDRESS) as connection:
            return await clinics_here(connection)

    async def owners(self) -> list[InboxOwner]:
        found: list[InboxOwner] = []
        for clinic_id in await self.clinics():
            async with self.edge.database.clinic_tx(clinic_id, VISITOR) as session:
                found += await inbox_owners(session)
        return found


AnyVisitor = NamedDependency[Visitor]


async def provide_visitor(request: AnyRequest, edge: AnyEdge) -> Visitor:
    """Raises Forbidden for everybody who is neither."""
    try:
        caller = await provide_caller(request, edge)
    except SignInNeeded:
        caller = None
    # What is shown of other clinics, and of whoever wrote, is read in transactions of its own.
    await end_begun(request.scope)
    if caller is not None and caller.person.kind == "staff":
        return Visitor(edge, caller)
    if _at_this_machine(request):
        return Visitor(edge, None)
    raise Forbidden


def _at_this_machine(request: AnyRequest) -> bool:
    """A request that a proxy passed on may come from loopback too; it says that it was passed on."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
