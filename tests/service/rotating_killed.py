"""`clamshell rotate-key`, which ends as if by kill -9 right after a step."""

import os
import signal
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from service import cli, cli_keys
from service.data_keys import write_file


def main(words: Sequence[str]) -> int:
    [step] = words

    def passed(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def ending(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        numbers = count(1)

        def ended(*given: Any, **named: Any) -> Any:
            made = function(*given, **named)
            passed(name)
            passed(f"{name}-{next(numbers)}")
            return made

        return ended

    async def wrap(database: Any, new: Any, say: Any, real: Any = cli_keys._wrap_anew) -> None:
        passed("sealing")
        await real(database, new, ending(say, "batch"))
        passed("kept")

    vars(cli_keys).update(AT_ONCE=20, _wrap_anew=wrap, write_file=ending(write_file, "written"))
    return cli.main(["rotate-key"])
