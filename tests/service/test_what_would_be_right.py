"""Of whatever is refused, the answer says where it is wrong and what would be right there, in plain words."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.plans.queries import Content
from tests.conftest import signed_in
from tests.make import TODAY, Team, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio

TIME = "Use a local time such as 08:00."

MORNINGS = {"local_times": ["08:00"], "channels": ["sms"]}


class World:
    team: Team
    client: Client
    plan: Content
    mine: dict[str, str]
    sams: dict[str, str]


@pytest.fixture(scope="module")
async def world(database: Database) -> World:
    world = World()
    world.team = await make_team(database)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        world.client = await make_client(session, world.team.therapist_id)
        world.plan = await make_plan(session, world.client)
    world.mine = await signed_in(database, world.team.clinic_id, client_id=world.client.id)
    world.sams = await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id)
    return world


def _told(answer: Response) -> list[tuple[str, str]]:
    """The fields and what would be right in them; after seeing that this is a refusal as each is written."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:clamshell:problem:refused"
    return [(one["pointer"], one["message"]) for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer", "words"),
    [
        (
            "PUT",
            "/v1/clients/{client}/reminders/nope",
            {"local_times": ["08:00"], "channels": ["sms"]},
            "/kind",
            "check_in",
        ),
        ("GET", "/v1/catalogue/nope", None, "/kind", "programme, site, red_flag, context, source"),
        ("GET", "/v1/clients/{client}/diary/nope/{other}/revisions", None, "/kind", "pain"),
        ("PUT", "/v1/clients/{client}/addresses/fax", {"address": "+12025550142"}, "/channel", "sms, email"),
        ("POST", "/v1/clients/{client}/addresses/fax/try-again", None, "/channel", "sms, email"),
        ("DELETE", "/v1/exercises/clamshell/media/nope", None, "/kind", "picture, video"),
        ("GET", "/v1/caseload?tier=nope", None, "/tier", "call, look, quiet"),
    ],
)
async def test_a_word_of_an_address_that_is_none_of_those_to_choose_from(
    api: AsyncClient, world: World, method: str, path: str, body: Any, pointer: str, words: str
) -> None:
    answers = [
        await api.request(
            method, path.format(client=client, other=uuid4()), headers=world.sams, **({"json": body} if body else {})
        )
        for client in (world.client.id, uuid4())
    ]
    [(where, said)] = _told(answers[0])
    assert where == pointer
    assert said.startswith("Use one of these: "), said
    assert words in said
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"email": 1}, "/email", "Use a text. Use at most 320 characters."),
        ({"email": None}, "/email", "Use a text. Use at most 320 characters."),
        ({"email": "a" * 321}, "/email", "Use at most 320 characters."),
        ([], "", "Use an object with email, password."),
        ("words", "", "Use an object with email, password."),
    ],
)
async def test_a_body_or_a_field_of_another_type(api: AsyncClient, body: Any, pointer: str, words: str) -> None:
    assert _told(await api.post("/v1/sign-in", json=body)) == [(pointer, words)]


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"score": 4, "sites": [{"site": "s" * 41}]}, "/sites/0/site", "Use 0 to 40 characters."),
        ({"score": 4, "sites": [5]}, "/sites/0", "Use an object with site, side."),
        ({"score": 4, "sites": [{}] * 14}, "/sites", "Use 0 to 13 entries."),
        ({"score": 4, "sites": "hip"}, "/sites", "Use a list."),
        ({"score": 4, "kind": 7}, "/kind", "Use one of these: now, worst_24h, average_24h."),
        ({"score": 4, "day": 20260310}, "/day", "Use a day such as 2026-03-10."),
        ({"score": 4, "day": "10 March"}, "/day", "Use a day such as 2026-03-10."),
        ({"score": 4, "note": ["sore"]}, "/note", "Use a text. Use at most 2000 characters."),
    ],
)
async def test_a_part_of_a_body_of_another_type_or_past_its_bounds(
    api: AsyncClient, world: World, body: Any, pointer: str, words: str
) -> None:
    answer = await api.put(f"/v1/clients/{world.client.id}/pain-entries/{uuid4()}", json=body, headers=world.mine)
    assert _told(answer) == [(pointer, words)]


async def test_of_every_body_of_the_api_and_each_of_its_fields_it_is_said_in_plain_words(
    api: AsyncClient, world: World
) -> None:
    described = (await api.get("/v1/openapi.json")).json()
    parts, asked = described["components"]["schemas"], 0
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if sent is None:
                continue
            address = path.replace("{day}", TODAY.isoformat()).replace("{kind}", "plan").replace("{channel}", "sms")
            address = "/".join(str(uuid4()) if part.startswith("{") else part for part in address.split("/"))
            fields = parts[sent["schema"]["$ref"].rpartition("/")[2]]["properties"]
            for body, pointer in [([], ""), *(({name: [[]]}, f"/{name}") for name in fields)]:
                answer = await api.request(method, address, json=body, headers=world.sams)
                [(where, said)] = _told(answer)
                assert where.startswith(pointer), (path, body, where)
                assert said.endswith("."), (path, body, said)
                assert not set(said) & set("`<>="), (path, body, said)
                assert not said.startswith(("Expected", "Invalid", "Object")), (path, body, said)
                asked += 1
    assert asked > 100


