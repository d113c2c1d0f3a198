"""Only what a browser needs to draw a picture is kept of it; what cannot be one is refused by name."""

import struct

import pytest

from service.catalogue.rules.media import MOST_PIXELS, Kind, Span, asked_span, check_head
from service.catalogue.rules.pictures import cleaned
from service.errors import Refused
from tests.service.catalogue.files import GPS, chunk, exif, jpeg, png, riff, segment, webp_frame

ZIP = b"PK\x03\x04 a file of another kind"
BROKEN = "This picture is broken or cut short. Save it anew and send it again."


def why(data: bytes, content_type: str) -> str:
    with pytest.raises(Refused) as refused:
        cleaned(data, content_type)
    [problem] = refused.value.problems
    return problem.message


def test_a_photograph_loses_its_place_and_keeps_which_way_is_up() -> None:
    notes = exif(6) + segment(0xED, b"Photoshop " + GPS) + segment(0xFE, b"by " + GPS) + segment(0xE0, b"JFIF\0")
    kept = cleaned(jpeg(40, 30, notes=notes), "image/jpeg")
    assert (kept.width, kept.height) == (30, 40)
    turned = b"Exif\0\0MM\0*" + bytes.fromhex("00000008 0001 0112 0003 00000001 0006 0000 00000000")
    assert kept.data == jpeg(40, 30, notes=segment(0xE1, turned))


def test_colours_of_a_photograph_stay() -> None:
    colours = segment(0xE2, b"ICC_PROFILE\0\x01\x01 wide") + segment(0xEE, b"Adobe\0d\0\0\0\0\x01")
    plain = jpeg(notes=colours)
    assert cleaned(plain, "image/jpeg").data == plain


def test_what_follows_the_end_of_a_picture_is_not_kept() -> None:
    for made, content_type in ((jpeg, "image/jpeg"), (png, "image/png")):
        assert cleaned(made(after=ZIP), content_type).data == made()
    behind = riff((b"VP8 ", webp_frame(64, 48)))
    assert cleaned(behind + ZIP, "image/webp").data == behind


def test_a_drawing_in_png_loses_its_words_and_stays_as_it_was() -> None:
    notes = chunk(b"tEXt", GPS) + chunk(b"eXIf", GPS) + chunk(b"acTL", bytes(8))
    kept = cleaned(png(notes=notes + chunk(b"gAMA", bytes(4))), "image/png")
    assert kept.data == png(notes=chunk(b"gAMA", bytes(4)))
    assert (kept.width, kept.height) == (2, 2)


def test_a_webp_loses_its_notes_and_says_so_in_its_head() -> None:
    canvas = b"\x3f\0\0\x2f\0\0"
    whole = riff((b"VP8X", b"\x1c\0\0\0" + canvas), (b"ALPH", b"abc"), (b"VP8 ", webp_frame(64, 48)), (b"EXIF", GPS))
    kept = cleaned(whole, "image/webp")
    shown = riff((b"VP8X", b"\x10\0\0\0" + canvas), (b"ALPH", b"abc"), (b"VP8 ", webp_frame(64, 48)))
    assert (kept.width, kept.height, kept.data) == (64, 48, shown)
    exact = riff((b"VP8L", b"\x2f" + struct.pack("<I", (9 - 1) | (7 - 1) << 14) + b"rest"))
    assert cleaned(exact, "image/webp").data == exact
    assert (cleaned(exact, "image/webp").width, cleaned(exact, "image/webp").height) == (9, 7)


def test_a_webp_that_moves_is_refused() -> None:
    moving = riff((b"VP8X", b"\x02\0\0\0\x3f\0\0\x2f\0\0"), (b"ANIM", bytes(6)), (b"VP8 ", webp_frame(64, 48)))
    assert why(moving, "image/webp") == "Use a picture that stands still, or send a video."


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (jpeg(MOST_PIXELS + 1, 1), "image/jpeg"),
        (jpeg(65_535, 65_535), "image/jpeg"),
        (png(1, 2**31 - 1), "image/png"),
        (riff((b"VP8 ", webp_frame(16_383, 16_383))), "image/webp"),
    ],
)
def test_a_picture_that_unpacks_to_too_many_pixels_is_refused_by_its_head(data: bytes, content_type: str) -> None:
    assert why(data, content_type) == "Use a picture of at most 4096 pixels each way."
    assert cleaned(jpeg(MOST_PIXELS, MOST_PIXELS), "image/jpeg").width == 4096


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (jpeg()[:-2], "image/jpeg"),
        (jpeg()[:60], "image/jpeg"),
        (jpeg(scans=0), "image/jpeg"),
        (jpeg(scans=41), "image/jpeg"),
        (b"\xff\xd8\xff\xe1\xff\xff", "image/jpeg"),
        (b"\xff\xd8" + segment(0xFE, b"") * 20_001 + jpeg()[2:], "image/jpeg"),
        (b"\xff\xd8" + segment(0xC3, bytes(9)) + jpeg()[2:], "image/jpeg"),
        (png()[:-5], "image/png"),
        (png().replace(b"IDAT", b"iDOT"), "image/png"),
        (png()[:30] + b"\x01" + png()[31:], "image/png"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (riff((b"VP8 ", webp_frame(64, 48)))[:-3], "image/webp"),
        (riff((b"VP8 ", b"\0" * 20)), "image/webp"),
        (riff((b"EXIF", GPS)), "image/webp"),
    ],
)
def test_a_picture_that_is_broken_or_hostile_is_refused(data: bytes, content_type: str) -> None:
    assert why(data, content_type) == BROKEN


@pytest.mark.parametrize(
    "head",
    [
        b"<svg xmlns='http:",
        b"<?xml version='1.",
        b"<!doctype html><s",
        b"GIF89a;<script>al",
        b"%PDF-1.7 .......",
        b"\0\0\0\x18ftypheic....",
        b"\0\0\0\x18ftypisom....",
        b"RIFF\0\0\0\0AVI ....",
        b"",
    ],
)
def test_only_what_begins_like_a_picture_is_one_whatever_it_is_called(head: bytes) -> None:
    with pytest.raises(Refused, match=r"Use a JPEG, PNG or WebP picture\."):
        check_head(head, Kind.PICTURE)


def test_a_picture_is_no_video() -> None:
    for head in (jpeg()[:16], png()[:16], b"\x1a\x45\xdf\xa3" + bytes(12), b"\0\0\0\x18ftypavif...."):
        with pytest.raises(Refused, match=r"Use an MP4 video with H\.264"):
            check_head(head, Kind.VIDEO)


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        (None, Span(0, 99)),
        ("bytes=0-", Span(0, 99)),
        ("bytes=10-19", Span(10, 19)),
        ("bytes=90-1000", Span(90, 99)),
        ("bytes=-5", Span(95, 99)),
        ("bytes=-500", Span(0, 99)),
        ("bytes=99-99", Span(99, 99)),
        ("bytes=100-", None),
        ("bytes=-0", None),
        ("bytes=9-5", Span(0, 99)),
        ("bytes=0-1,5-6", Span(0, 99)),
        ("bytes=-", Span(0, 99)),
        ("bytes=٣-٤", Span(0, 99)),
        ("lines=1-2", Span(0, 99)),
        ("bytes=" + "9" * 400 + "-", Span(0, 99)),
    ],
)
def test_which_bytes_a_range_asks_for(asked: str | None, span: Span | None) -> None:
    assert asked_span(asked, 100) == span
