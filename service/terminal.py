"""What the command `clamshell` says, and where."""

import sys
from typing import TextIO


def say(line: str) -> None:
    _write(sys.stdout, line)


def complain(sentence: str) -> None:
    _write(sys.stderr, f"clamshell: {sentence}")


def _write(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()
