"""Brings a backup's rows back, and ends as if by kill -9 where all of them were told to the database."""

import gc
import io
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from service.backups.programs import Programs


class _Last(str):
    """What comes behind the rows: whoever writes it has written them."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        for stream in [one for one in gc.get_objects() if isinstance(one, io.BufferedWriter)]:
            stream.flush()
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def main(words: Sequence[str]) -> int:
    url, server, dump = words
    return len(list(Programs(url, int(server)).restore(Path(dump), _Last())))
