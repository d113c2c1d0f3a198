"""An intake by API: versions, warning signs, and who may read and write what."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.accounts.tables import Client
from service.database.tenancy import Database
from service.diary.queries import screens
from service.intake.queries import last_visit_on
from tests.conftest import signed_in
from tests.make import TODAY, Team, make_client, make_team

pytestmark = pytest.mark.anyio

SORE = {"sites": [{"site": "lateral_hip", "side": "right"}], "red_flags": []}


class World:
    team: Team
    client: Client
    mine: dict[str, str]
    sams: dict[str, str]
    robins: dict[str, str]
    theirs: dict[str, str]
    others: dict[str, str]

    def url(self, rest: str) -> str:
        return f"/v1/clients/{self.client.id}/{rest}"


@pytest.fixture(scope="module")
async def team(database: Database) -> Team:
    return await make_team(database, stocked=False)


@pytest.fixture(scope="module")
async def strangers(database: Database) -> dict[str, str]:
    other = await make_team(database, stocked=False)
    return await signed_in(database, other.clinic_id, staff_id=other.therapist_id)


@pytest.fixture
async def world(database: Database, team: Team, strangers: dict[str, str]) -> World:
    world = World()
    world.team, world.theirs = team, strangers
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        world.client = await make_client(session, team.therapist_id)
        other = await make_client(session, team.therapist_id)
    world.mine = await signed_in(database, team.clinic_id, client_id=world.client.id)
    world.others = await signed_in(database, team.clinic_id, client_id=other.id)
    world.sams = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    world.robins = await signed_in(database, team.clinic_id, staff_id=team.other_therapist_id)
    return world


async def tell(
    api: AsyncClient, world: World, who: dict[str, str] | None = None, entry: UUID | None = None, **body: Any
) -> Response:
    url = world.url(f"intakes/{entry or uuid4()}")
    return await api.put(url, json={**SORE, **body}, headers=who or world.mine)


async def versions(api: AsyncClient, world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(world.url("intakes"), headers=world.mine)).json()["data"]
    return found


async def test_what_is_told_otherwise_is_a_new_version_and_the_old_one_stays(api: AsyncClient, world: World) -> None:
    goal = {"words": "Carry my child up the stairs", "now": 2, "wanted": 8}
    entry = uuid4()
    told: dict[str, Any] = {
        "sites": [{"site": "lateral_hip", "side": "right"}, {"site": "calf"}],
        "qualities": ["dull", "ache"],
        "timing": ["night_lying_on_side"],
        "aggravators": ["stairs_up"],
        "radiates": "to_knee",
        "onset": "After the move in May",
        "previous_care": "Heat",
        "goals": [goal],
        "habits": {"hab-car-min": 45, "hab-hang-hip": False, "hab-side-sleep": "sore_side"},
    }
    first = (await tell(api, world, entry=entry, **told)).json()
    assert {name: first[name] for name in told if name != "qualities"} == {
        k: v for k, v in told.items() if k != "qualities"
    }
    assert (first["version"], first["entered_by"], first["day"]) == (1, "client", TODAY.isoformat())
    # Sent twice, and told again as it is already: no version.
    assert (await tell(api, world, entry=entry, **told)).json() == first
    assert (await tell(api, world, **told)).json()["id"] == first["id"]
    second = (await tell(api, world, world.sams, based_on=1, **{**told, "goals": []})).json()
    assert (second["version"], second["entered_by"], second["goals"]) == (2, "therapist", [])
    assert await versions(api, world) == [second, first]


async def test_nobody_writes_over_what_they_have_not_seen(api: AsyncClient, world: World) -> None:
    entry = uuid4()
    await tell(api, world, entry=entry, based_on=0)
    late = await tell(api, world, based_on=0, onset="In May")
    assert late.status_code == 412
    assert (await tell(api, world, entry=entry, onset="In May")).status_code == 409
    assert [version["version"] for version in await versions(api, world)] == [1]


async def test_any_warning_sign_opens_a_flag_that_a_later_no_does_not_close(
    api: AsyncClient, database: Database, world: World
) -> None:
    async def flags() -> list[tuple[str, bool]]:
        found = (await api.get(world.url("red-flags"), headers=world.mine)).json()["data"]
        return [(flag["source"], "closed_at" in flag) for flag in found]

    await tell(api, world)
    assert await flags() == []
    await tell(api, world, red_flags=["rf-constitutional"])
    await tell(api, world, red_flags=["rf-constitutional", "rf-fever"])
    await tell(api, world, red_flags=[])
    assert await flags() == [("intake", False)]
    # Each time it is an answer to all 22 questions, and none of them is due again.
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        rows = await screens(session, world.client.id)
    told = sorted(rows, key=lambda row: len(row.yes))
    assert [(row.yes, len(row.no), row.told, row.why) for row in told] == [
        ([], 22, None, "full"),
        ([], 22, None, "full"),
        (["rf-constitutional"], 21, "soon", "full"),
        (["rf-constitutional", "rf-fever"], 20, "same_day", "full"),
    ]
    asked = (await api.get(world.url("red-flag-questions"), headers=world.mine)).json()
    assert "due" not in asked


async def test_an_intake_that_is_sent_twice_is_one_answer_and_staff_read_it_on_the_caseload(
    api: AsyncClient, database: Database, world: World
) -> None:
    entry = uuid4()
    for _ in range(2):
        assert (await tell(api, world, entry=entry, red_flags=["rf-fever"])).status_code == 200
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [row] = await screens(session, world.client.id)
    assert (row.yes, row.entered_by) == (["rf-fever"], "client")
    caseload = (await api.get("/v1/caseload", headers=world.sams)).json()["rows"]
    reasons = [one["reason"] for one in caseload if one["client_id"] == str(world.client.id)]
    assert [reason.startswith("Answered yes on ") for reason in reasons] == [True]


async def test_what_cannot_be_right_is_refused_by_field_and_changes_nothing(api: AsyncClient, world: World) -> None:
    rows: list[tuple[dict[str, Any], str]] = [
        ({"red_flags": None}, "/red_flags"),
        ({"red_flags": ["rf-odd"]}, "/red_flags/0"),
        ({"sites": [{"side": "left"}]}, "/sites/0/site"),
        ({"sites": [{"site": "elbow"}]}, "/sites/0/site"),
        ({"sites": [{"site": "calf", "side": "up"}]}, "/sites/0/side"),
        ({"radiates": "to_arm"}, "/radiates"),
        ({"timing": ["sitting"]}, "/timing/0"),
        ({"goals": [{"words": ""}]}, "/goals/0/words"),
        ({"goals": [{"words": "Walk", "now": 11}]}, "/goals/0/now"),
        ({"goals": [{"words": "Walk", "now": 5, "wanted": 4}]}, "/goals/0/wanted"),
        ({"habits": {"hab-car-min": "long"}}, "/habits/hab-car-min"),
        ({"onset": "a" * 1001}, "/onset"),
        ({"weight": 70}, "/weight"),
    ]
    answers = [await tell(api, world, **body) for body, _ in rows]
    assert [(a.status_code, a.json()["errors"][0]["pointer"]) for a in answers] == [(422, p) for _, p in rows]
    unscreened = await api.put(world.url(f"intakes/{uuid4()}"), json={}, headers=world.mine)
    assert unscreened.json()["errors"][0]["pointer"] == "/red_flags"
    assert await versions(api, world) == []


async def test_visits_and_treatments_are_noted_by_staff_on_a_local_day(
    api: AsyncClient, database: Database, world: World
) -> None:
    async def put(rest: str, who: dict[str, str] | None = None, **body: Any) -> Response:
        return await api.put(world.url(rest), json=body, headers=who or world.sams)

    week_ago = TODAY - timedelta(days=7)
    treatment = f"treatments/{uuid4()}"
    first = await put(f"visits/{week_ago}", note="Gait better")
    assert (await put(f"visits/{week_ago}", note="Gait better")).json() == first.json()
    corrected = (await put(f"visits/{week_ago}")).json()
    await put(f"visits/{TODAY}")
    given = await put(treatment, kind="trigger_point", site="deep_buttock", side="left", minutes=10)
    assert (
        await put(treatment, kind="trigger_point", site="deep_buttock", side="left", minutes=10)
    ).json() == given.json()
    assert (await put(treatment, kind="massage")).status_code == 409
    listed = (await api.get(world.url("visits"), headers=world.mine)).json()
    assert [(v["day"], v.get("note")) for v in listed["visits"]] == [(str(TODAY), None), (str(week_ago), None)]
    assert [(t["day"], t["kind"], t["minutes"]) for t in listed["treatments"]] == [(str(TODAY), "trigger_point", 10)]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        days = [await last_visit_on(session, world.client.id, TODAY - timedelta(days=back)) for back in (0, 1, 7, 8)]
        kept = await session.scalar(text("SELECT count(*) FROM visit WHERE client_id = :id"), {"id": world.client.id})
    assert days == [TODAY, week_ago, week_ago, None]
    assert kept == 3  # the one that was corrected stands there as ended
    wrong: list[tuple[str, dict[str, Any], str]] = [
        (f"visits/{TODAY + timedelta(days=1)}", {}, "/day"),
        (f"visits/{TODAY - timedelta(days=401)}", {}, "/day"),
        (f"treatments/{uuid4()}", {"kind": "cupping"}, "/kind"),
        (f"treatments/{uuid4()}", {"kind": "other"}, "/note"),
        (f"treatments/{uuid4()}", {"kind": "massage", "minutes": 0}, "/minutes"),
        (f"treatments/{uuid4()}", {"kind": "massage", "site": "elbow"}, "/site"),
        (f"treatments/{uuid4()}", {"kind": "massage", "day": str(TODAY + timedelta(days=1))}, "/day"),
    ]
    answers = [await put(rest, **body) for rest, body, _ in wrong]
    assert [(a.status_code, a.json()["errors"][0]["pointer"]) for a in answers] == [(422, p) for _, _, p in wrong]
    # Taken back twice is taken back once; then the day before counts.
    for _ in range(2):
        assert (await api.delete(world.url(f"{treatment}"), headers=world.sams)).status_code == 204
        assert (await api.delete(world.url(f"visits/{corrected['id']}"), headers=world.sams)).status_code == 204
    left = (await api.get(world.url("visits"), headers=world.sams)).json()
    assert ([v["day"] for v in left["visits"]], left["treatments"]) == ([str(TODAY)], [])


async def test_owner_allowed_and_stranger(api: AsyncClient, world: World) -> None:
    """The client, their therapist; a therapist of another client, another client, another clinic."""
    people = (world.mine, world.sams, world.robins, world.others, world.theirs)
    strange = [404, 404, 404]
    told = [(await tell(api, world, who)).status_code for who in people]
    read = [(await api.get(world.url("intakes"), headers=who)).status_code for who in people]
    care = [(await api.get(world.url("visits"), headers=who)).status_code for who in people]
    assert (told, read, care) == ([200, 200, *strange], [200, 200, *strange], [200, 200, *strange])
    # Patterns, visits and treatments are for staff: a client does not see the one, nor write the others.
    for method, rest, body in (
        ("GET", "patterns", None),
        ("PUT", f"visits/{TODAY}", {}),
        ("PUT", f"treatments/{uuid4()}", {"kind": "massage"}),
        ("DELETE", f"treatments/{uuid4()}", None),
    ):
        codes = [(await api.request(method, world.url(rest), json=body, headers=who)).status_code for who in people]
        assert [codes[0], *codes[2:]] == [403, 404, 403, 404], rest


async def test_patterns_come_with_their_sources(api: AsyncClient, world: World) -> None:
    await tell(api, world, timing=["night_lying_on_side"], aggravators=["stairs_up"])
    [found] = (await api.get(world.url("patterns"), headers=world.sams)).json()["data"]
    assert (found["suggests"], found["sources"]) == (["gt"], ["NHS-GTPS", "LEAP-P1", "SEED"])
