"""What a provider's error code says: one table for an answer to a send and for a later report about it.

Codes of Twilio's error dictionary, which providers with a compatible API send too (twilio.com/docs/api/errors, read in
2026). The dictionary grows and changes: a code that is not here is kept, and judged by what it came with.

30007 (filtered, by Twilio or a carrier) and 30034 (number without a registered campaign) come in reports about messages
that were taken: as `failed` and as `undelivered` (github.com/department-of-veterans-affairs/notification-api, issues
1095 and 1376, which keep two of them). 30024 is left out: the dictionary names our number without a carrier's leave and
a phone that has just changed its carrier as causes of it, and one such phone must not stop a clinic.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, Self

Scope = Literal["sender", "template"]


class Failure(StrEnum):
    """What is wrong. `scope`: what must not be sent again for `stop`, because it would only fail again."""

    scope: Scope | None
    stop: timedelta

    # The defaults are never used: they let type checkers accept the look-up of a code.
    def __new__(cls, code: str, scope: Scope | None = None, stop: timedelta = timedelta(0)) -> Self:
        member = str.__new__(cls, code)
        member._value_, member.scope, member.stop = code, scope, stop
        return member

    REFUSED = "refused"
    INVALID_ADDRESS = "invalid_address"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"
    NO_TEXTS = "no_texts"  # a landline, a blocked or an unknown phone, as far as its carrier knows
    TOO_LATE = "too_late"
    # A registration or an unpaid bill takes somebody days: one message a day finds out whether it is mended.
    UNREGISTERED = "unregistered", "sender", timedelta(days=1)
    # Filters learn from what follows: the same words again make it worse.
    FILTERED = "filtered", "template", timedelta(days=1)
    # Limits are counted by the second, minute or day; most of a reminder's window (4 h) is left after this.
    RATE = "rate", "sender", timedelta(minutes=15)
    LOGIN = "login"  # our own settings: no message is to blame


_CODES: Final[Mapping[Failure, tuple[int, ...]]] = {
    # not a phone number (three codes) · a short code · takes no texts · a landline
    Failure.INVALID_ADDRESS: (21211, 21214, 21217, 21265, 21614, 21635),
    Failure.OPTED_OUT: (21610,),
    # the phone is off or out of reach · the carrier names no reason
    Failure.UNREACHABLE: (30003, 30008),
    # blocked by the phone or its carrier · unknown phone · landline, or a carrier out of reach
    Failure.NO_TEXTS: (30004, 30005, 30006),
    Failure.TOO_LATE: (30036,),
    # suspended account · toll-free number not verified · campaign suspended · number not registered
    # · our number is not one of the account's (three codes)
    Failure.UNREGISTERED: (30002, 30032, 30033, 30034, 21606, 21659, 21660),
    Failure.FILTERED: (30007,),
    # queue overflow when reported and when sent · campaign's rate · campaign's day · carrier's day
    # · between two numbers · account's day · too many requests
    Failure.RATE: (30001, 21611, 30022, 30023, 30027, 14107, 63038, 20429),
    # account not active (two codes) · login · token · test login · no such account · not allowed (two codes)
    Failure.LOGIN: (10001, 20005, 20003, 20006, 20008, 20404, 20403, 70051),
}
_FAILURES: Final = {str(code): failure for failure, codes in _CODES.items() for code in codes}


def failure_of(code: str | None) -> Failure | None:
    """None for a code that nobody here knows."""
    return _FAILURES.get(code or "")
