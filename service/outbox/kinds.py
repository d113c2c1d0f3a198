"""The kinds of message, and what each is for."""

from enum import StrEnum
from typing import Self


class Fuse(StrEnum):
    """What a message is for, and how many of them may go to one address on one UTC day.

    Each is counted alone: no number of acknowledgements uses up what tells somebody whom to call.
    """

    most: int

    # The defaults are never used, here and below: they let type checkers accept the look-up of a code.
    def __new__(cls, code: str, most: int = 0) -> Self:
        member = str.__new__(cls, code)
        member._value_, member.most = code, most
        return member

    REMINDER = "reminder", 4
    NOTICE = "notice", 4  # like a reminder, nobody asked for it just now: it needs consent and waits for the morning
    ANSWER = "answer", 12
    SAFETY = "safety", 24
    CONSENT = "consent", 12
    HELP = "help", 12
    CODE = "code", 20  # as many as may be asked for (`accounts.routes`)


class MessageKind(StrEnum):
    fuse: Fuse

    def __new__(cls, code: str, fuse: Fuse = Fuse.ANSWER) -> Self:
        member = str.__new__(cls, code)
        member._value_, member.fuse = code, fuse
        return member

    WELCOME = "welcome", Fuse.NOTICE
    CHECK_IN = "check_in", Fuse.REMINDER
    PLAN = "plan", Fuse.REMINDER
    HABIT = "habit", Fuse.REMINDER
    BUNDLE = "bundle", Fuse.REMINDER
    ANCHOR = "anchor", Fuse.REMINDER
    EVENING = "evening", Fuse.REMINDER
    LAPSE_3 = "lapse_3", Fuse.REMINDER
    LAPSE_10 = "lapse_10", Fuse.REMINDER
    LAPSE_30 = "lapse_30", Fuse.REMINDER
    WHY = "why", Fuse.REMINDER
    WEEK = "week", Fuse.REMINDER
    RECHECK = "recheck", Fuse.REMINDER
    PLAN_CHANGED = "plan_changed", Fuse.NOTICE
    TAPER = "taper", Fuse.NOTICE
    MOVED = "moved", Fuse.NOTICE
    MESSAGE = "message", Fuse.NOTICE
    CHECK_IN_ACK = "check_in_ack", Fuse.ANSWER
    ROUNDED_ACK = "rounded_ack", Fuse.ANSWER
    PLAN_ACK = "plan_ack", Fuse.ANSWER
    WEEK_ACK = "week_ack", Fuse.ANSWER
    WEEK_WHICH = "week_which", Fuse.ANSWER
    WEEK_UNCLEAR = "week_unclear", Fuse.ANSWER
    LATER_ACK = "later_ack", Fuse.ANSWER
    TOO_LATE_ACK = "too_late_ack", Fuse.ANSWER
    EASY_ACK = "easy_ack", Fuse.ANSWER
    PAUSE_ACK = "pause_ack", Fuse.ANSWER
    BACK_ACK = "back_ack", Fuse.ANSWER
    DAILY_ACK = "daily_ack", Fuse.ANSWER
    TIME_ACK = "time_ack", Fuse.ANSWER
    TIME_RANGE_ACK = "time_range_ack", Fuse.ANSWER
    HOW_ACK = "how_ack", Fuse.ANSWER
    FORGOT_ACK = "forgot_ack", Fuse.ANSWER
    PICTURE_ACK = "picture_ack", Fuse.ANSWER
    SKIP_ACK = "skip_ack", Fuse.ANSWER
    UNDO_ACK = "undo_ack", Fuse.ANSWER
    NOTHING_TO_UNDO = "nothing_to_undo", Fuse.ANSWER
    NOTE_ACK = "note_ack", Fuse.ANSWER
    HIGH_ACK = "high_ack", Fuse.SAFETY
    QUESTIONS = "questions", Fuse.SAFETY
    UNCLEAR = "unclear", Fuse.ANSWER
    OUT_OF_RANGE = "out_of_range", Fuse.ANSWER
    NOT_WATCHED = "not_watched", Fuse.SAFETY
    WHICH = "which", Fuse.ANSWER
    INVITE = "invite", Fuse.CONSENT  # nobody said yes yet: this is how they are asked
    STOPPED = "stopped", Fuse.CONSENT
    STARTED = "started", Fuse.CONSENT
    HELP = "help", Fuse.HELP
    SIGN_IN_CODE = "sign_in_code", Fuse.CODE
    SHARED_CODE = "shared_code", Fuse.CODE


def is_unasked(kind: MessageKind) -> bool:
    """Nobody waits for it just now, so it does not come at night."""
    return kind.fuse is Fuse.NOTICE or kind is MessageKind.INVITE


def passes_stop(kind: MessageKind, channel: str) -> bool:
    """The confirmation of a STOP, and a code by email: asked for a moment ago, while a stop is about reminders.

    Never a code by text: carriers block texts to a phone that said STOP.
    """
    return kind is MessageKind.STOPPED or (kind.fuse is Fuse.CODE and channel == "email")
