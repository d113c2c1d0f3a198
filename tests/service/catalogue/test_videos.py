"""What a phone adds to a video is overwritten where it stands; what phones may not play is refused."""

import struct
from io import BytesIO

import pytest

from service.catalogue.rules.videos import clean, looked_at
from service.errors import Refused
from tests.service.catalogue.files import GPS, box, mp4, table, track

BROKEN = "This video is broken or cut short. Save it anew and send it again."
H264 = "Use an MP4 video with H.264, which every phone can play."


def kept(data: bytes) -> bytes:
    file = BytesIO(data)
    clean(file, looked_at(file, len(data)))
    return file.getvalue()


def why(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        looked_at(BytesIO(data), len(data))
    [problem] = refused.value.problems
    return problem.message


def test_a_plain_video_stays_as_it_is() -> None:
    assert kept(mp4()) == mp4()
    video = looked_at(BytesIO(mp4()), len(mp4()))
    assert (video.width, video.height) == (640, 360)


def test_place_and_model_of_the_phone_go_and_nothing_moves() -> None:
    told = mp4(moov=box(b"udta", box(b"\xa9xyz", GPS)) + box(b"meta", GPS), top=box(b"uuid", GPS) + box(b"free", GPS))
    silent = b"\0" * len(GPS)
    skipped = box(b"free", bytes(8) + silent) + box(b"free", silent)
    assert kept(told) == mp4(moov=skipped, top=box(b"free", silent) * 2)


def test_what_is_noted_in_a_track_goes_too() -> None:
    extra = track(b"soun", b"mp4a", [24], [4], more=box(b"udta", GPS))
    assert GPS in mp4(moov=extra)
    assert GPS not in kept(mp4(moov=extra))


def test_what_the_phone_felt_goes_with_its_samples() -> None:
    told = mp4(sensor=GPS)
    left = kept(told)
    assert (GPS in told, GPS in left, b"mebx" in left) == (True, False, False)
    assert (len(left), left[24:38]) == (len(told), b"moving picture")


@pytest.mark.parametrize("codec", [b"hvc1", b"hev1", b"mp4v", b"\0\0\0\0"])
def test_a_video_that_some_phones_cannot_play_is_refused(codec: bytes) -> None:
    assert why(mp4(codec)) == H264


def test_sound_alone_is_no_video() -> None:
    sound = box(b"moov", box(b"mvhd", bytes(100)), track(b"soun", b"mp4a", [24], [4]))
    assert why(box(b"ftyp", b"isom\0\0\0\0") + box(b"mdat", b"music") + sound) == H264


def test_a_sensor_in_a_video_of_parts_cannot_be_taken_out() -> None:
    parts = mp4(sensor=GPS, moov=box(b"mvex"))
    assert why(parts) == "Save the video anew with picture and sound only, and send it again."


@pytest.mark.parametrize(
    "data",
    [
        mp4()[:-1],
        mp4()[:40],
        mp4() + mp4(),
        box(b"ftyp", b"isom\0\0\0\0"),
        box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", box(b"trak")) + box(b"mdat", b"x"),
        box(b"ftyp", b"isom\0\0\0\0") + struct.pack(">I4s", 4, b"moov"),
        box(b"ftyp", b"isom\0\0\0\0") + struct.pack(">I4sQ", 1, b"mdat", 2**63),
        box(b"ftyp", b"isom\0\0\0\0") + box(b"skip") * 20_001,
    ],
)
def test_a_video_that_is_broken_or_hostile_is_refused(data: bytes) -> None:
    assert why(data) == BROKEN


def test_samples_that_claim_more_than_the_file_holds_are_refused() -> None:
    """Or overwriting them would take for ever."""
    greedy = track(b"meta", b"mebx", [24] * 1000, [300] * 1000)
    assert why(mp4(moov=greedy)) == BROKEN
    countless = track(b"meta", b"mebx", [24], []).replace(
        table(b"stsz", before=bytes(4)), box(b"stsz", bytes(4), struct.pack(">II", 2**32 - 1, 2**32 - 1))
    )
    assert why(mp4(moov=countless)) == BROKEN
