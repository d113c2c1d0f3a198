"""STOP against a batch that is going out: what is marked after a STOP was committed would be sent to somebody who
asked us not to."""

import asyncio
from random import Random

import psycopg
import pytest
from sqlalchemy import text

from scheduler.channels.inbox import InboxChannel
from scheduler.delivery import Delivery
from scheduler.planner import Planner
from scheduler.render import Renderer
from service.accounts.actions import opt_out
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.settings import Settings
from tests.conftest import Urls
from tests.crowd import fill

pytestmark = pytest.mark.anyio

PEOPLE, STOPS = 600, 150
_TRIES = text(
    "SELECT count(*) FROM attempt a JOIN message m ON m.clinic_id = a.clinic_id AND m.id = a.message_id "
    "WHERE m.clinic_id = :clinic_id AND m.contact_point_id = :id"
)


async def test_no_mark_commits_after_a_stop_while_a_batch_goes_out(
    urls: Urls, database: Database, notifier: Database
) -> None:
    fill(urls.owner, clinics=1, people=PEOPLE, due=PEOPLE)
    settings = Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9")
    assert await Planner(notifier, settings.secret_key).tick() == PEOPLE
    with psycopg.connect(urls.owner) as connection:
        connection.execute("UPDATE message SET due_at = now() - interval '1 s'")
        points = connection.execute("SELECT clinic_id, id FROM contact_point ORDER BY id").fetchall()
    delivery = Delivery(notifier, {"sms": InboxChannel(notifier, "sms")}, Renderer(settings), "worker", asyncio.Event())
    sending = asyncio.create_task(delivery.tick())
    tried = {}
    for clinic_id, point_id in Random(3).sample(points, STOPS):
        async with database.clinic_tx(clinic_id, SYSTEM) as session:
            await opt_out(session, point_id, "text", utc_now())
        async with database.clinic_tx(clinic_id, SYSTEM) as session:
            tried[clinic_id, point_id] = await session.scalar(_TRIES, {"clinic_id": clinic_id, "id": point_id})
    await sending
    with psycopg.connect(urls.owner) as connection:
        # What a STOP stopped in the middle of its mark is looked at once more, and then told with its reason.
        connection.execute("UPDATE message SET due_at = now() - interval '1 s' WHERE state = 'queued'")
    await delivery.tick()
    before, after = sum(count == 1 for count in tried.values()), sum(count == 0 for count in tried.values())
    assert before + after == STOPS
    assert before, "no STOP came after a mark: nothing raced"
    assert after, "no STOP came before a mark: nothing raced"
    for (clinic_id, point_id), count in tried.items():
        async with database.clinic_tx(clinic_id, SYSTEM) as session:
            assert await session.scalar(_TRIES, {"clinic_id": clinic_id, "id": point_id}) == count
    with psycopg.connect(urls.owner) as connection:
        states = connection.execute("SELECT state, count(*) FROM message GROUP BY state ORDER BY state").fetchall()
    assert states == [("accepted", PEOPLE - after), ("suppressed", after)]
