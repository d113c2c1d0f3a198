from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType


class DayOut(Struct, omit_defaults=True):
    """`no_entry` is silence on a day when something was due, `not_yet` a day before the first plan began.

    `share` is the done part of a partly one.
    """

    day: date
    state: Literal["done", "partly", "skipped", "rest", "no_entry", "not_yet"]
    due: bool
    share: float | UnsetType = UNSET


class PainDayOut(Struct, omit_defaults=True):
    """`worst` is left out on a day without an answer, `mean` with fewer than four answers in seven days."""

    day: date
    worst: int | UnsetType = UNSET
    mean: float | UnsetType = UNSET


class AdherenceOut(Struct, omit_defaults=True):
    """Whole days of the last four weeks on which something was due. `percent` takes a partly done one by its share."""

    done: int
    partly: int
    due: int
    not_logged: int
    words: str
    percent: float | UnsetType = UNSET


class ChangeOut(Struct, omit_defaults=True):
    """The last seven days against the start. Under 2 points, and under a third, is `too_small` to say anything."""

    direction: Literal["better", "worse", "too_small"]
    points: float
    words: str
    percent: float | UnsetType = UNSET


class ProgressOut(Struct, omit_defaults=True):
    """Worked out when it is read; oldest day first, up to the client's today. `baseline` needs seven days.

    `strength`, 0 to 100, is how firmly the plan is established over the days shown; left out while nothing was told.
    """

    client_id: UUID
    today: date
    adherence: AdherenceOut
    days: list[DayOut]
    pain: list[PainDayOut]
    baseline: float | UnsetType = UNSET
    change: ChangeOut | UnsetType = UNSET
    strength: int | UnsetType = UNSET


class QuestionOut(Struct):
    code: str
    ask: str


class QuestionGroup(Struct):
    title: str
    questions: list[QuestionOut]


class RedFlagQuestions(Struct, omit_defaults=True):
    """Questions about warning signs, in the client's language, each to be answered yes or no. `due` says why they
    should be asked now; left out, they need not be: then all of them are here."""

    wording: int
    groups: list[QuestionGroup]
    due: Literal["words", "pain", "full", "weekly"] | UnsetType = UNSET
