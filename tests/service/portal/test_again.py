"""A link that ran out, or was used: a page that says so and offers a new one, with the same answer for everybody."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.codes import link_token
from service.accounts.rules import LinkPurpose
from service.diary.red_flags import open_red_flag
from service.settings import Settings
from tests.conftest import Clock
from tests.make import NOW
from tests.service.portal.conftest import Person, shown
from tests.service.portal.test_links import HEALTH_WORD

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(days=3)


async def sent(person: Person) -> list[Any]:
    """What was queued since: kind, channel, day and id of each message."""
    query = "SELECT kind, channel, day, id FROM message WHERE client_id = :client AND kind <> 'welcome' ORDER BY id"
    return [tuple(row) for row in await person.rows(query)]


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [
        (LinkPurpose.CHECK_IN, "check_in"),
        (LinkPurpose.PLAN, "plan"),
        (LinkPurpose.HABIT, "habit"),
        # What these show is behind a sign-in too.
        (LinkPurpose.SIGN_IN, "sign_in_code"),
        (LinkPurpose.WEEK, "sign_in_code"),
        (LinkPurpose.MESSAGE, "sign_in_code"),
    ],
)
async def test_a_new_link_goes_the_same_way_to_the_same_address_and_works_today(
    api: AsyncClient, maria: Person, clock: Clock, settings: Settings, purpose: LinkPurpose, kind: str
) -> None:
    link = await maria.link(purpose)
    clock.now = LATER
    ended = await api.get(link)
    assert (ended.status_code, "This link has run out." in shown(ended)) == (404, True)
    assert "Maria" not in ended.text
    assert not HEALTH_WORD.search(shown(ended))
    answer = await api.post(link, data={"again": "yes"})
    assert (answer.status_code, "Look for a new message." in shown(answer)) == (200, True)
    [(made, channel, _, message_id)] = await sent(maria)
    assert (made, channel) == (kind, "email")
    fresh = f"/r/{link_token(settings.secret_key, 'answer', message_id)}"
    assert (await api.get(fresh)).status_code == 200
    if purpose is LinkPurpose.CHECK_IN:
        assert (await api.post(fresh, data={"answer": "4"})).status_code == 200
        assert await maria.rows("SELECT score, day FROM pain_entry WHERE client_id = :client") == [(4, LATER.date())]


async def test_the_answer_tells_nothing_and_three_a_day_are_sent_at_most(
    api: AsyncClient, maria: Person, clock: Clock
) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    clock.now = LATER
    answers = [await api.post(path, data={"again": "yes"}) for path in (*[link] * 5, "/r/" + "y" * 22)]
    assert {(one.status_code, one.content) for one in answers} == {(200, answers[0].content)}
    assert len(await sent(maria)) == 3
    clock.now = LATER + timedelta(days=1)
    await api.post(link, data={"again": "yes"})
    assert len(await sent(maria)) == 4


async def test_all_of_somebodys_links_together_send_six_a_day(api: AsyncClient, maria: Person, clock: Clock) -> None:
    links = [await maria.link(LinkPurpose.CHECK_IN) for _ in range(3)]
    clock.now = LATER
    for link in links * 3:
        await api.post(link, data={"again": "yes"})
    assert len(await sent(maria)) == 6


async def test_nothing_goes_to_an_address_that_was_corrected_since(
    api: AsyncClient, maria: Person, clock: Clock
) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    await maria.rows("UPDATE link SET revoked_at = now() WHERE client_id = :client RETURNING 1")
    clock.now = LATER
    assert (await api.post(link, data={"again": "yes"})).status_code == 200
    assert await sent(maria) == []


async def test_while_a_warning_sign_is_open_only_a_way_in_is_sent(
    api: AsyncClient, maria: Person, clock: Clock
) -> None:
    link = await maria.link(LinkPurpose.PLAN)
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        await open_red_flag(session, maria.client.id, "text", NOW)
    clock.now = LATER
    await api.post(link, data={"again": "yes"})
    assert [row[0] for row in await sent(maria)] == ["sign_in_code"]


async def test_a_link_that_still_works_does_its_own_job_and_sends_nothing(api: AsyncClient, maria: Person) -> None:
    link = await maria.link(LinkPurpose.CHECK_IN)
    assert (await api.post(link, data={"again": "yes"})).status_code == 422
    assert await sent(maria) == []
