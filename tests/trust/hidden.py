"""What no answer to a role may show."""

from collections.abc import Callable, Mapping
from typing import Final

_OURS: Final = ("own", "same")
_TOLD: Final = ("note", "word", "fix")
NOT_SHOWN: Final[Mapping[str, Callable[[str, str], tuple[str, ...]]]] = {
    "owner": lambda ours, theirs: (theirs,),
    "therapist": lambda ours, theirs: (theirs, f"{ours}-same"),
    "front_desk": lambda ours, theirs: (theirs, *(f"{ours}-{whose} {what}" for whose in _OURS for what in _TOLD)),
    "client": lambda ours, theirs: (theirs, f"{ours}-same"),
}
"""The words of each role's clinic and the other that no answer to it may hold, in small letters."""
