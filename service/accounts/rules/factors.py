"""The second way in which staff show who they are: codes of an app (RFC 6238), and codes on paper."""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode

STEP: Final = timedelta(seconds=30)
DIGITS: Final = 6
SECRET_BYTES: Final = 20
GRACE: Final = timedelta(days=14)
"""How long somebody works with a password alone before a second way is asked for."""

PROOF_LASTS: Final = timedelta(minutes=15)
"""How long after somebody showed who they are dangerous things are done without asking again."""

RECOVERY_CODES: Final = 10
_RECOVERY_LENGTH: Final = 16
_RECOVERY_SIGNS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are taken for each other; 16 of 31 signs are 79 bits."""

FACTOR_NAME_LIMIT: Final = 60
MOST_FACTORS: Final = 10


class FactorKind(StrEnum):
    PASSKEY = "passkey"
    APP = "app"


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // int(STEP.total_seconds())


def app_code(secret: bytes, step: int) -> str:
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 0xF
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, typed: str, now: datetime) -> int | None:
    """Which step's code was typed: the present one, or one beside it, for clocks that are a little wrong."""
    code = "".join(typed.split())
    found = None
    for step in range(step_of(now) - 1, step_of(now) + 2):
        if hmac.compare_digest(app_code(secret, step).encode(), code.encode()):
            found = step
    return found


def secret_letters(secret: bytes) -> str:
    return b32encode(secret).decode()


def secret_words(secret: bytes) -> str:
    """As people type it into an app, in groups of four."""
    return " ".join(re.findall(".{1,4}", secret_letters(secret)))


def read_secret(letters: str) -> bytes | None:
    """None for what no secret of ours looks like."""
    try:
        secret = b32decode(letters)
    except ValueError:
        return None
    return secret if len(secret) == SECRET_BYTES else None


def app_uri(secret: bytes, clinic: str, email: str) -> str:
    """What the square says: apps list the code under the clinic and the email."""
    values = {"secret": secret_letters(secret), "issuer": clinic, "digits": DIGITS}
    return f"otpauth://totp/{quote(clinic)}:{quote(email)}?{urlencode(values, quote_via=quote)}"


def is_app_code(typed: str) -> bool:
    return re.fullmatch(f"[0-9]{{{DIGITS}}}", "".join(typed.split())) is not None


def recovery_code(pick: Callable[[str], str]) -> str:
    """`pick` chooses one sign; such as abcd-efgh-jkmn-pqrs."""
    signs = "".join(pick(_RECOVERY_SIGNS) for _ in range(_RECOVERY_LENGTH))
    return "-".join(re.findall(".{4}", signs))


def plain_recovery(typed: str) -> str:
    """The same however it is typed: capital letters, spaces or dashes between."""
    return re.sub(r"[\s-]+", "", typed).lower()


def factor_name(typed: str) -> str | None:
    """None for what cannot be a name."""
    name = typed.strip()
    return name if 1 <= len(name) <= FACTOR_NAME_LIMIT and name.isprintable() else None
