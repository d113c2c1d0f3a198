"""Still pictures, taken apart and put together again without what tells more than is seen.

A photograph says where, when and by which phone it was taken, and may end with a short film. Only what a browser needs
to draw it is copied; what follows its end, another file in disguise among it, is not.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from service.catalogue.rules.media import MOST_PIXELS, Kind, broken, refused

_BROKEN = (struct.error, IndexError)
MOST_PARTS: Final = 20_000
"""Segments or chunks of one file: real ones have hundreds."""
MOST_SCANS: Final = 40
"""A progressive JPEG has about ten; each makes the phone go over the whole picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    content_type: str
    width: int
    height: int
    data: bytes


def cleaned(data: bytes, content_type: str) -> Picture:
    """Raises Refused for one that is broken, moves, or is larger than a phone should have to draw."""
    try:
        width, height, kept = _CLEANERS[content_type](data)
    except _BROKEN:
        raise broken(Kind.PICTURE) from None
    if not (1 <= width <= MOST_PIXELS and 1 <= height <= MOST_PIXELS):
        raise refused("pixels", "Use a picture of at most 4096 pixels each way.")
    return Picture(content_type, width, height, kept)


Cleaned = tuple[int, int, bytes]

_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = (0xC0, 0xC1, 0xC2)
_OTHER_FRAMES = tuple(code for code in range(0xC3, 0xD0) if code not in (0xC4, 0xC8, 0xCC))


def _jpeg(data: bytes) -> Cleaned:
    kept, size, turn, scans = [b"\xff\xd8"], None, 1, 0
    for code, segment in _segments(data):
        if code in _OTHER_FRAMES or (code in _FRAMES and size is not None):
            raise broken(Kind.PICTURE)
        if code in _FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            size = (width, height)
        elif code == 0xE1 and segment[4:10] == b"Exif\0\0":
            turn = _orientation(segment[10:])
        scans += code == _SCAN
        if _is_drawn(code, segment):
            kept.append(segment)
    if size is None or not 1 <= scans <= MOST_SCANS:
        raise broken(Kind.PICTURE)
    kept.insert(1, _turned(turn))
    return (*(size if turn < 5 else size[::-1]), b"".join(kept))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker codes with their segments up to the end of the picture; a scan has its coded data with it."""
    place = 2
    for _ in range(MOST_PARTS):
        start = _NEXT_MARKER.match(data, place)
        if start is None:
            break
        code, place = data[start.end() - 1], start.end()
        if code == _END:
            yield code, b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", data, place)
        end = place + length
        if code == _SCAN:
            after = _NEXT_MARKER.search(data, end)
            end = after.start() if after else len(data)
        if length < 2 or end > len(data):
            break
        yield code, b"\xff" + bytes([code]) + data[place:end]
        place = end
    raise broken(Kind.PICTURE)


def _is_drawn(code: int, segment: bytes) -> bool:
    """Tables, frame and scans; of the application's segments only the colours'."""
    if 0xE0 <= code <= 0xEF:
        return (code == 0xE2 and segment[4:16] == b"ICC_PROFILE\0") or (code == 0xEE and segment[4:9] == b"Adobe")
    return code in (0xDB, 0xDD, 0xC4, _SCAN, _END, *_FRAMES)


def _orientation(tiff: bytes) -> int:
    """Which way up the camera was held, 1 to 8; upright when it cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for entry in range(min(count, 200)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * entry)
            if (tag, kind) == (0x0112, 3):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _turned(turn: int) -> bytes:
    """The one thing of a camera's notes that is kept: without it the picture lies on its side."""
    if turn == 1:
        return b""
    notes = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, turn, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(notes) + 2) + notes


_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND")


def _png(data: bytes) -> Cleaned:
    kept, place = [data[:8]], 8
    kinds: list[bytes] = []
    width, height = struct.unpack_from(">II", data, 16)
    while b"IEND" not in kinds[-1:]:
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data) or len(kinds) == MOST_PARTS or (not kinds and (kind, length) != (b"IHDR", 13)):
            raise broken(Kind.PICTURE)
        if kind in _PNG_KEPT:
            if zlib.crc32(data[place + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
                raise broken(Kind.PICTURE)
            kept.append(data[place:end])
        kinds.append(kind)
        place = end
    if b"IDAT" not in kinds:
        raise broken(Kind.PICTURE)
    return width, height, b"".join(kept)


_ICC, _ALPHA, _MOVES = 0x20, 0x10, 0x02


def _webp(data: bytes) -> Cleaned:
    chunks = dict(islice(_riff_chunks(data), MOST_PARTS))
    flags = chunks[b"VP8X"][0] if b"VP8X" in chunks else 0
    if flags & _MOVES or b"ANIM" in chunks:
        raise refused("moves", "Use a picture that stands still, or send a video.")
    image = b"VP8L" if b"VP8L" in chunks else b"VP8 "
    if image not in chunks:
        raise broken(Kind.PICTURE)
    width, height = _webp_size(image, chunks[image])
    parts = [(image, chunks[image])]
    if b"ALPH" in chunks and image == b"VP8 ":
        parts.insert(0, (b"ALPH", chunks[b"ALPH"]))
    if flags:
        icc = [(b"ICCP", chunks[b"ICCP"])] if b"ICCP" in chunks else []
        shown = (flags & _ALPHA) | (_ICC if icc else 0)
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        parts = [(b"VP8X", bytes([shown, 0, 0, 0]) + canvas), *icc, *parts]
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for kind, part in parts
    )
    return width, height, b"RIFF" + struct.pack("<I", len(body)) + body


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    end, place = 8 + struct.unpack_from("<I", data, 4)[0], 12
    if end > len(data):
        raise broken(Kind.PICTURE)
    while place + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, place)
        if place + 8 + length > end:
            raise broken(Kind.PICTURE)
        yield kind, data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _webp_size(image: bytes, part: bytes) -> tuple[int, int]:
    if image == b"VP8L":
        (bits,) = struct.unpack_from("<I", part, 1)
        if part[0] != 0x2F:
            raise broken(Kind.PICTURE)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if part[3:6] != b"\x9d\x01\x2a":
        raise broken(Kind.PICTURE)
    width, height = struct.unpack_from("<HH", part, 6)
    return width & 0x3FFF, height & 0x3FFF


_CLEANERS: dict[str, Callable[[bytes], Cleaned]] = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
