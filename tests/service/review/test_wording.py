"""Each text is shown and measured as it goes out, also under another name, and trying one saves nothing."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Database
from service.review.views.wording import measured
from tests.service.review.browsing import World, look, send, shown, words

pytestmark = pytest.mark.anyio


def test_a_text_is_measured_as_a_carrier_and_a_stranger_see_it() -> None:
    fine = measured("Northside: your plan for today is ready.", "en")
    assert (fine.characters, fine.parts, fine.is_plain, fine.blocked, fine.is_fine) == (40, 1, True, [], True)
    assert measured("Hip Rehab: how is the pain?", "en").blocked == ["hip", "rehab", "pain"]
    assert not measured("a" * 161, "es").is_fine
    # A grade is worked out for English only.
    assert measured("Tu plan de hoy.", "es").grade is None


async def test_only_an_owner_reads_them_and_another_name_is_only_tried(
    api: AsyncClient, database: Database, world: World
) -> None:
    for who in ("therapist", "front desk", "client"):
        assert (await look(api, world, "/wording", who)).status_code == 403
    page = await shown(api, world, "/wording", "owner")
    assert "Northside: time for today's check-in." in page
    assert "Look at this one" not in page
    tried = await send(api, world, "/wording", {"short_name": "North Practice", "language": "es"}, who="owner")
    assert tried.status_code == 200
    assert "North Practice: " in words(tried.text)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        assert await session.scalar(text("SELECT short_name FROM clinic")) == "Northside"


async def test_a_name_that_cannot_be_is_said_at_its_field(api: AsyncClient, world: World) -> None:
    answer = await send(api, world, "/wording", {"short_name": "Hip pain clinic"}, who="owner")
    assert answer.status_code == 422
    assert 'value="Hip pain clinic"' in answer.text
