"""A form of staff that stood open until the session had ended: what was typed waits on the answer."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests.conftest import Clock, signed_in
from tests.make import NOW
from tests.service.review.browsing import World, cookie, count, look, token_in, value_of, words
from tests.trust.forms import Page

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(hours=2)
NOTE = "It hurt less, she says.\nالورك"


async def test_what_was_typed_is_kept_until_the_same_person_signed_in_and_sends_it(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    page, path = (await look(api, world, "/clients/MARIA")).text, f"/clients/{world.maria.id}/messages"
    form = {"csrf": token_in(page), "entry": value_of(page, "entry"), "text": NOTE}
    clock.now = LATER
    answer = await api.post(path, data=form, headers=world.headers["therapist"])
    assert (answer.status_code, "Nothing was saved, and nothing is lost" in words(answer.text)) == (401, True)
    [again] = Page(answer.text).forms
    assert (again.action, {name: value.replace("\r\n", "\n") for name, value in again.sent}) == (path, form)
    assert await count(database, world.team, "thread_message") == 0

    async def sent(who: dict[str, str]) -> int:
        return (await api.post(path, data=dict(again.sent), headers=who)).status_code

    async def entered(staff_id: Any) -> dict[str, str]:
        return cookie(await signed_in(database, world.team.clinic_id, staff_id=staff_id, now=LATER))

    # Still signed out, it is kept again; nobody else's session sends it.
    assert await sent(world.headers["therapist"]) == 401
    assert await sent(await entered(world.team.owner_id)) == 403
    assert await count(database, world.team, "thread_message") == 0
    assert await sent(await entered(world.team.therapist_id)) == 303
    assert await count(database, world.team, "thread_message") == 1


async def test_a_page_that_stood_open_while_its_reader_signed_in_anew_works_as_before(
    api: AsyncClient, database: Database, world: World
) -> None:
    token = token_in((await look(api, world, "/clients/MARIA")).text)
    anew = cookie(await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id))
    path = f"/clients/{world.maria.id}/contexts"
    assert (await api.post(path, data={"csrf": token}, headers=anew)).status_code == 303
    forged = re.sub(".$", lambda last: "0" if last[0] != "0" else "1", token)
    assert (await api.post(path, data={"csrf": forged}, headers=anew)).status_code == 403
    assert (await api.post(path, data={"csrf": ""}, headers=anew)).status_code == 403


async def test_what_holds_nothing_that_was_typed_only_asks_to_sign_in(api: AsyncClient, world: World) -> None:
    answer = await api.post("/staff/sign-out", data={"csrf": "x"})
    assert (answer.status_code, Page(answer.text).forms) == (401, [])
