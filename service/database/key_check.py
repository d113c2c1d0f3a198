"""Whether this process has the key that the database is kept under, asked before anything is touched."""

from typing import Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.database import box
from service.errors import WrongSettings

# The first who may write decides.
CLAIM: Final = text(
    "INSERT INTO key_check (only_row, key_id, marking) VALUES (true, :key_id, :marking) ON CONFLICT DO NOTHING"
)
READ: Final = text("SELECT key_id, retired FROM key_check")


def ours() -> dict[str, str | bytes]:
    """For `CLAIM`."""
    key_id = box.ring().first.id
    return {"key_id": key_id, "marking": box.new_marking(key_id)}


async def check_key(connection: AsyncConnection, *, may_claim: bool) -> None:
    """Raises WrongSettings which says what is wrong with the key. A database without one takes ours."""
    row = (await connection.execute(READ)).one_or_none()
    if row is None and may_claim:
        await connection.execute(CLAIM, ours())
        row = (await connection.execute(READ)).one_or_none()
    refuse_other_key(row)


def refuse_other_key(row: Row[tuple[str, list[str]]] | None) -> None:
    source = box.ring().source
    held = [key.id for key in source.keys]
    if row is None or row.key_id in held:
        return
    if held[0] in row.retired:
        raise WrongSettings(
            f"{source.name} holds the key {held[0]}, which was replaced by `clamshell rotate-key`; this database is "
            f"kept under the key {row.key_id} now"
        )
    raise WrongSettings(
        f"{source.name} holds the key {held[0]}, which is the key of another installation: this database is kept under "
        f"the key {row.key_id}. Nothing was read or changed; bring the right key, or the right database"
    )
