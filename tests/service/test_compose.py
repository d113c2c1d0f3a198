"""What is put into .env beside compose.yaml reaches the processes that read it."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from service.settings import VARIABLES, read_settings
from tests.conftest import project_root
from tests.key import KEY

LEFT_OUT: Final = {
    "CLAMSHELL_BACKUP_DATABASE_URL": "for `clamshell backup` alone: who serves people must not hold that login",
    "CLAMSHELL_FAULTS": "for `./run faults` alone",
    "CLAMSHELL_INBOX": "it opens to nobody but the same machine, and nobody sits inside a container",
    "CLAMSHELL_PG_BIN": "for the embedded server alone, and this one has a server of its own",
    "CLAMSHELL_STATE_FOLDER": "the image sets it, and the volume of the schedulers lies there",
}
LOGINS: Final = {
    "CLAMSHELL_OWNER_DATABASE_URL": {"migrate"},
    "DATABASE_URL": {"migrate", "api"},
    "CLAMSHELL_NOTIFIER_DATABASE_URL": {"migrate", "scheduler"},
}
"""Put together from passwords; no process holds one that it does not need."""
ASKED_FOR: Final = {
    "CLAMSHELL_SECRET_KEY": "k" * 32,
    "CLAMSHELL_DATA_KEY": KEY.text,
    "CLAMSHELL_PUBLIC_URL": "https://app.clinic.example",
    "OWNER_PASSWORD": "o",
    "APP_PASSWORD": "a",
    "NOTIFIER_PASSWORD": "n",
}
_PUT_IN: Final = re.compile(r"\$\{(\w+)(:[-?])([^}]*)\}")


def _environments() -> dict[str, dict[str, str]]:
    """What each process of ours is given."""
    services = msgspec.yaml.decode((project_root() / "compose.yaml").read_bytes())["services"]
    return {name: service["environment"] for name, service in services.items() if name != "postgres"}


def _put_in(text: str, env_file: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name, sign, rest = found.groups()
        assert env_file.get(name) or sign == ":-", f"{name} must be set: {rest}"
        return env_file.get(name) or rest

    return _PUT_IN.sub(value, text)


def test_every_variable_reaches_the_processes_that_read_it() -> None:
    assert LEFT_OUT.keys() <= set(VARIABLES)
    for_all = {name: {"migrate", "api", "scheduler"} for name in set(VARIABLES) - LEFT_OUT.keys()}
    environments = _environments()
    reached = {
        name: {process for process, environ in environments.items() if name in environ}
        for environ in environments.values()
        for name in environ
    }
    assert reached == for_all | LOGINS


def test_each_is_what_the_file_says_by_that_name() -> None:
    env_file = {name: f"of {name}" for name in VARIABLES} | ASKED_FOR
    for process, environ in _environments().items():
        said = {name: _put_in(text, env_file) for name, text in environ.items() if name not in LOGINS}
        assert said == {name: env_file[name] for name in said}, process


def test_what_the_file_does_not_say_is_absent_to_every_process() -> None:
    for process, environ in _environments().items():
        settings = read_settings({name: _put_in(text, ASKED_FOR) for name, text in environ.items()})
        assert (settings.metrics_port, settings.audit_secret, settings.sms) == (None, None, None), process
