"""How a plan is told to a client in plain words, and how what a client taps or types is read."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from service.catalogue.rules import Dose, Effort, LoadUnit, Sentence, Side, WorkingSide, rests_between_holds
from service.catalogue.rules.habits import AMOUNT_HINTS
from service.diary.rules import LONGEST_WINDOW, NUMBER_RULES, WORST_SCORE, HabitValue, does_less
from service.errors import Refused
from service.progress.rules import plain
from service.terms import HABIT_CHOICES, said, whole_or_part, without_asides
from service.words import translator

NOT_YET = "not_yet"
"""Takes back that a one-off fix is done."""

SKIP = "skip"
"""Lets a habit go for the day; no option of a choice has this name."""

STOP_RULE = "Stop if pain gets above %(score)s or does not settle by the next day."
"""The `common` stop set of the shipped exercises, with the clinic's limit of pain (`LoadLimits`)."""

UNITS = {"times": "times", "min": "min", "breaks": "breaks", "months_and_km": "km", "km_or_min": "km or min"}
AMOUNTS = {
    "times": ("%(num)s time", "%(num)s times"),
    "min": ("%(num)s minute", "%(num)s minutes"),
    "breaks": ("%(num)s break", "%(num)s breaks"),
    "months_and_km": ("%(num)s km", "%(num)s km"),
    "km_or_min": ("%(num)s km or min", "%(num)s km or min"),
}
"""By unit: one of it, and any other number."""

_LEGS = {
    (WorkingSide.MOVING, Side.LEFT): "Move the left leg",
    (WorkingSide.MOVING, Side.RIGHT): "Move the right leg",
    (WorkingSide.STANCE, Side.LEFT): "Weight on the left leg",
    (WorkingSide.STANCE, Side.RIGHT): "Weight on the right leg",
    (WorkingSide.BOTH, Side.LEFT): "Left leg",
    (WorkingSide.BOTH, Side.RIGHT): "Right leg",
}
_LOADS = {
    LoadUnit.KG: "%(dose)s, with %(load)s kg",
    LoadUnit.LB: "%(dose)s, with %(load)s lb",
    LoadUnit.BAND: "%(dose)s, with band %(load)s",
}
_SCORE = re.compile(r"[0-9]{1,2}")
_AMOUNT = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,2})?")
_HEALTH_WORD = re.compile(r"\b(?:hips?|pain\w*|caderas?|a?dol(?:or|er|i|í)\w*|duel[ea]\w*)\b", re.IGNORECASE)


@lru_cache(maxsize=1000)
def _numeral(number: float, locale: str) -> str:
    """As it is typed: 1440, not 1,440."""
    return format_decimal(number, locale=locale, group_separator=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """A client's language and clock."""

    locale: str
    zone: ZoneInfo

    def say(self, words: str) -> str:
        # A catalogue answers the empty text with its own header.
        return translator(self.locale).gettext(words) if words else ""

    def label(self, words: str | Sentence) -> str:
        """As it stands on a button or begins a line."""
        label = self.read(words) if isinstance(words, Sentence) else self.say(words)
        return label[:1].upper() + label[1:]

    def count(self, one: str, many: str, number: float, **parts: object) -> str:
        """`one` or `many`, with the number as `num`."""
        words = translator(self.locale).ngettext(one, many, 1 if number == 1 else 2)
        return words % {"num": self._number(number), **parts}

    def amount(self, number: float, unit: str | None) -> str:
        """ "30 minutes"; of a unit of the clinic's own, the number before it."""
        if unit in AMOUNTS:
            return self.count(*AMOUNTS[unit], number)
        return f"{self._number(number)} {unit or ''}".strip()

    def _number(self, number: float) -> str:
        return _numeral(number, self.locale)

    def read(self, sentence: Sentence) -> str:
        return said(sentence, self.locale)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self.zone)


@dataclass(frozen=True, slots=True)
class Form:
    """What a page's form sent, in its order."""

    pairs: Sequence[tuple[str, str]] = ()

    def one(self, name: str) -> str:
        return next((value.strip() for key, value in self.pairs if key == name), "")

    def each(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.pairs if key == name]

    def ids_after(self, prefix: str) -> list[UUID] | None:
        """The ids in the names of ticked boxes; None when one of them is no id."""
        try:
            return [UUID(key.removeprefix(prefix)) for key, _ in self.pairs if key.startswith(prefix)]
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Unsaved:
    """An answer that could not be kept. `place` is `session`, `pain`, `message`, `link` or the id of a habit;
    `pointer` its field."""

    place: str
    message: str
    form: Form
    pointer: str = ""


def score_of(words: str) -> int | None:
    """A whole number from 0 to 10, written in digits."""
    return int(words) if _SCORE.fullmatch(words) and int(words) <= WORST_SCORE else None


