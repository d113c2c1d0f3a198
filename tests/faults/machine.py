"""How fast this machine is for us now. On a busy one a second of ours takes several of the wall clock."""

import time
from dataclasses import dataclass
from typing import Final

_WORK_SECONDS: Final = 0.01
ANSWERS_IN_TIME: Final = 30.0
"""Ten times as fast on a machine three times as slow, with a load of 4 to 8 on two cores: there the time-outs, divided,
were still above what an answer took. Eighty times as fast, hardly a message got through."""


def stretch() -> float:
    """Seconds of the wall clock for one of ours: 1 with a core of our own. The middle one of three looks."""
    return sorted(_look() for _ in range(3))[1]


def _look() -> float:
    began, worked = time.monotonic(), time.thread_time()
    while time.thread_time() - worked < _WORK_SECONDS:
        pass
    return max(1.0, (time.monotonic() - began) / (time.thread_time() - worked))


def bearable(speed: float) -> float:
    """The protocol's clock may run so fast that nobody gives up an answer that only this machine holds up. Never slower
    than true seconds: a scheduler does not start with less, and nothing that is open would ever settle."""
    return max(1.0, min(speed, ANSWERS_IN_TIME / stretch()))


@dataclass
class OwnTime:
    """Seconds that this machine had for us; what it spent on others does not count."""

    seconds: float = 0.0
    _seen: float | None = None

    def pass_by(self) -> float:
        """Counts from the last call to this one."""
        now = time.monotonic()
        if self._seen is not None:
            self.seconds += (now - self._seen) / stretch()
        self._seen = now
        return self.seconds
