from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from service.database.driving import one_row
from service.database.tenancy import ClinicSession, Database
from tests.make import make_team
from tests.statements import objection

_REFUSED = "SELECT nextval('lease_seq')"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('app.clinic_id', 'x', true)",
        "UPDATE message SET due_at = clock_timestamp() WHERE clinic_id = 'x'",
        "WITH a AS (SELECT 1) UPDATE message SET id = gen_random_uuid() WHERE clinic_id = 'x'",
        "INSERT INTO send_fuse (clinic_id) VALUES ('x') ON CONFLICT (clinic_id) DO UPDATE SET sends = random()",
        "SELECT 1 FROM message WHERE clinic_id = 'x' AND due_at < clock_timestamp()",
        "SELECT nextval('lease_seq')",
        "COPY pain_entry FROM STDIN",
        "SET app.clinic_id TO 'x'",
        "INSERT INTO message (clinic_id) VALUES ('x'); SET app.clinic_id TO 'x'",
        "SELECT id FROM message WHERE state = 'queued' LIMIT 5 FOR UPDATE SKIP LOCKED",
    ],
)
def test_the_watch_catches(statement: str) -> None:
    assert objection(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SET LOCAL app.clinic_id TO '0'",
        "SELECT id FROM message WHERE clinic_id = 'x' FOR UPDATE SKIP LOCKED",
        "UPDATE message SET lease_until = now() WHERE clinic_id = 'x'",
        "INSERT INTO message (clinic_id) VALUES ('x') ON CONFLICT DO NOTHING",
    ],
)
def test_the_watch_lets_pass(statement: str) -> None:
    assert objection(statement) is None


async def _by_the_session(session: ClinicSession) -> None:
    await session.execute(text(_REFUSED))


async def _by_hand(session: ClinicSession) -> None:
    await one_row(await session.connection(), _REFUSED, {})


async def _with_the_commit(session: ClinicSession) -> None:
    session.say_last(_REFUSED, ())
    await session.commit()


@pytest.mark.anyio
@pytest.mark.parametrize("send", [_by_the_session, _by_hand, _with_the_commit])
async def test_nothing_is_sent_past_the_watch(
    send: Callable[[ClinicSession], Awaitable[None]], database: Database
) -> None:
    team = await make_team(database, stocked=False)
    with pytest.raises(AssertionError, match="a sequence shared by clinics"):
        async with database.clinic_tx(team.clinic_id, team.therapist) as session:
            await send(session)