def id_of(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


def told_at(form: Form, now: datetime) -> datetime:
    """When it was told: before now, when it waited on a phone for a network (`made_at` until `sent_at`). The time it
    waited is taken from the phone, the time it is now is ours: a phone whose clock is wrong is wrong in both."""
    if not form.one("made_at"):
        return now
    try:
        waited = datetime.fromisoformat(form.one("sent_at")) - datetime.fromisoformat(form.one("made_at"))
        # What waited longer than that is too old whatever it says.
        return now - min(max(waited, timedelta()), LONGEST_WINDOW)
    except (ValueError, TypeError):
        raise Refused.one("/made_at", "time", "Use the buttons of the page.") from None


def habit_value(kind: str, words: str) -> HabitValue | None:
    """The answer of a chip or number box, or None when it is not one for this kind of habit."""
    if kind == "yes_no":
        return {"yes": True, "no": False}.get(words)
    if kind == "choice":
        return words or None
    return float(words.replace(",", ".")) if _AMOUNT.fullmatch(words) else None


HABIT_HINTS = {"yes_no": "Answer yes or no.", "choice": "Tap one of the answers.", **AMOUNT_HINTS}


def stop_rule(most_pain: int) -> Sentence:
    return Sentence(STOP_RULE, {"score": most_pain})


def dose_words(dose: Dose, times_per_day: int = 1) -> Sentence:
    """ "2 sets of 10, hold 5 seconds"."""
    words = _sets_and_reps(dose)
    if dose.hold_seconds == 1:
        words = Sentence("%(dose)s, hold 1 second", {"dose": words})
    elif dose.hold_seconds:
        words = Sentence("%(dose)s, hold %(seconds)s seconds", {"dose": words, "seconds": dose.hold_seconds})
    if dose.load is not None and dose.load_unit is not None:
        words = Sentence(_LOADS[dose.load_unit], {"dose": words, "load": plain(dose.load)})
    if times_per_day > 1:
        words = Sentence("%(dose)s, %(times)s times a day", {"dose": words, "times": times_per_day})
    return words


def _sets_and_reps(dose: Dose) -> Sentence:
    if dose.sets > 1 and dose.reps > 1:
        return Sentence("%(sets)s sets of %(reps)s", {"sets": dose.sets, "reps": dose.reps})
    count = dose.sets * dose.reps
    return Sentence("%(count)s times", {"count": count}) if count > 1 else Sentence("Once")


def finer_words(dose: Dose, usual: Dose) -> list[Sentence]:
    """How to rest, how fast and how hard, where it is not what the exercise asks for anyway."""
    told = []
    if dose.rest_seconds != usual.rest_seconds:
        between = rests_between_holds(dose)
        words = "Rest %(seconds)s seconds between holds." if between else "Rest %(seconds)s seconds between sets."
        told += [Sentence(words, {"seconds": dose.rest_seconds})] * ((dose.reps if between else dose.sets) > 1)
    if dose.tempo is not None and dose.tempo != usual.tempo:
        told.append(Sentence("How fast: %(tempo)s.", {"tempo": Sentence(dose.tempo)}))
    if dose.effort is not None and dose.effort != usual.effort:
        told.append(_FEELS[dose.effort])
    return told


_FEELS = {
    Effort.LIGHT: Sentence("It should feel light."),
    Effort.SOMEWHAT_HARD: Sentence("It should feel somewhat hard."),
    Effort.HARD: Sentence("It should feel hard."),
}


def side_words(dose: Dose, sides: Collection[Side]) -> Sentence | None:
    """Which leg does what; nothing for an exercise that has no sides. Told from the record, never guessed."""
    if dose.side is None or list(sides) == [Side.BOTH]:
        return None
    return Sentence(_LEGS.get((dose.working_side, dose.side), "Both legs, one after the other"))


def goal_of(good: Mapping[str, Any], target: float | None) -> float | None:
    """The number an answer is compared with, when there is one."""
    if target is not None and good.get("rule") in NUMBER_RULES:
        return target
    return float(good["value"]) if good.get("rule") in ("max", "min", "max_km") else None


def chips(
    kind: str, options: Sequence[str], unit: str | None, good: Mapping[str, Any], target: float | None
) -> list[tuple[str, Sentence]]:
    """The answers of one tap, each as what is kept and what it is called. A number chip says its number."""
    if kind == "yes_no":
        return [("yes", Sentence("yes")), ("no", Sentence("no"))]
    if kind == "choice":
        # A clinic's own options are words already.
        return [(option, Sentence(HABIT_CHOICES.get(option, option))) for option in options]
    amounts = _chip_amounts(goal_of(good, target), in_parts=kind == "number")
    return [(f"{amount:g}", _amount_words(amount, unit)) for amount in amounts]


def _chip_amounts(goal: float | None, *, in_parts: bool) -> list[float]:
    """None, some and the goal."""
    if goal is None:
        return [0]
    whole = round(goal)
    return [0, 1, 2] if whole < 2 else [0, whole // 2, goal if in_parts else whole]


def _amount_words(amount: float, unit: str | None) -> Sentence:
    if amount == 0:
        return Sentence("none")
    return Sentence("%(amount)s min" if unit == "min" else "%(amount)s", {"amount": whole_or_part(amount)})


def answer_text(value: HabitValue) -> str:
    """A kept answer as its chip would send it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"


def goal_words(good: Mapping[str, Any], target: float | None, unit: str | None) -> Sentence | None:
    """What a habit aims at, more of it or less; nothing where the answers themselves say it."""
    goal = goal_of(good, target)
    if goal is None:
        return Sentence("Goal: no.") if does_less(good) and good.get("rule") == "equals" else None
    if does_less(good):
        words = _amount_words(goal, unit)
        return Sentence("Goal: %(amount)s or less.", {"amount": words}) if goal else Sentence("Goal: none.")
    return Sentence("Goal: %(amount)s or more.", {"amount": _amount_words(goal, unit)})


def prompt_in_public(prompt: str, *answers: str) -> str | None:
    """A habit's question without asides, for a page that anybody who holds the link can open; None when even
    so it, or one of its answers, tells what the person is treated for."""
    short = without_asides(prompt)
    return None if any(map(_HEALTH_WORD.search, (short, *answers))) else short
