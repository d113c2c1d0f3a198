"""Files that are hostile, too large, cut, slow or without words: what becomes of each, and what is said."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient, Response

from service.catalogue import guards
from service.database.tenancy import Database
from tests.service.catalogue.files import jpeg, mp4, segment
from tests.service.review.browsing import World, count, look, send, token_in, value_of, words
from tests.service.review.uploading import ALT, BORDER, MULTIPART, address_on, before_file, form_of, upload

pytestmark = pytest.mark.anyio

BIG = 20_000_000

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


async def test_the_files_of_a_clinic_have_a_bound(
    api: AsyncClient, world: World, clam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.catalogue.actions.media.MOST_OF_CLINIC", len(jpeg()) + 5)
    assert (await upload(api, world, clam, jpeg())).status_code == 303
    assert (await upload(api, world, clam, jpeg())).status_code == 303
    full = await upload(api, world, clam, mp4(), "video")
    assert "fill 1 GB" in words(full.text)
