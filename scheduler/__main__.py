"""`python -m scheduler`: plans and delivers until it is told to stop. Any number of these may run side by side."""

import argparse
import os
import sys
from collections.abc import Sequence

import uvloop

from service.errors import WrongSettings
from service.loading import load, look_for_garbage_less
from service.logs import start_logging
from service.settings import read_settings, unknown_variables


def main(arguments: Sequence[str] | None = None) -> int:
    argparse.ArgumentParser(
        prog="python -m scheduler",
        description="Plans and delivers reminders until it is stopped; any number may run side by side. "
        "It takes no options: its settings are the CLAMSHELL_ variables in service/settings.py.",
    ).parse_args(arguments)
    for sentence in unknown_variables():
        _complain(sentence)
    start_logging()
    # The HTTP client's allocator: without this it takes pages of 2 MB, of which it fills little (7 MiB in all).
    os.environ.setdefault("MIMALLOC_ARENA_EAGER_COMMIT", "0")
    try:
        settings = read_settings()
        url = settings.notifier_database_url
        if url is None:
            raise WrongSettings("CLAMSHELL_NOTIFIER_DATABASE_URL must be set: the scheduler has a login of its own")
        process = load("scheduler.process")
        process.wait_for_database(settings, url, _complain)
        look_for_garbage_less()
        code: int = uvloop.run(process.run(settings, url))
        return code
    except WrongSettings as error:
        _complain(f"it cannot start: {error}")
        return 2
    except KeyboardInterrupt:
        return 130


def _complain(sentence: str) -> None:
    print(f"scheduler: {sentence}", file=sys.stderr, flush=True)  # noqa: T201


def _leave(code: int) -> None:
    """At once: all is closed and written by now. A thread of the HTTP client's must not find an interpreter that ends:
    that would be a crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
