"""`clamshell doctor`: what is configured, reachable and missing, in plain words."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from ssl import SSLError
from urllib.parse import urlsplit

from aiosmtplib import SMTPAuthenticationError, SMTPException, SMTPResponseException
from sqlalchemy import text

from service.audit.queries import clinics, how_many_wait
from service.clock import utc_now
from service.database import box
from service.database.protection import APP, NOTIFIER
from service.database.reaching import check_login, has_clinic, knock
from service.database.tenancy import Across, Actor, Database
from service.errors import WrongSettings
from service.loading import makes_pdfs
from service.outbox.queries import read_hold
from service.providers import on_this_machine
from service.settings import MailServer, Settings, read_settings, unknown_variables
from service.smtp import smtp_client, trusted

_NOTES = text(
    "SELECT worker, note FROM heartbeat WHERE note IS NOT NULL AND beat_at > now() - make_interval(secs => :late)"
)

Say = Callable[[str], None]

GOOD, MISSING, UNKNOWN, WRONG = "ok      ", "not set ", "unknown ", "WRONG   "
_LATE_SECONDS = 60
_UNLINKED_SECONDS = 120
_READER = Actor("system", None, "cli")
_HELD = text(
    "SELECT sender, trouble, trouble_detail, opened_at FROM sender_pace WHERE trouble IS NOT NULL ORDER BY sender"
)
_SENDERS = {
    "twilio": ("the SMS provider", "CLAMSHELL_SMS_URL"),
    "smtp": ("the mail server", "CLAMSHELL_SMTP_URL"),
    "postmark": ("the mail provider", "CLAMSHELL_MAIL_URL"),
}
_NO_LOGIN = {
    "DATABASE_URL": "`clamshell serve` then uses an embedded PostgreSQL of its own, below --data",
    "CLAMSHELL_NOTIFIER_DATABASE_URL": "only `clamshell serve` without DATABASE_URL runs a scheduler without it",
}


async def examine(environ: Mapping[str, str], say: Say, *, alone: bool = False) -> int:
    """Returns 0 when everything that is configured works. `alone`: `clamshell serve` runs all of it here."""
    for sentence in unknown_variables(environ):
        say(f"{UNKNOWN} {sentence}")
    try:
        settings = read_settings(environ)
    except WrongSettings as error:
        say(f"{WRONG} {error}")
        return 1
    if settings.database_url or settings.notifier_database_url:
        try:
            box.use(settings.keys)
        except WrongSettings as error:
            say(f"{WRONG} {error}")
            return 1
    _memory(settings, say)
    _papers(say)
    results = [
        _address(settings, say, printed=alone and not environ.get("CLAMSHELL_PUBLIC_URL")),
        await _database(settings, "clamshell serve" if alone else "python -m scheduler", say),
        await _login(settings.notifier_database_url, "CLAMSHELL_NOTIFIER_DATABASE_URL", NOTIFIER, say),
        await _providers(settings, say),
    ]
    return 0 if all(results) else 1


def _address(settings: Settings, say: Say, *, printed: bool) -> bool:
    """Tried by HTTP on other machines too, as in a clinic's own network; whoever listens there reads all of it."""
    where = "the address that `clamshell serve` prints" if printed else settings.public_url
    say(f"{GOOD} people reach the pages at {where}")
    if settings.secure_cookies or on_this_machine(settings.public_url):
        return True
    say(
        f"{WRONG} CLAMSHELL_PUBLIC_URL: what people type there, their sign-in too, can be read on the way; put a proxy "
        "that speaks HTTPS before the pages and let the address begin with https://"
    )
    return False


async def _database(settings: Settings, scheduler: str, say: Say) -> bool:
    works = await _login(settings.database_url, "DATABASE_URL", APP, say)
    if settings.database_url is None or not works:
        return works
    if not await asyncio.to_thread(has_clinic, settings.database_url):
        say(f"{MISSING} no clinic is there yet: `clamshell create-clinic` makes one")
    linked = await _trail(settings.database_url, say)
    return await _scheduler(settings.database_url, scheduler, say) and linked


async def _trail(url: str, say: Say) -> bool:
    """Schedulers link what was written within a quarter of a minute (decision 0047)."""
    database, waiting, since = Database(url), 0, None
    try:
        async with database.across_clinics(Across.FIND_WORK) as connection:
            known = await clinics(connection)
        for clinic_id in known:
            async with database.clinic_tx(clinic_id, _READER) as session:
                count, oldest = await how_many_wait(session)
            waiting, since = waiting + count, min(filter(None, (since, oldest)), default=None)
    finally:
        await database.close()
    if since is not None and (utc_now() - since).total_seconds() > _UNLINKED_SECONDS:
        say(
            f"{WRONG} {waiting:,} rows of who did or saw what are not linked, the oldest since "
            f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC: a scheduler does that, and until then one that is deleted "
            "leaves no gap"
        )
        return False
    say(f"{GOOD} who did or saw what is linked, but for {waiting:,} rows of the last minutes; nothing is verified here")
    return True


