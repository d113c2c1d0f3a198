"""When somebody last told anything, found without reading a diary from its beginning."""

from datetime import timedelta

import pytest

from service.database.tenancy import Database
from service.diary.actions import NewSession, record_session
from service.diary.entries import When
from service.diary.rules import Outcome
from service.review.queries.last_logs import last_logs
from tests import told
from tests.make import TODAY, make_client, make_plan, make_team

pytestmark = pytest.mark.anyio


async def test_what_reached_us_last_counts_however_far_back_it_is_about(database: Database) -> None:
    team = await make_team(database)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        maria = await make_client(session, team.therapist_id)
        silent = await make_client(session, team.therapist_id)
        await make_plan(session, maria, starts_on=TODAY - timedelta(days=30))
    morning, evening = told.moment(maria, TODAY), told.moment(maria, TODAY, 20)
    async with database.clinic_tx(team.clinic_id, told.as_client(maria)) as session:
        await record_session(session, maria, NewSession(Outcome.DONE), When(TODAY), morning)
        week_ago = When(TODAY - timedelta(days=7))
        await record_session(session, maria, NewSession(Outcome.DONE), week_ago, evening)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        # A therapist writes down a day for her: she told nothing by it.
        yesterday = When(TODAY - timedelta(days=1))
        await record_session(session, maria, NewSession(Outcome.DONE), yesterday, evening + timedelta(hours=1))
        assert await last_logs(session, [maria.id, silent.id]) == {maria.id: evening}
