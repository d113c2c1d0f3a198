"""Who carries our messages, as the environment says it: read and checked, each wrong value by its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from service.errors import WrongSettings

PER_SECOND = 100.0
MOST_PER_SECOND = 10_000.0
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_LOGIN = re.compile(r"[!-~]+")


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


def sms_provider(environ: Mapping[str, str]) -> SmsProvider | None:
    per_second = _per_second(environ, "CLAMSHELL_SMS_PER_SECOND")
    names = [f"CLAMSHELL_SMS_{part}" for part in ("URL", "ACCOUNT", "TOKEN", "FROM")]
    if not any(environ.get(name) for name in names):
        return None
    _all_or_none(environ, names)
    sender = environ["CLAMSHELL_SMS_FROM"]
    if not _NUMBER.fullmatch(sender):
        raise WrongSettings(f"CLAMSHELL_SMS_FROM must be a number like +13035550100, not {sender!r}")
    url = _api_url(environ, "CLAMSHELL_SMS_URL")
    account, token = _login(environ, "CLAMSHELL_SMS_ACCOUNT"), _login(environ, "CLAMSHELL_SMS_TOKEN")
    return SmsProvider(url, account, token, sender, per_second)


def mail_provider(environ: Mapping[str, str]) -> tuple[MailServer | None, MailProvider | None]:
    per_second = _per_second(environ, "CLAMSHELL_MAIL_PER_SECOND")
    by_server, by_api = environ.get("CLAMSHELL_SMTP_URL"), environ.get("CLAMSHELL_MAIL_URL")
    if by_server and by_api:
        raise WrongSettings("CLAMSHELL_SMTP_URL and CLAMSHELL_MAIL_URL must not both be set: mail goes one way")
    if by_api or environ.get("CLAMSHELL_MAIL_TOKEN"):
        _all_or_none(environ, [f"CLAMSHELL_MAIL_{part}" for part in ("URL", "TOKEN", "FROM")])
        url = _api_url(environ, "CLAMSHELL_MAIL_URL")
        token, sender = _login(environ, "CLAMSHELL_MAIL_TOKEN"), mail_address(environ, "CLAMSHELL_MAIL_FROM")
        return None, MailProvider(url, token, sender, per_second)
    if by_server or environ.get("CLAMSHELL_MAIL_FROM"):
        _all_or_none(environ, ["CLAMSHELL_SMTP_URL", "CLAMSHELL_MAIL_FROM"])
        return _mail_server(
            environ["CLAMSHELL_SMTP_URL"], mail_address(environ, "CLAMSHELL_MAIL_FROM"), per_second
        ), None
    return None, None


def mail_address(environ: Mapping[str, str], name: str) -> str:
    """Empty where it is not set."""
    address = environ.get(name, "")
    if address and not _ADDRESS.fullmatch(address):
        raise WrongSettings(f"{name} must be an email address, not {address!r}")
    return address


def _login(environ: Mapping[str, str], name: str) -> str:
    """It goes into a header, where a line's end or a letter of another alphabet fails each message on its own. What
    is wrong with it is not shown: it may be nearly right."""
    if not _LOGIN.fullmatch(environ[name]):
        raise WrongSettings(f"{name} must be as the provider shows it: letters, digits and signs, without blanks")
    return environ[name]


def _mail_server(url: str, sender: str, per_second: float) -> MailServer:
    parts = split_url(url)
    host = (parts and parts.hostname) or ""
    in_plain = parts is not None and parts.query == "starttls=off"
    if parts is None or parts.scheme not in ("smtp", "smtps") or not is_host(host) or (parts.query and not in_plain):
        raise WrongSettings("CLAMSHELL_SMTP_URL must look like smtp://user:password@mail.example:587")
    use_tls = parts.scheme == "smtps"
    return MailServer(
        host=host,
        port=parts.port or (465 if use_tls else 587),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=use_tls,
        sender=sender,
        start_tls=not (use_tls or in_plain or _is_loopback(host)),
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


def _all_or_none(environ: Mapping[str, str], names: list[str]) -> None:
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise WrongSettings(f"{' and '.join(missing)} must be set too, because {names[0].rsplit('_', 1)[0]}_… is")


def _api_url(environ: Mapping[str, str], name: str) -> str:
    """Our login, and to whom we write, go there: on no other machine in plain."""
    url = http_url(environ, name)
    if not url.startswith("https://") and not on_this_machine(url):
        raise WrongSettings(f"{name} must begin with https://, not {url!r}")
    return url


def http_url(environ: Mapping[str, str], name: str, default: str | None = None) -> str:
    value = environ.get(name) or default or ""
    parts = split_url(value)
    if parts is None or parts.scheme not in ("http", "https") or not is_host(parts.hostname or "") or parts.query:
        raise WrongSettings(f"{name} must look like https://app.clinic.example, not {value!r}")
    # What is wrong with it is not shown: it may be a password.
    if parts.fragment or "@" in parts.netloc or not _LOGIN.fullmatch(value):
        raise WrongSettings(f"{name} must look like https://app.clinic.example, without a name, a blank or # in it")
    return value.rstrip("/")


def split_url(url: str) -> SplitResult | None:
    """None when its brackets or its port cannot be."""
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def is_host(name: str) -> bool:
    """By its name or by its address; whether there is one is another question."""
    return is_address(name) or (len(name) <= 253 and all(map(_LABEL.fullmatch, name.split("."))))


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def on_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
