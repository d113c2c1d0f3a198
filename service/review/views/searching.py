"""The library beside the plan: what is looked for in it, and what is found."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace

from service.accounts.rules import plain_words
from service.catalogue.queries import entry_of
from service.catalogue.queries.media import Media
from service.catalogue.rules import Sentence
from service.catalogue.rules.finding import GEAR, GOALS, POSITIONS, gear_of, goals_of, position_of
from service.catalogue.tables import Exercise
from service.catalogue.views import shown
from service.review.guards import Typed
from service.review.schemas.forms import Option
from service.review.schemas.prescribing import LibraryRow, Search
from service.review.views.plan_items import codes_of, section_of
from service.terms import said

_LABELS: Mapping[str, str] = {
    "goal": "Goal",
    "position": "Position",
    "gear": "Needs",
    "routine": "Routine",
    "from": "From",
}
FIELDS = ("find", *(f"find_{name}" for name in _LABELS))
"""Of the form: they say nothing of the plan."""

_FROM: Mapping[str, str] = {"clinic": "The clinic's own"}


def search(form: Typed, exercises: Sequence[Exercise], own: Media, locale: str) -> Search:
    """As it is picked in the form; a choice that is none leaves nothing out."""
    words = form.one("find")
    routines = {str(place): name for place, name in enumerate(dict.fromkeys(map(section_of, exercises)))}
    choices = {"goal": GOALS, "position": POSITIONS, "gear": GEAR, "routine": routines, "from": _FROM}
    picked = {name: form.one(f"find_{name}") for name in choices if form.one(f"find_{name}") in choices[name]}
    numbers = {name: place for place, name in routines.items()}
    inside, wanted = set(codes_of(form)), {f"{name}-{value}" for name, value in picked.items()}
    looked_for = plain_words(words).split()
    rows = [_row(one, inside, own, list(_tags(one, numbers)), locale) for one in exercises]
    return Search(
        words=words,
        filters=[
            (name, said(Sentence(_LABELS[name]), locale), _options(choices[name], picked.get(name, ""), locale))
            for name in choices
        ],
        rows=[_left_out(row, looked_for, wanted) for row in rows],
    )


def _options(choices: Mapping[str, str], picked: str, locale: str) -> list[Option]:
    named = [Option(value, said(Sentence(words), locale), value == picked) for value, words in choices.items()]
    return [Option("", said(Sentence("any"), locale)), *named]


def _tags(exercise: Exercise, routines: Mapping[str, str]) -> Iterator[str]:
    entry = entry_of(exercise)
    yield from (f"goal-{goal}" for goal in goals_of(entry))
    yield f"position-{position_of(entry)}"
    yield from (f"gear-{gear}" for gear in gear_of(entry))
    yield f"routine-{routines[section_of(exercise)]}"
    yield f"from-{exercise.origin}"


def _row(exercise: Exercise, inside: set[str], own: Media, tags: list[str], locale: str) -> LibraryRow:
    entry = entry_of(exercise)
    name = said(Sentence(exercise.name), locale)
    position = said(Sentence(entry.position), locale) if entry.position else ""
    return LibraryRow(
        code=exercise.code,
        name=name,
        position=position,
        words=_looked_in(f"{name} {position}"),
        tags=tags,
        picture=shown(exercise, None, own.get(exercise.id, {})).picture,
        is_in=exercise.code in inside,
    )


# Letter by letter, of sixty exercises that hardly ever change, on each page with the library beside it.
_looked_in = lru_cache(1024)(plain_words)


def _left_out(row: LibraryRow, words: Sequence[str], wanted: set[str]) -> LibraryRow:
    is_found = wanted <= set(row.tags) and all(word in row.words for word in words)
    return row if is_found else replace(row, is_out=True)
