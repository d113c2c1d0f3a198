"""Habits as values, and what may be answered to one. A clinic's own: what may be said of it, and its entry in the
shape of the shipped ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from service.catalogue.rules import Entry, Words
from service.errors import FieldProblem

MOST_OF_A_HABIT: Final = {"minutes": 24 * 60, "count": 999, "number": 9999}
"""By kind: the minutes of a day, more than anybody counts in one, and the kilometres of a pair of shoes. More is
a slip of the finger."""
AMOUNT_HINTS: Final = {
    "minutes": "Use a whole number from 0 to 1440.",
    "count": "Use a whole number from 0 to 999.",
    "number": "Use a number from 0 to 9999.",
}
NOT_SURE: Final = "not_sure"
"""The option of a choice that says nothing either way."""

Kind = Literal["yes_no", "count", "minutes", "number", "choice"]
Cadence = Literal["daily", "weekly", "monthly"]
LEAST_OPTIONS: Final = 2
MOST_OPTIONS: Final = 6
LONGEST_PROMPT: Final = 160
LONGEST_WHY: Final = 200
LONGEST_OPTION: Final = 60
LONGEST_UNIT: Final = 20
"""Our own figures: what is read at a glance on a phone."""
_RULES: Final = {"yes_no": ("equals",), "choice": ("any_of",)}
_AMOUNT_RULES: Final = ("max", "min", "max_from_plan", "min_from_plan")
_UNITS: Final = {"minutes": "min", "count": "times"}


class Good(Entry, frozen=True, omit_defaults=False):
    """Which answers meet a habit's target; the `_from_plan` ones compare with the therapist's own number."""

    rule: Literal["max", "min", "equals", "any_of", "max_km", "min_per_sitting_hour", "max_from_plan", "min_from_plan"]
    value: bool | float = 0
    values: Words = ()


class Habit(Entry, frozen=True):
    """`soft_good` says which answers come near the target. A habit may be one to do less. A clinic's own has no
    `strength`: it is the clinic's word."""

    id: str
    seed: str
    prompt: str
    kind: Kind
    target: str
    good: Good
    cadence: Cadence
    contexts: Words
    why: str
    strength: Literal["moderate", "weak"] | None
    source: Words
    unit: str | None = None
    options: Words = ()
    soft_good: Good | None = None
    ask_when: str | None = None


@dataclass(frozen=True, slots=True)
class OwnHabit:
    """`good` says which answers meet it; a rule from the plan compares with each client's own goal alone. `options`
    are the answers of a choice in the clinic's words, and `NOT_SURE`. `unit` is what an amount counts."""

    prompt: str
    kind: Kind
    cadence: Cadence
    good: Good
    why: str = ""
    unit: str = ""
    options: Words = ()


def tidied(own: OwnHabit) -> OwnHabit:
    """One space between words and none around them, as a form sends an answer back; a goal as a form can hold it."""
    value = own.good.value
    good = Good(
        rule=own.good.rule,
        value=value if isinstance(value, bool) else round(value, 2),
        values=tuple(dict.fromkeys(map(_spaced, own.good.values))),
    )
    return replace(
        own,
        prompt=_spaced(own.prompt),
        good=good,
        why=_spaced(own.why),
        unit=_spaced(own.unit),
        options=tuple(map(_spaced, own.options)),
    )


def _spaced(words: str) -> str:
    return " ".join(words.split())


def problems(own: OwnHabit) -> list[FieldProblem]:
    return [*_of_words(own), *_of_options(own), *_of_good(own)]


def _of_words(own: OwnHabit) -> Iterator[FieldProblem]:
    if not 1 <= len(own.prompt) <= LONGEST_PROMPT or not own.prompt.isprintable():
        yield FieldProblem("/prompt", "length", "Use 1 to 160 characters.")
    elif own.prompt.startswith("("):
        # What is in brackets is left out where there is little room.
        yield FieldProblem("/prompt", "aside", "Begin with the question, not with a bracket.")
    if len(own.why) > LONGEST_WHY or not own.why.isprintable():
        yield FieldProblem("/why", "length", "Use at most 200 characters.")
    if len(own.unit) > LONGEST_UNIT or not own.unit.isprintable():
        yield FieldProblem("/unit", "length", "Use at most 20 characters.")
    elif own.unit and own.kind not in ("count", "number"):
        yield FieldProblem("/unit", "kind", "Leave the unit out: only a count or a number has one.")


