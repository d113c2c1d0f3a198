"""What goes on paper: a PDF of a template of ours (`service/papers`) and what to fill in."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final, Literal

from litestar import Response

from service import logs
from service.errors import NotInstalled, TooMany, Unavailable
from service.loading import makes_pdfs

logger = logs.logger("paper")

TEMPLATES: Final = Path(__file__).parent / "papers"
Size = Literal["a4", "us-letter"]
# Where paper is cut to inches.
_LETTER: Final = ("US", "CA", "MX", "PR", "PH", "CO", "CL", "VE", "CR", "GT", "SV", "HN", "NI", "PA", "DO", "BO")
_SECONDS: Final = 15
_AT_ONCE, _MOST_WAITING = 2, 8
_PRESSES: Final = ThreadPoolExecutor(_AT_ONCE, "press")
_places = BoundedSemaphore(_AT_ONCE + _MOST_WAITING)
# All that the process gets of ours: it needs no login and no secret.
_ENVIRONMENT: Final = {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}
_LONGEST_WORD: Final = re.compile(r"(\S{24})(?=\S)")
_NEVER_PRINTED: Final = frozenset(("Cc", "Cs", "Co", "Cn"))
_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_EMOJI: Final = range(0x1F000, 0x20000)
_EMOJI_PARTS: Final = frozenset("\u200d\u20e3\ufe0e\ufe0f")


def size_in(country: str) -> Size:
    return "us-letter" if country in _LETTER else "a4"


async def paper(
    template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes], name: str, day: date
) -> Response[bytes]:
    """`pictures` are by the name that the template asks for. When one of them cannot be read, only drawings of ours
    are left. `name` goes into the name of the file, which may lie about in any folder: it says neither who nor what
    for. Raises NotInstalled, TooMany and Unavailable."""
    if not makes_pdfs():
        raise NotInstalled
    if not _places.acquire(blocking=False):
        raise TooMany(_SECONDS)
    try:
        made = await asyncio.get_running_loop().run_in_executor(_PRESSES, pressed, template, data, pictures)
    finally:
        _places.release()
    headers = {
        "Content-Disposition": f'inline; filename="{name}-{day.isoformat()}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(made, media_type="application/pdf", headers=headers)


def pressed(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """Raises Unavailable when it cannot be made."""
    drawings = {file: content for file, content in pictures.items() if file.endswith(".svg")}
    for given in (pictures, drawings) if len(drawings) < len(pictures) else (pictures,):
        made = _pressed(template, {**data, "files": sorted(given)}, given)
        if made is not None:
            return made
    raise Unavailable


def _pressed(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes | None:
    # Words stay in memory: on the disk are the templates, and the clinic's pictures of exercises.
    with tempfile.TemporaryDirectory(prefix="clamshell-paper-") as folder:
        shutil.copytree(TEMPLATES, folder, dirs_exist_ok=True)
        (Path(folder) / "pictures").mkdir()
        for name, content in pictures.items():
            (Path(folder) / "pictures" / name).write_bytes(content)
        job = json.dumps({"folder": folder, "template": template, "data": printable(data)}).encode()
        command = [sys.executable, "-I", "-m", "service.press"]
        try:
            done = subprocess.run(command, input=job, capture_output=True, timeout=_SECONDS, env=_ENVIRONMENT)
        except subprocess.TimeoutExpired:
            logger.warning("a paper took too long", template=template)
            return None
    if done.returncode != 0:
        # What it says may hold words of the paper.
        logger.warning("a paper could not be made", template=template, exit_code=done.returncode)
        return None
    return done.stdout


def printable(given: Any) -> Any:
    """The same without signs that no font shows or that turn the direction of what stands beside them; a word that no
    line holds may break."""
    if isinstance(given, str):
        shown = "".join(filter(_is_printed, unicodedata.normalize("NFC", given)))
        if given.strip() and not shown.strip():
            return "–"
        return _LONGEST_WORD.sub("\\1\u200b", shown)
    if isinstance(given, Mapping):
        return {key: printable(value) for key, value in given.items()}
    return [printable(value) for value in given] if isinstance(given, list | tuple) else given


def _is_printed(character: str) -> bool:
    if character == "\n":
        return True
    if character in _TURNS or character in _EMOJI_PARTS or ord(character) in _EMOJI:
        return False
    return unicodedata.category(character) not in _NEVER_PRINTED
