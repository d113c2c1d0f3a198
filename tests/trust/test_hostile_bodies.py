"""A short run of what `./run fuzz` does at length: bodies that no program of ours would send."""

import pytest

from service.settings import Settings
from tests.conftest import Clock, app_of, serving
from tests.fuzz.hostile import Hostile, targets
from tests.trust.clinics import Side, Undone

pytestmark = pytest.mark.anyio


async def test_a_body_that_cannot_be_right_is_refused_and_leaves_nothing_in_memory(
    settings: Settings, world: tuple[Side, Side], undone: Undone, clock: Clock
) -> None:
    hostile, (ours, _) = Hostile(number=1), world
    async with serving(settings, undone, clock) as api:
        where = targets(app_of(settings, undone, clock), ours)
        await hostile.run(api, where, ours.headers["therapist"], most=300)
    assert not hostile.wrong, "\n".join(hostile.wrong)
    assert hostile.answers.total() >= 300
    assert hostile.grown < 20_000_000
