"""STOP against a batch of ten thousand that is going out: what is marked after a STOP was committed would be sent to
somebody who asked us not to."""

import asyncio
from random import Random
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from scheduler import claims
from scheduler.messages import Claimed, Marking, Ready
from service.accounts.actions import opt_out
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.ids import new_id
from service.reminders.rules import local_day
from tests.conftest import Urls
from tests.make import make_team

pytestmark = pytest.mark.anyio

PEOPLE, STOPS, BATCH = 10_000, 60, 250
# A person, their phone and the message to it have one id here.
_PEOPLE = (
    "INSERT INTO client (clinic_id, id, name, therapist_id, zone, locale, state, sync_seq, created_at)"
    " SELECT %(clinic)s, gen_random_uuid(), decode(repeat('00', 30), 'hex'), %(therapist)s, 'UTC', 'en', 'active',"
    " 1, now() FROM generate_series(1, %(people)s)",
    # Nobody writes to them: nothing is in these boxes.
    "INSERT INTO contact_point (clinic_id, id, client_id, channel, address, address_mark, position, verified_at,"
    " created_at) SELECT clinic_id, id, id, 'sms', decode(repeat('00', 32), 'hex'), uuid_send(id), 0, now(), now()"
    " FROM client",
    "INSERT INTO message (clinic_id, id, client_id, contact_point_id, channel, kind, params, dedupe_key, day, priority,"
    " state, due_at, expires_at, attempts, max_attempts, soft_fails, lease_token, checks, created_at, updated_at)"
    " SELECT clinic_id, id, client_id, id, 'sms', 'check_in', '{}', id, current_date, 5, 'queued', now(),"
    " now() + interval '4 hours', 0, 2, 0, 0, 0, now(), now() FROM contact_point",
    "ANALYZE client, contact_point, message",
)
_TRIES = text("SELECT count(*) FROM attempt WHERE clinic_id = :clinic_id AND message_id = ANY(:ids)")


def _ready(message: Claimed) -> Ready:
    return Ready(message, new_id(utc_now()), "twilio", b"x" * 32, 4)


async def _send(notifier: Database, clinic_id: UUID, worker: str) -> int:
    """Claims and marks a batch after the other, as a worker does whose provider takes no time. Returns the marks."""
    marked = 0
    while True:
        async with notifier.clinic_tx(clinic_id, SYSTEM) as session:
            claimed = await claims.claim(session, "sms", worker, BATCH, 60)
        if not claimed:
            return marked
        async with notifier.clinic_tx(clinic_id, SYSTEM) as session:
            said = await claims.mark(session, [_ready(one) for one in claimed], 45, local_day(utc_now(), "UTC"))
        marked += sum(one is Marking.DONE for one in said.values())


async def test_no_mark_commits_after_a_stop_while_ten_thousand_go_out(
    urls: Urls, database: Database, notifier: Database
) -> None:
    team = await make_team(database, stocked=False, now=utc_now())
    values = {"clinic": team.clinic_id, "therapist": team.therapist_id, "people": PEOPLE}
    with psycopg.connect(urls.owner) as connection:
        for statement in _PEOPLE:
            connection.execute(statement, values)
        people = [row[0] for row in connection.execute("SELECT id FROM client ORDER BY id").fetchall()]
    sending = asyncio.gather(*(_send(notifier, team.clinic_id, f"worker {number}") for number in range(2)))
    tried = {}
    for person in Random(3).sample(people, STOPS):
        async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
            await opt_out(session, person, "text", utc_now())
        async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
            tried[person] = await session.scalar(_TRIES, {"clinic_id": team.clinic_id, "ids": [person]})
        if sending.done():
            break
    marked = sum(await sending)
    before, after = [[one for one, count in tried.items() if count == number] for number in (1, 0)]
    assert len(before) + len(after) == len(tried)
    assert before, "no STOP came after a mark: nothing raced"
    assert after, "no STOP came before a mark: nothing raced"
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        assert await session.scalar(_TRIES, {"clinic_id": team.clinic_id, "ids": after}) == 0
    assert marked == PEOPLE - len(after)
