"""Every environment variable of both processes, read once into a frozen, checked object.

| Variable | Meaning |
|---|---|
| DATABASE_URL | PostgreSQL login of the API; absent: an embedded server below the data folder |
| CLAMSHELL_NOTIFIER_DATABASE_URL | login of the scheduler |
| CLAMSHELL_OWNER_DATABASE_URL | login that owns the database and has CREATEROLE, for `clamshell migrate` only |
| CLAMSHELL_BACKUP_DATABASE_URL | login that reads past the policies, for `clamshell backup` only |
| CLAMSHELL_PUBLIC_URL | where people reach the pages, as providers and links write it |
| CLAMSHELL_SECRET_KEY | at least 32 characters; signs links and forms |
| CLAMSHELL_AUDIT_KEY | at least 32 characters; signs who did or saw what; absent: the secret key. Never change it |
| CLAMSHELL_AUDIT_ANCHOR_TO | the address that hears each day where each clinic's chain ends; absent: its owners |
| CLAMSHELL_KEY_FILE, or CLAMSHELL_DATA_KEY | from `clamshell make-key`: names, notes and texts are kept under it |
| CLAMSHELL_SMS_URL, _SMS_ACCOUNT, _SMS_TOKEN, _SMS_FROM | a Twilio-compatible API, its login, the sender |
| CLAMSHELL_SMS_PER_SECOND, _MAIL_PER_SECOND | how many messages a second the provider takes from us; absent: 100 |
| CLAMSHELL_SMTP_URL, _MAIL_FROM | a mail server and the sender's address, see below |
| CLAMSHELL_MAIL_URL, _MAIL_TOKEN, _MAIL_FROM | instead of a mail server: a Postmark-compatible API, its token |
| CLAMSHELL_MAIL_HOOK_TOKEN | at least 32 characters: the password with which bounces and complaints are handed in |
| CLAMSHELL_TRUSTED_PROXIES | addresses whose X-Forwarded-For is believed, with commas between |
| CLAMSHELL_METRICS_PORT, _NOTIFIER_METRICS_PORT | where each process shows its counts to Prometheus; absent: nowhere |
| CLAMSHELL_METRICS_HOST | the address both listen on for that; absent: 127.0.0.1 |
| CLAMSHELL_INBOX | `on` opens the test inbox; only without real providers, and with a public address on this machine |
| CLAMSHELL_FAULTS | for `./run faults` only: speed=30,seed=1,marked.kill=0.01,… |
| CLAMSHELL_STATE_FOLDER | where schedulers remember, outside the database, how far it had come; `serve` alone sets it |
| CLAMSHELL_PG_BIN | PostgreSQL programs of the embedded server; absent: the system's, then the wheel's |

CLAMSHELL_SMTP_URL is `smtps://user:password@host` (TLS, port 465) or `smtp://user:password@host` (port 587), where the
connection must turn to TLS before it says more; only with `?starttls=off`, or on this machine, it stays in plain text.
Over TLS the authorities of this machine vouch for providers, or, where SSL_CERT_FILE names a file, those in it alone.

Without a provider, messages go to the test inbox and nothing leaves the machine. Its page `/dev/inbox` shows live
sign-in codes, so it is closed unless CLAMSHELL_INBOX opens it.
"""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from service.data_keys import KeySource, key_source
from service.errors import WrongSettings
from service.folders import nearest_folder
from service.providers import (
    MailProvider,
    MailServer,
    SmsProvider,
    http_url,
    is_address,
    is_host,
    mail_address,
    mail_provider,
    on_this_machine,
    sms_provider,
    split_url,
)

__all__ = ["Faults", "MailProvider", "MailServer", "Settings", "SmsProvider", "read_settings", "unknown_variables"]

