"""Passkeys (WebAuthn): what the browser is asked, and whether what it answers can be right.

A challenge is keyed, bound to its purpose and its hour, and good once: no row waits for an answer, and a page that is
only looked at writes nothing.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from service.accounts.queries import factors as kept
from service.accounts.sign_in import count_try
from service.accounts.tables.factors import StaffFactor
from service.database.tenancy import ClinicSession
from service.errors import SignInNeeded, TooMany
from service.providers import on_this_machine
from service.settings import Settings

Purpose = Literal["add", "enter"]
CHALLENGE_LASTS: Final = timedelta(hours=1)
"""A page with the button may stand open for a while."""

_NONCE, _TIME, _MAC = 16, 8, 16
_ALWAYS: Final = UserVerificationRequirement.REQUIRED
"""The device asks for a finger, a face or a PIN: a passkey is two things at once."""


@dataclass(frozen=True, slots=True)
class NewKey:
    credential_id: bytes
    key: bytes
    counter: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that was used: whose it says it is, and what still has to be checked against the key we keep."""

    clinic_id: UUID
    staff_id: UUID
    credential_id: bytes
    challenge: bytes
    answer: AuthenticationResponse


class NotShown(SignInNeeded):
    """What the browser sent shows nothing."""


def new_challenge(secret_key: str, purpose: Purpose, now: datetime) -> bytes:
    made = secrets.token_bytes(_NONCE) + int(now.timestamp()).to_bytes(_TIME, "big")
    return made + _mac(secret_key, purpose, made)


def _mac(secret_key: str, purpose: str, made: bytes) -> bytes:
    return hmac.digest(secret_key.encode(), b"passkey|" + purpose.encode() + b"|" + made, "sha256")[:_MAC]


def _made_at(secret_key: str, purpose: Purpose, challenge: bytes, now: datetime) -> datetime:
    made, mac = challenge[: _NONCE + _TIME], challenge[_NONCE + _TIME :]
    if not hmac.compare_digest(mac, _mac(secret_key, purpose, made)):
        raise NotShown
    made_at = datetime.fromtimestamp(int.from_bytes(made[_NONCE:], "big"), UTC)
    if now - made_at > CHALLENGE_LASTS:
        raise NotShown
    return made_at


async def use_up(
    connection: AsyncConnection, secret_key: str, purpose: Purpose, challenge: bytes, now: datetime
) -> None:
    """Raises NotShown for a challenge that is not ours, is too old, or was answered before."""
    made_at = _made_at(secret_key, purpose, challenge, now)
    try:
        # Counted by when it was made, so that midnight does not make it new.
        await count_try(connection, ["passkey", challenge.hex()], 1, timedelta(days=1), made_at)
    except TooMany:
        raise NotShown from None


def _server(settings: Settings) -> Fido2Server:
    host = urlsplit(settings.public_url).hostname or ""
    # A passkey belongs to a name, never to a number: on this machine, to localhost.
    name = "localhost" if on_this_machine(settings.public_url) else host
    return Fido2Server(
        PublicKeyCredentialRpEntity(name="Clamshell", id=name),
        verify_origin=lambda said: _is_ours(settings, said, name),
    )


def _is_ours(settings: Settings, origin: str, name: str) -> bool:
    own, said = urlsplit(settings.public_url), urlsplit(origin)
    if name == "localhost":
        return (said.scheme, said.hostname, said.port) == (own.scheme, "localhost", own.port)
    return (said.scheme, said.netloc) == (own.scheme, own.netloc)


def to_enter(settings: Settings, now: datetime) -> str:
    """What the browser is asked for signing in. No account is named: the person picks it."""
    challenge = new_challenge(settings.secret_key, "enter", now)
    options, _ = _server(settings).authenticate_begin(user_verification=_ALWAYS, challenge=challenge)
    return json.dumps(dict(options)["publicKey"])


def to_add(
    settings: Settings, clinic_id: UUID, staff_id: UUID, email: str, name: str, have: list[bytes], now: datetime
) -> str:
    """What the browser is asked for a new passkey; one that is there already is not made twice."""
    known = [PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=one) for one in have]
    options, _ = _server(settings).register_begin(
        # Whose it is stands in the passkey: without it we would have to ask for an email first.
        PublicKeyCredentialUserEntity(id=clinic_id.bytes + staff_id.bytes, name=email, display_name=name),
        known,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_ALWAYS,
        challenge=new_challenge(settings.secret_key, "add", now),
    )
    return json.dumps(dict(options)["publicKey"])


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": urlsafe_b64encode(challenge).decode().rstrip("="), "user_verification": _ALWAYS}


def added(settings: Settings, said: str) -> tuple[NewKey, bytes]:
    """The new key, and the challenge that it answers, still to be used up. Raises NotShown."""
    try:
        answer = RegistrationResponse.from_dict(json.loads(said))
        challenge = answer.response.client_data.challenge
        found = _server(settings).register_complete(_state(challenge), answer)
        key = found.credential_data
        if key is None:
            raise NotShown
        return NewKey(key.credential_id, bytes(key), found.counter), challenge
    except Exception:
        # Whatever a stranger sends, the library stumbles over it in its own way each time.
        raise NotShown from None


def shown(said: str) -> Shown:
    """Read, and not checked yet. Raises NotShown for what no passkey of ours answers."""
    try:
        answer = AuthenticationResponse.from_dict(json.loads(said))
        whose = answer.response.user_handle or b""
        challenge = answer.response.client_data.challenge
        return Shown(UUID(bytes=whose[:16]), UUID(bytes=whose[16:]), answer.raw_id, challenge, answer)
    except Exception:
        raise NotShown from None


async def check(session: ClinicSession, settings: Settings, found: Shown, now: datetime) -> StaffFactor:
    """Raises NotShown unless the key that we keep signed it, and it counted on since the last time."""
    factor = await kept.passkey(session, found.staff_id, found.credential_id)
    if factor is None:
        raise NotShown
    try:
        key = AttestedCredentialData(factor.public_key or b"")
        _server(settings).authenticate_complete(_state(found.challenge), [key], found.answer)
        counter = found.answer.response.authenticator_data.counter
    except Exception:
        raise NotShown from None
    if (counter or factor.counter) and counter <= factor.counter:
        # Two devices that count apart: one of them is a copy.
        raise NotShown
    factor.sqlmodel_update({"counter": counter, "last_used_at": now})
    return factor
