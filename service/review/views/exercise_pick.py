"""One line of the plan in the form that prescribes: its dose as typed or usual, and what speaks against it."""

from collections.abc import Mapping

from service.catalogue.queries import entry_of
from service.catalogue.queries.media import Media
from service.catalogue.rules import Exercise as ExerciseEntry
from service.catalogue.rules import Guard, LoadUnit, Sentence, contradictions, dose_default
from service.catalogue.tables import Exercise
from service.catalogue.views import shown
from service.plans.rules import WEEKDAYS, cadence_words
from service.review.guards import Typed
from service.review.schemas.forms import Field, Option
from service.review.schemas.prescribing import ExercisePick
from service.review.views import how_often
from service.review.views.allowing import ahead_pick
from service.review.views.finer import finer_pick
from service.review.views.guarded import Guarded
from service.review.views.sides import offered
from service.terms import SIDES, said


def exercise_pick(
    exercise: Exercise,
    form: Typed,
    beside: Mapping[str, str],
    place: str,
    routine: str,
    guarded: Guarded,
    own: Media,
    library: Mapping[str, Exercise],
) -> ExercisePick:
    """`place` is where its first item stands in the plan, `beside` what is wrong there; `own` are the clinic's pictures
    and videos."""
    entry, code = entry_of(exercise), exercise.code
    usual, locale = dose_default(entry), guarded.locale
    warnings = guarded.by_exercise.get(code, [])

    def field(name: str, column: str, value: int) -> Field:
        typed = form.one(f"{name}_{code}") if form.has(f"{name}_{code}") else str(value)
        problem = beside.get(f"{place}/{column}") or beside.get(f"{place}/{name}")
        return Field(typed, problem)

    return ExercisePick(
        code=code,
        name=said(Sentence(exercise.name), locale),
        routine=said(Sentence(routine), locale),
        position=said(Sentence(entry.position), locale) if entry.position else "",
        sets=field("sets", "sets", usual.sets),
        reps=field("reps", "reps", usual.reps),
        hold_s=field("hold_s", "hold_seconds", usual.hold_seconds),
        load=Field(form.one(f"load_{code}")),
        units=_units(form.one(f"unit_{code}")),
        cue=Field(form.one(f"cue_{code}"), beside.get(f"{place}/cue")),
        load_problem=beside.get(f"{place}/load") or beside.get(f"{place}/load_unit"),
        cadence_problem=beside.get(f"{place}/cadence"),
        sides=_sides(entry, form.one(f"side_{code}"), locale),
        side_problem=beside.get(f"{place}/side"),
        cadences=_cadences(exercise, form.one(f"cadence_{code}"), locale),
        days=_days(exercise, form.one(f"cadence_{code}"), locale),
        caution=_caution(entry, guarded),
        warnings=warnings,
        shown=shown(exercise, form.one(f"side_{code}"), own.get(exercise.id, {})),
        finer=finer_pick(entry, form, beside, place, any(one.beside == "rest_s" for one in warnings), locale),
        ahead=ahead_pick(exercise, form, library, beside, place, locale),
    )


def _caution(entry: ExerciseEntry, guarded: Guarded) -> str | None:
    """What to mind with the labels of this client: it needs no reason."""
    found = contradictions(entry, guarded.contexts)
    words = [said(c.reason, guarded.locale) for c in found if c.guard is Guard.CAUTION]
    return "; ".join(dict.fromkeys(words)) or None


def _units(typed: str) -> list[Option]:
    """None is chosen for the therapist."""
    return [Option("", "–"), *(Option(unit.value, unit.value, unit == typed) for unit in LoadUnit)]


def _sides(entry: ExerciseEntry, typed: str, locale: str) -> list[Option]:
    """A side is never chosen for the therapist, unless there is only one."""
    options = [Option(side.value, said(Sentence(SIDES[side]), locale), side == typed) for side in offered(entry)]
    return options if len(options) == 1 else [Option("", said(Sentence("choose"), locale)), *options]


def _cadences(exercise: Exercise, typed: str, locale: str) -> list[Option]:
    usual = how_often.usual_cadence(exercise)
    chosen = typed if how_often.cadence_of_token(typed) else usual
    picks, options = typed == how_often.PICK, list[Option]()
    for token in dict.fromkeys((*how_often.CADENCES, usual, chosen)):
        cadence = how_often.cadence_of_token(token)
        if cadence is not None:
            options.append(Option(token, said(cadence_words(cadence), locale), token == chosen and not picks))
    return [
        *options,
        Option(how_often.PICK, said(Sentence("the days ticked beside it"), locale), typed == how_often.PICK),
    ]


def _days(exercise: Exercise, typed: str, locale: str) -> list[Option]:
    mask = how_often.days_of(typed or how_often.usual_cadence(exercise))
    return [Option(str(bit), said(Sentence(name), locale), bool(mask >> bit & 1)) for bit, name in enumerate(WEEKDAYS)]