SECRET_LENGTH = 32
VARIABLES = (
    "CLAMSHELL_AUDIT_ANCHOR_TO",
    "CLAMSHELL_AUDIT_KEY",
    "CLAMSHELL_BACKUP_DATABASE_URL",
    "CLAMSHELL_DATA_KEY",
    "CLAMSHELL_FAULTS",
    "CLAMSHELL_INBOX",
    "CLAMSHELL_KEY_FILE",
    "CLAMSHELL_MAIL_FROM",
    "CLAMSHELL_MAIL_HOOK_TOKEN",
    "CLAMSHELL_MAIL_PER_SECOND",
    "CLAMSHELL_MAIL_TOKEN",
    "CLAMSHELL_MAIL_URL",
    "CLAMSHELL_METRICS_HOST",
    "CLAMSHELL_METRICS_PORT",
    "CLAMSHELL_NOTIFIER_DATABASE_URL",
    "CLAMSHELL_NOTIFIER_METRICS_PORT",
    "CLAMSHELL_OWNER_DATABASE_URL",
    "CLAMSHELL_PG_BIN",
    "CLAMSHELL_PUBLIC_URL",
    "CLAMSHELL_SECRET_KEY",
    "CLAMSHELL_SMS_ACCOUNT",
    "CLAMSHELL_SMS_FROM",
    "CLAMSHELL_SMS_PER_SECOND",
    "CLAMSHELL_SMS_TOKEN",
    "CLAMSHELL_SMS_URL",
    "CLAMSHELL_SMTP_URL",
    "CLAMSHELL_STATE_FOLDER",
    "CLAMSHELL_TRUSTED_PROXIES",
)

