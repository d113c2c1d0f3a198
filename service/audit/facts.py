"""Goes through a clinic's chain and says which row is the first that is not as it was written."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID

from service.audit import queries
from service.audit.rules import Anchor, Harm, Head, Row, Walk, Wrong, harm_at, mark_of
from service.database.tenancy import Across, Actor, Database
from service.errors import WrongSettings

AT_ONCE = 2000
_READER = Actor("system", None, "cli")

_ANOTHER_KEY = (
    "CLAMSHELL_AUDIT_KEY, or CLAMSHELL_SECRET_KEY in its place, is not the key with which this database's trail of who "
    "did or saw what is signed. Set CLAMSHELL_AUDIT_KEY to the former key; nothing was touched"
)

Progress = Callable[[int, int], None]
"""How many rows are as they were written, of how many."""


async def refuse_another_key(url: str, key: bytes) -> None:
    """Raises WrongSettings: whatever was written with it would look as if somebody had put it there."""
    database = Database(url)
    try:
        async with database.across_clinics(Across.FIND_WORK) as connection:
            if await queries.has_another_key(connection, mark_of(key)):
                raise WrongSettings(_ANOTHER_KEY)
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Found:
    linked: int
    waiting: int
    head: Anchor | None
    wrong: Wrong | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Read in small transactions: a long one would hold up the tidying of the whole database."""

    database: Database
    clinic_id: UUID
    key: bytes

    async def examine(self, anchor: Anchor | None, progress: Progress) -> Found:
        """Rows that are written meanwhile are none of its business."""
        async with self.database.clinic_tx(self.clinic_id, _READER) as session:
            head = await queries.head(session) or Head(0, 0, None, None)
        walk = Walk(self.key, self.clinic_id, head.unsigned)
        wrong = await self._along(walk, head, progress) or await self._at_end(walk, head)
        if wrong is not None and head.key_mark not in (None, mark_of(self.key)):
            wrong = Wrong(Harm.ANOTHER_KEY, None)
        if wrong is None and anchor is not None:
            wrong = await self._against(anchor)
        waiting, stranger = await self._waiting(walk)
        end = Anchor(walk.link, walk.number) if walk.number else None
        return Found(walk.number, waiting, end, wrong or stranger)

    async def _along(self, walk: Walk, head: Head, progress: Progress) -> Wrong | None:
        async for row in self._linked():
            if walk.number == head.number:
                return None
            if not walk.step(row):
                return await self._wrong(walk, row, head.link)
            if walk.number % (10 * AT_ONCE) == 0:
                progress(walk.number, head.number)
        return None

    async def _at_end(self, walk: Walk, head: Head) -> Wrong | None:
        if walk.number < head.number:
            return Wrong(Harm.CUT, walk.next_number, until=head.number)
        async with self.database.clinic_tx(self.clinic_id, _READER) as session:
            last = await queries.last_number(session)
            end = await queries.head(session)
        if (walk.number and walk.link != head.link) or (end is None and last):
            return Wrong(Harm.END_CHANGED, walk.number)
        if end is None or last <= end.number:
            return None
        beyond = await self._at(end.number)
        is_ours = beyond is None or (end.number == walk.number and walk.step(beyond))
        return Wrong(Harm.END_CHANGED if is_ours else Harm.INSERTED, end.number + 1, beyond)

    async def _wrong(self, walk: Walk, row: Row, end: bytes | None) -> Wrong:
        following = await self._at(row.number or 0)
        harm = harm_at(walk, row, following, end, await self._is_elsewhere(walk, row))
        if harm is Harm.EDITED and not walk.number and following and not await self._anything_signed(walk):
            return Wrong(Harm.REWRITTEN, 1, row)
        gap = (row.number or 0) - 1 if harm is Harm.DELETED and row.number != walk.next_number else None
        return Wrong(harm, walk.next_number, None if gap else row, gap)

    async def _is_elsewhere(self, walk: Walk, found: Row) -> bool:
        link_here = found.link if found.number == walk.next_number else None
        async for row in self._linked():
            if row.number != found.number and walk.is_signed(row) and walk.belongs_here(row, link_here):
                return True
        return False

    async def _anything_signed(self, walk: Walk) -> bool:
        async for row in self._linked():
            if row.mac is not None and walk.is_signed(row):
                return True
        return False

    async def _against(self, anchor: Anchor) -> Wrong | None:
        async with self.database.clinic_tx(self.clinic_id, _READER) as session:
            link, last = await queries.link_at(session, anchor.number), await queries.last_number(session)
        if link == anchor.link:
            return None
        return Wrong(Harm.REWRITTEN if link else Harm.CUT, 1 if link else last + 1, until=anchor.number)

    async def _waiting(self, walk: Walk) -> tuple[int, Wrong | None]:
        """How many have no place in the chain yet, and the first of them that nobody of ours wrote."""
        count, after, room = 0, UUID(int=0), walk.unsigned - walk.number
        while True:
            async with self.database.clinic_tx(self.clinic_id, _READER) as session:
                rows = await queries.waiting_after(session, after, AT_ONCE)
            for row in rows:
                if not (row.mac is None and room > 0) and not walk.is_signed(row):
                    return count, Wrong(Harm.INSERTED, None, row)
            if len(rows) < AT_ONCE:
                return count + len(rows), None
            count, after = count + len(rows), rows[-1].told.id

    async def _at(self, after: int) -> Row | None:
        """The one that follows, if any."""
        async with self.database.clinic_tx(self.clinic_id, _READER) as session:
            rows = await queries.linked_after(session, after, 1)
        return rows[0] if rows else None

    async def _linked(self) -> AsyncIterator[Row]:
        after = 0
        while True:
            async with self.database.clinic_tx(self.clinic_id, _READER) as session:
                rows = await queries.linked_after(session, after, AT_ONCE)
            for row in rows:
                yield row
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].number or after
