"""Visits and treatments stand on the time axis, numbered, beside the letters of the plan's changes."""

import re

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from service.ids import new_id
from service.intake.actions import NewTreatment, note_treatment, note_visit
from tests import told
from tests.make import NOW, make_plan
from tests.service.review.browsing import World, ago, look, words

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
