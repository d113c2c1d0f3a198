"""Why a due moment was not sent, or why a day has none, and the words for it that a person reads."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal, Self

from service.outbox.codes import Failure
from service.worded import Worded

NotSent = Literal["skipped", "expired", "suppressed", "failed"]


class Reason(StrEnum):
    """Why a due moment was not sent, the ledger state it leads to, and the msgid that tells a person."""

    state: NotSent
    msgid: str

    # The defaults are never used: they let type checkers accept the look-up Reason("late").
    def __new__(cls, code: str, state: NotSent = "failed", msgid: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.state, member.msgid = code, state, msgid
        return member

    DONE_TODAY = "done_today", "skipped", "Not sent: already done today."
    REST_DAY = "rest_day", "skipped", "Not sent: a rest day."
    NOTHING_ASKED = "nothing_asked", "skipped", "Not sent: there was nothing left to ask."
    CLIENT_SKIPPED = "client_skipped", "skipped", "Not sent: skipped for today by the client."
    BUNDLED = "bundled", "skipped", "Not sent alone: part of another message."
    CHANGED = "changed", "skipped", "Not sent: the reminder was changed first."
    LOCAL_DATE_ABSENT = "local_date_absent", "skipped", "Not sent: the local calendar has no such moment."
    PAUSED = "paused", "skipped", "Not sent: the reminder is paused."
    PLAN_PAUSED = "plan_paused", "skipped", "Not sent: the plan is paused."
    PLAN_ENDED = "plan_ended", "skipped", "Not sent: the plan has ended."
    OPTED_OUT = "opted_out", "suppressed", "Not sent: messages to this address are stopped."
    NO_CONSENT = "no_consent", "suppressed", "Not sent: the client has not said yes to messages."
    RED_FLAG = "red_flag", "suppressed", "Not sent: a warning sign is open."
    FLARE = "flare", "suppressed", "Not sent: a day off after a high score."
    TAPER = "taper", "skipped", "Not sent: in a good rhythm, so we ask on fewer days."
    SILENT = "silent", "skipped", "Not sent: quiet until the client texts BACK."
    NOTHING_TOLD = "nothing_told", "skipped", "Not sent: nothing was told in that week."
    TWO_EVENINGS = "two_evenings", "skipped", "Not sent: two evening texts this week already."
    QUIET_HOURS = "quiet_hours", "suppressed", "Not sent: quiet hours."
    TRAVEL_GAP = "travel_gap", "suppressed", "Not sent: too soon after a change of time zone."
    DAILY_CAP = "daily_cap", "suppressed", "Not sent: the most for one day was reached."
    WEEKLY_CAP = "weekly_cap", "suppressed", "Not sent: the most for one week was reached."
    FUSE = "fuse", "suppressed", "Not sent: too many messages in 24 hours."
    LATE = "late", "expired", "Not sent: it was too late to be of use."
    OUTAGE = "outage", "expired", "Not sent: our service was down."
    UNCERTAIN = "uncertain", "expired", "Not known: the message service never told us if it went out."
    UNREACHABLE = "unreachable", "failed", "Not delivered: the phone or mailbox could not be reached."
    REFUSED = "refused", "failed", "Not sent: the message service refused it."
    INVALID_ADDRESS = "invalid_address", "failed", "Not sent: this address does not work."
    NO_TEXTS = "no_texts", "failed", "Not delivered: this phone takes no texts."
    HELD_BACK = "held_back", "failed", "Not delivered: the phone company held it back."
    SENDER_STOPPED = "sender_stopped", "failed", "Not sent: the phone company does not take our texts now."
    NOT_IN_TIME = "not_in_time", "expired", "Not delivered: the phone company was too slow."
    SENT_OTHERWISE = "sent_otherwise", "skipped", "Not sent: it went out another way."
    RENDER = "render", "failed", "Not sent: the message could not be written."
    TEST_MODE = "test_mode", "suppressed", "Not sent: the clinic was in test mode."


class NoMoment(Worded):
    """Why a day has no due moment, or none that anything was written about, and the msgid that tells a person."""

    NO_REMINDER = "no_reminder", "No reminder was set for that day."
    NOT_BEGUN = "not_begun", "Nothing was due: the reminder had not begun."
    ENDED = "ended", "Nothing was due: the reminder had ended."
    OTHER_DAYS = "other_days", "Nothing was due: it is not one of the chosen days."
    LEFT_OUT = "left_out", "Nothing was due: that day was left out on purpose."
    SET_LATER = "set_later", "Nothing was due: the reminder was set after its time that day."
    CHANGED_LATER = "changed_later", "Nothing was due: the reminder has changed since."
    TO_COME = "to_come", "Waits for its time."
    NOT_WRITTEN = "not_written", "Not known: nothing was written about it, so our service may have been down."


FAILED: Final[Mapping[Failure, Reason]] = {
    Failure.REFUSED: Reason.REFUSED,
    Failure.LOGIN: Reason.REFUSED,
    Failure.INVALID_ADDRESS: Reason.INVALID_ADDRESS,
    Failure.OPTED_OUT: Reason.OPTED_OUT,
    Failure.UNREACHABLE: Reason.UNREACHABLE,
    Failure.NO_TEXTS: Reason.NO_TEXTS,
    Failure.TOO_LATE: Reason.NOT_IN_TIME,
    Failure.UNREGISTERED: Reason.HELD_BACK,
    Failure.FILTERED: Reason.HELD_BACK,
    Failure.RATE: Reason.HELD_BACK,
}
"""What the ledger says of a message that a provider will not deliver."""
