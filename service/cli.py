"""The command `clamshell`."""

import argparse
import asyncio
import getpass
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import uvicorn

from service.accounts.actions import add_staff, create_clinic
from service.accounts.sign_in import hash_password
from service.accounts.tables import Clinic
from service.app import create_app
from service.catalogue.actions import stock_library
from service.clock import utc_now
from service.database.embedded import DataFolderInUse, EmbeddedPostgres
from service.database.postgres_binaries import NoPostgres
from service.database.protection import APP, NOTIFIER
from service.database.tenancy import Actor, Database
from service.demo.folder import claim_folder, forget_demo
from service.demo.running import run_demo
from service.doctor import examine
from service.errors import Refused, WrongSettings
from service.ids import new_id
from service.migrate import drift, login_of, migrate
from service.settings import read_settings
from service.supervisor import Supervisor

DEFAULT_FOLDER = Path(".clamshell")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options)
        return result
    except (WrongSettings, Refused, DataFolderInUse, NoPostgres) as error:
        say(f"clamshell: {error}", error=True)
        return 2


def say(line: str, *, error: bool = False) -> None:
    print(line, file=sys.stderr if error else sys.stdout, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clamshell", description="Home exercise and habits for people with hip pain.")
    words = parser.add_subparsers(required=True, metavar="demo | serve | migrate | create-clinic | doctor")
    demo = words.add_parser("demo", help="a clinic with made-up people, to try in the browser")
    _place(demo, DEFAULT_FOLDER / "demo")
    demo.add_argument("--reset", action="store_true", help="throw the demo's data away and make it anew")
    demo.add_argument("--seed", type=int, default=7, help="another number makes other people's days (default 7)")
    demo.set_defaults(run=_demo)
    serve = words.add_parser("serve", help="the API and its pages; without DATABASE_URL, everything on this machine")
    _place(serve, DEFAULT_FOLDER / "data")
    serve.add_argument("--host", default="127.0.0.1")
    serve.set_defaults(run=_serve)
    migrations = words.add_parser("migrate", help="bring the database up to date")
    migrations.add_argument("--check", action="store_true", help="only say whether tables and migrations agree")
    migrations.set_defaults(run=_migrate)
    clinic = words.add_parser("create-clinic", help="add a clinic and its owner; the password is asked for")
    _clinic_options(clinic)
    clinic.set_defaults(run=_create_clinic)
    doctor = words.add_parser("doctor", help="what is configured, reachable and missing")
    doctor.set_defaults(run=lambda _: asyncio.run(examine(os.environ, say)))
    return parser


def _place(parser: argparse.ArgumentParser, folder: Path) -> None:
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=folder, help=f"folder of the embedded database (default {folder})")


def _clinic_options(parser: argparse.ArgumentParser) -> None:
    for name, hint in {
        "--name": "Northside Physiotherapy",
        "--short-name": "what texts say they come from, at most 20 characters, without health words: Northside",
        "--country": "US",
        "--zone": "America/New_York",
        "--phone": "555-0100",
        "--emergency-number": "911",
        "--owner-name": "Olga Owner",
        "--owner-email": "olga@clinic.example",
    }.items():
        parser.add_argument(name, required=True, metavar=hint.split()[0] if "what" not in hint else "NAME", help=hint)
    parser.add_argument("--locale", default="en", choices=["en", "es"])


def _demo(options: argparse.Namespace) -> int:
    claim_folder(options.data)
    if options.reset:
        forget_demo(options.data)
    return run_demo(options.data, options.port, options.seed, say)


def _serve(options: argparse.Namespace) -> int:
    if not os.environ.get("DATABASE_URL"):
        return _serve_alone(options)
    settings = read_settings()
    if settings.database_url is None:
        raise WrongSettings("DATABASE_URL must be set")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    uvicorn.run(
        create_app(settings, Database(settings.database_url)),
        host=options.host,
        port=options.port,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=5,
        log_config=None,
    )
    return 0


def _serve_alone(options: argparse.Namespace) -> int:
    supervisor = Supervisor(options.data, options.port, dict(os.environ), say)
    supervisor.stop_on_signals()
    try:
        supervisor.start_database()
        supervisor.start_processes()
        say(f"ready {supervisor.address}")
        supervisor.watch()
    finally:
        supervisor.stop()
    return 0


def _migrate(options: argparse.Namespace) -> int:
    if options.check and not os.environ.get("CLAMSHELL_OWNER_DATABASE_URL"):
        return _check_migrations()
    settings = read_settings()
    owner = settings.owner_database_url
    if owner is None:
        raise WrongSettings("CLAMSHELL_OWNER_DATABASE_URL must be set: the login that owns the tables")
    if options.check:
        return _say_drift(owner)
    urls = [(settings.database_url, APP), (settings.notifier_database_url, NOTIFIER)]
    migrate(owner, [login_of(url, role) for url, role in urls if url])
    say("the database is up to date")
    return 0


def _check_migrations() -> int:
    """On an empty database of its own: do the migrations make what the tables say?"""
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
        migrate(server.superuser_url())
        return _say_drift(server.superuser_url())


def _say_drift(owner_url: str) -> int:
    found = drift(owner_url)
    say(found or "tables and migrations agree")
    return 1 if found else 0


def _create_clinic(options: argparse.Namespace) -> int:
    settings = read_settings()
    if settings.database_url is None:
        raise WrongSettings("DATABASE_URL must be set")
    password = getpass.getpass("Password of the owner: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    clinic_id = asyncio.run(_add_clinic(settings.database_url, options, password))
    say(f"clinic {clinic_id} is there; {options.owner_email} can sign in at {settings.public_url}/staff/sign-in")
    return 0


async def _add_clinic(url: str, options: argparse.Namespace, password: str) -> UUID:
    now = utc_now()
    clinic = Clinic(
        clinic_id=new_id(now),
        name=options.name,
        short_name=options.short_name,
        country=options.country,
        zone=options.zone,
        locale=options.locale,
        phone=options.phone,
        emergency_number=options.emergency_number,
        created_at=now,
    )
    database = Database(url)
    async with database.clinic_tx(clinic.clinic_id, Actor("system", None, "cli")) as session:
        await create_clinic(session, clinic, now)
        await stock_library(session, now)
        await add_staff(
            session,
            name=options.owner_name,
            email=options.owner_email,
            role="owner",
            password_hash=hash_password(password),
            now=now,
        )
    await database.close()
    return clinic.clinic_id


if __name__ == "__main__":
    sys.exit(main())
