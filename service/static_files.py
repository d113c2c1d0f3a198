"""Stylesheet, scripts and icons, under addresses that change with what they hold.

All of them share one version, in the folder of the address: what one file names relative to itself (a script its
module, a stylesheet its picture) is then of the same version, and a page never mixes two.
"""

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
_VERSIONED = re.compile(r"(?P<version>[0-9a-f]{16})/(?P<name>.+)")


@dataclass(frozen=True, slots=True)
class StaticFile:
    content: bytes
    media_type: str


@cache
def files() -> dict[str, StaticFile]:
    """By name below the folder, read once: a name that is not among them, whatever it holds, is not there."""
    found = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    return {path.relative_to(FOLDER).as_posix(): StaticFile(path.read_bytes(), _media_type(path)) for path in found}


def _media_type(path: Path) -> str:
    # Not what the machine's own table says, which may lack them: a module of another type is not run.
    known = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
    return known.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


@cache
def version() -> str:
    total = hashlib.sha256()
    for name, file in files().items():
        total.update(name.encode() + b"\0" + file.content + b"\0")
    return total.hexdigest()[:16]


def url_of(name: str) -> str:
    return f"/static/{version()}/{name}"


def find(path: str) -> tuple[StaticFile, bool] | None:
    """The file at a path below `/static/`, and whether its address is of this version. While an upgrade goes on a
    page of the one process asks the other: then it gets the file that is there."""
    asked = _VERSIONED.fullmatch(path)
    name, is_current = (asked["name"], asked["version"] == version()) if asked else (path, False)
    file = files().get(name)
    return (file, is_current) if file else None
