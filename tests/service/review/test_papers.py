"""The summary and the ledger as PDFs: what their pages say, for who may read those."""

from typing import Any

import pytest
from httpx import AsyncClient

from service import paper
from service.database.tenancy import Database
from service.diary.actions import NewPain, record_pain
from service.diary.entries import When
from tests import told as diaries
from tests.make import TODAY, make_plan
from tests.service.review.browsing import World, ago, look

pytestmark = pytest.mark.anyio


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    given: list[dict[str, Any]] = []
    press = paper.pressed

    def pressed(template: str, data: dict[str, Any], pictures: dict[str, bytes]) -> bytes:
        given.append(data)
        return press(template, data, pictures)

    monkeypatch.setattr(paper, "pressed", pressed)
    return given


async def test_a_summary_says_what_its_page_says(
    api: AsyncClient, database: Database, world: World, told: list[dict[str, Any]]
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=ago(20))
    async with database.clinic_tx(world.team.clinic_id, diaries.as_client(world.maria)) as session:
        now = diaries.moment(world.maria, ago(2))
        await record_pain(session, world.maria, NewPain(6), When(ago(2)), now)
    path = f"/clients/{world.maria.id}/summary"
    answer = await look(api, world, f"{path}.pdf?since={ago(9)}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f'inline; filename="summary-{TODAY}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in answer.content
    [sheet] = told
    page = (await look(api, world, f"{path}?since={ago(9)}")).text
    assert f'href="{path}.pdf?since={ago(9)}"' in page
    lines = [line for part in sheet["parts"] for line in (part["title"], *part["lines"]) if line]
    assert lines[1].startswith("Answered on 1 of 10 days. Worst 6 on")
    assert [line for line in lines if line not in page] == []
    assert (await look(api, world, f"{path}.pdf?since=yesterday")).status_code == 422


async def test_a_ledger_says_what_its_page_says_where_the_clinic_monitors(
    api: AsyncClient, world: World, told: list[dict[str, Any]]
) -> None:
    path = f"/clients/{world.maria.id}/monitoring"
    assert (await look(api, world, f"{path}.pdf")).status_code == 404
    await api.patch("/v1/settings", json={"monitoring": True}, headers=world.headers["owner"])
    answer = await look(api, world, f"{path}.pdf")
    assert answer.headers["content-disposition"] == f'inline; filename="ledger-{TODAY}.pdf"'
    [sheet] = told
    assert sheet["title"] == "Remote therapeutic monitoring"
    month = next(part for part in sheet["parts"] if part["table"])
    assert [row[0] for row in month["table"]["rows"]] == ["98979", "98980", "98981"]


@pytest.mark.parametrize("name", ["summary", "monitoring"])
async def test_papers_are_for_who_may_see_the_record(api: AsyncClient, world: World, name: str) -> None:
    path = f"/clients/{world.maria.id}/{name}.pdf"
    codes = {who: (await look(api, world, path, who)).status_code for who in ("front desk", "client", "stranger")}
    assert codes == {"front desk": 403, "client": 403, "stranger": 404}
