"""A connection that goes from clinic to clinic, and from requests that were given up, carries nothing along."""

import pytest

from service.settings import Settings
from tests.conftest import Clock, Urls, serving
from tests.trust.clinics import Side
from tests.trust.crowding import GIVEN_UP, Crowd, five_connections

pytestmark = pytest.mark.anyio
REQUESTS = 1_000
"""Each connection changes hands two hundred times, and is left halfway ten times; `./run fuzz` goes on for longer."""


async def test_no_row_of_another_clinic_in_a_crowd_over_five_connections(
    settings: Settings, urls: Urls, world: tuple[Side, Side], clock: Clock
) -> None:
    database = five_connections(urls.app)
    async with serving(settings, database, clock) as api:
        crowd = Crowd(database, api, world, number=1, share=0.05)
        await crowd.run(REQUESTS)
    await database.close()
    assert crowd.foreign == []
    assert sum(crowd.done.values()) == REQUESTS
    assert crowd.done["given up"] > REQUESTS * GIVEN_UP / 4
    assert crowd.done["page"] > REQUESTS * 0.02
