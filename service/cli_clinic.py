"""`clamshell create-clinic`: a clinic and its owner, in the database of DATABASE_URL or in the one below --data."""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Mapping
from uuid import UUID

from service.accounts.rules import PASSWORD_LENGTH, password_problems
from service.audit.facts import refuse_another_key
from service.clock import utc_now
from service.database import box
from service.database.protection import APP
from service.database.reaching import answering, check_login, knock
from service.database.tenancy import Database
from service.errors import Refused
from service.installation import opened
from service.setting_up import ClinicFacts, NewClinic, open_clinic, problems_of
from service.settings import Settings, read_settings
from service.terminal import say


@answering()
def run(options: argparse.Namespace) -> int:
    new = _new_clinic(options)
    asks = sys.stdin is not None and sys.stdin.isatty()
    problems = problems_of(new)
    if asks and problems:
        raise Refused(problems)
    password = _asked_password() if asks else _piped_password()
    # Before a database is made for it.
    problems += password_problems(password)
    if problems:
        raise Refused(problems)
    if os.environ.get("DATABASE_URL"):
        return _add(os.environ, new, password)
    with opened(options.data) as installation:
        return _add(installation.environ(os.environ), new, password)


def _new_clinic(options: argparse.Namespace) -> NewClinic:
    facts = ClinicFacts(
        name=options.name.strip(),
        short_name=options.short_name.strip(),
        country=options.country.strip().upper(),
        zone=options.zone.strip(),
        locale=options.locale,
        phone=options.phone.strip(),
        emergency_number=options.emergency_number.strip(),
    )
    return NewClinic(facts, options.owner_name.strip(), options.owner_email.strip(), options.live)


def _asked_password() -> str:
    password = getpass.getpass(f"Password of the owner, at least {PASSWORD_LENGTH} characters: ")
    if getpass.getpass("The same again: ") != password:
        raise Refused.one("/password", "differs", "Type the same password twice.")
    return password


def _piped_password() -> str:
    return sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""


def _add(environ: Mapping[str, str], new: NewClinic, password: str) -> int:
    settings = read_settings(environ)
    box.use(settings.keys)
    clinic_id = asyncio.run(_opened(environ["DATABASE_URL"], settings, new, password))
    known = os.environ.get("DATABASE_URL") or os.environ.get("CLAMSHELL_PUBLIC_URL")
    where = f"at {settings.public_url}/staff/sign-in" if known else "at the address that `clamshell serve` prints"
    say(f"clinic {clinic_id} is there; {new.owner_email} can sign in {where}")
    if not new.is_live:
        say("it is in test mode: nothing is sent to its clients until the owner goes live, on the page Set up")
    return 0


async def _opened(url: str, settings: Settings, new: NewClinic, password: str) -> UUID:
    await asyncio.to_thread(knock, url, "DATABASE_URL")
    await check_login(url, "DATABASE_URL", APP)
    await refuse_another_key(url, settings.audit_key)
    database = Database(url, audit_key=settings.audit_key)
    try:
        return await open_clinic(database, new, password, utc_now())
    finally:
        await database.close()
