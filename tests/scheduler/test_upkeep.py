"""What need not be kept is forgotten, in each clinic, and by nobody who could read it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from scheduler.upkeep import Upkeep
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.ids import new_id
from service.review.actions.drafts import keep_draft
from tests.make import Team, make_client, make_team

pytestmark = pytest.mark.anyio

_TEXT = text(
    "INSERT INTO unplaced_text (clinic_id, id, event_key, received_at, sent_from, body, reason, is_danger, candidates)"
    " VALUES (:clinic_id, :id, :key, :at, '+12025550142', 'hello', 'unknown_number', false, '{}')"
)


async def test_texts_that_nobody_could_place_are_forgotten_after_30_days(
    database: Database, notifier: Database, owner: Database, team: Team
) -> None:
    other, now = await make_team(database, stocked=False, now=utc_now()), utc_now()
    for clinic_id in (team.clinic_id, other.clinic_id):
        async with database.clinic_tx(clinic_id, SYSTEM) as session:
            for days in (29, 31):
                values = {
                    "clinic_id": clinic_id,
                    "id": new_id(now),
                    "key": f"SM{days}",
                    "at": now - timedelta(days=days),
                }
                await session.execute(_TEXT, values)
    await Upkeep(notifier).forget()
    async with owner.installation_tx() as connection:
        left = (await connection.execute(text("SELECT event_key FROM unplaced_text"))).scalars().all()
    assert left == ["SM29", "SM29"]
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with notifier.clinic_tx(team.clinic_id, SYSTEM) as session:
            await session.execute(text("SELECT body FROM unplaced_text"))


async def test_drafts_that_nobody_touched_for_30_days_are_thrown_away_unread(
    database: Database, notifier: Database, owner: Database, team: Team
) -> None:
    now = utc_now()
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        for days in (29, 31):
            client = await make_client(session, team.therapist_id)
            await keep_draft(session, client.id, days, [("note", "Slowly")], now - timedelta(days=days))
    await Upkeep(notifier).forget()
    async with owner.installation_tx() as connection:
        left = (await connection.execute(text("SELECT follows FROM plan_draft"))).scalars().all()
    assert left == [29]
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with notifier.clinic_tx(team.clinic_id, SYSTEM) as session:
            await session.execute(text("SELECT fields FROM plan_draft"))