INBOX_NUMBER = "+13035550100"
"""Where texts go that are answered in the test inbox of a clinic without a number."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Only for trying how the scheduler bears failures: its clocks run `speed` times as fast, and at each named place
    it is killed or stopped with a chance from 0 to 1."""

    speed: float = 1
    seed: int = 0
    chances: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    secret_key: str
    public_url: str
    keys: KeySource | None = None
    database_url: str | None = None
    notifier_database_url: str | None = None
    owner_database_url: str | None = None
    backup_database_url: str | None = None
    sms: SmsProvider | None = None
    mail: MailServer | None = None
    mail_api: MailProvider | None = None
    mail_hook_token: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    inbox: bool = False
    faults: Faults | None = None
    state_folder: Path | None = None
    audit_secret: str | None = None
    audit_anchor_to: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    notifier_metrics_port: int | None = None

    @property
    def audit_key(self) -> bytes:
        """Not the secret itself: nothing that is signed with the one is taken for something of the other."""
        return hmac.digest((self.audit_secret or self.secret_key).encode(), b"clamshell audit chain", "sha256")

    @property
    def sms_sender(self) -> str:
        """Who texts come from where a clinic has no number of its own; without a provider, the test inbox."""
        return self.sms.sender if self.sms else INBOX_NUMBER

    @property
    def mail_sender(self) -> str:
        """The same for mails."""
        way = self.mail or self.mail_api
        return way.sender if way else "inbox@localhost"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).netloc


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each variable of our name that nothing reads, with the nearest that is read."""
    strange = sorted(name for name in environ if name.startswith("CLAMSHELL_") and name not in VARIABLES)
    nearest = {name: get_close_matches(name, VARIABLES, n=1, cutoff=0)[0] for name in strange}
    return [f"{name} is not known and changes nothing; the nearest is {known}" for name, known in nearest.items()]


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    _refuse_unreadable(environ)
    sms = sms_provider(environ)
    mail, mail_api = mail_provider(environ)
    public_url = http_url(environ, "CLAMSHELL_PUBLIC_URL", "http://127.0.0.1:8000")
    return Settings(
        secret_key=_secret(environ),
        public_url=public_url,
        keys=key_source(environ),
        database_url=_database_url(environ, "DATABASE_URL"),
        notifier_database_url=_database_url(environ, "CLAMSHELL_NOTIFIER_DATABASE_URL"),
        owner_database_url=_database_url(environ, "CLAMSHELL_OWNER_DATABASE_URL"),
        backup_database_url=_database_url(environ, "CLAMSHELL_BACKUP_DATABASE_URL"),
        sms=sms,
        mail=mail,
        mail_api=mail_api,
        mail_hook_token=_long(environ, "CLAMSHELL_MAIL_HOOK_TOKEN"),
        trusted_proxies=_proxies(environ),
        inbox=_inbox(environ, public_url, real_providers=bool(sms or mail or mail_api)),
        faults=_faults(environ, public_url),
        state_folder=_folder(environ, "CLAMSHELL_STATE_FOLDER"),
        audit_secret=_long(environ, "CLAMSHELL_AUDIT_KEY"),
        audit_anchor_to=mail_address(environ, "CLAMSHELL_AUDIT_ANCHOR_TO"),
        metrics_host=_host(environ, "CLAMSHELL_METRICS_HOST"),
        metrics_port=_port(environ, "CLAMSHELL_METRICS_PORT"),
        notifier_metrics_port=_port(environ, "CLAMSHELL_NOTIFIER_METRICS_PORT"),
    )


def _refuse_unreadable(environ: Mapping[str, str]) -> None:
    """Bytes of chance make a good key and no text: nothing could be signed with it, or sent."""
    for name in ("DATABASE_URL", *VARIABLES):
        value = environ.get(name, "")
        if value != value.encode(errors="ignore").decode():
            raise WrongSettings(f"{name} must be a text in UTF-8: letters, digits and signs")


def _secret(environ: Mapping[str, str]) -> str:
    value = environ.get("CLAMSHELL_SECRET_KEY", "")
    if len(value) < SECRET_LENGTH:
        raise WrongSettings(
            f"CLAMSHELL_SECRET_KEY must have at least {SECRET_LENGTH} characters, for example the output of "
            '`python -c "import secrets; print(secrets.token_urlsafe(48))"`'
        )
    return value


def _database_url(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if not value:
        return None
    parts = split_url(value)
    if parts is None or parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise WrongSettings(f"{name} must look like postgresql://user:password@host:5432/database")
    return value


def _long(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name, "")
    if 0 < len(value) < SECRET_LENGTH:
        raise WrongSettings(f"{name} must have at least {SECRET_LENGTH} characters")
    return value or None


def _port(environ: Mapping[str, str], name: str) -> int | None:
    value = environ.get(name)
    if not value:
        return None
    if not (value.isdecimal() and 1 <= int(value) <= 65535):
        raise WrongSettings(f"{name} must be a number from 1 to 65535, not {value!r}")
    return int(value)


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    """Who only reads there need not be able to write."""
    value = environ.get(name)
    if not value:
        return None
    nearest_folder(name, Path(value))
    return Path(value)


def _host(environ: Mapping[str, str], name: str) -> str:
    """Whether it is one of this machine, only listening shows."""
    value = environ.get(name) or "127.0.0.1"
    if not is_host(value):
        raise WrongSettings(f"{name} must be a host name or an address of this machine, like 127.0.0.1, not {value!r}")
    return value


def _proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(part.strip() for part in environ.get("CLAMSHELL_TRUSTED_PROXIES", "").split(",") if part.strip())
    for name in names:
        if not is_address(name):
            raise WrongSettings(f"CLAMSHELL_TRUSTED_PROXIES must hold IP addresses, not {name!r}")
    return names


def _inbox(environ: Mapping[str, str], public_url: str, real_providers: bool) -> bool:
    """It shows live sign-in codes to whoever sits at this machine; behind a proxy, everybody seems to."""
    value = environ.get("CLAMSHELL_INBOX") or "off"
    if value not in ("on", "off"):
        raise WrongSettings(f"CLAMSHELL_INBOX must be on or off, not {value!r}")
    if value == "on" and real_providers:
        raise WrongSettings("CLAMSHELL_INBOX must be off while a real SMS or mail provider is set")
    if value == "on" and not on_this_machine(public_url):
        raise WrongSettings(
            "CLAMSHELL_INBOX must be off unless CLAMSHELL_PUBLIC_URL is on this machine only, like "
            f"http://127.0.0.1:8000, not {public_url!r}: the test inbox shows live sign-in codes"
        )
    return value == "on"


def _faults(environ: Mapping[str, str], public_url: str) -> Faults | None:
    value = environ.get("CLAMSHELL_FAULTS")
    if not value:
        return None
    if not on_this_machine(public_url):
        raise WrongSettings("CLAMSHELL_FAULTS must not be set where people are served: it kills by chance")
    try:
        numbers = {name: float(number) for name, _, number in (part.partition("=") for part in value.split(","))}
        seed = int(numbers.pop("seed", 0))
    except (ValueError, OverflowError):
        raise WrongSettings(f"CLAMSHELL_FAULTS must look like speed=30,marked.kill=0.01, not {value!r}") from None
    speed = numbers.pop("speed", 1)
    if not 1 <= speed <= 100 or any(not 0 <= chance <= 1 for chance in numbers.values()):
        raise WrongSettings("CLAMSHELL_FAULTS must hold a speed from 1 to 100 and chances from 0 to 1")
    return Faults(speed, seed, numbers)
