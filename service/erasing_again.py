"""After a restore: whoever was erased since that backup is erased again, before anybody is served."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

import service.all_tables  # noqa: F401  what is theirs is read from all of them
from service import erased_list
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import Actor, Database
from service.records.actions.erasing import erase

Say = Callable[[str], None]
_US = Actor("system", None, "cli")


async def erase_again(url: str, folder: Path, say: Say) -> int:
    """How many of those who are listed in the folder were there. Each is a transaction: killed, it goes on with the
    others the next time."""
    listed = defaultdict[UUID, list[UUID]](list)
    for clinic_id, client_id in sorted(erased_list.read(folder)):
        listed[clinic_id].append(client_id)
    database, done = Database(url), 0
    try:
        for clinic_id, client_ids in listed.items():
            for client_id in await _still_there(database, clinic_id, client_ids):
                async with database.clinic_tx(clinic_id, _US) as session:
                    await erase(session, client_id, utc_now(), is_replay=True)
                done += 1
                say(f"erased again, as they were before the restore: {done}")
    finally:
        await database.close()
    return done


async def _still_there(database: Database, clinic_id: UUID, client_ids: list[UUID]) -> list[UUID]:
    statement = select(col(Client.id)).where(col(Client.clinic_id) == clinic_id, col(Client.id).in_(client_ids))
    async with database.clinic_tx(clinic_id, _US) as session:
        return list(await session.scalars(statement.order_by(col(Client.id))))
