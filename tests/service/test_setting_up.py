"""A new clinic with its owner: all of it, or nothing and every reason why."""

from dataclasses import replace

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.reaching import has_clinic
from service.database.tenancy import Database
from service.errors import Refused
from service.setting_up import ClinicFacts, NewClinic, open_clinic
from tests.conftest import Urls
from tests.make import NOW, PASSWORD
from tests.own_database import database as database
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio

FACTS = ClinicFacts("Northside Physiotherapy", "Northside", "US", "America/New_York", "en", "(202) 555-0100", "911")


async def _rows(urls: Urls) -> tuple[int, int]:
    """Clinics and staff, as a superuser counts them."""
    owner = Database(urls.owner)
    async with owner.installation_tx() as connection:
        counted = (await connection.execute(text("SELECT (SELECT count(*) FROM clinic), count(*) FROM staff"))).one()
    await owner.close()
    return counted[0], counted[1]


async def test_the_owner_of_a_new_clinic_can_sign_in(api: AsyncClient, database: Database, urls: Urls) -> None:
    assert not has_clinic(urls.app)
    await open_clinic(database, NewClinic(FACTS, "Olga Owner", "Olga@clinic.example"), PASSWORD, NOW)
    assert has_clinic(urls.app)
    answer = await api.post("/v1/sign-in", json={"email": "Olga@clinic.example", "password": PASSWORD})
    assert answer.status_code == 200


@pytest.mark.parametrize("email", ["ines@clinic.example", "INES@Clinic.example", " ines@clinic.example "])
async def test_an_email_signs_in_to_one_clinic_only(database: Database, urls: Urls, email: str) -> None:
    if email == "ines@clinic.example":
        await open_clinic(database, NewClinic(FACTS, "Ines Owner", email), PASSWORD, NOW)
    before = await _rows(urls)
    with pytest.raises(Refused) as refused:
        await open_clinic(database, NewClinic(FACTS, "Somebody Else", email), PASSWORD, NOW)
    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [("/owner_email", "taken")]
    assert await _rows(urls) == before


async def test_every_reason_is_given_at_once_and_nothing_is_written(database: Database, urls: Urls) -> None:
    before = await _rows(urls)
    wrong = NewClinic(replace(FACTS, zone="CET", phone=""), "", "nobody")
    with pytest.raises(Refused) as refused:
        await open_clinic(database, wrong, "too short", NOW)
    assert [problem.pointer for problem in refused.value.problems] == [
        "/zone",
        "/phone",
        "/owner_name",
        "/owner_email",
        "/password",
    ]
    assert await _rows(urls) == before