async def test_an_end_of_line_is_part_of_no_time_and_no_code(api: AsyncClient, world: World) -> None:
    client = f"/v1/clients/{world.client.id}"
    good = {"rule": "equals", "value": True}
    habit = {"code": "own-stairs\n", "prompt": "Did you?", "kind": "yes_no", "good": good}
    for method, path, body, pointer, words in (
        ("PUT", f"{client}/reminders/check_in", {"local_times": ["08:00\n"]}, "/local_times/0", TIME),
        ("PUT", "/v1/digest", {"local_time": "08:00\n", "weekdays": ["mon"]}, "/local_time", TIME),
        ("POST", "/v1/habits", habit, "/code", "Use 3 to 60 small letters, digits and dashes."),
    ):
        assert _told(await api.request(method, path, json=body, headers=world.sams)) == [(pointer, words)]


@pytest.mark.parametrize(
    ("path", "query", "pointer", "words"),
    [
        ("/v1/exercises", "q=%00", "/q", "Leave out the NUL character."),
        ("/v1/clients/{client}/diary", "first=%00", "/first", "Leave out the NUL character."),
        ("/v1/clients/{client}/ledger", "cursor=%ff", "/cursor", "Write this in UTF-8."),
        ("/v1/clients/{client}/ledger", "first=2026-03-01&last=%ed%a0%80", "/last", "Write this in UTF-8."),
        ("/v1/caseload", "%ff=1", "/\ufffd", "Write this in UTF-8."),
        ("/v1/caseload", "a&" * 2001, "", "Send at most 2000 fields."),
        ("/health", "now=%ff", "/now", "Write this in UTF-8."),
    ],
)
async def test_a_query_that_cannot_be_read_is_named(
    api: AsyncClient, world: World, path: str, query: str, pointer: str, words: str
) -> None:
    answer = await api.get(f"{path.format(client=world.client.id)}?{query}", headers=world.sams)
    assert _told(answer) == [(pointer, words)]


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "today", "20260310", "2026-3-1"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "habits/{habit}/days", {"value": True}),
        ("PUT", "fixes/{habit}/days", {"answer": "done"}),
        ("DELETE", "fixes/{habit}/days", None),
        ("PUT", "mornings", {"response": "same", "score": 2}),
        ("PUT", "visits", {}),
        ("GET", "ledger", None),
    ],
)
async def test_a_day_of_an_address_that_is_none(
    api: AsyncClient, world: World, method: str, path: str, body: Any, day: str
) -> None:
    mine, habit = world.client.id, world.plan.habits[0].id
    answers = [
        await api.request(
            method,
            f"/v1/clients/{client}/{path.format(habit=habit)}/{day}",
            headers=world.sams,
            **({} if body is None else {"json": body}),
        )
        for client, habit in ((mine, habit), (mine, uuid4()), (uuid4(), uuid4()))
    ]
    for answer in answers:
        assert _told(answer) == [("/day", "Use a day such as 2026-03-10.")]
        assert answer.content == answers[0].content


@pytest.mark.parametrize(("field", "wrong"), [("phone", "12"), ("email", "maria")])
async def test_an_address_that_a_refusal_gives_as_an_example_is_taken(
    api: AsyncClient, world: World, field: str, wrong: str
) -> None:
    new = {"name": "Nadia North", "zone": "America/New_York"}
    [(where, said)] = _told(await api.post("/v1/clients", json=new | {field: wrong}, headers=world.sams))
    example = said.partition(" such as ")[2].removesuffix(".")
    answer = await api.post("/v1/clients", json=new | {field: example}, headers=world.sams)
    assert (where, answer.status_code) == (f"/{field}", 201), (example, answer.text)


@pytest.mark.parametrize(
    ("body", "pointer"), [({}, "/from"), ({"text": "4"}, "/from"), ({"from": "+12025550142"}, "/text")]
)
async def test_a_reply_in_the_test_inbox_without_a_number_or_words(
    api: AsyncClient, world: World, body: dict[str, str], pointer: str
) -> None:
    answer = await api.post("/dev/inbox/reply", json=body, headers=world.sams)
    assert _told(answer) == [(pointer, "Give a phone number and some words.")]


@pytest.mark.parametrize(
    "path", ["/dev/inbox?person=xyz", "/caseload?tier=nope", "/caseload?page=0", "/exercises?q=" + "a" * 121]
)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "This address asks for something we do not know."),
        ("es", "Esta dirección pide algo que no conocemos."),
    ],
)
async def test_a_page_of_an_address_that_cannot_be_meant_shows_a_way_back(
    api: AsyncClient, world: World, path: str, language: str, words: str
) -> None:
    answer = await api.get(path, headers={**world.sams, "Accept-Language": language})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (422, "text/html")
    assert words in answer.text
    assert 'href="/"' in answer.text
    assert "Invalid" not in answer.text
    assert "Expected" not in answer.text


@pytest.mark.parametrize("path", ["diary", "ledger"])
@pytest.mark.parametrize(
    "days",
    ["first=2026-03-09&last=2026-03-01", "last=0001-01-01", "first=0001-01-01", "last=9999-12-31&first=2026-01-01"],
)
async def test_days_that_cannot_be_meant(api: AsyncClient, world: World, path: str, days: str) -> None:
    answer = await api.get(f"/v1/clients/{world.client.id}/{path}?{days}", headers=world.mine)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/first"


@pytest.mark.parametrize("path", ["diary", "ledger"])
async def test_a_day_that_is_none_is_named(api: AsyncClient, world: World, path: str) -> None:
    answer = await api.get(f"/v1/clients/{world.client.id}/{path}?first=2026-02-30", headers=world.mine)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/first")
