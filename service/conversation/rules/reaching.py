"""Whether somebody hears of a message that is waiting for them, and why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.worded import Worded

MOST_AT_ONCE: Final = 300
"""How many people one message goes to."""


class NotReached(Worded):
    """Why, and the msgid that tells staff."""

    NO_ADDRESS = "no_address", "No phone and no email."
    NO_CONSENT = "no_consent", "Has not said yes to messages."
    STOPPED = "stopped", "Asked us to stop."
    INVALID = "invalid", "The address does not work."


@dataclass(frozen=True, slots=True)
class Address:
    id: UUID
    channel: str
    agreed: bool
    stopped: bool
    invalid: bool


def reach(addresses: Iterable[Address]) -> Address | NotReached:
    """The first that may be written to. Of the others the nearest to it says why: a dead one that was agreed to is
    mended sooner than a stop is lifted, and that sooner than there is a yes."""
    found = list(addresses)
    agreed = [one for one in found if one.agreed]
    heard = [one for one in agreed if not one.stopped]
    if usable := [one for one in heard if not one.invalid]:
        return usable[0]
    if heard:
        return NotReached.INVALID
    if agreed:
        return NotReached.STOPPED
    return NotReached.NO_CONSENT if found else NotReached.NO_ADDRESS
