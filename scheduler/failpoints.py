"""Named places on the way of a message where a fault run may kill or stop this process. A normal run arms none."""

import os
import random
import signal
from dataclasses import dataclass
from typing import Final, Literal, get_args

from service.errors import WrongSettings
from service.settings import Faults

# …ing: written, not committed. The others: committed, or heard from the provider and not written yet.
Point = Literal[
    "planning",
    "planned",
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
]
_SIGNALS: Final = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


@dataclass(frozen=True, slots=True)
class _Strikes:
    chances: dict[tuple[str, str], float]
    chance: random.Random


_armed: _Strikes | None = None


def arm(faults: Faults) -> None:
    """WrongSettings: a place or a deed that does not exist."""
    global _armed
    chances = {tuple(name.partition(".")[::2]): chance for name, chance in faults.chances.items()}
    wrong = [name for name in chances if name[0] not in get_args(Point) or name[1] not in _SIGNALS]
    if wrong:
        known = ", ".join(get_args(Point))
        raise WrongSettings(f"CLAMSHELL_FAULTS must name kill or stop at one of {known}, not {'.'.join(wrong[0])}")
    _armed = _Strikes(chances, random.Random(faults.seed))  # type: ignore[arg-type]


def reach(point: Point) -> None:
    if _armed is None:
        return
    for deed, number in _SIGNALS.items():
        if _armed.chance.random() < _armed.chances.get((point, deed), 0):
            os.kill(os.getpid(), number)
