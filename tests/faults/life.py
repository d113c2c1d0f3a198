"""A scheduler's life as a process of its own, forked from one that has imported it already.

Importing costs a second and a half of the processor's time, and the rest of a start a fifth of that: a run that kills
once a second would mostly import. What is killed, stopped and started again is the same `python -m scheduler`.
"""

import os
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from scheduler.__main__ import main

_FORKS: Final = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "scheduler.process", "scheduler.channels.sms", "scheduler.channels.email"])


def begin(environ: Mapping[str, str], log: Path) -> ForkServerProcess:
    life = _FORKS.Process(target=_live, args=(dict(environ), log), daemon=True)
    life.start()
    return life


def _live(environ: dict[str, str], log: Path) -> None:
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.environ.clear()
    os.environ.update(environ)
    sys.exit(main([]))
