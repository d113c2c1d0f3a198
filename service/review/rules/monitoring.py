"""Remote therapeutic monitoring in the US, from 2026: which code the counts would support, and what is missing.

Counts only. Whether anything may be billed, by whom, at what price, and whether this software is a device at all, is
not said here. Code numbers with words of our own; thresholds as read in clinical facts 7.3 (CMS CR 14250, R13431CP).
Nothing else may read this: when and whom we remind never follows what could be billed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from service.catalogue.rules import Sentence

WINDOW_DAYS: Final = 30
SETUP_DAYS: Final = 2

SETUP: Final = "98975"
DEVICE: Final = (("98985", 2, 15), ("98977", 16, 30))
"""Data days of one window, both ends included: either of them, never both."""

FIRST: Final = (("98979", 10, 19), ("98980", 20, None))
"""Minutes of one calendar month: either of them, never both."""

MORE: Final = "98981"
EACH_MORE: Final = 20
MORE_FROM: Final = 40

LABELS: Final[Mapping[str, str]] = {
    SETUP: "Set-up, once in an episode of care",
    "98985": "Data on 2 to 15 days of 30",
    "98977": "Data on 16 to 30 days of 30",
    "98979": "First 10 minutes of a month",
    "98980": "First 20 minutes of a month",
    MORE: "Each 20 minutes more of a month",
}

CAUTIONS: Final = (
    "This page counts, and nothing more. It does not say that a code may be billed, or what is paid.",
    "Device codes need a device in the sense of the FDA. Whether this software is one is for your counsel to say.",
    "One clinician for a client in 30 days, and not in a month with physiologic monitoring.",
    "A therapist needs a plan of care, with the modifiers that go with it. Other payers have other rules.",
)


@dataclass(frozen=True, slots=True)
class CodeLine:
    """`times` the counts support the code; `why` is what is missing when they do not."""

    code: str
    times: int
    why: Sentence | None = None


def window_of(starts_on: date, day: date) -> tuple[date, date]:
    """The 30 days in a row, counted from the start, that hold `day`, which is not before the start."""
    first = starts_on + timedelta(days=(day - starts_on).days // WINDOW_DAYS * WINDOW_DAYS)
    return first, first + timedelta(days=WINDOW_DAYS - 1)


def month_of(day: date) -> tuple[date, date]:
    following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day.replace(day=1), following - timedelta(days=1)


def device_code(days: int) -> str | None:
    return next((code for code, least, most in DEVICE if least <= days <= most), None)


def management_codes(minutes: int, live: int) -> list[str]:
    """`live`: real-time exchanges of the month, in which both sides speak. Texts back and forth are none."""
    if not live:
        return []
    first = next((code for code, least, most in FIRST if minutes >= least and (most is None or minutes <= most)), None)
    return [] if first is None else [first, *[MORE] * max(0, minutes // EACH_MORE - 1)]


def window_lines(days: int, set_up_before: bool) -> Iterator[CodeLine]:
    """`set_up_before`: an earlier window of the episode had the days for it already."""
    if set_up_before:
        yield CodeLine(SETUP, 0, Sentence("Once in an episode: an earlier period had the days for it."))
    else:
        yield _counted(SETUP, days >= SETUP_DAYS, _days_needed(SETUP_DAYS, days))
    supported = device_code(days)
    for code, least, most in DEVICE:
        why = _days_needed(least, days) if days < least else Sentence("Not beside %(code)s.", {"code": supported})
        yield _counted(code, least <= days <= most, why)


def _days_needed(least: int, days: int) -> Sentence:
    return Sentence("%(least)s data days are needed, %(days)s counted.", {"least": least, "days": days})


def _counted(code: str, is_met: bool, why: Sentence) -> CodeLine:
    return CodeLine(code, int(is_met), None if is_met else why)


def month_lines(minutes: int, live: int) -> Iterator[CodeLine]:
    codes = management_codes(minutes, live)
    for code, least in (*((code, least) for code, least, _ in FIRST), (MORE, MORE_FROM)):
        times = codes.count(code)
        yield CodeLine(code, times, None if times else _missing(codes, least, minutes, live))


def _missing(codes: Sequence[str], least: int, minutes: int, live: int) -> Sentence:
    needed = Sentence("%(least)s minutes are needed, %(minutes)s counted.", {"least": least, "minutes": minutes})
    call = Sentence("A live talk with the client or a caregiver is needed.")
    if minutes < least:
        return needed if live else Sentence("%(first)s %(rest)s", {"first": needed, "rest": call})
    return Sentence("Not beside %(code)s.", {"code": codes[0]}) if codes else call
