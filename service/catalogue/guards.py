"""A file on its way in: read as it comes, refused as early as it can be, kept nowhere until all of it is right.

The fields of the form stand before the file, so that whoever may not send is turned away before anything is kept.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast
from uuid import UUID

from litestar.exceptions import HTTPException, InternalServerException
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from service.accounts.guards import AnyRequest, Caller
from service.catalogue.actions.media import NewMedia, describe_media, put_media
from service.catalogue.rules import pictures, videos
from service.catalogue.rules.media import HEAD, MOST_BYTES, Kind, alt_problem, broken, check_head, check_size, refused
from service.errors import Refused

AROUND_FILE: Final = 20_000
"""Bytes of a form around its file: its other fields and its borders."""
MOST_OF_BODY: Final = max(MOST_BYTES.values()) + AROUND_FILE
LONGEST_UPLOAD: Final = 600.0
"""Seconds: 30 MB on a line of half a megabit."""
_IN_MEMORY: Final = 262_144
_LONGEST_FIELD: Final = AROUND_FILE
"""Bytes: what was typed comes back to be shortened, even where it is much too long."""

Form = Mapping[str, str]
Check = Callable[[Form], Awaitable[None]]


@dataclass(slots=True)
class Sent:
    """The fields of a form, and its file so far. `refused` says what is wrong with it; the fields stay, to be shown."""

    kind: Kind
    fields: dict[str, str] = field(default_factory=dict)
    content_type: str | None = None
    size: int = 0
    refused: Refused | None = None


async def take_media(request: AnyRequest, staff: Caller, exercise_id: UUID, kind: Kind, check: Check) -> Sent:
    """Puts what was sent in its place; without a file, its words beside the one that is there. `check` may refuse the
    fields before any byte of the file is kept."""

    async def check_all(fields: Form) -> None:
        await check(fields)
        problem = alt_problem(alt_in(fields))
        if problem:
            raise Refused([problem])

    with room() as file:
        sent = await receive(request, kind, file, check_all)
        if sent.refused is None:
            try:
                await _put(staff, exercise_id, sent, file)
            except Refused as refusal:
                sent.refused = refusal
    return sent


async def _put(staff: Caller, exercise_id: UUID, sent: Sent, file: BinaryIO) -> None:
    new = await cleaned(sent, file)
    async with staff.tx() as session:
        if new is None:
            await describe_media(session, exercise_id, sent.kind, alt_in(sent.fields), staff.now)
        else:
            await put_media(session, exercise_id, new, alt_in(sent.fields), staff.now)


def alt_in(fields: Form) -> str:
    return " ".join(fields.get("alt", "").split())


@contextmanager
def room() -> Iterator[BinaryIO]:
    """For one file: small ones in memory, the others in a file without a name, gone with the request."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        yield cast(BinaryIO, file)


async def receive(request: AnyRequest, kind: Kind, file: BinaryIO, check: Check) -> Sent:
    """`check` looks at the fields before any byte of the file is kept. Nothing more is read once it is refused."""
    sent = Sent(kind)
    try:
        async with asyncio.timeout(LONGEST_UPLOAD):
            await _read(request, sent, file, check)
        if sent.content_type is None and sent.size:
            raise broken(kind)
    except Refused as refusal:
        sent.refused = refusal
    except TimeoutError:
        sent.refused = refused("slow", "This took longer than ten minutes. Try again on a faster line.")
    return sent


async def fields_alone(request: AnyRequest, kind: Kind) -> Form:
    """What stands before the file, which is not read."""

    async def enough(_: Form) -> None:
        raise _unreadable()

    return (await receive(request, kind, BytesIO(), enough)).fields


async def _read(request: AnyRequest, sent: Sent, file: BinaryIO, check: Check) -> None:
    parser = _parser(request)
    segment: MultipartSegment | None = None
    words = b""
    try:
        async for chunk in _stream(request):
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    segment, words = event, b""
                    if segment.filename is not None:
                        await check(sent.fields)
                        if sent.size:
                            raise _unreadable()
                        check_size((request.content_length or 0) - AROUND_FILE, sent.kind)
                elif segment is not None and segment.filename is not None:
                    _keep(sent, file, event or b"", is_last=event is None)
                    if event is None and segment.filename and not sent.size:
                        raise refused("empty", "This file is empty. Choose another one.")
                elif event is not None:
                    words += event
                    if len(words) > _LONGEST_FIELD:
                        raise _unreadable()
                elif segment is not None and segment.name:
                    sent.fields.setdefault(segment.name, _readable(words))
        parser.close()
    except MultipartError:
        raise _unreadable() from None
    await check(sent.fields)


def _parser(request: AnyRequest) -> PushMultipartParser:
    kind, options = request.content_type
    boundary = options.get("boundary")
    if kind != "multipart/form-data" or not boundary:
        raise _unreadable()
    try:
        return PushMultipartParser(boundary, max_segment_count=10, strict=True)
    except MultipartError:
        raise _unreadable() from None


async def _stream(request: AnyRequest) -> AsyncIterator[bytes]:
    """Raises Refused for a body that ends before it should, or goes on for too long."""
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except InternalServerException:
        raise refused("cut", "The file did not arrive whole. Please send it again.") from None
    except HTTPException:
        raise refused("size", "Use a video of at most 30 MB.") from None


def _keep(sent: Sent, file: BinaryIO, part: bytes, *, is_last: bool) -> None:
    file.write(part)
    sent.size += len(part)
    check_size(sent.size, sent.kind)
    if sent.content_type is None and (sent.size >= HEAD or (is_last and sent.size)):
        file.seek(0)
        sent.content_type = check_head(file.read(HEAD), sent.kind)
        file.seek(sent.size)


def _readable(words: bytes) -> str:
    try:
        text = words.decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable() from None
    if "\x00" in text:
        raise _unreadable()
    return text


def _unreadable() -> Refused:
    return refused("form", "Send the form of this page with one file in it.")


async def cleaned(sent: Sent, file: BinaryIO) -> NewMedia | None:
    """What is to be kept of the file; None when there is none. Raises Refused for one that is broken."""
    if sent.content_type is None:
        return None
    work = _picture if sent.kind is Kind.PICTURE else _video
    return await asyncio.to_thread(work, sent, sent.content_type, file)


def _picture(sent: Sent, content_type: str, file: BinaryIO) -> NewMedia:
    file.seek(0)
    found = pictures.cleaned(file.read(), content_type)
    file.seek(0)
    file.truncate()
    file.write(found.data)
    return NewMedia(sent.kind, content_type, found.width, found.height, len(found.data), file)


def _video(sent: Sent, content_type: str, file: BinaryIO) -> NewMedia:
    found = videos.looked_at(file, sent.size)
    videos.clean(file, found)
    return NewMedia(sent.kind, content_type, found.width, found.height, sent.size, file)
