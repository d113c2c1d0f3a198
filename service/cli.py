"""The command `clamshell`."""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import OperationalError

from service import cli_clinic, cli_recover, cli_serve
from service.database.embedded import DataFolderInUse, EmbeddedPostgres
from service.database.postgres_binaries import NoPostgres
from service.database.protection import APP, NOTIFIER
from service.database.reaching import knock
from service.demo.folder import claim_folder, forget_demo
from service.demo.running import run_demo
from service.doctor import examine
from service.errors import Refused, WrongSettings
from service.installation import DEFAULT_FOLDER, check_folder, opened
from service.migrate import Login, drift, login_of, migrate
from service.settings import read_settings, unknown_variables
from service.terminal import complain, say

DEMO_FOLDER = Path(".clamshell/demo")


def main(arguments: Sequence[str] | None = None) -> int:
    # What was imported stays; looking through it for garbage again and again costs every process start and request.
    gc.freeze()
    try:
        options = _parser().parse_args(arguments)
        for sentence in unknown_variables():
            complain(sentence)
        result: int = options.run(options)
        return result
    except Refused as error:
        for problem in error.problems:
            complain(f"{cli_clinic.option_of(problem.pointer)}: {problem.message}")
    except (WrongSettings, DataFolderInUse, NoPostgres) as error:
        complain(str(error))
    except OSError as error:
        complain(f"{error.filename} cannot be used: {error.strerror}; choose another folder with --data")
    except OperationalError as error:
        complain(f"the database stopped answering: {error.orig}")
    except (KeyboardInterrupt, EOFError):
        return 130
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clamshell", description="Home exercise and habits for people with hip pain.")
    words = parser.add_subparsers(required=True, metavar="demo | serve | migrate | create-clinic | doctor | recover")
    demo = words.add_parser("demo", help="a clinic with made-up people, to try in the browser")
    _place(demo, DEMO_FOLDER)
    demo.add_argument("--reset", action="store_true", help="throw the demo's data away and make it anew")
    demo.add_argument("--seed", type=int, default=7, help="another number makes other people's days (default 7)")
    demo.set_defaults(run=_demo)
    serve = words.add_parser("serve", help="the API and its pages; without DATABASE_URL, everything on this machine")
    _place(serve, DEFAULT_FOLDER)
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    serve.set_defaults(run=_unless_elsewhere(cli_serve.run))
    migrations = words.add_parser("migrate", help="bring the database up to date")
    migrations.add_argument("--check", action="store_true", help="only say whether tables and migrations agree")
    migrations.set_defaults(run=_migrate)
    clinic = words.add_parser("create-clinic", help="add a clinic and its owner; the password is asked for")
    _data(clinic, DEFAULT_FOLDER)
    cli_clinic.add_options(clinic)
    clinic.set_defaults(run=_unless_elsewhere(cli_clinic.run))
    doctor = words.add_parser("doctor", help="what is configured, reachable and missing")
    _data(doctor, DEFAULT_FOLDER)
    doctor.set_defaults(run=_unless_elsewhere(_doctor))
    recover = words.add_parser("recover", help="after a restore: look up what may have left, then send again")
    _data(recover, DEFAULT_FOLDER)
    recover.set_defaults(run=_unless_elsewhere(cli_recover.run))
    return parser


def _place(parser: argparse.ArgumentParser, folder: Path) -> None:
    parser.add_argument("--port", type=_port, default=8000, help="from 1 to 65535 (default 8000)")
    _data(parser, folder)


def _data(parser: argparse.ArgumentParser, folder: Path) -> None:
    about = f"folder of the embedded database (default {folder})"
    parser.add_argument("--data", type=_folder, default=str(folder), help=about)


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise WrongSettings(f"--port must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _folder(text: str) -> Path:
    check_folder(Path(text))
    return Path(text)


def _unless_elsewhere(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """A folder that is named must not be passed over in silence."""

    def checked(options: argparse.Namespace) -> int:
        if os.environ.get("DATABASE_URL") and options.data != DEFAULT_FOLDER:
            raise WrongSettings("--data and DATABASE_URL cannot both say where the data is; leave one out")
        return run(options)

    return checked


def _demo(options: argparse.Namespace) -> int:
    claim_folder(options.data)
    if options.reset:
        forget_demo(options.data)
    return run_demo(options.data, options.port, options.seed, say)


def _migrate(options: argparse.Namespace) -> int:
    if options.check and not os.environ.get("CLAMSHELL_OWNER_DATABASE_URL"):
        return _check_migrations()
    settings = read_settings()
    owner = settings.owner_database_url
    if owner is None:
        raise WrongSettings("CLAMSHELL_OWNER_DATABASE_URL must be set: the login that owns the database")
    logins = [
        *_login(settings.database_url, APP, "DATABASE_URL"),
        *_login(settings.notifier_database_url, NOTIFIER, "CLAMSHELL_NOTIFIER_DATABASE_URL"),
    ]
    knock(owner, "CLAMSHELL_OWNER_DATABASE_URL")
    if options.check:
        return _say_drift(owner)
    migrate(owner, logins)
    say("the database is up to date")
    return 0


def _login(url: str | None, role: str, variable: str) -> list[Login]:
    try:
        return [login_of(url, role)] if url else []
    except WrongSettings as error:
        raise WrongSettings(f"{variable}: {error}") from None


def _check_migrations() -> int:
    """On an empty database of its own: do the migrations make what the tables say?"""
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
        migrate(server.superuser_url())
        return _say_drift(server.superuser_url())


def _say_drift(owner_url: str) -> int:
    found = drift(owner_url)
    say(found or "tables and migrations agree")
    return 1 if found else 0


def _doctor(options: argparse.Namespace) -> int:
    if os.environ.get("DATABASE_URL") or not (options.data / "postgres").exists():
        return asyncio.run(examine(os.environ, say))
    with opened(options.data) as installation:
        return asyncio.run(examine(installation.environ(os.environ), say, alone=True))


if __name__ == "__main__":
    sys.exit(main())
