"""A new clinic with its owner: all of it, or nothing and every reason why."""

from dataclasses import replace

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.reaching import has_clinic
from service.database.tenancy import Database
from service.errors import NotFound, Refused
from service.ids import new_id
from service.setting_up import ClinicFacts, NewClinic, Senders, open_clinic, set_senders
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


async def test_a_clinic_gets_a_number_and_an_address_of_its_own_that_no_other_has(database: Database) -> None:
    ours, theirs = [
        await open_clinic(database, NewClinic(FACTS, "Olga Owner", f"{name}@clinic.example"), PASSWORD, NOW)
        for name in ("ours", "theirs")
    ]
    kept = await set_senders(database, ours, Senders("(202) 555-0199", "hi@northside.example"), NOW)
    assert kept == Senders("+12025550199", "hi@northside.example")
    # What is left out stays; two clinics on one number could not tell whose a text is.
    assert await set_senders(database, ours, Senders(None, None), NOW) == kept
    with pytest.raises(Refused) as refused:
        await set_senders(database, theirs, Senders("+12025550199", "nobody"), NOW)
    assert {problem.pointer: problem.code for problem in refused.value.problems} == {
        "/texts": "taken",
        "/mail": "email",
    }
    assert await set_senders(database, theirs, Senders("72345", ""), NOW) == Senders("72345", None)
    with pytest.raises(Refused):
        await set_senders(database, theirs, Senders("next door", None), NOW)
    assert await set_senders(database, ours, Senders("", ""), NOW) == Senders(None, None)
    assert (await set_senders(database, theirs, Senders("+12025550199", None), NOW)).texts == "+12025550199"
    with pytest.raises(NotFound):
        await set_senders(database, new_id(NOW), Senders(None, None), NOW)