async def _login(url: str | None, variable: str, role: str, say: Say) -> bool:
    if url is None:
        say(f"{MISSING} {variable}: {_NO_LOGIN[variable]}")
        return True
    try:
        await asyncio.to_thread(knock, url, variable)
        version = await check_login(url, variable, role)
    except WrongSettings as error:
        say(f"{WRONG} {error}")
        return False
    say(f"{GOOD} {variable}: PostgreSQL {version}, one clinic at a time")
    return True


async def _scheduler(url: str, command: str, say: Say) -> bool:
    database = Database(url)
    try:
        async with database.installation_tx() as connection:
            beat = await connection.scalar(text("SELECT max(beat_at) FROM heartbeat"))
            notes = (await connection.execute(_NOTES, {"late": _LATE_SECONDS})).all()
            hold = await read_hold(connection)
            held = (await connection.execute(_HELD)).all()
    finally:
        await database.close()
    if hold.reason is not None:
        say(f"{WRONG} sending is on hold: {hold.why}; `clamshell recover` looks up what may have left, and resumes")
        return False
    for sender in held:
        say(f"{WRONG} {_held(sender.sender, sender.trouble, sender.trouble_detail, sender.opened_at)}")
    if beat is None or (utc_now() - beat).total_seconds() > _LATE_SECONDS:
        say(f"{WRONG} no scheduler has been alive in the last minute: start `{command}`")
        return False
    for row in notes:
        say(f"{WRONG} the scheduler {row.worker} sends nothing: {row.note}")
    if not notes:
        say(f"{GOOD} a scheduler is alive")
    return not notes and not held


def _held(sender: str, trouble: str, detail: str, since: datetime) -> str:
    """Messages wait meanwhile, and go out when one of the tries gets through."""
    what, variable = _SENDERS.get(sender, (sender, "its settings"))
    when = f"since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if trouble == "login":
        return f"{what} refuses our login {when} ({detail}): check {variable}, then wait a minute"
    return f"nothing has got through to {what} {when} ({detail}): one message at a time is tried, the others wait"


def _memory(settings: Settings, say: Say) -> None:
    if settings.state_folder is None:
        say(
            f"{MISSING} CLAMSHELL_STATE_FOLDER: a scheduler that starts on a database copied back from the same server "
            "does not notice it, and may send again what that copy forgot"
        )


def _papers(say: Say) -> None:
    if makes_pdfs():
        say(f"{GOOD} hand-outs and summaries can be saved as PDF")
    else:
        say(f"{MISSING} the extra `pdf`: nothing can be saved as PDF; `pip install '.[pdf]'` brings it")


async def _providers(settings: Settings, say: Say) -> bool:
    if settings.sms is None:
        say(f"{MISSING} CLAMSHELL_SMS_URL: texts reach nobody, they go to the test inbox")
    if settings.mail is None and settings.mail_api is None:
        say(f"{MISSING} CLAMSHELL_SMTP_URL: mail reaches nobody, it goes to the test inbox")
    elif settings.mail_hook_token is None:
        say(f"{MISSING} CLAMSHELL_MAIL_HOOK_TOKEN: no bounce is heard: addresses that are gone stay open")
    _inbox(settings, say)
    reached = []
    if settings.sms:
        reached.append(await _reach("the SMS provider", settings.sms.url, say))
    if settings.mail:
        reached.append(await _mail_server(settings.mail, say))
    if settings.mail_api:
        reached.append(await _reach("the mail provider", settings.mail_api.url, say))
    return all(reached)


def _inbox(settings: Settings, say: Say) -> None:
    if settings.inbox:
        say(f"{GOOD} whoever sits at this machine reads the test inbox at {settings.public_url}/dev/inbox")
    elif settings.sms is None or (settings.mail is None and settings.mail_api is None):
        say(
            f"{MISSING} CLAMSHELL_INBOX: the page /dev/inbox is closed; `on` opens it, only without any provider "
            "and while CLAMSHELL_PUBLIC_URL is on this machine, like http://127.0.0.1:8000"
        )


async def _reach(what: str, url: str, say: Say) -> bool:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
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


async def _mail_server(server: MailServer, say: Say) -> bool:
    """Goes as far as the notifier does before it hands over a mail."""
    where = f"the mail server at {server.host}:{server.port}"
    client = smtp_client(server, trusted(server), 5)
    try:
        async with asyncio.timeout(15):
            await client.connect()
            sealed = client.get_transport_info("sslcontext") is not None
            await client.quit()
    except (SMTPException, OSError, TimeoutError) as error:
        say(f"{WRONG} {where} {_why_not(error)}")
        return False
    say(f"{GOOD} {where} answers, {'over TLS' if sealed else 'in plain text'}")
    return True


def _why_not(error: Exception) -> str:
    if isinstance(error, SMTPAuthenticationError):
        return f"refuses the name and password in CLAMSHELL_SMTP_URL: {error.message}"
    if isinstance(error, SSLError) or isinstance(error.__cause__, SSLError):
        return "shows no certificate that is trusted for its name, so it gets no mail"
    if isinstance(error, SMTPResponseException):
        return f"turns us away: {error.code} {error.message}"
    return f"does not answer as a mail server should: {error}" if str(error) else "does not answer"
