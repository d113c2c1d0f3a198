"""Hours in a text: later today, or another hour for good."""

import re
from datetime import time
from typing import Final

from service.conversation.rules import Later, NewTime
from service.conversation.words import answers

_LATER: Final = re.compile(rf"(?:(?:{answers.POLITE}) )*{answers.LATER}(?: (?:today|hoy|{answers.POLITE}))*[.!?]*")
_TIME: Final = re.compile(rf"(?:(?:{answers.POLITE}) )*{answers.TIME}(?: (?:{answers.POLITE}))*[.!?]*")
_NOON: Final = re.compile(r"\b(?:noon|(?:al )?mediodia)\b")


def later(plain: str) -> Later | None:
    match = _LATER.fullmatch(_NOON.sub("12 pm", plain))
    if match is None or match["hour"] is None:
        return Later() if match else None
    clock = _clock(match)
    return Later(*clock) if clock else None


def new_time(plain: str) -> NewTime | None:
    match = _TIME.fullmatch(_NOON.sub("12 pm", plain))
    clock = _clock(match) if match else None
    return NewTime(*clock) if clock else None


def _clock(match: re.Match[str]) -> tuple[time, bool] | None:
    """A time of day, and whether it may be in either half of it."""
    hour, half = int(match["hour"]), match["half"]
    if hour > 23 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (0 if half[0] == "a" or half == "de la manana" else 12)
    bare = not half and 1 <= hour <= 12 and match["hour"][0] != "0"
    return time(hour, int(match["minute"] or 0)), bare
