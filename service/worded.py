"""Codes of the rules that a person reads as a sentence."""

from enum import StrEnum
from typing import Self


class Worded(StrEnum):
    """Each member is its code, with the msgid that tells a person."""

    msgid: str

    # The default is never used: it lets type checkers accept the look-up of a code.
    def __new__(cls, code: str, msgid: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.msgid = code, msgid
        return member
