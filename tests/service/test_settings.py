"""A wrong setting names its variable and what would be right."""

import pytest

from service.errors import WrongSettings
from service.settings import Faults, MailProvider, read_settings, unknown_variables
from tests.key import KEY

RIGHT = {"CLAMSHELL_SECRET_KEY": "k" * 32, "CLAMSHELL_DATA_KEY": KEY.text}
SMS = {
    "CLAMSHELL_SMS_URL": "https://api.example",
    "CLAMSHELL_SMS_ACCOUNT": "AC1",
    "CLAMSHELL_SMS_TOKEN": "token",
    "CLAMSHELL_SMS_FROM": "+13035550100",
}


def test_a_secret_is_all_that_is_needed() -> None:
    settings = read_settings(RIGHT)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.sms, settings.mail, settings.inbox) == (None, None, False)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"CLAMSHELL_SECRET_KEY": ""}, "CLAMSHELL_SECRET_KEY must have at least 32 characters"),
        ({"CLAMSHELL_SECRET_KEY": "short"}, "CLAMSHELL_SECRET_KEY must have at least 32 characters"),
        ({"CLAMSHELL_PUBLIC_URL": "clinic.example"}, "CLAMSHELL_PUBLIC_URL must look like https://"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must look like postgresql://"),
        ({"DATABASE_URL": "postgresql://host"}, "DATABASE_URL must look like postgresql://"),
        ({"CLAMSHELL_SMS_URL": "https://api.example"}, "CLAMSHELL_SMS_ACCOUNT and CLAMSHELL_SMS_TOKEN"),
        (SMS | {"CLAMSHELL_SMS_PER_SECOND": "0"}, "CLAMSHELL_SMS_PER_SECOND must be a number above 0, at most 10000"),
        # Whether or not there is a provider yet.
        ({"CLAMSHELL_SMS_PER_SECOND": "many"}, "CLAMSHELL_SMS_PER_SECOND must be a number"),
        ({"CLAMSHELL_MAIL_PER_SECOND": "nan"}, "CLAMSHELL_MAIL_PER_SECOND must be a number"),
        (SMS | {"CLAMSHELL_SMS_URL": "http://api.example"}, "CLAMSHELL_SMS_URL must begin with https://"),
        (SMS | {"CLAMSHELL_SMS_URL": "http://127.0.0.1.example"}, "CLAMSHELL_SMS_URL must begin with https://"),
        (SMS | {"CLAMSHELL_SMS_FROM": "5550100"}, "CLAMSHELL_SMS_FROM must be a number like"),
        ({"CLAMSHELL_SMTP_URL": "smtp://mail.example"}, "CLAMSHELL_MAIL_FROM must be set too"),
        (
            {"CLAMSHELL_SMTP_URL": "http://mail.example", "CLAMSHELL_MAIL_FROM": "a@b.example"},
            "CLAMSHELL_SMTP_URL must look like smtp://",
        ),
        ({"CLAMSHELL_SMTP_URL": "smtp://m", "CLAMSHELL_MAIL_FROM": "nobody"}, "CLAMSHELL_MAIL_FROM must be an email"),
        (
            {"CLAMSHELL_SMTP_URL": "smtp://m?tls=no", "CLAMSHELL_MAIL_FROM": "a@b.example"},
            "CLAMSHELL_SMTP_URL must look",
        ),
        ({"CLAMSHELL_SMTP_URL": "smtp://m", "CLAMSHELL_MAIL_URL": "https://m"}, "must not both be set"),
        ({"CLAMSHELL_MAIL_URL": "https://m"}, "CLAMSHELL_MAIL_TOKEN and CLAMSHELL_MAIL_FROM must be set too"),
        (
            {"CLAMSHELL_MAIL_URL": "http://m", "CLAMSHELL_MAIL_TOKEN": "t", "CLAMSHELL_MAIL_FROM": "a@b.example"},
            "CLAMSHELL_MAIL_URL must begin with https://",
        ),
        ({"CLAMSHELL_MAIL_HOOK_TOKEN": "short"}, "CLAMSHELL_MAIL_HOOK_TOKEN must have at least 32"),
        ({"CLAMSHELL_INBOX": "yes"}, "CLAMSHELL_INBOX must be on or off"),
        (SMS | {"CLAMSHELL_INBOX": "on"}, "CLAMSHELL_INBOX must be off while a real"),
        (
            {"CLAMSHELL_INBOX": "on", "CLAMSHELL_PUBLIC_URL": "https://app.clinic.example"},
            "CLAMSHELL_INBOX must be off",
        ),
        ({"CLAMSHELL_INBOX": "on", "CLAMSHELL_PUBLIC_URL": "https://127.0.0.1"}, "CLAMSHELL_INBOX must be off"),
        ({"CLAMSHELL_INBOX": "on", "CLAMSHELL_PUBLIC_URL": "http://app.clinic.example"}, "CLAMSHELL_INBOX must be off"),
        ({"CLAMSHELL_INBOX": "on", "CLAMSHELL_PUBLIC_URL": "http://localhost.evil.example"}, "like http://127.0.0.1"),
        ({"CLAMSHELL_PUBLIC_URL": "https://app.clinic.example:port"}, "CLAMSHELL_PUBLIC_URL must look like https://"),
        ({"DATABASE_URL": "postgresql://user:word@host:port/name"}, "DATABASE_URL must look like postgresql://"),
        (
            {"CLAMSHELL_FAULTS": "speed=20", "CLAMSHELL_PUBLIC_URL": "https://app.clinic.example"},
            "CLAMSHELL_FAULTS must not",
        ),
        ({"CLAMSHELL_FAULTS": "often"}, "CLAMSHELL_FAULTS must look like speed=30"),
        ({"CLAMSHELL_FAULTS": "speed=0"}, "CLAMSHELL_FAULTS must hold a speed from 1 to 100"),
        ({"CLAMSHELL_FAULTS": "seed=inf"}, "CLAMSHELL_FAULTS must look like speed=30"),
        ({"CLAMSHELL_FAULTS": "marked.kill=1.5"}, "CLAMSHELL_FAULTS must hold a speed from 1 to 100"),
        ({"CLAMSHELL_METRICS_HOST": "nonsense..host"}, "CLAMSHELL_METRICS_HOST must be a host name or an address"),
        ({"CLAMSHELL_METRICS_HOST": "127.0.0.1:9000"}, "of this machine, like 127.0.0.1, not '127.0.0.1:9000'"),
        ({"CLAMSHELL_METRICS_HOST": "n" * 64}, "CLAMSHELL_METRICS_HOST must be a host name"),
        ({"CLAMSHELL_METRICS_HOST": ".".join(["n" * 50] * 5)}, "CLAMSHELL_METRICS_HOST must be a host name"),
        ({"CLAMSHELL_STATE_FOLDER": "/etc/passwd"}, "CLAMSHELL_STATE_FOLDER must be a folder, and /etc/passwd"),
        ({"CLAMSHELL_STATE_FOLDER": "/etc/passwd/state"}, "STATE_FOLDER must be a folder, and /etc/passwd is a file"),
        ({"CLAMSHELL_STATE_FOLDER": "n" * 300}, "CLAMSHELL_STATE_FOLDER must be a folder that can be made: File name"),
        # What a shell hands over of bytes that are no text.
        ({"CLAMSHELL_SECRET_KEY": "\udcff" * 40}, "CLAMSHELL_SECRET_KEY must be a text in UTF-8"),
        ({"CLAMSHELL_STATE_FOLDER": "/tmp/\udcff"}, "CLAMSHELL_STATE_FOLDER must be a text in UTF-8"),
        ({"DATABASE_URL": "postgresql://u:\udcff@h/d"}, "DATABASE_URL must be a text in UTF-8"),
        (SMS | {"CLAMSHELL_SMS_TOKEN": "token\n"}, "CLAMSHELL_SMS_TOKEN must be as the provider shows it"),
        (SMS | {"CLAMSHELL_SMS_ACCOUNT": " "}, "CLAMSHELL_SMS_ACCOUNT must be as the provider shows it"),
        (SMS | {"CLAMSHELL_SMS_FROM": "+\u00b2\u00b3"}, "CLAMSHELL_SMS_FROM must be a number like +13035550100"),
        (SMS | {"CLAMSHELL_SMS_FROM": "+1"}, "CLAMSHELL_SMS_FROM must be a number like +13035550100"),
        (SMS | {"CLAMSHELL_SMS_URL": "https://me:word@api.example"}, "CLAMSHELL_SMS_URL must look like https://"),
        (
            {
                "CLAMSHELL_MAIL_URL": "https://m",
                "CLAMSHELL_MAIL_TOKEN": "t\u00e9",
                "CLAMSHELL_MAIL_FROM": "a@b.example",
            },
            "CLAMSHELL_MAIL_TOKEN must be as the provider shows it",
        ),
        ({"CLAMSHELL_SMTP_URL": "smtp://m", "CLAMSHELL_MAIL_FROM": "a@b.example c"}, "MAIL_FROM must be an email"),
        ({"CLAMSHELL_SMTP_URL": "smtp://m", "CLAMSHELL_MAIL_FROM": "a@b@c.example"}, "MAIL_FROM must be an email"),
        ({"CLAMSHELL_SMTP_URL": "smtp://m m", "CLAMSHELL_MAIL_FROM": "a@b.example"}, "CLAMSHELL_SMTP_URL must look"),
        ({"CLAMSHELL_AUDIT_ANCHOR_TO": "@"}, "CLAMSHELL_AUDIT_ANCHOR_TO must be an email address, not '@'"),
        ({"CLAMSHELL_PUBLIC_URL": "https://app clinic.example"}, "CLAMSHELL_PUBLIC_URL must look like https://"),
        ({"CLAMSHELL_PUBLIC_URL": "https://app.clinic.example/a b"}, "CLAMSHELL_PUBLIC_URL must look like https://"),
        ({"CLAMSHELL_PUBLIC_URL": "https://me:word@app.clinic.example"}, "https://app.clinic.example, without a name"),
        ({"CLAMSHELL_TRUSTED_PROXIES": "proxy"}, "CLAMSHELL_TRUSTED_PROXIES must hold IP addresses"),
    ],
)
def test_a_wrong_setting_says_what_would_be_right(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(WrongSettings, match=named.replace("+", r"\+")):
        read_settings(RIGHT | wrong)


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "localhost", "metrics-1.clinic_net", "n" * 63])
def test_counts_are_shown_at_a_host_by_name_or_by_address(host: str) -> None:
    assert read_settings(RIGHT | {"CLAMSHELL_METRICS_HOST": host}).metrics_host == host


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8010", "http://[::1]:8000"])
def test_the_inbox_opens_for_whoever_sits_at_this_machine(url: str) -> None:
    assert read_settings(RIGHT | {"CLAMSHELL_INBOX": "on", "CLAMSHELL_PUBLIC_URL": url}).inbox


