"""What can be typed after `clamshell`. Loads nothing that does any of it: a wrong word costs nobody a second."""

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from service.errors import WrongSettings
from service.folders import refuse_unwritable

DEFAULT_FOLDER = Path(".clamshell/data")
DEMO_FOLDER = Path(".clamshell/demo")
_LONGEST_FOLDER = 900  # PostgreSQL takes 1024 bytes, and puts its own names behind it

EXAMPLE = {
    "--name": "Northside Physiotherapy",
    "--short-name": "Northside",
    "--country": "US",
    "--zone": "America/New_York",
    "--phone": "(202) 555-0100",
    "--emergency-number": "911",
    "--owner-name": "Olga Owner",
    "--owner-email": "olga@clinic.example",
}
_HINTS = {
    "--short-name": ", what texts say they come from: at most 20 characters, no health words",
    "--country": ", the two letters of ISO 3166",
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="clamshell", description="Home exercise and habits for people with hip pain.")
    words = made.add_subparsers(dest="word", required=True)
    demo = words.add_parser("demo", help="a clinic with made-up people, to try in the browser")
    _place(demo, DEMO_FOLDER)
    demo.add_argument("--reset", action="store_true", help="throw the demo's data away and make it anew")
    demo.add_argument("--seed", type=int, default=7, help="another number makes other people's days (default 7)")
    serve = words.add_parser("serve", help="the API and its pages; without DATABASE_URL, everything on this machine")
    _place(serve, DEFAULT_FOLDER)
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    migrations = words.add_parser("migrate", help="bring the database up to date")
    migrations.add_argument("--check", action="store_true", help="only say whether tables and migrations agree")
    clinic = words.add_parser("create-clinic", help="add a clinic and its owner; the password is asked for")
    _data(clinic, DEFAULT_FOLDER)
    _facts(clinic)
    about = "send to clients from the start; without it the owner goes live on a page"
    clinic.add_argument("--live", action="store_true", help=about)
    _senders(words.add_parser("senders", help="who a clinic's texts and mails come from"))
    _data(words.add_parser("doctor", help="what is configured, reachable and missing"), DEFAULT_FOLDER)
    recover = words.add_parser("recover", help="after a restore: look up what may have left, then send again")
    _data(recover, DEFAULT_FOLDER)
    _backups(words)
    _audit(words.add_parser("audit", help="who did or saw what: whether anybody changed it"))
    erase = words.add_parser("erase", help="after a restore: erase again whoever was erased before it")
    erase.add_argument("--replay", action="store_true", required=True, help="by the list of the schedulers")
    _data(erase, DEFAULT_FOLDER)
    reset = words.add_parser("reset-factors", help="let an owner who lost all second ways to sign in add another one")
    reset.add_argument("--email", required=True, metavar="…", help="with which they sign in")
    _data(reset, DEFAULT_FOLDER)
    words.add_parser("make-key", help="print a new key, under which names, notes and texts are kept")
    rotate = words.add_parser("rotate-key", help="keep everything under a new key, while all of it runs")
    _data(rotate, DEFAULT_FOLDER)
    words.metavar = " | ".join(words.choices)
    return made


def _backups(words: Any) -> None:
    backup = words.add_parser("backup", help="write the whole database down")
    backup.add_argument("folder", type=Path, help="where backups are kept, each in a folder of its own")
    restore = words.add_parser("restore", help="bring a backup back; what is there now is kept until the next time")
    restore.add_argument("backup", type=Path, help="the folder of one backup")
    drill = words.add_parser("drill", help="show that a backup can be brought back, in a database of its own")
    drill.add_argument("backup", type=Path, nargs="?", help="the folder of one backup; without it, one is made now")
    for word in (backup, restore, drill):
        _data(word, DEFAULT_FOLDER)


def _senders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clinic", metavar="CLINIC", help="the id that create-clinic gave")
    parser.add_argument("--texts", metavar="…", help="a number that the provider has for it; empty for the usual one")
    parser.add_argument("--mail", metavar="…", help="an address that it may send from; empty for the usual one")
    _data(parser, DEFAULT_FOLDER)


def _audit(parser: argparse.ArgumentParser) -> None:
    verify = parser.add_subparsers(dest="audit_word", required=True, metavar="verify").add_parser(
        "verify", help="go through the chain of every clinic and name the first row that is wrong; 1 when there is one"
    )
    verify.add_argument("--clinic", metavar="ID", help="only this one")
    about = "where that clinic's chain ended once, as a mail said: HASH:COUNT"
    verify.add_argument("--anchor", metavar="HASH:COUNT", help=about)
    _data(verify, DEFAULT_FOLDER)


def _place(parser: argparse.ArgumentParser, folder: Path) -> None:
    parser.add_argument("--port", type=_port, default=8000, help="from 1 to 65535 (default 8000)")
    _data(parser, folder)


def _data(parser: argparse.ArgumentParser, folder: Path) -> None:
    about = f"folder of the embedded database (default {folder})"
    parser.add_argument("--data", type=_folder, default=str(folder), help=about)


def _facts(parser: argparse.ArgumentParser) -> None:
    for name, example in EXAMPLE.items():
        parser.add_argument(name, required=True, metavar="…", help=f"such as {example}{_HINTS.get(name, '')}")
    parser.add_argument("--locale", default="en", choices=["en", "es"])


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise WrongSettings(f"--port must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _folder(text: str) -> Path:
    folder = Path(text)
    if len(os.fsencode(folder.absolute())) > _LONGEST_FOLDER:
        raise WrongSettings(f"--data must be a path of at most {_LONGEST_FOLDER} bytes")
    refuse_unwritable("--data", folder)
    return folder


def refuse_elsewhere(options: argparse.Namespace) -> None:
    """A folder that is named must not be passed over in silence. A demo's is its own."""
    named = options.word != "demo" and getattr(options, "data", DEFAULT_FOLDER) != DEFAULT_FOLDER
    if named and os.environ.get("DATABASE_URL"):
        raise WrongSettings("--data and DATABASE_URL cannot both say where the data is; leave one out")


def example(data: Path) -> str:
    """The whole command, to copy and change; as this one was called, for it may not be on the PATH."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "clamshell" else "clamshell"
    options = {} if data == DEFAULT_FOLDER else {"--data": str(data)}
    words = [f"{name} {shlex.quote(value)}" for name, value in (options | EXAMPLE).items()]
    return " ".join([shlex.quote(program), "create-clinic", *words])


def option_of(pointer: str) -> str:
    """What stands for a field on the command line."""
    name = pointer.replace("/", "--").replace("_", "-")
    return name if name in EXAMPLE else name.strip("-")
