"""Every environment variable of both processes, read once into a frozen, checked object.

| Variable | Meaning |
|---|---|
| DATABASE_URL | PostgreSQL login of the API; absent: an embedded server below the data folder |
| CLAMSHELL_NOTIFIER_DATABASE_URL | login of the scheduler |
| CLAMSHELL_OWNER_DATABASE_URL | login that owns the database and has CREATEROLE, for `clamshell migrate` only |
| CLAMSHELL_PUBLIC_URL | where people reach the pages, as providers and links write it |
| CLAMSHELL_SECRET_KEY | at least 32 characters; signs links and forms |
| CLAMSHELL_SMS_URL, _SMS_ACCOUNT, _SMS_TOKEN, _SMS_FROM | a Twilio-compatible API, its login, the sender |
| CLAMSHELL_SMS_PER_SECOND, _MAIL_PER_SECOND | how many messages a second the provider takes from us; absent: 100 |
| CLAMSHELL_SMTP_URL, _MAIL_FROM | a mail server and the sender's address, see below |
| CLAMSHELL_MAIL_URL, _MAIL_TOKEN, _MAIL_FROM | instead of a mail server: a Postmark-compatible API, its token |
| CLAMSHELL_MAIL_HOOK_TOKEN | at least 32 characters: the password with which bounces and complaints are handed in |
| CLAMSHELL_TRUSTED_PROXIES | addresses whose X-Forwarded-For is believed, with commas between |
| CLAMSHELL_INBOX | `on` opens the test inbox; only without real providers, and with a public address on this machine |
| CLAMSHELL_FAULTS | for `./run faults` only: speed=30,seed=1,marked.kill=0.01,… |
| CLAMSHELL_STATE_FOLDER | where schedulers remember, outside the database, how far it had come; `serve` alone sets it |
| CLAMSHELL_PG_BIN | PostgreSQL programs of the embedded server; absent: the system's, then the wheel's |

CLAMSHELL_SMTP_URL is `smtps://user:password@host` (TLS, port 465) or `smtp://user:password@host` (port 587), where the
connection must turn to TLS before it says more; only with `?starttls=off`, or on this machine, it stays in plain text.

Without a provider, messages go to the test inbox and nothing leaves the machine. Its page `/dev/inbox` shows live
sign-in codes, so it is closed unless CLAMSHELL_INBOX opens it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from service.errors import WrongSettings

SECRET_LENGTH = 32
PER_SECOND = 100.0
MOST_PER_SECOND = 10_000.0
VARIABLES = (
    "CLAMSHELL_FAULTS",
    "CLAMSHELL_INBOX",
    "CLAMSHELL_MAIL_FROM",
    "CLAMSHELL_MAIL_HOOK_TOKEN",
    "CLAMSHELL_MAIL_PER_SECOND",
    "CLAMSHELL_MAIL_TOKEN",
    "CLAMSHELL_MAIL_URL",
    "CLAMSHELL_NOTIFIER_DATABASE_URL",
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


@dataclass(frozen=True, slots=True)
class SmsProvider:
    url: str
    account: str
    token: str
    sender: str
    per_second: float = PER_SECOND


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    username: str | None
    password: str | None
    use_tls: bool
    sender: str
    start_tls: bool = False
    """Whether a connection that begins in plain text must turn to TLS."""
    per_second: float = PER_SECOND


@dataclass(frozen=True, slots=True)
class MailProvider:
    """A Postmark-compatible API."""

    url: str
    token: str
    sender: str
    per_second: float = PER_SECOND


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
    database_url: str | None = None
    notifier_database_url: str | None = None
    owner_database_url: str | None = None
    sms: SmsProvider | None = None
    mail: MailServer | None = None
    mail_api: MailProvider | None = None
    mail_hook_token: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    inbox: bool = False
    faults: Faults | None = None
    state_folder: Path | None = None

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
    sms = _sms(environ)
    mail, mail_api = _mail(environ)
    public_url = _http_url(environ, "CLAMSHELL_PUBLIC_URL", "http://127.0.0.1:8000")
    return Settings(
        secret_key=_secret(environ),
        public_url=public_url,
        database_url=_database_url(environ, "DATABASE_URL"),
        notifier_database_url=_database_url(environ, "CLAMSHELL_NOTIFIER_DATABASE_URL"),
        owner_database_url=_database_url(environ, "CLAMSHELL_OWNER_DATABASE_URL"),
        sms=sms,
        mail=mail,
        mail_api=mail_api,
        mail_hook_token=_mail_hook_token(environ),
        trusted_proxies=_proxies(environ),
        inbox=_inbox(environ, public_url, real_providers=bool(sms or mail or mail_api)),
        faults=_faults(environ, public_url),
        state_folder=Path(environ["CLAMSHELL_STATE_FOLDER"]) if environ.get("CLAMSHELL_STATE_FOLDER") else None,
    )


def _secret(environ: Mapping[str, str]) -> str:
    value = environ.get("CLAMSHELL_SECRET_KEY", "")
    if len(value) < SECRET_LENGTH:
        raise WrongSettings(
            f"CLAMSHELL_SECRET_KEY must have at least {SECRET_LENGTH} characters, for example the output of "
            '`python -c "import secrets; print(secrets.token_urlsafe(48))"`'
        )
    return value


def _http_url(environ: Mapping[str, str], name: str, default: str | None = None) -> str:
    value = environ.get(name) or default or ""
    parts = _split(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise WrongSettings(f"{name} must look like https://app.clinic.example, not {value!r}")
    return value.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """None when its brackets or its port cannot be."""
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _database_url(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if not value:
        return None
    parts = _split(value)
    if parts is None or parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise WrongSettings(f"{name} must look like postgresql://user:password@host:5432/database")
    return value


def _sms(environ: Mapping[str, str]) -> SmsProvider | None:
    names = [f"CLAMSHELL_SMS_{part}" for part in ("URL", "ACCOUNT", "TOKEN", "FROM")]
    if not any(environ.get(name) for name in names):
        return None
    _all_or_none(environ, names)
    sender = environ["CLAMSHELL_SMS_FROM"]
    if not (sender.startswith("+") and sender[1:].isdigit()):
        raise WrongSettings(f"CLAMSHELL_SMS_FROM must be a number like +15550100, not {sender!r}")
    url = _http_url(environ, "CLAMSHELL_SMS_URL")
    per_second = _per_second(environ, "CLAMSHELL_SMS_PER_SECOND")
    return SmsProvider(url, environ["CLAMSHELL_SMS_ACCOUNT"], environ["CLAMSHELL_SMS_TOKEN"], sender, per_second)


def _mail(environ: Mapping[str, str]) -> tuple[MailServer | None, MailProvider | None]:
    per_second = _per_second(environ, "CLAMSHELL_MAIL_PER_SECOND")
    by_server, by_api = environ.get("CLAMSHELL_SMTP_URL"), environ.get("CLAMSHELL_MAIL_URL")
    if by_server and by_api:
        raise WrongSettings("CLAMSHELL_SMTP_URL and CLAMSHELL_MAIL_URL must not both be set: mail goes one way")
    if by_api or environ.get("CLAMSHELL_MAIL_TOKEN"):
        _all_or_none(environ, [f"CLAMSHELL_MAIL_{part}" for part in ("URL", "TOKEN", "FROM")])
        url = _http_url(environ, "CLAMSHELL_MAIL_URL")
        if not url.startswith("https://") and not _on_this_machine(url):
            raise WrongSettings(f"CLAMSHELL_MAIL_URL must begin with https://, not {url!r}")
        return None, MailProvider(url, environ["CLAMSHELL_MAIL_TOKEN"], _mail_from(environ), per_second)
    if by_server or environ.get("CLAMSHELL_MAIL_FROM"):
        _all_or_none(environ, ["CLAMSHELL_SMTP_URL", "CLAMSHELL_MAIL_FROM"])
        return _mail_server(environ["CLAMSHELL_SMTP_URL"], _mail_from(environ), per_second), None
    return None, None


def _mail_from(environ: Mapping[str, str]) -> str:
    sender = environ["CLAMSHELL_MAIL_FROM"]
    if "@" in sender:
        return sender
    raise WrongSettings(f"CLAMSHELL_MAIL_FROM must be an email address, not {sender!r}")


def _mail_server(url: str, sender: str, per_second: float) -> MailServer:
    parts = _split(url)
    in_plain = parts is not None and parts.query == "starttls=off"
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname or (parts.query and not in_plain):
        raise WrongSettings("CLAMSHELL_SMTP_URL must look like smtp://user:password@mail.example:587")
    use_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if use_tls else 587),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=use_tls,
        sender=sender,
        start_tls=not (use_tls or in_plain or _is_loopback(parts.hostname)),
        per_second=per_second,
    )


def _per_second(environ: Mapping[str, str], name: str) -> float:
    value = environ.get(name) or str(PER_SECOND)
    try:
        number = float(value)
    except ValueError:
        number = 0
    if not 0 < number <= MOST_PER_SECOND:
        raise WrongSettings(f"{name} must be a number above 0, at most {MOST_PER_SECOND:.0f}, not {value!r}")
    return number


def _mail_hook_token(environ: Mapping[str, str]) -> str | None:
    value = environ.get("CLAMSHELL_MAIL_HOOK_TOKEN", "")
    if 0 < len(value) < SECRET_LENGTH:
        raise WrongSettings(f"CLAMSHELL_MAIL_HOOK_TOKEN must have at least {SECRET_LENGTH} characters")
    return value or None


def _all_or_none(environ: Mapping[str, str], names: list[str]) -> None:
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise WrongSettings(f"{' and '.join(missing)} must be set too, because {names[0].rsplit('_', 1)[0]}_… is")


def _proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(part.strip() for part in environ.get("CLAMSHELL_TRUSTED_PROXIES", "").split(",") if part.strip())
    for name in names:
        try:
            ip_address(name)
        except ValueError:
            raise WrongSettings(f"CLAMSHELL_TRUSTED_PROXIES must hold IP addresses, not {name!r}") from None
    return names


def _inbox(environ: Mapping[str, str], public_url: str, real_providers: bool) -> bool:
    """It shows live sign-in codes to whoever sits at this machine; behind a proxy, everybody seems to."""
    value = environ.get("CLAMSHELL_INBOX") or "off"
    if value not in ("on", "off"):
        raise WrongSettings(f"CLAMSHELL_INBOX must be on or off, not {value!r}")
    if value == "on" and real_providers:
        raise WrongSettings("CLAMSHELL_INBOX must be off while a real SMS or mail provider is set")
    if value == "on" and not _on_this_machine(public_url):
        raise WrongSettings(
            "CLAMSHELL_INBOX must be off unless CLAMSHELL_PUBLIC_URL is on this machine only, like "
            f"http://127.0.0.1:8000, not {public_url!r}: the test inbox shows live sign-in codes"
        )
    return value == "on"


def _faults(environ: Mapping[str, str], public_url: str) -> Faults | None:
    value = environ.get("CLAMSHELL_FAULTS")
    if not value:
        return None
    if not _on_this_machine(public_url):
        raise WrongSettings("CLAMSHELL_FAULTS must not be set where people are served: it kills by chance")
    try:
        numbers = {name: float(number) for name, _, number in (part.partition("=") for part in value.split(","))}
    except ValueError:
        raise WrongSettings(f"CLAMSHELL_FAULTS must look like speed=30,marked.kill=0.01, not {value!r}") from None
    speed, seed = numbers.pop("speed", 1), numbers.pop("seed", 0)
    if not 1 <= speed <= 100 or any(not 0 <= chance <= 1 for chance in numbers.values()):
        raise WrongSettings("CLAMSHELL_FAULTS must hold a speed from 1 to 100 and chances from 0 to 1")
    return Faults(speed, int(seed), numbers)


def _on_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
