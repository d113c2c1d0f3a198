"""Tick: gives what was written to the trails of clinics its place in their chains.

Not in the transaction that writes it: a chain is one line, and everybody who does or sees something would wait in it.
Until its turn a row is signed already; only that it is there at all is not yet held fast.
"""

from dataclasses import dataclass
from uuid import UUID

from scheduler.metrics import LINKED
from scheduler.rounds import each_clinic
from service.audit.actions import LINKED_AT_ONCE, link_waiting
from service.audit.queries import clinics_with_waiting
from service.database.tenancy import SYSTEM, Across, Database


@dataclass(frozen=True, slots=True)
class Chaining:
    database: Database
    key: bytes

    async def tick(self) -> int:
        """Returns how many rows were linked."""
        async with self.database.across_clinics(Across.FIND_WORK) as connection:
            clinics = await clinics_with_waiting(connection)
        return sum(await each_clinic(clinics, self._link_clinic))

    async def _link_clinic(self, clinic_id: UUID) -> int:
        linked = 0
        while True:
            async with self.database.clinic_tx(clinic_id, SYSTEM) as session:
                count = await link_waiting(session, self.key)
            LINKED.inc(count)
            linked += count
            if count < LINKED_AT_ONCE:
                return linked
