"""What a clinic may show its own exercise by: kinds, bounds, what a file is by its first bytes, and byte ranges.

A file's name and what its sender calls it are never believed.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from service.errors import FieldProblem, Refused

MEGABYTE: Final = 1_000_000
CHUNK: Final = 262_144
"""Bytes in one row of the database: a range reads only the rows it touches."""
MOST_PIXELS: Final = 4096
"""Each way: whatever a file packs, the phone that shows it needs four bytes a pixel, here at most 67 MB."""
MOST_OF_CLINIC: Final = 1_000 * MEGABYTE
LONGEST_ALT: Final = 200


class Kind(StrEnum):
    PICTURE = "picture"
    VIDEO = "video"


KINDS = tuple(Kind)
MOST_BYTES: Final = {Kind.PICTURE: 5 * MEGABYTE, Kind.VIDEO: 30 * MEGABYTE}
TOO_LARGE: Final = {Kind.PICTURE: "Use a picture of at most 5 MB.", Kind.VIDEO: "Use a video of at most 30 MB."}
TAKES: Final = {Kind.PICTURE: "image/jpeg,image/png,image/webp", Kind.VIDEO: "video/mp4,video/quicktime"}
"""What the field of a page offers to choose from."""
FITTING: Final = {
    Kind.PICTURE: "Use a JPEG, PNG or WebP picture.",
    Kind.VIDEO: "Use an MP4 video with H.264, which every phone can play.",
}
SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4"}
HEAD: Final = 16
"""As many first bytes tell what a file is."""

_STILL_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis", b"jpeg")


def content_type_of(head: bytes) -> str | None:
    """By its first bytes; None for what we do not show."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] not in _STILL_BRANDS:
        return "video/mp4"
    return None


def check_head(head: bytes, kind: Kind) -> str:
    """The content type; raises Refused for a file that is no such picture or video."""
    found = content_type_of(head)
    if found is None or found.startswith("video/") != (kind is Kind.VIDEO):
        raise refused("type", FITTING[kind])
    return found


def check_size(size: int, kind: Kind) -> None:
    if size > MOST_BYTES[kind]:
        raise refused("size", TOO_LARGE[kind])


def refused(code: str, message: str) -> Refused:
    return Refused.one("/file", code, message)


def broken(kind: Kind) -> Refused:
    words = {
        Kind.PICTURE: "This picture is broken or cut short. Save it anew and send it again.",
        Kind.VIDEO: "This video is broken or cut short. Save it anew and send it again.",
    }
    return refused("broken", words[kind])


def alt_problem(alt: str) -> FieldProblem | None:
    if 1 <= len(alt) <= LONGEST_ALT and alt.isprintable():
        return None
    return FieldProblem("/alt", "length", "Say in 1 to 200 characters what it shows, for people who cannot see it.")


_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file, both ends included; of nothing when the last is before the first."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def asked_span(header: str | None, size: int) -> Span | None:
    """What a Range header asks of a file of this size; all of it for none, for several and for what cannot be read
    (RFC 9110, 14.2). None when it asks only for what is past the end."""
    whole = Span(0, size - 1)
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found[0] == "bytes=-":
        return whole
    first, last = found.groups()
    if not first:
        return Span(max(size - int(last), 0), size - 1) if int(last) else None
    if int(first) >= size:
        return None
    if last and int(last) < int(first):
        return whole
    return Span(int(first), min(int(last), size - 1) if last else size - 1)
