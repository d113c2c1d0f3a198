"""What a dose has beside its common fields, in the form that prescribes: rest, tempo, effort and the leg it trains.

Where it is the exercise's own nobody need look at it, so it stands folded below the line.
"""

from collections.abc import Mapping

from service.catalogue.queries import entry_of
from service.catalogue.rules import Dose, Effort, Sentence, WorkingSide, dose_default
from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.tables import Exercise
from service.errors import FieldProblem
from service.plans.rules import EFFORTS, TRAINED
from service.review.guards import Typed, whole_number
from service.review.schemas.forms import Field, Option
from service.review.schemas.prescribing import FinerPick
from service.terms import said

COLUMNS = {"rest_s_": "rest_seconds", "tempo_": "tempo", "effort_": "effort", "works_": "working_side"}
FIELDS = tuple(COLUMNS)
LONGEST_TEMPO = 80
_CHOICES: Mapping[str, tuple[type[Effort | WorkingSide], str]] = {
    "effort_": (Effort, "Choose an effort of the list."),
    "works_": (WorkingSide, "Choose a leg of the list."),
}


def filled(code: str, dose: Mapping[str, object]) -> list[tuple[str, str]]:
    """`dose` may be a part of one."""
    return [(f"{field}{code}", _shown(dose[name])) for field, name in COLUMNS.items() if name in dose]


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def problems(form: Typed, code: str, pointer: str) -> list[FieldProblem]:
    found = [
        FieldProblem(f"{pointer}/{COLUMNS[field]}", "unknown", words)
        for field, (_, words) in _CHOICES.items()
        if not is_readable(field, form.one(f"{field}{code}"))
    ]
    if not is_readable("rest_s_", form.one(f"rest_s_{code}")):
        found.append(FieldProblem(f"{pointer}/rest_seconds", "number", "Use a whole number."))
    if not is_readable("tempo_", form.one(f"tempo_{code}")):
        found.append(FieldProblem(f"{pointer}/tempo", "too_long", "Use at most 80 characters."))
    return found


def is_readable(name: str, words: str) -> bool:
    if name.startswith("tempo_"):
        return len(words) <= LONGEST_TEMPO
    if name.startswith("rest_s_"):
        return not words or whole_number(words) is not None
    return not words or any(name.startswith(field) and words in set(kind) for field, (kind, _) in _CHOICES.items())


def applied(dose: Mapping[str, object], form: Typed, code: str) -> dict[str, object]:
    """An empty field means the exercise's own, a form without the field leaves what there was."""
    told = {name: _read(field, form.one(f"{field}{code}")) for field, name in COLUMNS.items() if form.has(field + code)}
    kept = {name: value for name, value in dose.items() if name not in told}
    return kept | {name: value for name, value in told.items() if value is not None}


def _read(field: str, words: str) -> object:
    if not words:
        return None
    if field == "rest_s_":
        return whole_number(words)
    return _CHOICES[field][0](words) if field in _CHOICES else words


def finer_pick(
    entry: ExerciseEntry, form: Typed, beside: Mapping[str, str], place: str, warned: bool, locale: str
) -> FinerPick:
    """The tempo of the exercise itself stands in its field as a hint, in the reader's language. `warned` is whether
    something speaks against the rest."""
    usual, typed = dose_default(entry), _typed(form, entry)
    told = {name: beside.get(f"{place}/{name}") for name in COLUMNS.values()}
    differs = any(typed[name] != words for name, words in _words_of(usual).items())
    return FinerPick(
        rest=Field(typed["rest_seconds"], told["rest_seconds"]),
        tempo=Field("" if typed["tempo"] == usual.tempo else typed["tempo"], told["tempo"]),
        usual_tempo=said(Sentence(usual.tempo), locale) if usual.tempo else "",
        efforts=[Option(e.value, said(EFFORTS[e], locale), e == typed["effort"]) for e in Effort],
        effort_problem=told["effort"],
        works=_works(usual.working_side, typed["working_side"], locale),
        works_problem=told["working_side"],
        is_open=differs or warned or any(told.values()),
    )


def _works(usual: WorkingSide, typed: str, locale: str) -> list[Option]:
    """An exercise of one leg trains that one; another is shown only if it was asked for all the same."""
    return [
        Option(one.value, said(TRAINED[one], locale), one == typed)
        for one in WorkingSide
        if usual is WorkingSide.BOTH or one in (usual, typed)
    ]


def _words_of(dose: Dose) -> dict[str, str]:
    return {name: _shown(getattr(dose, name)) for name in COLUMNS.values()}


def _typed(form: Typed, entry: ExerciseEntry) -> dict[str, str]:
    """By column, as typed; what was left empty is the exercise's own, but for the rest while it is being written."""
    usual = _words_of(dose_default(entry))
    typed = {name: form.one(f"{field}{entry.id}") or usual[name] for field, name in COLUMNS.items()}
    if form.has(f"rest_s_{entry.id}"):
        typed["rest_seconds"] = form.one(f"rest_s_{entry.id}")
    return typed


def words(form: Typed, code: str, exercise: Exercise | None) -> list[Sentence]:
    """What differs from the exercise's own."""
    if exercise is None:
        return []
    entry = entry_of(exercise)
    usual = _words_of(dose_default(entry))
    differs = {name: typed for name, typed in _typed(form, entry).items() if typed not in ("", usual[name])}
    return [_part(name, typed) for name, typed in differs.items()]


def _part(name: str, typed: str) -> Sentence:
    if name == "rest_seconds":
        return Sentence("rest %(seconds)s s", {"seconds": typed})
    if name == "effort" and typed in set(Effort):
        return EFFORTS[Effort(typed)]
    return TRAINED[WorkingSide(typed)] if typed in set(WorkingSide) else Sentence(typed)
