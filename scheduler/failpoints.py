"""Named places on the way of a message where a fault run may kill or stop this process. A normal run arms none."""

import os
import random
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from service.errors import WrongSettings
from service.settings import Faults

# …ing: written, not committed. The others: committed, or heard from the provider and not written yet.
Point = Literal[
    "planning",
    "planned",
    "looking",
    "looked",
    "claiming",
    "claimed",
    "marking",
    "marked",
    "answered",
    "recording",
    "recorded",
    "doubting",
    "looked_up",
    "weighing",
    "believing",
    "recovering",
    "digest_marking",
    "digest_marked",
    "digest_answered",
    "digest_recording",
]
_SIGNALS: Final = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


@dataclass(frozen=True, slots=True)
class _Strikes:
    chances: Mapping[str, float]
    chance: random.Random


_armed: _Strikes | None = None


def arm(faults: Faults) -> None:
    """WrongSettings: a place or a deed that does not exist."""
    global _armed
    known = {f"{point}.{deed}" for point in get_args(Point) for deed in _SIGNALS}
    wrong = sorted(set(faults.chances) - known)
    if wrong:
        raise WrongSettings(f"CLAMSHELL_FAULTS must name kill or stop at a place, such as marked.kill, not {wrong[0]}")
    _armed = _Strikes(faults.chances, random.Random(faults.seed))


def reach(point: Point) -> None:
    if _armed is None:
        return
    for deed, number in _SIGNALS.items():
        if _armed.chance.random() < _armed.chances.get(f"{point}.{deed}", 0):
            os.kill(os.getpid(), number)
