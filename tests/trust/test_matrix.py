"""Every route × every role × own, the same clinic's, another clinic's, nothing: who gets in, and what others are told.

What belongs to somebody else is answered byte for byte like what does not exist.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZipFile

import pytest
from httpx import AsyncClient, Response

from service.accounts.rules import Right
from service.settings import Settings
from tests.conftest import Clock, app_of, serving
from tests.trust.asking import Route, ask, nothing, routes
from tests.trust.clinics import MARKS, Side, Undone
from tests.trust.hidden import NOT_SHOWN
from tests.trust.scopes import SCOPED
from tests.trust.table import ALLOWED, ENDLESS, OF_THE_CLINIC, ROLES

pytestmark = pytest.mark.anyio
REFUSED = (401, 403, 404)
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def heard(answer: Response, ids: Mapping[str, str]) -> tuple[int, str, str | None]:
    """Without what was asked about, which may be said back, and without a form's ids and token and the key of a helper
    who was named by it, others each time."""
    said, door = re.sub('name="csrf" value="[0-9a-f]+"', "", answer.text), answer.headers.get("location")
    said = re.sub("/r/[0-9A-Za-z]{22}", "/r/key", said)
    for name, value in ids.items():
        said, door = said.replace(value, name), door and door.replace(value, name)
    return answer.status_code, _ID.sub("id", said), door


def knows(route: Route, role: str, whose: str) -> bool:
    """Whether this role may call the route for what belongs to this client of its own clinic."""
    if role not in ALLOWED[route.name]:
        return False
    others = whose == "own" or role in ("owner", "front_desk")
    return others or set(route.things) <= OF_THE_CLINIC


def said_in(answer: Response) -> str:
    """The words of an answer: a picture has none, and those of an archive are in its files, not in its bytes."""
    match answer.headers.get("content-type", "").partition(";")[0].partition("/"):
        case ("image", _, _):
            return ""
        case (_, _, "zip"):
            with ZipFile(BytesIO(answer.content)) as kept:
                return "\n".join(kept.read(name).decode() for name in kept.namelist())
        case _:
            return answer.text


@dataclass
class Look:
    """What one role hears of one route."""

    api: AsyncClient
    route: Route
    role: str
    ours: Side
    theirs: Side

    async def wrong(self) -> list[str]:
        """Every way in which the answers differ from the table, and every foreign word in them."""
        said, leaked = {}, []
        for whose, ids in self._asked():
            answer = await ask(self.api, self.route, ids, self.ours.headers[self.role], self.ours.forms[self.role])
            said[whose] = heard(answer, ids)
            leaked += [f"{whose} shows {word}" for word in self._leaks(answer)]
        return [*self._ways_in(said), *leaked]

    def _asked(self) -> Iterator[tuple[str, dict[str, str]]]:
        yield "own", self.ours.ids["own"] | self.ours.personal.get(self.role, {})
        if not self.route.things:
            return
        yield "other", self.theirs.ids["own"] | self.theirs.personal.get(self.role, {})
        if self.role not in ALLOWED[self.route.name]:
            return
        yield "nothing", (lost := nothing())
        if self.role not in ("therapist", "client"):
            return
        yield "same", self.ours.ids["same"] | self.ours.personal["owner"]
        if len(self.route.things) > 1 and "client_id" in self.route.things:
            mine = {"client_id": self.ours.ids["own"]["client_id"]}
            yield "inside other", self.theirs.ids["own"] | mine
            yield "inside nothing", lost | mine

    def _ways_in(self, said: dict[str, tuple[int, str, str | None]]) -> Iterator[str]:
        for whose in ("own", "same"):
            if whose in said and (said[whose][0] not in REFUSED) != knows(self.route, self.role, whose):
                yield f"{whose} is answered {said[whose][0]}"
        same_as = {"other": "nothing", "inside other": "inside nothing"}
        if "same" in said and not knows(self.route, self.role, "same"):
            same_as["same"] = "nothing"
        if "nothing" not in said:
            same_as["other"] = "own"
        for one, other in same_as.items():
            if one in said and said[one] != said[other]:
                yield f"{one} and {other} are answered {said[one][0]} and {said[other][0]}, and not alike"
        if "nothing" in said and said["nothing"][0] != 404:
            yield f"nothing is answered {said['nothing'][0]}"

    def _leaks(self, answer: Response) -> list[str]:
        shown = said_in(answer).lower()
        return [word for word in NOT_SHOWN[self.role](self.ours.mark, self.theirs.mark) if word in shown]


async def test_every_route_stands_in_the_table_and_nothing_else(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    known = [route.name for route in routes(app_of(settings, undone, clock))]
    assert sorted(known) == sorted(ALLOWED)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_reaches_what_is_its_own_and_hears_nothing_of_the_rest(
    role: str, settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    wrong = []
    async with serving(settings, undone, clock) as api:
        for route in routes(app_of(settings, undone, clock)):
            if route.is_behind_a_key or "nobody" in ALLOWED[route.name]:
                continue
            if route.name == ENDLESS and role in ALLOWED[ENDLESS]:
                continue
            wrong += [f"{role}, {route.name}: {why}" for why in await Look(api, route, role, *world).wrong()]
    assert not wrong, "\n".join(wrong)


async def test_a_program_reaches_what_its_scope_says_and_no_page(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    """Of another clinic it hears what it hears of nothing; without leave to write it only reads."""
    ours, _ = world
    mine, other = (side.ids["own"] | side.personal["owner"] for side in world)
    wrong = []
    async with serving(settings, undone, clock) as api:
        for route in routes(app_of(settings, undone, clock)):
            if "nobody" in ALLOWED[route.name] or route.is_behind_a_key or route.path == "/media/{name}":
                continue
            # One program stands for all that may do nothing here.
            asked = ours.programs if route.path.startswith("/v1/") else {Right.SEE_RECORD: ours.programs["see_record"]}
            for scope, headers in asked.items():
                status = (await ask(api, route, mine, headers, ours.forms["owner"])).status_code
                if (status not in REFUSED) != (scope in SCOPED.get(route.name, ())) or status >= 500:
                    wrong.append(f"{scope}, {route.name}: answered {status}")
            for scope in SCOPED.get(route.name, ()):
                if route.things:
                    foreign, none = [
                        heard(await ask(api, route, ids, ours.programs[scope]), ids) for ids in (other, nothing())
                    ]
                    wrong += [] if foreign == none else [f"{scope}, {route.name}: tells of another clinic"]
                if route.method != "GET":
                    status = (await ask(api, route, mine, ours.readers[scope])).status_code
                    wrong += [] if status == 403 else [f"{scope}, {route.name}: only reads, and is answered {status}"]
    assert not wrong, "\n".join(wrong)


async def test_nobody_gets_in_without_signing_in_and_all_are_sent_to_their_own_door(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    ours, _ = world
    known = ours.ids["own"] | ours.personal["owner"]
    async with serving(settings, undone, clock) as api:
        for route in routes(app_of(settings, undone, clock)):
            allowed = ALLOWED[route.name]
            if "nobody" in allowed:
                continue
            answers = [heard(await ask(api, route, ids, {}), ids) for ids in (known, nothing())]
            assert answers[0] == answers[1], route
            if route.is_page and allowed:
                door = "/sign-in" if "client" in allowed else "/staff/sign-in"
                assert answers[0][::2] == (302, door), route
            else:
                assert answers[0][0] in ((401,) if allowed else (403, 404, 410)), route


async def test_a_key_of_an_address_opens_what_it_was_made_for_and_no_other_does(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    """Whoever holds a link gets in, signed in or not; a key that was never made is a page that says so."""
    ours, theirs = world
    async with serving(settings, undone, clock) as api:
        for route in routes(app_of(settings, undone, clock)):
            if not route.is_behind_a_key:
                continue
            for role in (*ROLES, "nobody"):
                headers = ours.headers.get(role, {})
                real, made_up = [await ask(api, route, ids, headers) for ids in (theirs.ids["own"], nothing())]
                assert real.status_code in ((200, 303) if "nobody" in ALLOWED[route.name] else (403, 404, 410)), route
                assert made_up.status_code in (403, 404, 410), route
                assert not [mark for mark in MARKS if mark in made_up.text], route
