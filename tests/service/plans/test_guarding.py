"""A prescription that something speaks against: refused with the sources, passed with a reason, kept for staff."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service.accounts.tables import Client
from service.database.tenancy import Database
from tests import told
from tests.conftest import signed_in
from tests.make import TODAY, Team, make_client
from tests.service.review.browsing import cookie

pytestmark = pytest.mark.anyio

MON_WED_FRI = {"weekdays": ["mon", "wed", "fri"]}
STRAP = {"exercise": "ham-strap", "cadence": MON_WED_FRI, "side": "right"}
BRIDGE = {"exercise": "glu-bridge-double", "cadence": MON_WED_FRI}
AVOID = {"pointer": "/items/0/exercise", "code": "avoid_pht"}
WHY = "Short range only, shown in the clinic"


@dataclass
class Office:
    """Maria with Sam, her therapist; Robin is another one here, and the stranger owns another clinic."""

    api: AsyncClient
    database: Database
    team: Team
    maria: Client
    people: dict[str, dict[str, str]]

    def path(self, rest: str) -> str:
        return f"/v1/clients/{self.maria.id}/{rest}"

    async def label(self, *codes: str, who: str = "sam") -> Response:
        return await self.api.put(self.path("contexts"), json={"contexts": codes}, headers=self.people[who])

    async def prescribe(self, *items: dict[str, Any], reasons: Any = (), **fields: Any) -> Response:
        body = {"starts_on": "2026-03-10", "items": items, "reasons": reasons, **fields}
        return await self.api.post(self.path("plan"), json=body, headers=self.people["sam"])

    async def change(self, before: Response, *items: dict[str, Any], reasons: Any = ()) -> Response:
        body = {"starts_on": "2026-03-10", "items": items, "reasons": reasons}
        headers = self.people["sam"] | {"If-Match": before.headers["etag"]}
        return await self.api.put(self.path("plan"), json=body, headers=headers)

    async def read(self, rest: str, who: str = "sam") -> Response:
        return await self.api.get(self.path(rest), headers=self.people[who])


@pytest.fixture
async def office(api: AsyncClient, database: Database, team: Team, stranger: dict[str, str]) -> Office:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        maria = await make_client(session, team.therapist_id)
    people = {
        "sam": await signed_in(database, team.clinic_id, staff_id=team.therapist_id),
        "robin": await signed_in(database, team.clinic_id, staff_id=team.other_therapist_id),
        "maria": await signed_in(database, team.clinic_id, client_id=maria.id),
        "stranger": stranger,
        "nobody": {},
    }
    return Office(api, database, team, maria, people)


def warned(answer: Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_warning_is_answered_with_its_source_and_changes_nothing(office: Office) -> None:
    await office.label("pht")
    answer = await office.prescribe(BRIDGE, STRAP)
    assert warned(answer) == [("/items/1/exercise", "avoid_pht")]
    assert answer.json()["type"] == "urn:clamshell:problem:reason-needed"
    [error] = answer.json()["errors"]
    assert error["source"] == ["PHT-GOOM", "PHT-TSMT"]
    assert error["message"].startswith("To be avoided with this label: Proximal hamstring tendon pain.")
    assert (await office.read("plan")).status_code == 404


async def test_with_a_reason_it_passes_and_staff_find_the_reason_with_the_version(office: Office) -> None:
    await office.label("pht")
    made = await office.prescribe(STRAP, reasons=[AVOID | {"reason": f"  {WHY} "}])
    assert made.status_code == 201, made.text
    [passed] = made.json()["passed"]
    assert passed == {
        "code": "avoid_pht",
        "message": "To be avoided with this label: Proximal hamstring tendon pain. "
        "Why: end-range stretch squeezes the tendon on the sit bone.",
        "source": ["PHT-GOOM", "PHT-TSMT"],
        "reason": WHY,
        "item_key": made.json()["items"][0]["item_key"],
    }
    assert (await office.read("plan")).json()["passed"] == [passed]
    assert (await office.read("plan/versions")).json()["data"][0]["passed"] == [passed]


async def test_neither_labels_nor_warnings_are_ever_told_to_the_client(office: Office) -> None:
    await office.label("pht")
    await office.prescribe(STRAP, reasons=[AVOID | {"reason": WHY}])
    for rest in ("plan", "plan/versions"):
        answer = await office.read(rest, "maria")
        assert answer.status_code == 200
        assert "passed" not in answer.text
        assert WHY not in answer.text
    for page in ("/today", "/week"):
        shown = await office.api.get(page, headers=cookie(office.people["maria"]))
        assert shown.status_code == 200
        assert "hamstring tendon" not in shown.text
        assert WHY not in shown.text


async def test_who_may_read_and_pick_labels(office: Office) -> None:
    people = ("maria", "robin", "stranger", "nobody", "sam")
    assert [(await office.label("gt", who=who)).status_code for who in people] == [403, 404, 404, 401, 200]
    assert [(await office.read("contexts", who)).status_code for who in people] == [403, 404, 404, 401, 200]
    assert [row["code"] for row in (await office.read("contexts")).json()["data"]] == ["gt"]


async def test_labels_are_set_as_a_whole_and_an_unknown_one_is_named(office: Office) -> None:
    assert [row["code"] for row in (await office.label("gt", "pht", "gt")).json()["data"]] == ["gt", "pht"]
    assert [row["code"] for row in (await office.label("pht", "radic")).json()["data"]] == ["pht", "radic"]
    refused = await office.label("pht", "hexed")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/contexts/1")
    assert [row["code"] for row in (await office.read("contexts")).json()["data"]] == ["pht", "radic"]
    assert (await office.label()).json()["data"] == []
    assert (await office.prescribe(STRAP)).status_code == 201


async def test_a_dose_outside_the_range_passes_with_a_reason_up_to_what_any_dose_stays_within(office: Office) -> None:
    more = BRIDGE | {"sets": 4}
    assert warned(await office.prescribe(more)) == [("/items/0/sets", "dose_sets")]
    reason = {"pointer": "/items/0/sets", "code": "dose_sets", "reason": "A runner who is used to it"}
    made = await office.prescribe(more, reasons=[reason])
    assert (made.status_code, made.json()["items"][0]["dose"]["sets"]) == (201, 4)
    # Sides are no matter of opinion.
    left = await office.change(made, BRIDGE | {"side": "left"}, reasons=[reason | {"pointer": "/items/0/side"}])
    assert warned(left) == [("/items/0/side", "dose")]


async def test_where_it_hurt_in_the_last_14_days_speaks_against_it(office: Office) -> None:
    for days, place in ((14, ("sit_bone", "right")), (3, ("groin_front", "right"))):
        await told.pain(office.database, office.maria, TODAY - timedelta(days=days), 5, sites=[place])
    assert (await office.prescribe(STRAP, title="Two weeks are over")).status_code == 201
    await office.api.post(office.path("plan/end"), json={"last_day": "2026-03-10"}, headers=office.people["sam"])
    await told.pain(office.database, office.maria, TODAY - timedelta(days=13), 5, sites=[("sit_bone", "right")])
    answer = await office.prescribe(STRAP, starts_on="2026-03-11")
    assert warned(answer) == [("/items/0/exercise", "sit_bone_stretch")]


async def test_the_week_is_counted_from_the_first_version(office: Office) -> None:
    await office.label("gt")
    first = await office.prescribe(BRIDGE)
    offset = {"exercise": "glu-bridge-offset", "cadence": MON_WED_FRI, "side": "left"}
    assert warned(await office.change(first, offset)) == [("/items/0/exercise", "too_early_gt")]
    later = {"starts_on": "2026-03-17", "items": [offset]}
    headers = office.people["sam"] | {"If-Match": first.headers["etag"]}
    assert (await office.api.put(office.path("plan"), json=later, headers=headers)).status_code == 200


async def test_the_same_plan_again_asks_for_nothing_and_another_reason_is_kept_as_a_new_version(office: Office) -> None:
    first = await office.prescribe(STRAP)
    await office.label("pht")
    same = STRAP | {"item_key": first.json()["items"][0]["item_key"]}
    unchanged = await office.change(first, same)
    assert (unchanged.status_code, unchanged.json()["version"]) == (200, 1)
    reasoned = await office.change(first, same, reasons=[AVOID | {"reason": WHY}])
    assert (reasoned.json()["version"], len(reasoned.json()["passed"])) == (2, 1)
    again = await office.change(reasoned, same, reasons=[AVOID | {"reason": WHY}])
    assert again.json()["version"] == 2
    assert warned(await office.change(again, same | {"reps": 3})) == [("/items/0/exercise", "avoid_pht")]


@pytest.mark.parametrize(
    ("reason", "pointer"),
    [
        (AVOID | {"reason": " "}, "/reasons/0/reason"),
        (AVOID | {"reason": "x" * 501}, "/reasons/0/reason"),
        (AVOID, "/reasons/0/reason"),
        (AVOID | {"reason": WHY, "pointer": "/habits/0"}, "/reasons/0/pointer"),
        (AVOID | {"reason": WHY, "code": ""}, "/reasons/0/code"),
        # About another item, or another warning: it answers nothing.
        (AVOID | {"reason": WHY, "pointer": "/items/7/exercise"}, "/items/0/exercise"),
        (AVOID | {"reason": WHY, "code": "avoid_gt"}, "/items/0/exercise"),
    ],
)
async def test_a_reason_that_cannot_be_meant(office: Office, reason: dict[str, str], pointer: str) -> None:
    await office.label("pht")
    answer = await office.prescribe(STRAP, reasons=[reason])
    assert [where for where, _ in warned(answer)] == [pointer]
    assert (await office.read("plan")).status_code == 404


async def test_what_cannot_be_right_is_said_together_with_what_is_warned_of(office: Office) -> None:
    await office.label("pht")
    answer = await office.prescribe(STRAP, {"exercise": "glu-nonsense", "cadence": MON_WED_FRI})
    assert answer.json()["type"].endswith(":refused")
    assert warned(answer) == [("/items/1/exercise", "unknown"), ("/items/0/exercise", "avoid_pht")]
