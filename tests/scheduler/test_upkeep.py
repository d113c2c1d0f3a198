"""What need not be kept is forgotten, in each clinic, and by nobody who could read it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from scheduler import traces
from scheduler.upkeep import Upkeep
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.ids import new_id
from service.review.actions.drafts import keep_draft
from tests.make import Team, make_client, make_team

pytestmark = pytest.mark.anyio

_TEXT = text(
    "INSERT INTO unplaced_text (clinic_id, id, event_key, received_at, sent_from, sent_mark, body, reason,"
    " is_danger, candidates)"
    " VALUES (:clinic_id, :id, :key, :at, '', uuid_send(:id), 'hello', 'unknown_number', false, '{}')"
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


_OVER = {
    "link": "INSERT INTO link (clinic_id, id, client_id, purpose, token_hash, created_at, expires_at)"
    " VALUES (:clinic, :id, :client, 'week', :hash, :at, :over)",
    "sign_in_code": "INSERT INTO sign_in_code (clinic_id, id, client_id, code_hash, tries, created_at, expires_at)"
    " VALUES (:clinic, :id, :client, :hash, 0, :at, :over)",
    "sign_in_session": "INSERT INTO sign_in_session (clinic_id, id, token_hash, client_id, user_agent, created_at,"
    " seen_at, expires_at, revoked_at) VALUES (:clinic, :id, :hash, :client, '', :at, :at,"
    " :over + interval '1 day', :over)",
    "staff_invite": "INSERT INTO staff_invite (clinic_id, id, staff_id, token_hash, created_at, expires_at, used_at)"
    " VALUES (:clinic, :id, :staff, :hash, :at, :over + interval '1 day', :over)",
    "provider_event": "INSERT INTO provider_event (clinic_id, id, provider, event_key, kind, received_at, acted_at)"
    " VALUES (:clinic, :id, 'twilio', :key, 'status', :at, :over)",
    "digest_mail": "INSERT INTO digest_mail (clinic_id, id, staff_id, kind, day, state, address, about, due_at,"
    " expires_at, lease_token, soft_fails, created_at, settled_at) VALUES (:clinic, :id, :staff, 'caseload', :day,"
    " 'sent', 'a@b.example', '{}', :at, :at + interval '1 day', 0, 0, :at, :over)",
}


async def test_each_clinics_traces_go_after_its_own_days_in_small_steps_and_nothing_else_does(
    database: Database, notifier: Database, owner: Database, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first clinic keeps them for 90 days, the other for 30; each has five that are 40 days over, one that is 100
    days over, and one that is not over."""
    monkeypatch.setattr(traces, "AT_ONCE", 2)
    assert _OVER.keys() == traces.OVER.keys()
    stricter, now = await make_team(database, stocked=False, now=utc_now()), utc_now()
    for one, days in ((team, 90), (stricter, 30)):
        async with database.clinic_tx(one.clinic_id, one.therapist) as session:
            client = await make_client(session, one.therapist_id)
            await session.execute(text("UPDATE clinic SET traces_days = :days"), {"days": days})
        async with owner.clinic_tx(one.clinic_id, SYSTEM) as session:
            for n, ago in enumerate((40, 40, 40, 40, 40, 100, -1)):
                at = now - timedelta(days=120 + n)
                for statement in _OVER.values():
                    values = {
                        "clinic": one.clinic_id,
                        "id": new_id(at),
                        "client": client.id,
                        "staff": one.therapist_id,
                        "hash": f"{n}".encode(),
                        "key": f"{n}",
                        "at": now + timedelta(days=30) if ago < 0 else at,
                        "over": now - timedelta(days=ago) if ago > 0 else now + timedelta(days=30),
                        "day": at.date(),
                    }
                    await session.execute(text(statement), values)
    await Upkeep(notifier).forget()
    for one, left in ((team, 6), (stricter, 1)):
        async with owner.clinic_tx(one.clinic_id, SYSTEM) as session:
            for table in traces.OVER:
                count = text(f"SELECT count(*) FROM {table} WHERE clinic_id = :clinic")
                assert await session.scalar(count, {"clinic": one.clinic_id}) == left, table
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with notifier.clinic_tx(team.clinic_id, SYSTEM) as session:
            await session.execute(text("SELECT token_hash FROM sign_in_session"))
