"""Pictures and videos made by hand, byte by byte, so that every part of them is known."""

import struct
import zlib

GPS = b"N 40 deg 42 W 74 deg"
"""What a phone writes about where it was."""


def segment(code: int, body: bytes) -> bytes:
    return b"\xff" + bytes([code]) + struct.pack(">H", len(body) + 2) + body


def exif(turn: int) -> bytes:
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, turn, 0, 0) + GPS
    return segment(0xE1, b"Exif\0\0" + tiff)


def jpeg(width: int = 40, height: int = 30, *, notes: bytes = b"", scans: int = 1, after: bytes = b"") -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\xff\x00\xff\xd0\x56"
    tables = segment(0xDB, bytes(65)) + segment(0xC4, bytes(19))
    return b"\xff\xd8" + notes + tables + segment(0xC0, frame) + scan * scans + b"\xff\xd9" + after


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 2, height: int = 2, *, notes: bytes = b"", after: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\0\1\2" * 2))
    return b"\x89PNG\r\n\x1a\n" + head + notes + rows + chunk(b"IEND", b"") + after


def riff(*parts: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(k + struct.pack("<I", len(p)) + p + b"\0" * (len(p) % 2) for k, p in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_frame(width: int, height: int) -> bytes:
    return b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"\x34" * 5


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def table(kind: bytes, *rows: tuple[int, ...], before: bytes = b"") -> bytes:
    numbers = b"".join(struct.pack(">I", number) for row in rows for number in row)
    return box(kind, bytes(4), before, struct.pack(">I", len(rows)), numbers)


def track(handler: bytes, codec: bytes, chunks: list[int], sizes: list[int], *, more: bytes = b"") -> bytes:
    """Each chunk holds one sample."""
    entry = struct.pack(">I", 86) + codec + bytes(24) + struct.pack(">HH", 640, 360) + bytes(50)
    tables = box(
        b"stbl",
        box(b"stsd", bytes(4), struct.pack(">I", 1), entry),
        table(b"stsc", (1, 1, 1)),
        table(b"stsz", *[(size,) for size in sizes], before=bytes(4)),
        table(b"stco", *[(place,) for place in chunks]),
    )
    media = box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12)), box(b"minf", tables))
    return box(b"trak", box(b"tkhd", bytes(84)), media, more)


def mp4(codec: bytes = b"avc1", *, sensor: bytes = b"", moov: bytes = b"", top: bytes = b"") -> bytes:
    """One moving picture; with `sensor`, a track of what the phone felt, its samples at the end of the data."""
    seen = b"moving picture"
    start = 16 + 8
    tracks = track(b"vide", codec, [start], [len(seen)])
    if sensor:
        tracks += track(b"meta", b"mebx", [start + len(seen)], [len(sensor)])
    return (
        box(b"ftyp", b"isom\0\0\0\0")
        + box(b"mdat", seen, sensor)
        + box(b"moov", box(b"mvhd", bytes(100)), tracks, moov)
        + top
    )
