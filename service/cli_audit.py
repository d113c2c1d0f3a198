"""`clamshell audit verify`: whether anybody changed who did or saw what, behind the application's back."""

import argparse
import asyncio
import os
from uuid import UUID

from service.audit.facts import Chain, Found
from service.audit.queries import clinics
from service.audit.rules import Anchor, Harm, Row, Wrong, read_anchor, written_anchor
from service.database.reaching import answering, knock
from service.database.tenancy import Across, Database
from service.errors import WrongSettings
from service.installation import opened
from service.settings import Settings, read_settings
from service.terminal import say

VARIABLE = "DATABASE_URL"

_WRONG = {
    Harm.EDITED: "row {number} was edited: it does not say what was signed when it was written",
    Harm.DELETED: "{rows} deleted",
    Harm.MOVED: "the order was changed: row {number} stands somewhere else",
    Harm.INSERTED: "row {number} was inserted: the application did not write it there",
    Harm.CUT: "the end was cut off: rows {number} to {until} are gone",
    Harm.REWRITTEN: "everything was rewritten: not one row is signed by this installation",
    Harm.END_CHANGED: "what is kept about the end of the chain (table audit_head) was changed",
    Harm.ANOTHER_KEY: "the chain was made with another key than CLAMSHELL_AUDIT_KEY or, without it, "
    "CLAMSHELL_SECRET_KEY: set the one it was made with; if there is none, everything was rewritten",
}
_AGAINST_ANCHOR = {
    Harm.CUT: "the end was cut off: the anchor knows {until} rows; or the database is an older copy, brought back",
    Harm.REWRITTEN: "the chain was rewritten by somebody who has the key: row {until} is not the one of the anchor",
}


@answering()
def run(options: argparse.Namespace) -> int:
    anchor, clinic_id = _anchor(options), _clinic(options)
    if os.environ.get(VARIABLE) or not (options.data / "postgres").exists():
        settings = read_settings()
        if settings.database_url is None:
            raise WrongSettings(f"{VARIABLE} must be set, or --data name the folder of an embedded database")
        knock(settings.database_url, VARIABLE)
        return asyncio.run(verify(settings, clinic_id, anchor))
    with opened(options.data) as installation:
        settings = read_settings(installation.environ(os.environ))
        return asyncio.run(verify(settings, clinic_id, anchor))


def _anchor(options: argparse.Namespace) -> Anchor | None:
    if options.anchor is None:
        return None
    if options.clinic is None:
        raise WrongSettings("--anchor needs --clinic: each clinic has a chain of its own")
    anchor = read_anchor(options.anchor)
    if anchor is None:
        raise WrongSettings("--anchor must be the 64 letters and digits, the colon and the number of a mail, together")
    return anchor


def _clinic(options: argparse.Namespace) -> UUID | None:
    try:
        return UUID(options.clinic) if options.clinic else None
    except ValueError:
        raise WrongSettings(f"--clinic must be the id that `create-clinic` printed, not {options.clinic!r}") from None


async def verify(settings: Settings, clinic_id: UUID | None, anchor: Anchor | None) -> int:
    database = Database(str(settings.database_url))
    try:
        async with database.across_clinics(Across.FIND_WORK) as connection:
            known = await clinics(connection)
        if clinic_id is not None and clinic_id not in known:
            raise WrongSettings(f"--clinic: there is no clinic {clinic_id}")
        looked = [
            await _verify(Chain(database, one, settings.audit_key), anchor) for one in known if clinic_id in (None, one)
        ]
    finally:
        await database.close()
    if not looked:
        say("There is no clinic yet.")
    return 0 if all(looked) else 1


async def _verify(chain: Chain, anchor: Anchor | None) -> bool:
    where = f"clinic {chain.clinic_id}"
    found = await chain.examine(anchor, lambda done, of: say(f"        {where}: {done:,} of {of:,} rows are intact"))
    waiting = f", {found.waiting:,} wait to be linked" if found.waiting else ""
    if found.wrong is None:
        kept = ", and the anchor holds" if anchor else ""
        say(f"ok      {where}: all {found.linked:,} rows are as they were written{kept}{waiting}")
        if found.head:
            say(f"        where it ends now: {written_anchor(found.head)}")
        return True
    for line in _told(found, found.wrong, anchor):
        say(line if line.startswith(" ") else f"WRONG   {where}: {line}")
    return False


def _told(found: Found, wrong: Wrong, anchor: Anchor | None) -> list[str]:
    by_anchor = anchor is not None and wrong.harm in _AGAINST_ANCHOR and wrong.until == anchor.number
    words = _AGAINST_ANCHOR[wrong.harm] if by_anchor else _WRONG[wrong.harm]
    is_gap = wrong.until is not None and wrong.until != wrong.number
    rows = f"rows {wrong.number} to {wrong.until} were" if is_gap else f"row {wrong.number} was"
    number = wrong.number if wrong.number is not None else "without a number"
    lines = [words.format(number=number, until=wrong.until, rows=rows)]
    if wrong.row is not None:
        lines.append(f"        there stands now: {_row(wrong.row)}")
    if found.linked and wrong.harm is not Harm.ANOTHER_KEY and not by_anchor:
        lines.append(f"        rows 1 to {found.linked:,} are as they were written")
    return lines


def _row(row: Row) -> str:
    told = row.told
    who = f"{told.actor_kind} {told.actor_id}" if told.actor_id else told.actor_kind
    what = f"{told.record_kind} {told.record_id}" if told.record_id else told.record_kind
    return f"{told.at:%Y-%m-%d %H:%M:%S} UTC, {who}, by {told.channel}: {told.action} {what} (row id {told.id})"
