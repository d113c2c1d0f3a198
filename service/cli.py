"""The command `clamshell`."""

import argparse
import os
import sys
from collections.abc import Sequence

from service.cli_options import option_of, parser, refuse_elsewhere
from service.database.embedded import DataFolderInUse, NoPostgres
from service.errors import Refused, WrongSettings
from service.loading import load
from service.settings import unknown_variables
from service.terminal import complain

# Each loads what it needs and no more: all of it together takes longer to load than most of them take to run.
_MODULES = {
    "demo": "service.cli_demo",
    "serve": "service.cli_serve",
    "serve alone": "service.cli_alone",
    "migrate": "service.cli_migrate",
    "migrate --check": "service.cli_drift",
    "create-clinic": "service.cli_clinic",
    "senders": "service.cli_senders",
    "doctor": "service.cli_doctor",
    "make-key": "service.cli_make_key",
    "erase": "service.cli_erase",
    "rotate-key": "service.cli_keys",
    "reset-factors": "service.cli_reset",
    "recover": "service.cli_recover",
    "backup": "service.cli_backup",
    "restore": "service.cli_restore",
    "drill": "service.cli_drill",
    "audit": "service.cli_audit",
}


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        options = parser().parse_args(arguments)
        refuse_elsewhere(options)
        for sentence in unknown_variables():
            complain(sentence)
        result: int = load(_MODULES[_meant(options)]).run(options)
        return result
    except Refused as error:
        for problem in error.problems:
            complain(f"{option_of(problem.pointer)}: {problem.message}")
    except (WrongSettings, DataFolderInUse, NoPostgres) as error:
        complain(str(error))
    except OSError as error:
        complain(f"{error.filename} cannot be used: {error.strerror}; choose another folder with --data")
    except (KeyboardInterrupt, EOFError):
        return 130
    return 2


def _meant(options: argparse.Namespace) -> str:
    if options.word == "serve" and not os.environ.get("DATABASE_URL"):
        return "serve alone"
    if options.word == "migrate" and options.check:
        return "migrate --check"
    return str(options.word)


if __name__ == "__main__":
    sys.exit(main())
