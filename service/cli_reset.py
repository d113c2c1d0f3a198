"""`clamshell reset-factors --email …`: an owner who lost every second way to sign in adds another one."""

import argparse
import asyncio
import os
from typing import Final

from service.accounts.queries import clinics_with_address
from service.audit.facts import refuse_another_key
from service.clock import utc_now
from service.database import box
from service.database.protection import APP
from service.database.reaching import answering, check_login, knock
from service.database.tenancy import Across, Actor, Database
from service.errors import NotFound, WrongSettings
from service.installation import opened
from service.review.actions.resetting import reset_owner
from service.settings import Settings, read_settings
from service.terminal import say

_OPERATOR: Final = Actor("system", None, "cli")


@answering()
def run(options: argparse.Namespace) -> int:
    if os.environ.get("DATABASE_URL"):
        return asyncio.run(_reset(read_settings(), options.email.strip()))
    with opened(options.data) as installation:
        return asyncio.run(_reset(read_settings(installation.environ(os.environ)), options.email.strip()))


async def _reset(settings: Settings, email: str) -> int:
    url = str(settings.database_url)
    box.use(settings.keys)
    await asyncio.to_thread(knock, url, "DATABASE_URL")
    await check_login(url, "DATABASE_URL", APP)
    await refuse_another_key(url, settings.audit_key)
    database = Database(url, audit_key=settings.audit_key)
    try:
        mails = await reset_at(database, email)
    finally:
        await database.close()
    say(f"{email} is signed out everywhere. Their password, or a link by email, leads to where they add another way")
    say(f"to sign in, and to nothing else until they have. The owners are told by email: {mails} will go out")
    return 0


async def reset_at(database: Database, email: str) -> int:
    """At the one clinic where somebody signs in with it."""
    async with database.across_clinics(Across.FIND_ADDRESS) as connection:
        clinics = await clinics_with_address(connection, email)
    for clinic_id in clinics:
        try:
            async with database.clinic_tx(clinic_id, _OPERATOR) as session:
                return await reset_owner(session, email, utc_now())
        except NotFound:
            continue
    raise WrongSettings(
        f"--email: no owner signs in with {email}; write it as it stands on the page Team, where an owner does this "
        "for everybody else"
    )
