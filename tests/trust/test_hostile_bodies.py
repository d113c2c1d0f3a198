"""Bodies that no program of ours would send: a short run of what `./run fuzz` does at length, and the deepest."""

from time import process_time

import pytest
from httpx import AsyncClient

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


async def test_a_deep_and_wide_body_of_somebody_unknown_costs_no_more_than_a_wide_one(api: AsyncClient) -> None:
    for depth in (700, *range(880, 1000)):
        raw = b"[" * depth + (b'"",' * 300_000 if depth == 700 else b"") + b'""' + b"]" * depth
        began = process_time()
        answer = await api.post("/v1/sign-in", content=raw, headers={"Content-Type": "application/json"})
        # Seconds, where each text is handed up through every level; where the stack ends just there, an error of ours.
        assert process_time() - began < 1
        assert answer.status_code == 422, depth
        assert answer.json()["errors"][0]["pointer"] == ""
