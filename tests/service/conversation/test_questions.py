"""Whoever has only texts is asked about warning signs by a link: when, how often, and what it shows and keeps."""

import re
from datetime import timedelta
from html import unescape

import pytest
from httpx import AsyncClient, Response

from service.accounts.codes import link_token
from service.accounts.sign_in import start_session
from service.database.tenancy import Database
from service.diary import queries as diary
from service.diary.red_flags import Answers, answer_questions
from service.diary.rules.screening import FLAGS, Why
from service.ids import new_id
from tests import told
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team
from tests.service.conversation.conftest import SYSTEM, Person, Provider, make_person, with_provider

pytestmark = pytest.mark.anyio


def shown(answer: Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


async def answered(person: Person, *, days_ago: int = 0) -> None:
    async with person.database.clinic_tx(person.clinic_id, told.as_client(person.client)) as session:
        answers = Answers(Why.FULL, [], list(FLAGS))
        await answer_questions(session, person.client, new_id(NOW), answers, NOW - timedelta(days=days_ago))


async def link_of(person: Person) -> str:
    """The path in the newest of the texts, as the notifier writes it."""
    message = (await person.questions())[-1]
    return f"/r/{link_token(with_provider().secret_key, 'answer', message.id)}"


async def test_the_first_text_of_somebody_without_the_page_asks_once_and_reminds_once(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person = await make_person(database, team)
    for hours, asked in ((0, 1), (1, 1), (21, 2), (50, 2), (24 * 9, 2)):
        clock.now = NOW + timedelta(hours=hours)
        await provider.text(person.phone, "4")
        assert len(await person.questions()) == asked, hours


async def test_a_high_score_and_one_far_over_the_usual_ask_again_and_what_is_usual_does_not(
    provider: Provider, database: Database, team: Team
) -> None:
    for score, before, asked in ((8, None, 1), (6, None, 0), (6, 3, 1), (5, 3, 0), (7, 5, 0), (8, 7, 1)):
        person = await make_person(database, team)
        await answered(person, days_ago=2)
        for days in range(1, 6):
            if before is not None:
                await told.pain(database, person.client, TODAY - timedelta(days=days), before)
        await provider.text(person.phone, str(score))
        assert len(await person.questions()) == asked, (score, before)


async def test_danger_words_ask_too_and_a_stop_does_not(provider: Provider, database: Database, team: Team) -> None:
    person, other = await make_person(database, team), await make_person(database, team)
    await answered(person, days_ago=1)
    await provider.text(person.phone, "I fell and cannot walk")
    assert len(await person.questions()) == 1
    await provider.text(other.phone, "STOP")
    assert await other.questions() == []


async def test_whoever_is_signed_in_is_asked_by_the_page(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    async with database.clinic_tx(person.clinic_id, told.as_client(person.client)) as session:
        await start_session(session, client_id=person.client.id, now=NOW)
    await provider.text(person.phone, "9")
    assert await person.questions() == []


async def test_the_link_asks_all_names_nobody_and_takes_one_answer(
    provider: Provider, database: Database, team: Team, api: AsyncClient
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "4")
    link = await link_of(person)
    opened = await provider.api.get(link)
    assert (opened.status_code, 'name="yes"' in opened.text) == (200, False)
    page = await provider.api.post(link, data={"answer": "start"})
    assert (page.status_code, len(re.findall(r'name="yes"', page.text))) == (200, 22)
    assert "Maria" not in page.text
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    empty = await provider.api.post(link, data={**form, "answer": "ticked"})
    assert (empty.status_code, "Tick what is true for you" in shown(empty)) == (422, True)
    yes = {**form, "answer": "ticked", "yes": "rf-fall"}
    for _ in range(2):
        said = await provider.api.post(link, data=yes)
        assert (said.status_code, "In an emergency call 911." in shown(said)) == (200, True)
        assert "Call your local emergency number now" in shown(said)
    async with database.clinic_tx(person.clinic_id, SYSTEM) as session:
        [screen] = await diary.screens(session, person.client.id)
        [flag] = await diary.red_flags(session, person.client.id)
    assert (screen.yes, len(screen.no), screen.channel, flag.source) == (["rf-fall"], 21, "link", "screen")
    # What was answered is shown to nobody, and a yes is not taken back.
    assert (await provider.api.get(link)).status_code == 404
    assert (await provider.api.post(link, data={**form, "answer": "no"})).status_code == 409
    await provider.text(person.phone, "3")
    assert len(await person.questions()) == 1
