"""Progress of long work: at most one line a second."""

from collections.abc import Iterator
from math import inf

from service.clock import monotonic

SECONDS = 1.0


def told(tables: Iterator[str], total: int, done: str) -> Iterator[str]:
    """Goes through all of them, and says how far it is."""
    said = -inf
    for number, table in enumerate(tables, start=1):
        if monotonic() - said >= SECONDS:
            yield f"  {number} of {total} tables {done}: {table}"
            said = monotonic()
