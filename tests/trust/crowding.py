"""Many requests of two clinics at once over five connections, some of which are given up halfway."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Actor, Database
from tests.trust.clinics import Side

CONNECTIONS = 5
AT_ONCE = 20
GIVEN_UP = 0.05
PAGES = ("/v1/clients", "/v1/plan-templates", "/v1/clients/{client_id}/messages")
# No statement of ours leaves the clinic out: these show what the policy lets through when one does.
OPEN = ("SELECT clinic_id FROM client", "SELECT clinic_id FROM pain_entry", "SELECT clinic_id FROM message")


def five_connections(url: str) -> Database:
    made = Database(url, pool_size=CONNECTIONS)
    made.engine.sync_engine.pool._max_overflow = 0  # type: ignore[attr-defined]
    return made


@dataclass
class Crowd:
    """`share` of the requests go through the whole application, the others straight to a transaction of a clinic."""

    database: Database
    api: AsyncClient
    sides: tuple[Side, Side]
    number: int
    share: float
    done: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)

    async def run(self, requests: int) -> None:
        self._left = requests
        chance = random.Random(self.number)
        await asyncio.gather(*(self._keep_asking(random.Random(chance.random())) for _ in range(AT_ONCE)))

    async def _keep_asking(self, chance: random.Random) -> None:
        while self._left > 0:
            self._left -= 1
            ours, theirs = chance.sample(self.sides, 2)
            asking = self._page if chance.random() < self.share else self._rows
            task = asyncio.create_task(asking(ours, theirs, chance))
            if chance.random() < GIVEN_UP:
                await asyncio.sleep(chance.random() * 0.02)
                task.cancel()
            try:
                await task
                self.done[asking.__name__.strip("_")] += 1
            except asyncio.CancelledError:
                self.done["given up"] += 1

    async def _page(self, ours: Side, theirs: Side, chance: random.Random) -> None:
        path = chance.choice(PAGES).format(**ours.ids["own"])
        answer = await self.api.get(path, headers=ours.headers["owner"])
        self.answers[answer.status_code] += 1
        if answer.status_code != 200 or ours.mark not in answer.text or theirs.mark in answer.text:
            self.foreign.append(f"{path}: {answer.status_code}")

    async def _rows(self, ours: Side, theirs: Side, chance: random.Random) -> None:
        statement = chance.choice(OPEN)
        clinic_id = ours.team.clinic_id
        async with self.database.clinic_tx(clinic_id, Actor("system", None, "web")) as session:
            seen: set[UUID] = set((await session.execute(text(statement))).scalars())
        if seen != {clinic_id}:
            self.foreign.append(f"{statement}: {seen}")
