"""A form that could not be taken for no fault in it: what was typed waits on the answer, for whoever typed it."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from service.accounts.guards.sent import SECRET
from service.database.tenancy import Database
from service.page import environment
from service.review.rules.team import INVITES_A_DAY
from tests.all_samples import PAGES
from tests.conftest import Clock, signed_in
from tests.make import NOW, PASSWORD
from tests.service.catalogue.files import jpeg
from tests.service.review.browsing import World, cookie, count, look, send, token_in, words
from tests.service.review.uploading import MULTIPART, before_file
from tests.trust.forms import Form, Page

pytestmark = pytest.mark.anyio

NOTE = "Better after the pool.\n\nالورك"


def kept(answer: Response, status: int) -> tuple[Form, list[str]]:
    """The form that waits on the page, and the words that are shown."""
    assert (answer.status_code, "nothing is lost" in words(answer.text)) == (status, True), words(answer.text)
    [form] = Page(answer.text).forms
    return form, [unescape(one) for one in re.findall('<p class="note-words">([^<]*)</p>', answer.text)]


async def hand_over(database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        client = await session.merge(world.maria)
        client.therapist_id = world.team.other_therapist_id


async def test_what_was_written_about_a_client_who_went_to_somebody_else_can_be_copied_or_sent_again(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = {"csrf": token_in((await look(api, world, "/clients/MARIA")).text), "entry": str(uuid4()), "text": NOTE}
    path = f"/clients/{world.maria.id}/messages"
    await hand_over(database, world)
    answer = await api.post(path, data=form, headers=world.headers["therapist"])
    again, shown = kept(answer, 404)
    assert (again.action, dict(again.sent), shown) == (path, form, [NOTE])
    assert "it is somebody else's now" in words(answer.text)
    assert await count(database, world.team, "thread_message") == 0
    # A client of another clinic, and one there never was, are answered alike.
    for other in (world.clients["Stranger"].id, uuid4()):
        same = await api.post(
            path.replace(str(world.maria.id), str(other)), data=form, headers=world.headers["therapist"]
        )
        assert words(same.text) == words(answer.text)


async def test_the_words_are_not_shown_to_who_presses_the_button_of_somebody_else(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = {"csrf": token_in((await look(api, world, "/clients/MARIA")).text), "entry": str(uuid4()), "text": NOTE}
    answer = await api.post(f"/clients/{world.maria.id}/messages", data=form, headers=world.headers["owner"])
    again, shown = kept(answer, 403)
    assert (dict(again.sent), shown) == (form, [])


async def test_an_invitation_beyond_the_days_number_waits_and_refused_ones_do_not_count(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    mine = f"{uuid4().hex}@clinic.example"
    form = {"name": "Nina New", "email": mine, "role": "therapist"}
    for wrong in ({"email": "nina"}, {"role": "king"}, {"name": ""}) * 14:
        assert (await send(api, world, "/team", form | wrong, "owner")).status_code == 422
    assert (await send(api, world, "/team", form, "owner")).status_code == 303
    [path] = re.findall(r'href="(/team/[^"]+)">Nina New', (await look(api, world, "/team", "owner")).text)
    for _ in range(INVITES_A_DAY - 1):
        assert (await send(api, world, f"{path}/invite", who="owner")).status_code == 303
    late = form | {"email": "x" + mine, "name": "Omar Late"}
    answer = await send(api, world, "/team", late, "owner")
    again, shown = kept(answer, 429)
    assert shown == ["Omar Late", "x" + mine]
    # Days are counted from midnight, UTC, and it is three in the afternoon.
    assert "Try again in 9 hours." in words(answer.text)
    assert await count(database, world.team, "staff") == 5
    clock.now = NOW + timedelta(hours=9)
    headers = cookie(await signed_in(database, world.team.clinic_id, staff_id=world.team.owner_id, now=clock.now))
    assert (await api.post(again.action, data=dict(again.sent), headers=headers)).status_code == 303


async def test_a_form_waits_for_the_second_way_to_sign_in_that_became_due_meanwhile(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    clock.now = NOW + timedelta(days=14, minutes=1)
    headers = cookie(await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id, now=clock.now))
    token = token_in((await api.get("/security", headers=headers)).text)
    form = {"csrf": token, "entry": str(uuid4()), "text": NOTE}
    answer = await api.post(f"/clients/{world.maria.id}/messages", data=form, headers=headers)
    again, _ = kept(answer, 403)
    assert dict(again.sent) == form
    assert 'href="/security" target="_blank"' in answer.text


async def test_no_password_comes_back(api: AsyncClient, world: World, clock: Clock) -> None:
    names = set()
    for template, view in PAGES.values():
        html = environment("en").get_template(template).render(view=view, csrf="x", locale="en", owner=None, band=None)
        names |= {one.name for form in Page(html).forms for one in form.controls if one.kind == "password"}
    assert names == {"again", "password", "proof_password"}
    assert names <= set(SECRET)
    form = {
        "csrf": world.tokens[world.headers["owner"]["Cookie"]],
        "name": "Nina New",
        "email": "x",
        "role": "therapist",
    }
    clock.now = NOW + timedelta(hours=2)
    answer = await api.post("/team", data={**form, "proof_password": PASSWORD}, headers=world.headers["owner"])
    again, _ = kept(answer, 401)
    assert dict(again.sent) == form
    assert PASSWORD not in answer.text


async def test_a_picture_sent_from_a_page_of_before_is_taken_from_the_same_person_alone(
    api: AsyncClient, database: Database, world: World, clam: str
) -> None:
    token = token_in((await look(api, world, clam)).text)

    async def sent(who: dict[str, str], token: str) -> Response:
        files = {"file": ("x.jpg", jpeg(), "image/jpeg")}
        return await api.post(f"{clam}/picture", data={"csrf": token, "alt": NOTE}, files=files, headers=who)

    anew = cookie(await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id))
    owner = world.headers["owner"]
    again, shown = kept(await sent(owner, token), 403)
    assert (again.encoding, dict(again.sent), shown) == ("multipart/form-data", {"csrf": token, "alt": NOTE}, [])
    assert await count(database, world.team, "exercise_media") == 0
    assert (await sent(anew, token)).headers["location"] == f"{clam}?done=media"


async def test_beside_a_picture_that_came_too_late_the_words_wait_and_the_file_is_chosen_again(
    api: AsyncClient, database: Database, world: World, clam: str, clock: Clock
) -> None:
    token = token_in((await look(api, world, clam)).text)
    clock.now = NOW + timedelta(hours=2)
    body = before_file(token, "She opens her knee") + b"\xff\xd8\xff never read to its end"
    headers = world.headers["therapist"] | MULTIPART
    answer = await api.post(f"{clam}/picture", content=body, headers=headers)
    again, _ = kept(answer, 401)
    assert dict(again.sent) == {"csrf": token, "alt": "She opens her knee"}
    assert [one.kind for one in again.controls] == ["hidden", "hidden", "file"]
    assert "Choose the file again" in words(answer.text)
    anew = cookie(await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id, now=clock.now))
    files = {"file": ("x.jpg", jpeg(), "image/jpeg")}
    done = await api.post(again.action, data=dict(again.sent), files=files, headers=anew)
    assert done.headers["location"] == f"{clam}?done=media"
