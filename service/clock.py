"""The only module that reads the time; everything else is given `now` or `day`."""

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never jumps: for leases and deadlines, not for people."""
    return time.monotonic()
