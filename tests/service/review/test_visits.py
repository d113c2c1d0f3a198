"""Visits and treatments stand on the time axis, numbered, beside the letters of the plan's changes."""

import re

import pytest
from httpx import AsyncClient

from service.accounts.queries import client as find_client
from service.database.tenancy import Database
from service.ids import new_id
from service.intake.actions import NewTreatment, note_treatment, note_visit
from tests import told
from tests.make import NOW, TODAY, make_plan
from tests.service.review.browsing import World, ago, look, send, shown, words

pytestmark = pytest.mark.anyio


async def test_a_day_with_a_visit_or_a_treatment_is_a_line_with_its_words(
    api: AsyncClient, database: Database, world: World
) -> None:
    await told.pain(database, world.maria, ago(1), 4)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=ago(10))
        staff = world.team.therapist_id
        await note_visit(session, world.maria, staff, ago(8), None, NOW)
        for kind, days in (("massage", 8), ("massage", 8), ("trigger_point", 3)):
            await note_treatment(session, world.maria, staff, new_id(NOW), NewTreatment(kind, ago(days)), NOW)
    answer = await look(api, world, "/clients/MARIA")
    seen = words(answer.text)
    numbered = re.findall(r"([12]) (Mar \d): (Visit, \w+|\w+)", seen)
    assert [(number, day, named.casefold()) for number, day, named in numbered] == [
        ("1", "Mar 2", "visit, massage"),
        ("2", "Mar 7", "trigger"),
    ], seen
    lines = re.findall(r'<path class="change-line is-visit"', answer.text)
    flags = re.findall(r'<rect class="change-flag is-visit"', answer.text)
    # Two widths of the charts, four panels each, two lines; the flags stand on pain alone.
    assert (len(lines), len(flags)) == (2 * 4 * 2, 2 * 2)


async def test_the_next_visit_is_booked_moved_and_over_by_itself(
    api: AsyncClient, database: Database, world: World
) -> None:
    page = "/clients/MARIA/intake"
    wrong = await send(api, world, "/clients/MARIA/next-visit", {"day": "2026-03-09"}, page=page)
    assert (wrong.status_code, 'value="2026-03-09"' in wrong.text) == (422, True)
    assert "Use today, or a day within a year." in words(wrong.text)
    assert "no visit booked" in await shown(api, world, "/clients/MARIA")
    booked = await send(api, world, "/clients/MARIA/next-visit", {"day": "2026-03-12"}, page=page)
    assert booked.status_code == 303
    assert "next visit Thu, Mar 12" in await shown(api, world, "/clients/MARIA")
    assert "Thu, Mar 12" in await shown(api, world, "/caseload")
    assert "next visit Thu, Mar 12" in await shown(api, world, "/clients/MARIA/summary")

    path, headers = f"/v1/clients/{world.maria.id}/next-visit", world.headers["therapist"]
    assert (await api.put(path, json={"day": "2026-03-13"}, headers=headers)).status_code == 204
    assert 'value="2026-03-13"' in (await look(api, world, page)).text
    # On its day it is still to come, the day after it is over.
    for day, said in ((TODAY, "next visit Tue, Mar 10"), (ago(1), "no visit booked")):
        async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
            (await find_client(session, world.maria.id)).next_visit = day
        assert said in await shown(api, world, "/clients/MARIA")
    assert "Mon, Mar 9" not in await shown(api, world, "/caseload")
    assert (await api.delete(path, headers=headers)).status_code == 204
    assert "no visit booked" in await shown(api, world, "/clients/MARIA")
    other = f"/v1/clients/{world.clients['Rita'].id}/next-visit"
    assert (await api.put(other, json={"day": "2026-03-13"}, headers=headers)).status_code == 404
