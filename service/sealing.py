"""What must not stand in the database as it is, sealed with a key made of CLAMSHELL_SECRET_KEY, one a purpose."""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM = b"\x01"
"""Which way it was sealed; another way has another first byte."""
_NONCE = 12


def seal(secret_key: str, purpose: str, plain: bytes, bound_to: bytes) -> bytes:
    """`bound_to` says whose it is: moved to somebody else's row, it opens no more."""
    nonce = os.urandom(_NONCE)
    return _FORM + nonce + _cipher(secret_key, purpose).encrypt(nonce, plain, bound_to)


def unseal(secret_key: str, purpose: str, sealed: bytes, bound_to: bytes) -> bytes:
    """Raises ValueError for what was sealed with another key, for somebody else, or was changed."""
    form, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    if form != _FORM or len(nonce) < _NONCE:
        raise ValueError("sealed another way")
    try:
        return _cipher(secret_key, purpose).decrypt(nonce, rest, bound_to)
    except InvalidTag:
        raise ValueError("sealed with another key, or for somebody else") from None


def _cipher(secret_key: str, purpose: str) -> AESGCM:
    return AESGCM(hmac.digest(secret_key.encode(), f"seal|{purpose}".encode(), "sha256"))
