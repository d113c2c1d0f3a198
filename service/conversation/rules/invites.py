"""How far an invitation is: what somebody did with it, and before that what became of the message."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, Self

INVITES_A_DAY: Final = 3
"""To one client: who does not answer is not asked again and again."""

A_DAY: Final = timedelta(days=1)
_LOST: Final = ("undelivered", "failed", "expired", "suppressed")
_TAKEN: Final = ("accepted", "delivered")


Code = Literal["queued", "sent", "opened", "accepted", "declined", "withdrawn", "ended", "lost"]


class InviteState(StrEnum):
    """The state, and the msgid that tells staff."""

    code: Code
    msgid: str

    # The default is never used: it lets type checkers accept the look-up of a code.
    def __new__(cls, code: Code, msgid: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.code, member.msgid = code, code, msgid
        return member

    QUEUED = "queued", "Invitation on its way."
    SENT = "sent", "Invitation sent, not opened yet."
    OPENED = "opened", "Invitation opened, not answered yet."
    ACCEPTED = "accepted", "Invitation accepted."
    DECLINED = "declined", "Invitation answered with no."
    WITHDRAWN = "withdrawn", "Invitation withdrawn."
    ENDED = "ended", "Invitation ended without an answer."
    LOST = "lost", "The invitation could not be delivered."


OPEN: Final = (InviteState.QUEUED, InviteState.SENT, InviteState.OPENED)


@dataclass(frozen=True, slots=True)
class Invited:
    """What is known of the newest invitation at an address; `message` is the state of its message, None when that is
    no longer kept."""

    expires_at: datetime
    opened_at: datetime | None
    accepted_at: datetime | None
    declined_at: datetime | None
    replaced_at: datetime | None
    message: str | None


def invite_state(known: Invited, now: datetime) -> InviteState:
    if known.accepted_at:
        return InviteState.ACCEPTED
    if known.declined_at:
        return InviteState.DECLINED
    if known.replaced_at:
        return InviteState.WITHDRAWN
    if now >= known.expires_at:
        # Nobody could open what did not arrive: that is the reason it ended.
        return InviteState.LOST if known.message in _LOST and not known.opened_at else InviteState.ENDED
    if known.opened_at:
        return InviteState.OPENED
    if known.message in _LOST:
        return InviteState.LOST
    return InviteState.SENT if known.message is None or known.message in _TAKEN else InviteState.QUEUED
