"""Videos (MP4): what is in one, and which of its bytes must go, because they tell more than is seen and heard.

A phone writes the place, its model and tracks of its sensors into a video. Those parts are overwritten where they
stand, by boxes that players skip, so that nothing else moves (ISO/IEC 14496-12).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple

from service.catalogue.rules.media import FITTING, MOST_PIXELS, Kind, Span, broken, refused

MOST_BOXES: Final = 20_000
MOST_TABLE: Final = 4_000_000
"""Bytes of one table of a track: far more than a video of our size can need."""

_KEPT = {
    b"": (b"ftyp", b"styp", b"sidx", b"moov", b"moof", b"mdat", b"mfra"),
    b"moov": (b"mvhd", b"trak", b"mvex"),
    b"trak": (b"tkhd", b"edts", b"mdia", b"tref"),
}
_PLAYED = (b"avc1", b"avc3", b"vp09", b"av01")


class Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int


@dataclass(slots=True)
class Video:
    """`blanks` are boxes to be skipped, `zeros` bytes to be overwritten with nothing."""

    width: int = 0
    height: int = 0
    blanks: list[Box] = field(default_factory=list)
    zeros: list[Span] = field(default_factory=list)


def looked_at(file: BinaryIO, size: int) -> Video:
    """Raises Refused for one that is broken, or that phones may not play."""
    try:
        video = _Reader(file).read(size)
    except (struct.error, IndexError):
        raise broken(Kind.VIDEO) from None
    if not (1 <= video.width <= MOST_PIXELS and 1 <= video.height <= MOST_PIXELS):
        raise refused("pixels", "Use a video of at most 4096 pixels each way.")
    return video


def clean(file: BinaryIO, video: Video) -> None:
    for box in video.blanks:
        file.seek(box.start + 4)
        file.write(b"free")
        _zero(file, box.body, box.end)
    for span in video.zeros:
        _zero(file, span.first, span.last + 1)


def _zero(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    for place in range(start, end, 65_536):
        file.write(bytes(min(65_536, end - place)))


class _Reader:
    """Reads one video; counts the boxes it meets, whatever they say of themselves."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.met, self.video = file, 0, Video()

    def read(self, size: int) -> Video:
        top = self._kept(b"", 0, size)
        movies = [box for box in top if box.kind == b"moov"]
        if len(movies) != 1 or not any(box.kind == b"mdat" for box in top):
            raise broken(Kind.VIDEO)
        inside = self._kept(b"moov", movies[0].body, movies[0].end)
        in_parts = any(box.kind == b"mvex" for box in inside)
        for track in (box for box in inside if box.kind == b"trak"):
            self._track(track, size, in_parts=in_parts)
        if not self.video.width:
            raise refused("type", FITTING[Kind.VIDEO])
        return self.video

    def _kept(self, around: bytes, start: int, end: int) -> list[Box]:
        """The boxes here that a player needs; the others are noted as blanks."""
        found = list(self._boxes(start, end))
        self.video.blanks += [box for box in found if box.kind not in _KEPT[around]]
        return [box for box in found if box.kind in _KEPT[around]]

    def _track(self, track: Box, size: int, *, in_parts: bool) -> None:
        media = self._inside(track, b"mdia")
        handler = self._bytes(self._inside(media, b"hdlr"))[8:12]
        table = self._inside(self._inside(media, b"minf"), b"stbl")
        if handler == b"vide":
            self._size_of(self._bytes(self._inside(table, b"stsd")))
        elif handler != b"soun":
            if in_parts:
                raise refused("tracks", "Save the video anew with picture and sound only, and send it again.")
            self.video.zeros += _samples([self._table(table, *names) for names in _SAMPLE_TABLES], size)
            self.video.blanks.append(track)
            return
        self._kept(b"trak", track.body, track.end)

    def _size_of(self, described: bytes) -> None:
        if described[12:16] not in _PLAYED:
            raise refused("codec", FITTING[Kind.VIDEO])
        width, height = struct.unpack_from(">HH", described, 40)
        self.video.width, self.video.height = max(self.video.width, width), max(self.video.height, height)

    def _boxes(self, start: int, end: int) -> Iterator[Box]:
        while start < end:
            self.met += 1
            length, kind = struct.unpack(">I4s", self._read(start, 8))
            body = start + 8
            if length == 1:
                (length,), body = struct.unpack(">Q", self._read(body, 8)), body + 8
            stop = start + length if length else end
            if self.met > MOST_BOXES or not body <= stop <= end:
                raise broken(Kind.VIDEO)
            yield Box(kind, start, body, stop)
            start = stop

    def _inside(self, box: Box, kind: bytes) -> Box:
        found = next((inner for inner in self._boxes(box.body, box.end) if inner.kind == kind), None)
        if found is None:
            raise broken(Kind.VIDEO)
        return found

    def _table(self, box: Box, *kinds: bytes) -> tuple[bytes, bytes]:
        found = next((inner for inner in self._boxes(box.body, box.end) if inner.kind in kinds), None)
        if found is None:
            raise broken(Kind.VIDEO)
        return found.kind, self._bytes(found)

    def _bytes(self, box: Box) -> bytes:
        if box.end - box.body > MOST_TABLE:
            raise broken(Kind.VIDEO)
        return self._read(box.body, box.end - box.body)

    def _read(self, start: int, length: int) -> bytes:
        self.file.seek(start)
        return self.file.read(length)


_SAMPLE_TABLES = ((b"stco", b"co64"), (b"stsc",), (b"stsz",))
Table = tuple[bytes, bytes]


def _samples(tables: list[Table], file_size: int) -> Iterator[Span]:
    """Where the samples of a track stand in the file, a run of neighbours at a time."""
    offsets, runs, sizes = tables
    places = _numbers(offsets[1], 4, "Q" if offsets[0] == b"co64" else "I")
    steps = _numbers(runs[1], 4, "III")
    (same,) = struct.unpack_from(">I", sizes[1], 4)
    lengths = [] if same else [length for (length,) in _numbers(sizes[1], 8, "I")]
    sample, step, total = 0, 0, 0
    for chunk, (start,) in enumerate(places, 1):
        while step + 1 < len(steps) and steps[step + 1][0] <= chunk:
            step += 1
        many = steps[step][1]
        length = many * same if same else sum(lengths[sample : sample + many])
        total += length
        if start + length > file_size or total > file_size:
            raise broken(Kind.VIDEO)
        yield Span(start, start + length - 1)
        sample += many


def _numbers(body: bytes, at: int, form: str) -> list[tuple[int, ...]]:
    """The rows of a table, after how many there are."""
    (count,) = struct.unpack_from(">I", body, at)
    width = struct.calcsize(f">{form}")
    return list(struct.iter_unpack(f">{form}", body[at + 4 : at + 4 + count * width]))
