"""Signing in with a code on the page, where two people use one phone, and after a newer code."""

from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from tests.conftest import Clock
from tests.make import NOW, make_client
from tests.service.portal.conftest import Person, address_of, one_job, sent_code, shown

pytestmark = pytest.mark.anyio


async def test_the_page_asks_which_of_two_people_signs_in(api: AsyncClient, maria: Person) -> None:
    address = await address_of(maria, "sms")
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        await make_client(session, maria.team.therapist_id, name="Tom Lopez", phone=address)
    await api.post("/sign-in", data={"address": address})
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        code = await session.scalar(text("SELECT params->>'code' FROM message WHERE kind = 'shared_code'"))
    asked = await api.post("/sign-in/code", data={"address": address, "code": code})
    assert asked.status_code == 422
    assert "First name of who signs in" in shown(asked)
    assert "Tom" not in asked.text
    fields = one_job(asked)
    wrong = await api.post("/sign-in/code", data={**fields, "first_name": "<b>Ann"})
    assert (wrong.status_code, "<b>Ann" in wrong.text) == (422, False)
    answer = await api.post("/sign-in/code", data={**fields, "first_name": "maria"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert "Hi Maria." in shown(await api.get("/today"))


async def test_the_page_says_that_a_newer_code_was_sent(api: AsyncClient, maria: Person, clock: Clock) -> None:
    address = await address_of(maria, "email")
    await api.post("/sign-in", data={"address": address})
    older = await sent_code(maria)
    clock.now = NOW + timedelta(minutes=1)
    await api.post("/sign-in", data={"address": address})
    answer = await api.post("/sign-in/code", data={"address": address, "code": older})
    assert answer.status_code == 422
    assert "We sent a newer code. Only the newest one works." in shown(answer)
