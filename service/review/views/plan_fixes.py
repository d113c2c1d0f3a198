"""One-off fixes on the pages of staff: as rows of the form that prescribes, and how each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.catalogue.library import shipped
from service.catalogue.rules import Sentence
from service.diary.tables import FixReport
from service.errors import FieldProblem
from service.plans.fix_rows import FixToPrescribe
from service.plans.fixes import LONGEST_FIX, MOST_FIXES, FixState, standing
from service.plans.queries import Content
from service.plans.tables import PlanFix
from service.remedies import day_or_none
from service.review.guards import Typed, whole_number
from service.review.schemas.fixes import FixLine
from service.review.schemas.forms import Field
from service.review.schemas.prescribing import FixRow
from service.terms import said

EMPTY_ROWS = 2


@dataclass(frozen=True, slots=True)
class FixTyped:
    """A row of the form, as it was typed."""

    key: str
    words: str
    due_on: str
    again: str

    @property
    def day(self) -> date | None:
        return day_or_none(self.due_on)


def typed(form: Typed) -> dict[int, FixTyped]:
    """By the number of the row."""
    names = ("fix_key", "fix", "fix_due", "fix_again")
    return {n: FixTyped(*(form.one(f"{name}_{n}") for name in names)) for n in _numbers(form)}


def pairs_of(fixes: Sequence[FixTyped]) -> list[tuple[str, str]]:
    pairs = []
    for number, fix in enumerate(fixes):
        pairs += [(f"fix_{number}", fix.words), (f"fix_due_{number}", fix.due_on)]
        pairs += [(f"fix_again_{number}", fix.again), (f"fix_key_{number}", fix.key)]
    return pairs


def filled(content: Content, locale: str) -> list[tuple[str, str]]:
    return pairs_of(
        [
            FixTyped(
                str(fix.fix_key),
                said(Sentence(fix.prompt), locale),
                fix.due_on.isoformat(),
                str(fix.recheck_days or ""),
            )
            for fix in content.fixes
        ]
    )


def problems(form: Typed) -> list[FieldProblem]:
    found = []
    for index, number in enumerate(_numbers(form)):
        if not form.one(f"fix_{number}"):
            words = "Say what is to be done, or empty the line."
            found.append(FieldProblem(f"/fixes/{index}/prompt", "required", words))
        elif len(form.one(f"fix_{number}")) > LONGEST_FIX:
            found.append(FieldProblem(f"/fixes/{index}/prompt", "length", "Use 1 to 200 characters."))
        if form.one(f"fix_{number}") and day_or_none(form.one(f"fix_due_{number}")) is None:
            found.append(FieldProblem(f"/fixes/{index}/due_on", "day", "Choose the day by which it is done."))
        again = form.one(f"fix_again_{number}")
        if again and whole_number(again) is None:
            found.append(FieldProblem(f"/fixes/{index}/recheck_days", "number", "Use 1 to 366 days."))
    return found


def fixes(form: Typed, locale: str) -> list[FixToPrescribe]:
    """Words of the library are kept as the library has them, so that each reader has them in their own language."""
    library = {said(Sentence(fix.prompt), locale): fix.prompt for fix in shipped().fixes}
    wanted = []
    for number in _numbers(form):
        words, due_on = form.one(f"fix_{number}"), day_or_none(form.one(f"fix_due_{number}"))
        if due_on is not None:
            again, key = whole_number(form.one(f"fix_again_{number}")), _key(form.one(f"fix_key_{number}"))
            wanted.append(FixToPrescribe(library.get(words, words), due_on, again, key))
    return wanted


def rows(form: Typed, beside: dict[str, str]) -> list[FixRow]:
    """Those with words, and a few empty ones."""
    index = {number: place for place, number in enumerate(_numbers(form))}
    shown = [*index, *[n for n in range(MOST_FIXES) if n not in index][:EMPTY_ROWS]]

    def field(name: str, number: int, column: str) -> Field:
        place = f"/fixes/{index[number]}/{column}" if number in index else ""
        return Field(form.one(f"{name}_{number}"), beside.get(place) if place else None)

    return [
        FixRow(
            number,
            form.one(f"fix_key_{number}"),
            field("fix", number, "prompt"),
            field("fix_due", number, "due_on"),
            field("fix_again", number, "recheck_days"),
        )
        for number in sorted(shown)
    ]


def suggestions(locale: str) -> list[str]:
    return [said(Sentence(fix.prompt), locale) for fix in shipped().fixes]


def _numbers(form: Typed) -> list[int]:
    """Two people at once may have written as many as that; then they are told that it is too many."""
    return [number for number in range(2 * MOST_FIXES) if form.one(f"fix_{number}") or _is_begun(form, number)]


def _is_begun(form: Typed, number: int) -> bool:
    """A new row of which only the rest was typed. One that is in the plan goes when its words do."""
    rest = form.one(f"fix_due_{number}") or form.one(f"fix_again_{number}")
    return bool(rest) and not form.one(f"fix_key_{number}")


def _key(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


def lines(content: Content | None, told: Sequence[FixReport], today: date, locale: str) -> list[FixLine]:
    return [_line(fix, told, today, locale) for fix in (content.fixes if content else [])]


def _line(fix: PlanFix, told: Sequence[FixReport], today: date, locale: str) -> FixLine:
    now = standing(fix.recheck_days, [one for one in told if one.fix_key == fix.fix_key], today)
    parts = {"due": fix.due_on, "day": now.told_on, "again": now.recheck_on}
    msgid = _ASKED_AGAIN if now.state is FixState.DONE and now.recheck_on else _STANDS[now.state]
    used = {name: value for name, value in parts.items() if f"%({name})s" in msgid}
    return FixLine(said(Sentence(fix.prompt), locale), said(Sentence(msgid, used), locale))


_ASKED_AGAIN = "done on %(day)s, asked about again on %(again)s"
_STANDS = {
    FixState.OPEN: "not told yet, by %(due)s",
    FixState.DONE: "done on %(day)s",
    FixState.RECHECK_DUE: "done on %(day)s, asked about again since %(again)s",
    FixState.STILL_FINE: "still fine on %(day)s",
    FixState.NOT_ANY_MORE: "not any more, told on %(day)s",
}
