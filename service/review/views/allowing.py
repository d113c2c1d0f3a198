"""Steps allowed ahead, in the form that prescribes: an exercise each way with its leg, and the last day.

A choice is the code of the exercise and the leg: `glu-bridge-offset:right`.
"""

from collections.abc import Collection, Mapping, Sequence

from service.catalogue.queries import entry_of
from service.catalogue.rules import Sentence, Side
from service.catalogue.tables import Exercise
from service.errors import FieldProblem
from service.plans.actions.wanted import AheadWanted
from service.plans.rules.ahead import Ahead, Direction, Target, chain, sides_offered, wrong_leg
from service.remedies import day_or_none
from service.review.guards import Typed
from service.review.schemas.forms import Field, Option
from service.review.schemas.prescribing import AheadPick
from service.terms import SIDES, said

FIELDS = (*(f"{way}_" for way in Direction), "until_")


def filled(code: str, ahead: Ahead | None) -> list[tuple[str, str]]:
    if ahead is None:
        return []
    steps = [(f"{way}_{code}", _token(to)) for way, to in ahead.steps.items()]
    return [*steps, (f"until_{code}", ahead.until.isoformat())]


def _token(to: Target) -> str:
    return f"{to.exercise}:{to.side}"


def _read(token: str) -> Target | None:
    code, _, side = token.rpartition(":")
    return Target(code, Side(side)) if code and side in set(Side) else None


def is_readable(name: str, words: str) -> bool:
    return not words or (day_or_none(words) if name.startswith("until_") else _read(words)) is not None


def problems(form: Typed, code: str, pointer: str) -> list[FieldProblem]:
    found = [
        FieldProblem(f"{pointer}/{way}", "unknown", "Choose an exercise of the list.")
        for way in Direction
        if not is_readable(way, form.one(f"{way}_{code}"))
    ]
    day, steps = form.one(f"until_{code}"), [form.one(f"{way}_{code}") for way in Direction]
    if not is_readable("until_", day):
        found.append(FieldProblem(f"{pointer}/until", "day", "Use a day, such as 2026-04-07."))
    elif day and not any(steps):
        found.append(FieldProblem(f"{pointer}/until", "alone", "Choose a step too, or empty the last day."))
    return found


def wanted(form: Typed, code: str) -> AheadWanted | None:
    """A day alone allows nothing."""
    picked = {way: _read(form.one(f"{way}_{code}")) for way in Direction}
    steps = {way: (to.exercise, to.side) for way, to in picked.items() if to is not None}
    return AheadWanted(steps, day_or_none(form.one(f"until_{code}"))) if steps else None


def ahead_pick(
    exercise: Exercise, form: Typed, library: Mapping[str, Exercise], beside: Mapping[str, str], place: str, locale: str
) -> AheadPick | None:
    """None where the library knows nothing harder and nothing easier."""
    ways = {way: _options(way, exercise, form, library, locale) for way in Direction}
    if all(len(options) == 1 for options in ways.values()):
        return None
    typed = [form.one(f"{way}_{exercise.code}") for way in Direction]
    pointer = f"{place}/ahead"
    told = {way: beside.get(f"{pointer}/{way}") or beside.get(f"{pointer}/{way}/side") for way in Direction}
    until = Field(form.one(f"until_{exercise.code}"), beside.get(f"{pointer}/until"))
    return AheadPick(
        harder=ways[Direction.HARDER],
        easier=ways[Direction.EASIER],
        harder_problem=told[Direction.HARDER],
        easier_problem=told[Direction.EASIER],
        until=until,
        is_open=any(typed) or any(told.values()) or until.problem is not None,
    )


def _options(
    way: Direction, exercise: Exercise, form: Typed, library: Mapping[str, Exercise], locale: str
) -> list[Option]:
    """What is in the plan already is no step; what was chosen stays in the list, to be looked at."""
    code = exercise.code
    typed, planned = form.one(f"{way}_{code}"), set(form.after("item_"))
    free = [one for one in chain(entry_of(exercise), way) if one in library and one not in planned]
    side = form.one(f"side_{code}")
    tokens = [token for one in free for token in _legs(library[one], {Side(side) if side in set(Side) else None})]
    chosen = _read(typed)
    if chosen is not None and typed not in tokens and chosen.exercise in library:
        tokens.append(typed)
    return [
        Option("", said(Sentence("ask me first"), locale)),
        *(Option(token, _words(token, library, locale), token == typed) for token in tokens),
    ]


def _legs(exercise: Exercise, now: Collection[Side | None]) -> Sequence[str]:
    entry = entry_of(exercise)
    targets = [Target(exercise.code, side) for side in sides_offered(entry)]
    return [_token(to) for to in targets if not wrong_leg(now, to, entry)]


def _words(token: str, library: Mapping[str, Exercise], locale: str) -> str:
    to = _read(token)
    if to is None or to.exercise not in library:
        return token
    return said(step_words(library[to.exercise], to.side), locale)


def step_words(exercise: Exercise, side: Side) -> Sentence:
    """With the leg, where there is more than one to choose."""
    if len(sides_offered(entry_of(exercise))) == 1:
        return Sentence(exercise.name)
    return Sentence("%(name)s, %(side)s", {"name": Sentence(exercise.name), "side": Sentence(SIDES[side])})


def words(form: Typed, code: str, library: Mapping[str, Exercise], locale: str) -> list[Sentence]:
    """As part of a line that is held against another."""
    tokens = [form.one(f"{way}_{code}") for way in Direction if form.one(f"{way}_{code}")]
    told = {token: _words(token, library, locale) for token in tokens}
    return [Sentence("allowed ahead: %(step)s", {"step": told[token]}) for token in tokens]