def _of_options(own: OwnHabit) -> Iterator[FieldProblem]:
    named = [option for option in own.options if option != NOT_SURE]
    if own.kind != "choice":
        if own.options:
            yield FieldProblem("/options", "kind", "Leave the answers out: only a choice has them.")
    elif not LEAST_OPTIONS <= len(named) <= MOST_OPTIONS:
        yield FieldProblem("/options", "many", "Use 2 to 6 answers.")
    elif not all(0 < len(option) <= LONGEST_OPTION and option.isprintable() for option in named):
        yield FieldProblem("/options", "length", "Use 1 to 60 characters for an answer.")
    elif len({option.casefold() for option in named}) < len(named):
        yield FieldProblem("/options", "twice", "Use each answer once.")


def _of_good(own: OwnHabit) -> Iterator[FieldProblem]:
    good, rules = own.good, _RULES.get(own.kind, _AMOUNT_RULES)
    if good.values and own.kind != "choice":
        yield FieldProblem("/good/values", "kind", "Leave the good answers out: only a choice has them.")
    if good.value and good.rule not in ("equals", "max", "min"):
        yield FieldProblem("/good/value", "kind", "Leave the number out: this rule has none of its own.")
    if good.rule not in rules:
        yield FieldProblem("/good/rule", "kind", f"For this kind of answer use {' or '.join(rules)}.")
    elif own.kind == "yes_no":
        if not isinstance(good.value, bool):
            yield FieldProblem("/good/value", "type", "Use true or false.")
    elif own.kind == "choice":
        if not good.values or not set(good.values) <= set(own.options) - {NOT_SURE}:
            yield FieldProblem("/good/values", "choice", "Mark at least one of the answers as good.")
    elif good.rule in ("max", "min") and not _is_amount(own.kind, good):
        yield FieldProblem("/good/value", "number", AMOUNT_HINTS[own.kind])
    elif good.rule == "min" and not good.value:
        yield FieldProblem("/good/value", "any", "With at least 0, any answer is good. Use more than 0.")


def _is_amount(kind: str, good: Good) -> bool:
    return not isinstance(good.value, bool) and believable(kind, good.value)


def believable(kind: str, amount: float) -> bool:
    """Minutes and counts are whole."""
    return 0 <= amount <= MOST_OF_A_HABIT[kind] and (kind == "number" or float(amount).is_integer())


def entry_of(own: OwnHabit, code: str) -> Habit:
    """In the shape of the shipped ones; the clinic itself is its source."""
    named = {option: _capital(option) for option in own.options}
    good = Good(rule=own.good.rule, value=own.good.value, values=tuple(named[one] for one in own.good.values))
    return Habit(
        id=code,
        seed="",
        prompt=own.prompt,
        kind=own.kind,
        target="",
        good=good,
        cadence=own.cadence,
        contexts=(),
        why=own.why,
        strength=None,
        source=(),
        unit=_UNITS.get(own.kind) if own.kind == "minutes" or not own.unit else own.unit,
        options=tuple(named.values()),
    )


def _capital(option: str) -> str:
    """The codes of shipped answers are small letters: a clinic's own words are never taken for one."""
    return option if option == NOT_SURE else option[:1].upper() + option[1:]


def own_of(entry: Habit) -> OwnHabit:
    """What a clinic said of its habit, to be said anew."""
    unit = "" if entry.unit in (None, _UNITS.get(entry.kind)) else str(entry.unit)
    return OwnHabit(entry.prompt, entry.kind, entry.cadence, entry.good, entry.why, unit, entry.options)
