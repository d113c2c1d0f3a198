"""`clamshell rotate-key`: keeps everything under a new key.

It may be killed anywhere and run again: every step finds out what is done already. First the new key is where the old
one is, and both open; then the database says that the new one seals; then each owner's key is wrapped anew; last the
old key is taken away. What was sealed is not touched: the owners' keys stay, only what wraps them changes.
"""

import argparse
import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text

from service.data_keys import FILE, KEY, KeySource, new_key, write_file
from service.database import box
from service.database.key_check import READ, refuse_other_key
from service.database.protection import APP
from service.database.reaching import answering, check_login, knock
from service.database.tenancy import SYSTEM, Across, Database
from service.errors import WrongSettings
from service.installation import opened
from service.settings import read_settings
from service.terminal import say

Say = Callable[[str], None]

AT_ONCE: Final = 500
_CLINICS = text("SELECT clinic_id FROM clinic ORDER BY clinic_id")
# Whoever makes a key of an owner holds a lock on this row until the commit: none is wrapped by the old key after this.
# Held by an update that changes nothing: a lock beyond one clinic is what no statement may ask for.
_SEALING = text("UPDATE key_check SET key_id = key_id RETURNING key_id, marking")
_SEALS = text(
    "UPDATE key_check SET key_id = :new, retired = array_append(retired, key_id), marking = :marking"
    " WHERE key_id = :old"
)
_OLD = text(
    "SELECT owner_id, wrapped FROM owner_key WHERE clinic_id = :clinic_id AND substr(wrapped, 2, 8) <> :new"
    " ORDER BY owner_id LIMIT :at_once FOR UPDATE"
)
_PUT = text("UPDATE owner_key SET wrapped = :wrapped WHERE clinic_id = :clinic_id AND owner_id = :owner_id")


@answering()
def run(options: argparse.Namespace) -> int:
    if os.environ.get("DATABASE_URL"):
        return _rotate(os.environ)
    with opened(options.data) as installation:
        return _rotate(installation.environ(os.environ))


def _rotate(environ: Mapping[str, str]) -> int:
    settings = read_settings(environ)
    url = settings.database_url
    if url is None:
        raise WrongSettings("DATABASE_URL must be set")
    box.use(settings.keys)
    source = box.ring().source
    knock(url, "DATABASE_URL")
    asyncio.run(check_login(url, "DATABASE_URL", APP))
    return asyncio.run(_rotated(url, source, say))


async def _rotated(url: str, source: KeySource, say: Say) -> int:
    database = Database(url)
    try:
        async with database.installation_tx() as connection:
            row = (await connection.execute(READ)).one()
            refuse_other_key(row)
        source = _with_new(source, row.key_id, say)
        box.use(source)
        new, *old = source.keys
        async with database.installation_tx() as connection:
            sealing = (await connection.execute(_SEALING)).one()
            if sealing.key_id in {key.id for key in old}:
                marking = box.marking_rewrapped(sealing.marking)
                await connection.execute(_SEALS, {"new": new.id, "old": sealing.key_id, "marking": marking})
        await _wrap_anew(database, bytes.fromhex(new.id), say)
    finally:
        await database.close()
    _drop_old(source, say)
    return 0


def _with_new(source: KeySource, sealing: str, say: Say) -> KeySource:
    """The new key first. A file that has two already is of a rotation that was cut short."""
    if len(source.keys) > 1:
        return source
    if source.file is None:
        raise WrongSettings(
            f"{KEY} must hold the new key and the old one, with a space between, for every process; start them again "
            f"with both, then run this, then leave the old one out. With {FILE} all of that is done for you"
        )
    if sealing != source.keys[0].id:
        raise WrongSettings(f"{source.name} lacks the key {sealing}")
    both = (new_key(), *source.keys)
    write_file(source.file, both)
    say(f"{source.file} holds the new key {both[0].id} beside the old one")
    return KeySource(both, source.file)


async def _wrap_anew(database: Database, new: bytes, say: Say) -> None:
    async with database.across_clinics(Across.FIND_WORK) as connection:
        clinics = list((await connection.execute(_CLINICS)).scalars())
    total = 0
    for number, clinic_id in enumerate(clinics, 1):
        while done := await _some(database, clinic_id, new):
            total += done
            say(f"clinic {number} of {len(clinics)}: {total} keys are under the new one")
    say(f"every key of {len(clinics)} clinics is under the key {new.hex()}; {total} were not before")


async def _some(database: Database, clinic_id: UUID, new: bytes) -> int:
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        found = {"clinic_id": clinic_id, "new": new, "at_once": AT_ONCE}
        rows = (await session.execute(_OLD, found)).all()
        put = [
            {
                "clinic_id": clinic_id,
                "owner_id": row.owner_id,
                "wrapped": box.rewrapped(box.owner_bytes(clinic_id, row.owner_id), row.wrapped),
            }
            for row in rows
        ]
        if put:
            await session.execute(_PUT, put)
        return len(put)


def _drop_old(source: KeySource, say: Say) -> None:
    if source.file is None:
        say(f"now leave the old key out of {KEY}, for every process")
        return
    write_file(source.file, source.keys[:1])
    say(f"{source.file} holds the key {source.keys[0].id} alone; keep a copy of it, apart from the backups")
