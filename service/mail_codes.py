"""What a mail server means by refusing: one reading for its answers (RFC 5321), its status codes (RFC 3463) and the
reports that come back later. Pure.

Servers differ more than the standards say. A code of three parts is believed before a bare 550; where a code says
nothing (5.0.0, a bare 550), the words decide; what names no mailbox is never held against the address.
"""

import re
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    NO_MAILBOX = "no_mailbox"
    """Nobody will ever read mail to this address."""
    LATER = "later"
    """Not taken now; the same mail may be taken another time."""
    OURS = "ours"
    """It is our login or our sender that is refused, whoever the mail is for."""
    REFUSED = "refused"
    """This mail is not taken: too large, taken for spam, a full mailbox."""


NEEDS_LOGIN: Final = (530, 535, 538)
"""Replies to somebody who has not signed in, or not as the server wants (RFC 4954)."""

_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY: Final = re.compile(r"(?<![\d.])([245]\d\d)(?=[ \-:]|$)")
# Bad mailbox, bad system, bad syntax, moved away, no mail taken there (RFC 7505, and Exchange for a mailbox).
_GONE: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.1.351"})
# 5.2.1 is a mailbox that is closed, or one that gets too much mail this minute.
_NOTHING_SAID: Final = re.compile(r"5\.(0|1|5)\.0|5\.2\.1|5\.4\.1|")
_OURS: Final = re.compile(
    r"relay(ing)? (access )?(not )?(denied|permitted|allowed)|authenticat|sender .*not (allowed|owned)"
)
_NAMES_NO_MAILBOX: Final = re.compile(
    r"(user|recipient|mailbox|address|account|alias|addressee)[^.;]{0,60}"
    r"(unknown|not found|not known|no longer|not exist|n't exist|doesn't have"
    r"|disabled|inactive|invalid|unavailable|closed)"
    r"|(unknown|invalid|no such|nonexistent|non-existent|bad destination) (local )?"
    r"(user|recipient|mailbox|address|account|person|destination)"
    r"|no mailbox (here )?by that name|not a valid (mailbox|recipient|user)|not listed in"
    r"|(doesn't|does not) have (a|an) [^.;]{0,40}account|no such (user|person|account)"
    r"|recipient address rejected: access denied|nullmx"
)
_ABOUT_US: Final = re.compile(r"spam|block|reputation|blacklist|policy|spf|dkim|dmarc|quota|full|too (many|large|big)")


def status_in(words: str) -> str | None:
    """The first code of three parts in an answer or report, such as 5.1.1."""
    found = _STATUS.search(words)
    return found.group(1) if found else None


def verdict(reply: int | None, status: str | None, words: str) -> Verdict:
    """`reply` is the code of three digits, `status` the one of three parts, either of them when there was one."""
    said = " ".join(words.lower().split())
    if (status is not None and status.startswith("4")) or (reply is not None and 400 <= reply < 500):
        return Verdict.LATER
    if _OURS.search(said) or reply in NEEDS_LOGIN:
        return Verdict.OURS
    if status in _GONE:
        return Verdict.NO_MAILBOX
    if _NOTHING_SAID.fullmatch(status or "") and _NAMES_NO_MAILBOX.search(said) and not _ABOUT_US.search(said):
        return Verdict.NO_MAILBOX
    return Verdict.REFUSED


def reading(words: str) -> tuple[int | None, str | None]:
    """The codes in the words of a report, such as `smtp; 550 5.1.1 no such user`."""
    reply = _REPLY.search(words)
    return int(reply.group(1)) if reply else None, status_in(words)
