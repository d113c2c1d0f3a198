"""The keys of an installation: what they look like, and where they lie. What is done with them: `service.database.box`.

A key is `ck1_` and 48 letters, which hold 32 bytes of chance and four that tell a slip of the pen. Where one is read
there may be several, with spaces or lines between: the first seals, all of them open.
"""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from service.errors import WrongSettings

KEY: Final = "CLAMSHELL_DATA_KEY"
FILE: Final = "CLAMSHELL_KEY_FILE"
_PREFIX: Final = "ck1_"
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class DataKey:
    secret: bytes

    @property
    def id(self) -> str:
        """Tells keys apart, and nothing of what they are."""
        return sha256(b"clamshell key " + self.secret).hexdigest()[:16]

    @property
    def text(self) -> str:
        return _PREFIX + urlsafe_b64encode(self.secret + _tail(self.secret)).decode()

    def __repr__(self) -> str:
        return f"DataKey({self.id})"


@dataclass(frozen=True, slots=True)
class KeySource:
    """`file` is None where the keys came by the environment."""

    keys: tuple[DataKey, ...]
    file: Path | None = None

    @property
    def name(self) -> str:
        return f"the file {self.file}" if self.file else KEY


def new_key() -> DataKey:
    return DataKey(secrets.token_bytes(_BYTES))


def key_source(environ: Mapping[str, str]) -> KeySource | None:
    """None when there is none, for not every process needs one. Raises WrongSettings for what cannot be one."""
    given, path = environ.get(KEY, ""), environ.get(FILE, "")
    if given.strip() and path:
        raise WrongSettings(f"{KEY} and {FILE} cannot both say what the key is; leave one out")
    if path:
        return read_file(Path(path))
    return KeySource(_parsed(given, KEY)) if given.strip() else None


def read_file(path: Path) -> KeySource:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        raise WrongSettings(
            f"{FILE}: there is no file {path}. Bring the key of this installation back there; only for a new "
            "installation, write the output of `clamshell make-key` to it"
        ) from None
    except OSError as error:
        raise WrongSettings(f"{FILE}: {path} cannot be read: {error.strerror}") from None
    return KeySource(_parsed(text, f"{FILE}: {path}"), path)


def _parsed(text: str, where: str) -> tuple[DataKey, ...]:
    words = text.split()
    if not words:
        raise WrongSettings(f"{where} must hold a key, and is empty")
    return tuple(_key(word, where, number) for number, word in enumerate(words, 1))


def _key(word: str, where: str, number: int) -> DataKey:
    with suppress(Error, ValueError):
        raw = urlsafe_b64decode(word.removeprefix(_PREFIX))
        secret = raw[:_BYTES]
        if word.startswith(_PREFIX) and raw[_BYTES:] == _tail(secret):
            return DataKey(secret)
    raise WrongSettings(
        f"{where}: word {number} is not a key: one begins with {_PREFIX} and has {len(new_key().text)} letters, none "
        "of them changed"
    )


def _tail(secret: bytes) -> bytes:
    return sha256(secret).digest()[:4]


def write_file(path: Path, keys: tuple[DataKey, ...]) -> None:
    """Whole or not at all, readable by its user only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", delete=False) as unfinished:
        unfinished.write("".join(f"{key.text}\n" for key in keys))
        unfinished.flush()
        os.fsync(unfinished.fileno())
    os.replace(unfinished.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
