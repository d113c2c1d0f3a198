"""The operator lets an owner who lost everything add another way to sign in, and the owners hear of it."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from scheduler.letters import Marked, lines_of
from service.accounts import queries as accounts
from service.accounts.queries.factors import factors
from service.accounts.sign_in.factors import add_app
from service.cli_reset import reset_at
from service.database.tenancy import SYSTEM, Database
from service.errors import WrongSettings
from tests.conftest import signed_in
from tests.make import NOW, make_team

pytestmark = pytest.mark.anyio
_MAILS = "SELECT address, about, state FROM digest_mail WHERE clinic_id = :clinic AND kind = 'reset'"
_TOLD = "SELECT actor_kind, channel, record_id FROM audit_entry WHERE clinic_id = :clinic AND action = 'reset'"


async def test_an_owner_who_lost_everything_is_out_begins_anew_and_hears_of_it(
    api: AsyncClient, database: Database
) -> None:
    team, other = await make_team(database, stocked=False), await make_team(database, stocked=False)
    headers = {}
    for one in (team, other):
        headers[one.clinic_id] = await signed_in(database, one.clinic_id, staff_id=one.owner_id)
        async with database.clinic_tx(one.clinic_id, SYSTEM) as session:
            await add_app(session, one.owner_id, "Phone", bytes(20), 0, NOW)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        owner = await accounts.staff(session, team.owner_id)
        email, name = owner.email, owner.name
    assert await reset_at(database, email) == 1
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        assert await factors(session, team.owner_id) == []
        assert (await accounts.staff(session, team.owner_id)).factor_due_at is not None
        [mail] = (await session.execute(text(_MAILS), {"clinic": team.clinic_id})).all()
        [told] = (await session.execute(text(_TOLD), {"clinic": team.clinic_id})).all()
    assert (mail.address, mail.state) == (email, "queued")
    assert tuple(told) == ("system", "cli", team.owner_id)
    assert (await api.get("/v1/clients", headers=headers[team.clinic_id])).status_code == 401
    assert (await api.get("/v1/clients", headers=headers[other.clinic_id])).status_code == 200
    made = Marked(told.record_id, NOW.date(), mail.about, 1, NOW, 0, email, "es", "N", None, kind="reset")
    assert name in lines_of(made)[0]


async def test_nobody_else_is_let_in_this_way(database: Database) -> None:
    team = await make_team(database, stocked=False)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        therapist = (await accounts.staff(session, team.therapist_id)).email
    for email in (therapist, "nobody@mail.example"):
        with pytest.raises(WrongSettings, match=f"no owner signs in with {email}"):
            await reset_at(database, email)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        assert (await session.execute(text(_TOLD), {"clinic": team.clinic_id})).all() == []
