"""A backup is a folder: PostgreSQL's own dump, and a manifest that says what it holds, so that it can be checked."""

import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from service.errors import WrongSettings

DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_CHUNK: Final = 1 << 20

Say = Callable[[str], None]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`revision` is the newest migration of the tables; `rows` counts each table, in the very snapshot of the dump.
    `key` names the key of the installation under which names and notes were kept, when they were."""

    format: int
    made_at: datetime
    revision: str
    postgres: int
    rows: Mapping[str, int]
    dump_bytes: int
    dump_sha256: str
    key: str | None = None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    path = folder / MANIFEST
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """Checks the dump byte by byte. Raises WrongSettings for what is no whole backup."""
    try:
        written = (folder / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(written, type=Manifest)
    except OSError:
        raise WrongSettings(f"{folder} is no backup: it must be a folder with a {MANIFEST} and a {DUMP}") from None
    except msgspec.MsgspecError as error:
        raise WrongSettings(f"{folder / MANIFEST} is damaged ({error}); take another backup") from None
    if manifest.format != FORMAT:
        raise WrongSettings(f"{folder} is a backup of format {manifest.format}, this version reads format {FORMAT}")
    if not (folder / DUMP).is_file() or fingerprint(folder / DUMP) != manifest.dump_sha256:
        raise WrongSettings(f"{folder / DUMP} is damaged: it is not what its {MANIFEST} says; take another backup")
    return manifest


def fingerprint(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
