"""The form for a new client: what is kept, and what a mistake leaves on the page."""

import re
from html import unescape
from uuid import UUID

import pytest
from httpx import AsyncClient

from service.accounts import queries as accounts
from service.database.tenancy import Database
from tests.make import NOW
from tests.service.review.browsing import World, count, look, picked, send, shown, value_of, words

pytestmark = pytest.mark.anyio

pytestmark = pytest.mark.anyio


def wordings(html: str, channel: str) -> dict[str, str]:
    """By language the words beside the box of this channel."""
    [box] = re.findall(rf'name="consent" value="{channel}".*?</label>', html, re.DOTALL)
    found = re.findall(r'class="wording" lang="(\w+)">.*?“(.*?)”</span>', box, re.DOTALL)
    return {language: unescape(said) for language, said in found}


async def set_cap(database: Database, world: World, most: int) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        (await accounts.clinic_to_change(session)).texts_per_day = most


@pytest.mark.parametrize(("most", "said"), [(1, "At most 1 reminder a day"), (3, "At most 3 reminders a day")])
async def test_consent_is_asked_for_as_many_reminders_as_the_clinic_sends_at_most(
    api: AsyncClient, database: Database, world: World, most: int, said: str
) -> None:
    await set_cap(database, world, most)
    html = (await look(api, world, "/clients/new")).text
    for channel in ("sms", "email"):
        assert said in wordings(html, channel)["en"]
        assert "texts and emails together" in wordings(html, channel)["en"]


async def test_a_new_client_is_kept_with_the_exact_words_of_consent(
    api: AsyncClient, database: Database, world: World
) -> None:
    html = (await look(api, world, "/clients/new")).text
    shown_words = wordings(html, "sms")
    assert shown_words == {
        "en": "Yes, send me texts about my plan. At most 4 reminders a day, texts and emails together. "
        "I can reply STOP at any time.",
        "es": "Sí, quiero mensajes de texto sobre mi plan. Como máximo 4 recordatorios al día, contando mensajes de "
        "texto y correos. Puedo responder STOP cuando quiera.",
    }
    form = {
        "name": "Rosa Delgado",
        "phone": "(202) 555-0177",
        "email": "rosa@mail.example",
        "zone": "America/Chicago",
        "language": "es",
        "consent": ["sms"],
    }
    answer = await send(api, world, "/clients/new", form)
    assert answer.status_code == 303
    client_id = UUID(answer.headers["location"].split("/")[2].partition("?")[0])
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        rosa = await accounts.client(session, client_id)
        given = await accounts.consents(session, client_id)
        points = await accounts.contact_points(session, client_id)
    assert (rosa.name, rosa.zone, rosa.locale) == ("Rosa Delgado", "America/Chicago", "es")
    assert rosa.therapist_id == world.team.therapist_id
    assert [(c.channel, c.wording, c.given_at) for c in given] == [("sms", shown_words["es"], NOW)]
    assert [p.address for p in points] == ["+12025550177", "rosa@mail.example"]
    page = await shown(api, world, answer.headers["location"])
    assert "The client was added." in page
    assert "Español" in page
    assert shown_words["es"] in page
    assert "rosa@mail.example No consent yet: nothing is sent here." in page


async def test_every_wrong_field_is_named_beside_it_and_everything_typed_is_kept(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = {
        "name": "Rosa <b>Delgado</b>",
        "phone": "555 01",
        "email": "rosa",
        "zone": "CET",
        "language": "es",
        "consent": ["email"],
    }
    answer = await send(api, world, "/clients/new", form)
    assert answer.status_code == 422
    assert "<b>Delgado" not in answer.text
    for name in ("name", "phone", "email", "zone"):
        assert value_of(answer.text, name) == form[name]
    assert picked(answer.text, "language") == "es"
    assert re.search(r'value="email" checked', answer.text)
    assert not re.search(r'value="sms" checked', answer.text)
    for name, what in (("phone", "phone number"), ("email", "email address"), ("zone", "time zone")):
        beside = re.findall(rf'id="{name}-problem">(.*?)</span>', answer.text)
        assert len(beside) == 1
        assert what in beside[0]
    assert await count(database, world.team, "client") == 2


async def test_the_front_desk_adds_a_client_for_a_therapist_and_sees_no_record(
    api: AsyncClient, database: Database, world: World
) -> None:
    page = await look(api, world, "/clients/new", "front desk")
    offered = re.findall(r'<option value="([0-9a-f-]{36})"', page.text)
    assert set(offered) == {
        str(world.team.owner_id),
        str(world.team.therapist_id),
        str(world.team.other_therapist_id),
    }
    form = {"name": "Ben", "email": "ben@mail.example", "zone": "UTC", "language": "en"}
    refused = await send(api, world, "/clients/new", form, "front desk")
    assert refused.status_code == 422
    assert "Choose the therapist" in words(refused.text)
    theirs = {"therapist": str(world.elsewhere.therapist_id)}
    assert (await send(api, world, "/clients/new", form | theirs, "front desk")).status_code == 422
    ours = {"therapist": str(world.team.other_therapist_id)}
    added = await send(api, world, "/clients/new", form | ours, "front desk")
    assert (added.status_code, added.headers["location"]) == (303, "/clients/new?done=added")
    assert await count(database, world.team, "client") == 3
