"""A clinic's own pictures and videos: who may send them, who sees them where, and that one goes for good."""

import re

import pytest
from httpx import AsyncClient, Response

from service.catalogue.rules import Side
from service.catalogue.rules.media import CHUNK
from service.database.tenancy import Database
from tests.make import item, make_plan
from tests.service.catalogue.files import GPS, exif, jpeg, mp4, png
from tests.service.review.browsing import World, count, look, send
from tests.service.review.uploading import ALT, MULTIPART, address_on, form_of, upload

pytestmark = pytest.mark.anyio


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