def test_faults_are_read_only_when_they_are_set() -> None:
    assert read_settings(RIGHT).faults is None
    faults = read_settings(RIGHT | {"CLAMSHELL_FAULTS": "speed=20,seed=3,marked.kill=0.25"}).faults
    assert faults == Faults(20, 3, {"marked.kill": 0.25})


def test_a_variable_that_nothing_reads_is_named_with_the_nearest_one() -> None:
    environ = RIGHT | {"CLAMSHELL_INBX": "on", "CLAMSHELL_SMPT_URL": "smtp://m", "PATH": "/bin"}
    assert unknown_variables(environ) == [
        "CLAMSHELL_INBX is not known and changes nothing; the nearest is CLAMSHELL_INBOX",
        "CLAMSHELL_SMPT_URL is not known and changes nothing; the nearest is CLAMSHELL_SMTP_URL",
    ]


FROM = {"CLAMSHELL_MAIL_FROM": "a@b.example"}


def _server(url: str) -> tuple[str, int, str | None, str | None, bool, bool]:
    mail = read_settings(RIGHT | FROM | {"CLAMSHELL_SMTP_URL": url}).mail
    assert mail
    return mail.host, mail.port, mail.username, mail.password, mail.use_tls, mail.start_tls


@pytest.mark.parametrize(
    ("url", "means"),
    [
        ("smtps://u:p@m.example", ("m.example", 465, "u", "p", True, False)),
        ("smtp://m.example", ("m.example", 587, None, None, False, True)),
        ("smtp://u%40m.example:p%3A%2F@m.example:25", ("m.example", 25, "u@m.example", "p:/", False, True)),
        # In plain text only where the wire is ours.
        ("smtp://m.example?starttls=off", ("m.example", 587, None, None, False, False)),
        ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, None, None, False, False)),
    ],
)
def test_a_mail_server_is_spoken_to_over_tls(url: str, means: tuple[object, ...]) -> None:
    assert _server(url) == means


def test_mail_may_go_through_an_api_instead() -> None:
    api = {"CLAMSHELL_MAIL_URL": "https://api.mail.example/", "CLAMSHELL_MAIL_TOKEN": "token"}
    settings = read_settings(RIGHT | FROM | api)
    assert settings.mail is None
    assert settings.mail_api == MailProvider("https://api.mail.example", "token", "a@b.example")
