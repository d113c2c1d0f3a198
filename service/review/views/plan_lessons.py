"""Notes to read, as rows of the form that prescribes. Faults in them are found when the version is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.plans.fix_rows import LessonToPrescribe
from service.plans.fixes import MOST_LESSONS
from service.plans.queries import Content
from service.review.guards import Typed
from service.review.schemas.forms import Field
from service.review.schemas.prescribing import LessonRow


@dataclass(frozen=True, slots=True)
class LessonTyped:
    """A row of the form, as it was typed."""

    key: str
    title: str
    body: str


def typed(form: Typed) -> dict[int, LessonTyped]:
    """By the number of the row."""
    return {n: _typed(form, n) for n in _numbers(form)}


def _typed(form: Typed, number: int) -> LessonTyped:
    title, body = form.one(f"lesson_{number}"), form.one(f"lesson_body_{number}")
    return LessonTyped(form.one(f"lesson_key_{number}"), title, body)


def pairs_of(lessons: Sequence[LessonTyped]) -> list[tuple[str, str]]:
    pairs = []
    for number, lesson in enumerate(lessons):
        pairs += [(f"lesson_{number}", lesson.title), (f"lesson_body_{number}", lesson.body)]
        pairs += [(f"lesson_key_{number}", lesson.key)]
    return pairs


def filled(content: Content) -> list[tuple[str, str]]:
    return pairs_of([LessonTyped(str(one.lesson_key), one.title, one.body) for one in content.lessons])


def lessons(form: Typed) -> list[LessonToPrescribe]:
    return [LessonToPrescribe(one.title, one.body, _key(one.key)) for one in typed(form).values()]


def rows(form: Typed, beside: Mapping[str, str]) -> list[LessonRow]:
    """Those with words, and an empty one."""
    index = {number: place for place, number in enumerate(_numbers(form))}
    empty = [number for number in range(MOST_LESSONS) if number not in index][:1]
    return [_row(form, number, beside, index.get(number)) for number in sorted([*index, *empty])]


def _row(form: Typed, number: int, beside: Mapping[str, str], place: int | None) -> LessonRow:
    title, body = [Field(form.one(name), beside.get(f"/lessons/{place}/{column}")) for name, column in _fields(number)]
    return LessonRow(number, form.one(f"lesson_key_{number}"), title, body)


def _fields(number: int) -> list[tuple[str, str]]:
    return [(f"lesson_{number}", "title"), (f"lesson_body_{number}", "body")]


def _numbers(form: Typed) -> list[int]:
    """Two people at once may have written as many as that; then they are told that it is too many."""
    return [n for n in range(2 * MOST_LESSONS) if form.one(f"lesson_{n}") or form.one(f"lesson_body_{n}")]


def _key(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
