"""What has to be true of a database that was brought back, beside its rows, which are counted as they come."""

from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy import text

from service.audit.facts import Chain
from service.audit.queries import clinics
from service.backups.manifest import Say
from service.database.protection import APP, NOTIFIER
from service.database.reaching import check_login
from service.database.tenancy import Across, Database
from service.errors import WrongSettings
from service.outbox.queries import read_hold

Check = Callable[[], Awaitable[str | None]]
_ANY: Final = text("SELECT count(*) FROM client")


async def check(app_url: str, notifier_url: str, audit_key: bytes, say: Say) -> list[str]:
    """Sentences of what is wrong; says of each thing that it holds."""
    checks: dict[str, Check] = {
        "no login can read past the clinics, and each table is closed": lambda: _closed(app_url, notifier_url),
        "without a clinic, no client is seen": lambda: _blind(app_url),
        "nothing is sent before it is known what had left": lambda: _held(notifier_url),
        "who did or saw what is as it was written": lambda: _chained(app_url, audit_key),
    }
    wrong = []
    for promise, holds in checks.items():
        problem = await holds()
        if problem is None:
            say(f"  holds: {promise}")
        else:
            wrong.append(f"does not hold: {promise} ({problem})")
    return wrong


async def _closed(app_url: str, notifier_url: str) -> str | None:
    try:
        await check_login(app_url, "the API", APP)
        await check_login(notifier_url, "the scheduler", NOTIFIER)
    except WrongSettings as error:
        return str(error)
    return None


async def _blind(app_url: str) -> str | None:
    database = Database(app_url)
    try:
        async with database.installation_tx() as connection:
            seen = await connection.scalar(_ANY)
    finally:
        await database.close()
    return f"{seen} are" if seen else None


async def _chained(app_url: str, audit_key: bytes) -> str | None:
    database = Database(app_url)
    try:
        async with database.across_clinics(Across.FIND_WORK) as connection:
            known = await clinics(connection)
        found = [await Chain(database, clinic_id, audit_key).examine(None, lambda *_: None) for clinic_id in known]
    finally:
        await database.close()
    wrong = [str(clinic_id) for clinic_id, one in zip(known, found, strict=True) if one.wrong]
    return f"`clamshell audit verify` tells more of {', '.join(wrong)}" if wrong else None


async def _held(notifier_url: str) -> str | None:
    database = Database(notifier_url)
    try:
        async with database.installation_tx() as connection:
            hold = await read_hold(connection)
    finally:
        await database.close()
    return None if hold.reason else "sending is not on hold"
