"""The box that what people say and are called is kept in: AES-GCM under a key of each client, wrapped by the
installation's (`docs/decisions/0049`).

What is sealed for one owner at one place opens only there: clinic, owner, table and column are bound to it. The owner
is a client, or the clinic itself for what belongs to nobody else. Destroying the row of an owner's key destroys all
that was sealed for them, also in copies from before.
"""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.data_keys import FILE, KEY, DataKey, KeySource, read_file
from service.errors import WrongSettings

OVERHEAD: Final = 1 + 12 + 16
"""Bytes by which what is sealed is longer."""

_SEALED, _WRAPPED = b"\x01", b"K"
_NONCE: Final = 12
_ID: Final = 8
_OWNER: Final = 32
_WRAPPED_LENGTH: Final = 1 + _ID + _NONCE + 32 + 16
_MOST_CIPHERS: Final = 2_000
_MARK: Final = 16
_NOBODY: Final = bytes(_OWNER)
"""The owner of what belongs to the installation."""


class CannotOpen(Exception):
    """It was sealed for somebody or something else, was changed, or its key is destroyed. Says where, never what."""


@dataclass(slots=True)
class Keyring:
    """The installation's keys in this process: the first wraps, all of them unwrap."""

    source: KeySource
    _by_id: dict[bytes, AESGCM] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id = {bytes.fromhex(key.id): AESGCM(key.secret) for key in self.source.keys}

    @property
    def first(self) -> DataKey:
        return self.source.keys[0]

    def reread(self) -> None:
        """A rotation changes the file while others run. Keys given by the environment are those of the start."""
        if self.source.file is not None:
            self.source = read_file(self.source.file)
            self.__post_init__()

    def has(self, key_id: str) -> bool:
        if bytes.fromhex(key_id) not in self._by_id:
            self.reread()
        return bytes.fromhex(key_id) in self._by_id

    def wrapped(self, key: bytes, owner: bytes, key_id: str) -> bytes:
        id, nonce = bytes.fromhex(key_id), os.urandom(_NONCE)
        return _WRAPPED + id + nonce + self._by_id[id].encrypt(nonce, key, b"owner_key" + owner)

    def unwrapped(self, wrapped: bytes, owner: bytes) -> bytes:
        id = wrapped[1 : 1 + _ID]
        if id not in self._by_id and not self.has(id.hex()):
            raise CannotOpen(f"its key was wrapped by the key {id.hex()}, which is not in {self.source.name}")
        nonce, rest = wrapped[1 + _ID : 1 + _ID + _NONCE], wrapped[1 + _ID + _NONCE :]
        try:
            return self._by_id[id].decrypt(nonce, rest, b"owner_key" + owner)
        except InvalidTag:
            raise CannotOpen("the key of its owner was changed, or is somebody else's") from None


class _Process:
    ring: Keyring | None = None


def use(source: KeySource | None) -> None:
    """Once in the life of a process, before it reads or writes."""
    if source is None:
        raise WrongSettings(
            f"{FILE} or {KEY} must be set: names, notes and texts are kept encrypted. `clamshell make-key` prints a "
            "new key; keep it where it is safe and apart from the backups, for nobody can read them without it"
        )
    _Process.ring = Keyring(source)
    _cipher.cache_clear()
    _marking_key.cache_clear()


def ring() -> Keyring:
    if _Process.ring is None:
        raise WrongSettings("this process was not given the installation's key")
    return _Process.ring


def owner_bytes(clinic_id: UUID, owner_id: UUID) -> bytes:
    return clinic_id.bytes + owner_id.bytes


@lru_cache(maxsize=_MOST_CIPHERS)
def _cipher(owner_and_wrapped: bytes) -> AESGCM:
    """Unwrapped once: what wraps it is part of its name here, so that a newer one is another."""
    return AESGCM(ring().unwrapped(owner_and_wrapped[_OWNER:], owner_and_wrapped[:_OWNER]))


def cipher(owner: bytes, wrapped: bytes) -> AESGCM:
    return _cipher(owner + wrapped)


def new_cipher(owner: bytes, key_id: str) -> tuple[AESGCM, bytes]:
    """A new key of an owner, ready, and wrapped by the installation's of this name."""
    key = os.urandom(32)
    return AESGCM(key), ring().wrapped(key, owner, key_id)


def rewrapped(owner: bytes, wrapped: bytes) -> bytes:
    """By the first of the installation's."""
    return ring().wrapped(ring().unwrapped(wrapped, owner), owner, ring().first.id)


def new_marking(key_id: str) -> bytes:
    """A new key for marks, wrapped by the installation's of this name."""
    return ring().wrapped(os.urandom(32), _NOBODY, key_id)


def marking_rewrapped(marking: bytes) -> bytes:
    return rewrapped(_NOBODY, marking)


@lru_cache(maxsize=16)
def _marking_key(marking: bytes) -> bytes:
    return ring().unwrapped(marking, _NOBODY)


def mark(marking: bytes, plain: str) -> bytes:
    """By which the same value is found again, and from which nobody without the installation's key makes it out."""
    return digest(_marking_key(marking), plain.encode(), sha256)[:_MARK]


def sealed(cipher: AESGCM, plain: bytes, owner: bytes, place: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return _SEALED + nonce + cipher.encrypt(nonce, plain, owner + place)


def opened(packed: bytes, place: bytes) -> bytes:
    """What a statement brings together: the ids of clinic and owner, the owner's wrapped key, and what is sealed."""
    end = _OWNER + _WRAPPED_LENGTH
    if packed[_OWNER : _OWNER + 1] != _WRAPPED:
        raise CannotOpen(f"{place.decode()}: the key of its owner is destroyed")
    try:
        nonce, rest = packed[end + 1 : end + 1 + _NONCE], packed[end + 1 + _NONCE :]
        return _cipher(packed[:end]).decrypt(nonce, rest, packed[:_OWNER] + place)
    except InvalidTag:
        raise CannotOpen(f"{place.decode()}: it was sealed for another row or column, or changed") from None
