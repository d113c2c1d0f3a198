"""A clinic's own pictures and videos, sent by whoever and whatever, and seen by its people alone."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient, Response

from service.catalogue import guards
from service.catalogue.rules import Side
from service.catalogue.rules.media import CHUNK
from service.database.tenancy import Database
from tests.make import item, make_plan
from tests.service.catalogue.files import GPS, exif, jpeg, mp4, png, segment
from tests.service.review.browsing import World, count, look, send, token_in, value_of, words
from tests.service.review.uploading import (
    ALT,
    BORDER,
    MULTIPART,
    address_on,
    before_file,
    form_of,
    upload,
)

pytestmark = pytest.mark.anyio

BIG = 20_000_000


async def test_a_picture_is_shown_to_people_of_the_clinic_and_to_nobody_else(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    answer = await upload(api, world, clam, jpeg(notes=exif(3)))
    assert (answer.status_code, answer.headers.get("location")) == (303, f"{clam}?done=media")
    address = await address_on(api, world, clam)
    assert re.fullmatch(r"/media/[0-9a-f]{32}\.jpg", address)
    assert f'alt="{ALT}"' in (await look(api, world, clam)).text
    for who in ("therapist", "owner", "client"):
        seen = await look(api, world, address, who)
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg"), who
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert seen.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert (seen.content[:2], GPS in seen.content) == (b"\xff\xd8", False)
    stranger = await look(api, world, address, "stranger")
    assert stranger.status_code == 404
    assert stranger.content == (await look(api, world, f"/media/{'0' * 32}.jpg")).content
    assert (await api.get(address)).status_code == 401
    for other in (address.replace(".jpg", ".png"), "/media/x.jpg", f"{address}.svg"):
        assert (await look(api, world, other)).status_code == 404


async def test_the_client_sees_it_in_the_plan_instead_of_the_drawing(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        moves = [item("glu-clam", dose_fields={"side": Side.RIGHT}), item("glu-squeeze")]
        await make_plan(session, world.maria, items=moves)
    await upload(api, world, clam, png())
    for page in ("/plan", "/today"):
        html = (await look(api, world, page, "client")).text
        shows = re.findall(r'<img class="move-picture(?: is-own)?" src="/(media|pictures)/', html)
        assert sorted(shows) == ["media", "pictures"], page
        assert f'alt="{ALT}"' in html
    await upload(api, world, clam, mp4(), "video", alt="She opens and closes it")
    [video] = re.findall("<video.*?</video>", (await look(api, world, "/plan", "client")).text)
    for told in (
        'preload="none"',
        "muted",
        "controls",
        'poster="/media/',
        'aria-label="Video: She opens and closes it"',
    ):
        assert told in video, told
    assert "autoplay" not in video
    assert "media-src 'self'" in (await look(api, world, "/plan", "client")).headers["content-security-policy"]


async def test_a_video_is_read_by_ranges(api: AsyncClient, world: World, clam: str) -> None:
    film = mp4(top=bytes(4) + b"mdat" + b"0123456789" * 60_000)
    assert (await upload(api, world, clam, film, "video")).status_code == 303
    address = await address_on(api, world, clam)

    async def asked(method: str = "GET", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await api.request(method, address, headers=world.headers["client"] | named)

    whole = await asked()
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, film, "bytes")
    size, tag = len(film), whole.headers["etag"]
    first, last = CHUNK - 3, 2 * CHUNK + 4
    part = await asked(range=f"bytes={first}-{last}")
    assert (part.status_code, part.content) == (206, film[first : last + 1])
    assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
    assert part.headers["content-length"] == str(last - first + 1)
    end = await asked(range="bytes=-5")
    assert (end.status_code, end.content) == (206, film[-5:])
    past = await asked(range=f"bytes={size}-")
    assert (past.status_code, past.content, past.headers["content-range"]) == (416, b"", f"bytes */{size}")
    changed = await asked(range="bytes=0-1", if_range='"another"')
    assert (changed.status_code, len(changed.content)) == (200, size)
    assert (await asked(range="bytes=0-1", if_range=tag)).status_code == 206
    head = await asked("HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))
    assert (await asked(if_none_match=f'"other", {tag}')).status_code == 304


async def test_only_who_prescribes_in_this_clinic_may_send(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    body = form_of(jpeg(), "")
    for who in ("stranger", "client", "front desk"):
        answer = await api.post(f"{clam}/picture", content=body, headers=world.headers[who] | MULTIPART)
        assert answer.status_code == 403, who
    assert (await upload(api, world, clam, jpeg(), who="stranger")).status_code == 404
    assert (await api.post(f"{clam}/picture", content=body, headers=MULTIPART)).status_code == 401
    forged = await api.post(f"{clam}/picture", content=body, headers=world.headers["therapist"] | MULTIPART)
    assert forged.status_code == 403
    assert await count(database, world.team, "exercise_media") == 0
    assert (await upload(api, world, clam, jpeg(), who="owner")).status_code == 303


HOSTILE = {
    "script": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "JPEG, PNG or WebP"),
    "page": (b"<!doctype html><script>alert(1)</script>", "JPEG, PNG or WebP"),
    "gif": (b"GIF89a" + bytes(40), "JPEG, PNG or WebP"),
    "video": (mp4(), "JPEG, PNG or WebP"),
    "huge": (jpeg(60_000, 60_000), "at most 4096 pixels"),
    "cut": (jpeg()[:-20], "broken or cut short"),
    "tiny": (b"\xff\xd8\xff", "broken or cut short"),
    "empty": (b"", "This file is empty. Choose another one."),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_file_that_cannot_be_right_is_refused_with_what_would_be(
    api: AsyncClient, database: Database, world: World, clam: str, name: str
) -> None:
    file, told = HOSTILE[name]
    answer = await upload(api, world, clam, file)
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert "Nothing was saved yet." in words(answer.text)
    assert f'value="{ALT}"' in answer.text
    assert await count(database, world.team, "exercise_media") == 0


async def test_a_file_of_two_kinds_is_kept_as_a_picture_alone(api: AsyncClient, world: World, clam: str) -> None:
    evil = b"<script>alert(1)</script>"
    both = jpeg(notes=segment(0xFE, evil), after=evil + b"PK\x03\x04")
    assert (await upload(api, world, clam, both)).status_code == 303
    kept = await look(api, world, await address_on(api, world, clam))
    assert (kept.content, kept.headers["content-type"]) == (jpeg(), "image/jpeg")


async def _poured(
    api: AsyncClient, world: World, path: str, *, announced: int | None, total: int = BIG
) -> tuple[Response, int]:
    """Sends a photograph of `total` bytes in pieces; how many bytes of it were taken, too."""
    token = token_in((await look(api, world, "/exercises/new")).text)
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        yield before_file(token) + jpeg()[:40]
        while taken < total:
            taken += 65_536
            yield bytes(65_536)

    headers = world.headers["therapist"] | MULTIPART
    if announced is not None:
        headers["Content-Length"] = str(announced)
    return await api.post(f"{path}/picture", content=body(), headers=headers), taken


async def test_a_photograph_of_20_mb_is_refused_before_it_is_read(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    answer, taken = await _poured(api, world, clam, announced=BIG)
    assert (answer.status_code, taken) == (422, 0)
    assert "Use a picture of at most 5 MB." in words(answer.text)
    assert f'value="{ALT}"' in answer.text


@pytest.mark.parametrize("announced", [None, 1000])
async def test_a_photograph_that_does_not_say_how_large_it_is_is_refused_once_it_is_too_large(
    api: AsyncClient, database: Database, world: World, clam: str, announced: int | None
) -> None:
    answer, taken = await _poured(api, world, clam, announced=announced)
    assert (answer.status_code, "Use a picture of at most 5 MB." in words(answer.text)) == (422, True)
    assert 5_000_000 <= taken < 5_200_000
    assert await count(database, world.team, "exercise_media_chunk") == 0


async def test_no_other_page_takes_more_than_before(api: AsyncClient, world: World) -> None:
    form = {"name": "x" * 1_100_000}
    assert (await send(api, world, "/exercises/new", form)).status_code == 413


async def test_an_upload_that_is_cut_or_slow_leaves_nothing(
    api: AsyncClient, database: Database, world: World, clam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_in((await look(api, world, "/exercises/new")).text)
    whole = form_of(jpeg(), token)
    headers = world.headers["therapist"] | MULTIPART
    for cut in (len(whole) - 10, len(whole) - 60, 250, 100):
        answer = await api.post(f"{clam}/picture", content=whole[:cut], headers=headers)
        assert answer.status_code in (403, 422), cut
    monkeypatch.setattr(guards, "LONGEST_UPLOAD", 0.05)

    async def drops() -> AsyncIterator[bytes]:
        for place in range(0, len(whole), 100):
            await asyncio.sleep(0.05)
            yield whole[place : place + 100]

    slow = await api.post(f"{clam}/picture", content=drops(), headers=headers)
    assert "This took longer than ten minutes." in words(slow.text)
    assert await count(database, world.team, "exercise_media") == 0
    assert await count(database, world.team, "exercise_media_chunk") == 0


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"csrf=x&alt=y"),
        ("multipart/form-data", b"no border"),
        (f"multipart/form-data; boundary={BORDER}", b"no border at all"),
        (f"multipart/form-data; boundary={BORDER}", b""),
        ("multipart/form-data; boundary=" + "b" * 2000, b"--b"),
        ("application/json", b"{}"),
        ("", b"\0"),
    ],
)
async def test_what_is_no_form_with_a_file_is_told_so(
    api: AsyncClient, world: World, clam: str, content_type: str, body: bytes
) -> None:
    headers = world.headers["therapist"] | ({"Content-Type": content_type} if content_type else {})
    answer = await api.post(f"{clam}/picture", content=body, headers=headers)
    assert answer.status_code == 422
    assert "Send the form of this page with one file in it." in answer.text


async def test_one_picture_takes_the_place_of_another_and_goes_for_good(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    await upload(api, world, clam, jpeg())
    before = await address_on(api, world, clam)
    await upload(api, world, clam, png())
    after = await address_on(api, world, clam)
    assert (before[-4:], after[-4:]) == (".jpg", ".png")
    assert (await look(api, world, before)).status_code == 404
    renamed = await upload(api, world, clam, b"", name="", alt="Other words")
    assert renamed.status_code == 303
    assert 'alt="Other words"' in (await look(api, world, clam)).text
    assert await address_on(api, world, clam) == after
    assert (await send(api, world, f"{clam}/picture/remove", page=clam)).status_code == 303
    assert (await look(api, world, after)).status_code == 404
    assert await count(database, world.team, "exercise_media_chunk") == 0
    assert await count(database, world.team, "exercise_media") == 2
    assert (await send(api, world, f"{clam}/picture/remove", page=clam)).status_code == 404


NAMES = ("../../etc/passwd", "\u202egpj.exe", "صورة.jpg", "x" * 255 + ".jpg", 'a"; name="alt"')


@pytest.mark.parametrize("name", NAMES)
async def test_what_a_file_is_called_changes_nothing(api: AsyncClient, world: World, clam: str, name: str) -> None:
    assert (await upload(api, world, clam, jpeg(), name=name)).status_code == 303
    assert name not in (await look(api, world, clam)).text


async def test_without_a_file_words_alone_are_asked_for_one(api: AsyncClient, world: World, clam: str) -> None:
    answer = await upload(api, world, clam, b"", name="", alt="A dog")
    assert (answer.status_code, "Choose a file first." in words(answer.text)) == (422, True)
    assert 'value="A dog"' in answer.text


async def test_an_empty_file_is_told_of_and_takes_the_place_of_none(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    await upload(api, world, clam, jpeg())
    before = await address_on(api, world, clam)
    empty = await upload(api, world, clam, b"", alt="A dog")
    assert (empty.status_code, "This file is empty." in words(empty.text)) == (422, True)
    assert 'value="A dog"' in empty.text
    assert await address_on(api, world, clam) == before
    assert await count(database, world.team, "exercise_media WHERE alt = 'A dog'") == 0


async def test_words_that_are_much_too_long_are_named_and_come_back(api: AsyncClient, world: World, clam: str) -> None:
    answer = await upload(api, world, clam, jpeg(), alt="ab " * 3000)
    told = 'id="picture-alt-problem">Say in 1 to 200 characters what it shows'
    assert (answer.status_code, told in answer.text) == (422, True)
    assert value_of(answer.text, "alt") == "ab " * 2999 + "ab"


async def test_a_picture_without_words_is_asked_for_them_before_it_is_read(
    api: AsyncClient, world: World, clam: str
) -> None:
    answer = await upload(api, world, clam, jpeg(), alt=" ")
    assert answer.status_code == 422
    assert "Say in 1 to 200 characters what it shows" in words(answer.text)


async def test_a_program_sends_and_removes_them_too(api: AsyncClient, world: World) -> None:
    path = "/v1/exercises/glu-clam/media/picture"
    files = {"file": ("x.png", png(), "image/png")}
    for who, status in (("stranger", 200), ("client", 403), ("front desk", 403), ("therapist", 200)):
        answer = await api.put(path, data={"alt": f"By {who}"}, files=files, headers=world.headers[who])
        assert answer.status_code == status, who
    # Each clinic has a library of its own: what the stranger sent is in theirs.
    [media] = answer.json()["media"]
    assert (media["kind"], media["alt"], media["width"]) == ("picture", "By therapist", 2)
    listed = (await look(api, world, "/v1/exercises", "client")).json()["data"]
    assert [one["media"] for one in listed if one["media"]] == [[media]]
    assert (await look(api, world, media["url"], "client")).content == png()
    refused = await api.put(path, data={"alt": "x"}, files={"file": b"GIF89a"}, headers=world.headers["owner"])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/file")
    unknown = await api.put(path.replace("clam", "none"), files=files, headers=world.headers["owner"])
    assert unknown.status_code == 404
    gone = await api.delete(path, headers=world.headers["owner"])
    assert (gone.status_code, gone.json()["media"]) == (200, [])
    assert (await api.delete(path, headers=world.headers["owner"])).status_code == 404


async def test_the_files_of_a_clinic_have_a_bound(
    api: AsyncClient, world: World, clam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.catalogue.actions.media.MOST_OF_CLINIC", len(jpeg()) + 5)
    assert (await upload(api, world, clam, jpeg())).status_code == 303
    assert (await upload(api, world, clam, jpeg())).status_code == 303
    full = await upload(api, world, clam, mp4(), "video")
    assert "fill 1 GB" in words(full.text)
