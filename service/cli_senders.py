"""`clamshell senders CLINIC`: who a clinic's texts and mails come from, where that is not the installation's sender."""

import argparse
import asyncio
import os
from collections.abc import Mapping
from uuid import UUID

from service.audit.facts import refuse_another_key
from service.clock import utc_now
from service.database import box
from service.database.protection import APP
from service.database.reaching import answering, check_login, knock
from service.database.tenancy import Database
from service.errors import NotFound, WrongSettings
from service.installation import opened
from service.setting_up import Senders, set_senders
from service.settings import read_settings
from service.terminal import say


@answering()
def run(options: argparse.Namespace) -> int:
    if url := os.environ.get("DATABASE_URL"):
        return _set(url, os.environ, options)
    with opened(options.data) as installation:
        environ = installation.environ(os.environ)
        return _set(environ["DATABASE_URL"], environ, options)


def _set(url: str, environ: Mapping[str, str], options: argparse.Namespace) -> int:
    settings = read_settings(environ)
    box.use(settings.keys)
    try:
        clinic_id = UUID(options.clinic)
        now = asyncio.run(_kept(url, settings.audit_key, clinic_id, Senders(options.texts, options.mail)))
    except (ValueError, NotFound):
        raise WrongSettings("CLINIC must be the id that `clamshell create-clinic` gave") from None
    usual = "as the installation's others"
    say(f"texts come from {now.texts or usual}; mails come from {now.mail or usual}")
    return 0


async def _kept(url: str, audit_key: bytes, clinic_id: UUID, wanted: Senders) -> Senders:
    await asyncio.to_thread(knock, url, "DATABASE_URL")
    await check_login(url, "DATABASE_URL", APP)
    await refuse_another_key(url, audit_key)
    database = Database(url, audit_key=audit_key)
    try:
        return await set_senders(database, clinic_id, wanted, utc_now())
    finally:
        await database.close()
