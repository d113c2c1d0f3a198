"""The clinic's library: its own exercises, and its own pictures and videos, sent by whoever and whatever."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.catalogue import guards
from service.catalogue.rules import Side
from service.catalogue.rules.media import CHUNK
from service.database.tenancy import Database
from tests.make import Team, item, make_plan
from tests.service.catalogue.files import GPS, exif, jpeg, mp4, png, segment
from tests.service.review.browsing import World, as_sent, count, look, plan_of, send, shown, token_in, words

pytestmark = pytest.mark.anyio

ALT = "A woman opens her knee"
BORDER = "border-of-the-form"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BORDER}"}
BIG = 20_000_000


async def _id(database: Database, team: Team, code: str = "glu-clam") -> UUID:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        statement = text("SELECT id FROM exercise WHERE clinic_id = :clinic AND code = :code")
        found: UUID = (await session.execute(statement, {"clinic": team.clinic_id, "code": code})).scalar_one()
    return found


@pytest.fixture
async def clam(database: Database, world: World) -> str:
    """The path of the page of an exercise."""
    return f"/exercises/{await _id(database, world.team)}"


async def _upload(
    api: AsyncClient,
    world: World,
    path: str,
    file: bytes,
    kind: str = "picture",
    who: str = "therapist",
    **fields: str,
) -> Response:
    token = token_in((await look(api, world, "/exercises/new", "therapist" if who in ("stranger",) else who)).text)
    form = {"csrf": token, "alt": ALT, **fields}
    return await api.post(
        f"{path}/{kind}", data=form, files={"file": ("x.jpg", file, "image/jpeg")}, headers=world.headers[who]
    )


async def _address(api: AsyncClient, world: World, path: str) -> str:
    [address] = re.findall(r'(?:<img[^>]*|<source) src="(/media/[^"]+)"', (await look(api, world, path)).text)
    return str(address)


async def test_a_picture_is_shown_to_people_of_the_clinic_and_to_nobody_else(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    answer = await _upload(api, world, clam, jpeg(notes=exif(3)))
    assert (answer.status_code, answer.headers.get("location")) == (303, f"{clam}?done=media")
    address = await _address(api, world, clam)
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
    await _upload(api, world, clam, png())
    for page in ("/plan", "/today"):
        html = (await look(api, world, page, "client")).text
        shows = re.findall(r'<img class="move-picture(?: is-own)?" src="/(media|pictures)/', html)
        assert sorted(shows) == ["media", "pictures"], page
        assert f'alt="{ALT}"' in html
    await _upload(api, world, clam, mp4(), "video", alt="She opens and closes it")
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
    assert (await _upload(api, world, clam, film, "video")).status_code == 303
    address = await _address(api, world, clam)

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
    body = _form(jpeg(), "")
    for who, status in (("stranger", 404), ("client", 403), ("front desk", 403)):
        answer = await api.post(f"{clam}/picture", content=body, headers=world.headers[who] | MULTIPART)
        assert answer.status_code == status, who
    assert (await api.post(f"{clam}/picture", content=body, headers=MULTIPART)).status_code == 401
    forged = await api.post(f"{clam}/picture", content=body, headers=world.headers["therapist"] | MULTIPART)
    assert forged.status_code == 403
    assert await count(database, world.team, "exercise_media") == 0
    assert (await _upload(api, world, clam, jpeg(), who="owner")).status_code == 303


def _form(file: bytes, token: str, alt: str = ALT) -> bytes:
    return _before(token, alt) + file + f"\r\n--{BORDER}--\r\n".encode()


def _before(token: str, alt: str = ALT) -> bytes:
    fields = "".join(
        f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("csrf", token), ("alt", alt))
    )
    head = f'--{BORDER}\r\nContent-Disposition: form-data; name="file"; filename="x.jpg"\r\n\r\n'
    return (fields + head).encode()


HOSTILE = {
    "script": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "JPEG, PNG or WebP"),
    "page": (b"<!doctype html><script>alert(1)</script>", "JPEG, PNG or WebP"),
    "gif": (b"GIF89a" + bytes(40), "JPEG, PNG or WebP"),
    "video": (mp4(), "JPEG, PNG or WebP"),
    "huge": (jpeg(60_000, 60_000), "at most 4096 pixels"),
    "cut": (jpeg()[:-20], "broken or cut short"),
    "tiny": (b"\xff\xd8\xff", "broken or cut short"),
    "empty": (b"", "Choose a file first."),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_file_that_cannot_be_right_is_refused_with_what_would_be(
    api: AsyncClient, database: Database, world: World, clam: str, name: str
) -> None:
    file, told = HOSTILE[name]
    answer = await _upload(api, world, clam, file)
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert f'value="{ALT}"' in answer.text
    assert await count(database, world.team, "exercise_media") == 0


async def test_a_file_of_two_kinds_is_kept_as_a_picture_alone(api: AsyncClient, world: World, clam: str) -> None:
    evil = b"<script>alert(1)</script>"
    both = jpeg(notes=segment(0xFE, evil), after=evil + b"PK\x03\x04")
    assert (await _upload(api, world, clam, both)).status_code == 303
    kept = await look(api, world, await _address(api, world, clam))
    assert (kept.content, kept.headers["content-type"]) == (jpeg(), "image/jpeg")


async def _poured(
    api: AsyncClient, world: World, path: str, *, announced: int | None, total: int = BIG
) -> tuple[Response, int]:
    """Sends a photograph of `total` bytes in pieces; how many bytes of it were taken, too."""
    token = token_in((await look(api, world, "/exercises/new")).text)
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        yield _before(token) + jpeg()[:40]
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
    whole = _form(jpeg(), token)
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
    await _upload(api, world, clam, jpeg())
    before = await _address(api, world, clam)
    await _upload(api, world, clam, png())
    after = await _address(api, world, clam)
    assert (before[-4:], after[-4:]) == (".jpg", ".png")
    assert (await look(api, world, before)).status_code == 404
    renamed = await _upload(api, world, clam, b"", alt="Other words")
    assert renamed.status_code == 303
    assert 'alt="Other words"' in (await look(api, world, clam)).text
    assert await _address(api, world, clam) == after
    assert (await send(api, world, f"{clam}/picture/remove", page=clam)).status_code == 303
    assert (await look(api, world, after)).status_code == 404
    assert await count(database, world.team, "exercise_media_chunk") == 0
    assert await count(database, world.team, "exercise_media") == 2
    assert (await send(api, world, f"{clam}/picture/remove", page=clam)).status_code == 404


async def test_a_picture_without_words_is_asked_for_them_before_it_is_read(
    api: AsyncClient, world: World, clam: str
) -> None:
    answer = await _upload(api, world, clam, jpeg(), alt=" ")
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


OWN: dict[str, Any] = {
    "name": "  Wall  sit ",
    "group": "glute",
    "stage": "isometric",
    "position": "back to the wall",
    "equipment": "wall, shoes",
    "sides": "both",
    "working_side": "both",
    "sets_low": "2",
    "sets_high": "4",
    "reps_low": "1",
    "reps_high": "5",
    "hold_seconds_low": "10",
    "hold_seconds_high": "45",
    "cues": "Slide down\r\n\r\n Knees over toes ",
}


async def test_an_exercise_of_our_own_is_added_prescribed_and_changed(
    api: AsyncClient, database: Database, world: World
) -> None:
    for code in ("own-wall-sit", "own-wall-sit-2"):
        made = await send(api, world, "/exercises/new", OWN)
        assert made.status_code == 303, words(made.text)
        page = made.headers["location"].partition("?")[0]
        assert page == f"/exercises/{await _id(database, world.team, code)}"
    html = (await look(api, world, page)).text
    assert 'value="wall, shoes"' in html
    assert "Slide down\nKnees over toes</textarea>" in html
    sent = {**OWN, "hold_seconds_low": "50", "cues": "Slide down slowly"}
    wrong = await send(api, world, page, sent)
    assert wrong.status_code == 422
    assert "Use 0 to 600, the lowest first." in words(wrong.text)
    assert "Slide down slowly</textarea>" in wrong.text
    assert (await send(api, world, page, {**sent, "hold_seconds_high": "60"})).status_code == 303
    form = as_sent((await look(api, world, "/clients/MARIA/plan/new?from=empty")).text)
    assert form["hold_s_own-wall-sit-2"] == "50"
    assert form["hold_s_own-wall-sit"] == "10"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "Use 1 to 120 characters."),
        ({"name": "x" * 121}, "Use 1 to 120 characters."),
        ({"sets_low": "0"}, "Use 1 to 20, the lowest first."),
        ({"reps_high": "many"}, "Use a whole number."),
        ({"cues": "\n".join("abcdefghi")}, "Use at most 8 lines"),
        ({"cues": "x" * 201}, "Use at most 200 characters in a line."),
        ({"sides": "left"}, "Nothing was saved yet."),
    ],
)
async def test_what_cannot_be_right_about_it_is_said_at_its_field_and_nothing_is_lost(
    api: AsyncClient, database: Database, world: World, change: dict[str, str], told: str
) -> None:
    answer = await send(api, world, "/exercises/new", {**OWN, **change})
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert 'value="back to the wall"' in answer.text
    with pytest.raises(Exception, match="No row"):
        await _id(database, world.team, "own-wall-sit")


async def test_ours_are_not_rewritten_and_not_those_of_another_clinic(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    assert (await send(api, world, clam, OWN)).status_code == 404
    theirs = f"/exercises/{await _id(database, world.elsewhere)}"
    assert (await look(api, world, theirs)).status_code == 404
    for path in (theirs, f"{theirs}/hidden", f"{theirs}/picture/remove"):
        assert (await send(api, world, path, OWN, page="/exercises/new")).status_code == 404
    assert (await look(api, world, "/exercises", "front desk")).status_code == 403
    assert (await look(api, world, "/exercises", "client")).status_code == 403


async def test_a_hidden_exercise_stays_in_the_plans_that_have_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria)
    squeeze = f"/exercises/{await _id(database, world.team, 'glu-squeeze')}"
    assert (await send(api, world, f"{squeeze}/hidden", {"hidden": "yes"}, page=squeeze)).status_code == 303
    assert "Glute squeeze" in await shown(api, world, "/exercises?which=hidden")
    plan = "/clients/MARIA/plan/new"
    assert (
        await send(api, world, plan, as_sent((await look(api, world, plan)).text) | {"note": "Go on"})
    ).status_code == 303
    [first, second] = await plan_of(database, world.maria)
    assert [i.exercise.code for i in second.items] == [i.exercise.code for i in first.items]
    assert (
        "item_glu-squeeze"
        not in (
            await look(api, world, f"{plan}?from=empty".replace("MARIA", str(world.clients["Rita"].id)), "owner")
        ).text
    )
    await send(api, world, f"{squeeze}/hidden", {"hidden": "no"}, page=squeeze)
    assert "None fits." in await shown(api, world, "/exercises?which=hidden")


async def test_the_list_is_narrowed_by_letters_and_by_kind(api: AsyncClient, world: World, clam: str) -> None:
    everything = await shown(api, world, "/exercises")
    assert "58 of 58 exercises" in everything
    assert "2 of 58 exercises" in await shown(api, world, "/exercises?q=CLAM")
    await _upload(api, world, clam, jpeg())
    seen = await shown(api, world, "/exercises?which=media")
    assert ("1 of 58 exercises" in seen, "Own picture" in seen) == (True, True)


async def test_the_files_of_a_clinic_have_a_bound(
    api: AsyncClient, world: World, clam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.catalogue.actions.media.MOST_OF_CLINIC", len(jpeg()) + 5)
    assert (await _upload(api, world, clam, jpeg())).status_code == 303
    assert (await _upload(api, world, clam, jpeg())).status_code == 303
    full = await _upload(api, world, clam, mp4(), "video")
    assert "fill 1 GB" in words(full.text)
