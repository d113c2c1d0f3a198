"""`clamshell doctor`: what is configured, reachable and missing, in plain words."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from service.clock import utc_now
from service.database.protection import APP, NOTIFIER, refuse_unsafe_login
from service.database.tenancy import Database
from service.errors import WrongSettings
from service.settings import Settings, read_settings

Say = Callable[[str], None]

GOOD, MISSING, WRONG = "ok      ", "not set ", "WRONG   "
_LATE_SECONDS = 60


async def examine(environ: Mapping[str, str], say: Say) -> int:
    """Returns 0 when everything that is configured works."""
    try:
        settings = read_settings(environ)
    except WrongSettings as error:
        say(f"{WRONG} {error}")
        return 1
    say(f"{GOOD} people reach the pages at {settings.public_url}")
    results = [
        await _login(settings.database_url, "DATABASE_URL", APP, say),
        await _login(settings.notifier_database_url, "CLAMSHELL_NOTIFIER_DATABASE_URL", NOTIFIER, say),
        await _scheduler(settings, say),
        await _providers(settings, say),
    ]
    return 0 if all(results) else 1


async def _login(url: str | None, variable: str, role: str, say: Say) -> bool:
    if url is None:
        say(f"{MISSING} {variable}: `clamshell serve` then uses an embedded PostgreSQL of its own")
        return True
    database = Database(url)
    try:
        async with database.installation_tx() as connection:
            version = await connection.scalar(text("SHOW server_version"))
            await refuse_unsafe_login(connection, role)
    except WrongSettings as error:
        say(f"{WRONG} {variable}: {error}")
        return False
    except (SQLAlchemyError, OSError) as error:
        say(f"{WRONG} {variable}: the database does not answer ({type(error).__name__})")
        return False
    finally:
        await database.close()
    say(f"{GOOD} {variable}: PostgreSQL {version}, one clinic at a time")
    return True


async def _scheduler(settings: Settings, say: Say) -> bool:
    if settings.database_url is None:
        return True
    database = Database(settings.database_url)
    try:
        async with database.installation_tx() as connection:
            beat = await connection.scalar(text("SELECT max(beat_at) FROM heartbeat"))
    except (SQLAlchemyError, OSError):
        return False
    finally:
        await database.close()
    if beat is None or (utc_now() - beat).total_seconds() > _LATE_SECONDS:
        say(f"{WRONG} no scheduler has been alive in the last minute: start `python -m scheduler`")
        return False
    say(f"{GOOD} a scheduler is alive")
    return True


async def _providers(settings: Settings, say: Say) -> bool:
    if settings.sms is None:
        say(f"{MISSING} CLAMSHELL_SMS_URL: texts go to the test inbox")
    if settings.mail is None:
        say(f"{MISSING} CLAMSHELL_SMTP_URL: mail goes to the test inbox")
    reached = []
    if settings.sms:
        parts = urlsplit(settings.sms.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        reached.append(await _reach("the SMS provider", parts.hostname or "", port, say))
    if settings.mail:
        reached.append(await _reach("the mail server", settings.mail.host, settings.mail.port, say))
    return all(reached)


async def _reach(what: str, host: str, port: int, say: Say) -> bool:
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        say(f"{WRONG} {what} at {host}:{port} does not answer")
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    say(f"{GOOD} {what} at {host}:{port} answers")
    return True
