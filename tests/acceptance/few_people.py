"""`clamshell demo` with three people, whose processes have loaded what it has.

Whom the stories are about matters elsewhere (`tests/service/demo`), all of them come in `./run e2e`, and the second
start of the same demo is one from nothing."""

import subprocess
from collections.abc import Sequence
from types import SimpleNamespace

from service import cli, supervisor
from service.demo import stories
from tests.commands import Divided


def main(words: Sequence[str]) -> int:
    vars(stories).update(NAMED=stories.NAMED[:3], OTHERS=())
    vars(supervisor).update(subprocess=SimpleNamespace(**{**vars(subprocess), "Popen": Divided}))
    return cli.main(words)
