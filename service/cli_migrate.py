"""`clamshell migrate`: brings the database up to date."""

import argparse

from service.database import box
from service.database.protection import APP, NOTIFIER
from service.database.reaching import answering, knock
from service.errors import WrongSettings
from service.migrate import Login, login_of, migrate
from service.settings import read_settings
from service.terminal import say


@answering()
def run(_: argparse.Namespace) -> int:
    settings = read_settings()
    owner = settings.owner_database_url
    if owner is None:
        raise WrongSettings("CLAMSHELL_OWNER_DATABASE_URL must be set: the login that owns the database")
    logins = [
        *_login(settings.database_url, APP, "DATABASE_URL"),
        *_login(settings.notifier_database_url, NOTIFIER, "CLAMSHELL_NOTIFIER_DATABASE_URL"),
    ]
    box.use(settings.keys)
    knock(owner, "CLAMSHELL_OWNER_DATABASE_URL")
    migrate(owner, logins)
    say("the database is up to date")
    return 0


def _login(url: str | None, role: str, variable: str) -> list[Login]:
    try:
        return [login_of(url, role)] if url else []
    except WrongSettings as error:
        raise WrongSettings(f"{variable}: {error}") from None
