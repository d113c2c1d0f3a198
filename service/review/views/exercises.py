"""The clinic's library: the list with its filter, one exercise, and the form of the clinic's own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from service.accounts.guards import Caller
from service.accounts.rules import plain_words
from service.catalogue.queries import all_exercises, entry_of, exercise
from service.catalogue.queries.media import current_media
from service.catalogue.rules import Exercise as Entry
from service.catalogue.rules import Sentence, Side, Span, WorkingSide
from service.catalogue.rules.media import KINDS, TAKES, Kind
from service.catalogue.rules.own import GROUPS, STAGES, OwnExercise, own_of
from service.catalogue.tables import Exercise, ExerciseMedia
from service.catalogue.views import Shown, shown
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.review.guards import Typed, bar_of, whole_number
from service.review.schemas.exercises import (
    ExerciseGroup,
    ExerciseRow,
    ExercisesView,
    ExerciseView,
    MediaForm,
    OwnForm,
    RangeField,
)
from service.review.schemas.forms import Field
from service.review.views.library import ALL_OF_THEM, HIDDEN_ONES, OUR_OWN, beside, nothing_saved, options
from service.review.views.plan_items import section_of
from service.terms import ROUTINES, said
from service.words import translator

WHICH: Mapping[str, str] = {
    "": ALL_OF_THEM,
    "own": OUR_OWN,
    "media": "With our own picture or video",
    "hidden": HIDDEN_ONES,
}
STAGE_WORDS: Mapping[str, str] = {
    "functional": "Everyday movement",
    "isotonic": "Movement without load",
    "isometric": "Hold without movement",
    "loaded": "Movement with load",
    "static": "Stretch, held",
    "active": "Stretch, by own muscle",
    "pnf": "Stretch, press and relax",
    "nerve": "Nerve glide",
}
SIDE_WORDS: Mapping[str, str] = {
    "left right": "One side at a time",
    "left right both": "One side, or both at once",
    "both": "Both sides at once",
}
WORKING_WORDS: Mapping[str, str] = {
    "moving": "The leg that moves",
    "stance": "The leg that stands",
    "both": "Both legs",
}
RANGES: Mapping[str, str] = {"sets": "Sets", "reps": "Reps", "hold_seconds": "Hold, s"}
_NEW = OwnExercise("", "glute", (Side.LEFT, Side.RIGHT), WorkingSide.MOVING, (2, 3), (8, 15), (0, 0))


async def exercises_view(session: ClinicSession, staff: Caller, words: str, which: str) -> ExercisesView:
    locale, own = staff.person.locale, await current_media(session)
    rows = await all_exercises(session)
    groups: dict[str, list[ExerciseRow]] = defaultdict(list)
    for row in rows:
        told = _row(row, own.get(row.id, {}), locale)
        if _fits(row, own.get(row.id, {}), which) and plain_words(words) in plain_words(told.name):
            groups[section_of(row)].append(told)
    return ExercisesView(
        bar=await bar_of(session, staff),
        groups=[ExerciseGroup(said(Sentence(name), locale), found) for name, found in groups.items()],
        words=words,
        which=options(WHICH, which, locale),
        found=sum(len(found) for found in groups.values()),
        total=len(rows),
    )


def _row(row: Exercise, own: Mapping[str, ExerciseMedia], locale: str) -> ExerciseRow:
    position = entry_of(row).position
    return ExerciseRow(
        id=row.id,
        name=said(Sentence(row.name), locale),
        position=said(Sentence(position), locale) if position else "",
        shown=shown(row, None, own),
        is_own=row.origin == "clinic",
        is_hidden=row.hidden_at is not None,
    )


def _fits(row: Exercise, own: Mapping[str, ExerciseMedia], which: str) -> bool:
    match which:
        case "own":
            return row.origin == "clinic"
        case "media":
            return bool(own)
        case "hidden":
            return row.hidden_at is not None
    return True


async def exercise_view(
    session: ClinicSession,
    staff: Caller,
    exercise_id: UUID,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
    sent: tuple[Kind, str] | None = None,
) -> ExerciseView:
    """`form` is the exercise as it was typed, `sent` the kind and the words of a file; what is wrong with either is
    said where it stands."""
    locale, row = staff.person.locale, await exercise(session, exercise_id)
    media = (await current_media(session, [row.id])).get(row.id, {})
    entry, about_form = entry_of(row), problems if sent is None else ()
    return ExerciseView(
        bar=await bar_of(session, staff),
        id=row.id,
        name=said(Sentence(row.name), locale),
        shown=shown(row, None, media),
        cues=[said(Sentence(cue), locale) for cue in entry.cues],
        facts=_facts(entry, locale),
        own=_own_form(form or _filled(own_of(entry)), about_form, locale) if row.origin == "clinic" else None,
        media=[
            _media_form(kind, media.get(kind), (sent[1], problems) if sent and sent[0] is kind else None, locale)
            for kind in KINDS
        ],
        is_hidden=row.hidden_at is not None,
        problem=nothing_saved(problems, locale),
    )


async def new_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, problems: Sequence[FieldProblem] = ()
) -> ExerciseView:
    locale = staff.person.locale
    return ExerciseView(
        bar=await bar_of(session, staff),
        id=None,
        name=translator(locale).gettext("New exercise"),
        shown=Shown(),
        cues=[],
        facts=[],
        own=_own_form(form or _filled(_NEW), problems, locale),
        media=[],
        problem=nothing_saved(problems, locale),
    )


def _problem(problems: Sequence[FieldProblem], locale: str) -> str | None:
    words = "Nothing was saved yet. Please look at the fields marked below."
    return translator(locale).gettext(words) if problems else None


def _facts(entry: Entry, locale: str) -> list[tuple[str, str]]:
    say = translator(locale).gettext
    told = [
        (say("Position"), said(Sentence(entry.position), locale) if entry.position else ""),
        *((say(label), _span(getattr(entry.dose, name))) for name, label in RANGES.items()),
        (say("Sides"), say(SIDE_WORDS.get(" ".join(entry.sides), "One side, or both at once"))),
        (say("Which leg is trained"), say(WORKING_WORDS[entry.working_side])),
    ]
    return [(label, words) for label, words in told if words]


def _span(span: Span) -> str:
    low, high = span
    return str(low) if low == high else f"{low}–{high}"


def _media_form(
    kind: Kind, row: ExerciseMedia | None, sent: tuple[str, Sequence[FieldProblem]] | None, locale: str
) -> MediaForm:
    alt, problems = sent or (row.alt if row else "", ())
    wrong = beside(problems, locale)
    facts = None
    if row is not None:
        size = f"{row.size / 1_000_000:.1f} MB" if row.size >= 100_000 else f"{max(row.size // 1000, 1)} kB"
        facts = f"{row.width} × {row.height} · {size}"
    return MediaForm(
        kind=kind.value,
        takes=TAKES[kind],
        alt=Field(alt, wrong.get("/alt")),
        has_one=row is not None,
        facts=facts,
        problem=wrong.get("/file"),
    )


def _filled(own: OwnExercise) -> Typed:
    ranges = [
        (f"{name}_{end}", str(getattr(own, name)[at])) for name in RANGES for at, end in enumerate(("low", "high"))
    ]
    return Typed(
        [
            ("name", own.name),
            ("group", own.group),
            ("stage", own.stage),
            ("position", own.position),
            ("equipment", ", ".join(own.equipment)),
            ("sides", " ".join(own.sides)),
            ("working_side", own.working_side),
            *ranges,
            ("cues", "\n".join(own.cues)),
        ]
    )


def _own_form(form: Typed, problems: Sequence[FieldProblem], locale: str) -> OwnForm:
    say, wrong = translator(locale).gettext, beside(problems, locale)

    def field(name: str) -> Field:
        return Field(form.one(name), wrong.get(f"/{name}"))

    return OwnForm(
        problems={name: wrong.get(f"/{name}") for name in ("group", "stage", "sides", "working_side")},
        name=field("name"),
        groups=options({group: ROUTINES[group] for group in GROUPS}, form.one("group"), locale),
        stages=options(STAGE_WORDS, form.one("stage"), locale),
        position=field("position"),
        equipment=field("equipment"),
        sides=options(SIDE_WORDS, form.one("sides"), locale),
        working_sides=options(WORKING_WORDS, form.one("working_side"), locale),
        ranges=[
            RangeField(name, say(label), form.one(f"{name}_low"), form.one(f"{name}_high"), wrong.get(f"/{name}"))
            for name, label in RANGES.items()
        ],
        cues=field("cues"),
    )


def read(form: Typed, before: OwnExercise | None = None) -> OwnExercise:
    """Raises Refused for what is not one of the choices, or no number."""
    choices: dict[str, Sequence[str]] = {
        "group": GROUPS,
        "stage": STAGES,
        "sides": list(SIDE_WORDS),
        "working_side": list(WORKING_WORDS),
    }
    wrong = [
        FieldProblem(f"/{n}", "choice", "Choose one of the list.")
        for n, known in choices.items()
        if form.one(n) not in known
    ]
    spans: dict[str, Span] = {}
    for name in RANGES:
        low, high = whole_number(form.one(f"{name}_low")), whole_number(form.one(f"{name}_high"))
        if low is None or high is None:
            wrong.append(FieldProblem(f"/{name}", "number", "Use a whole number."))
        else:
            spans[name] = (low, high)
    if wrong:
        raise Refused(wrong)
    return replace(
        before or _NEW,
        name=" ".join(form.one("name").split()),
        group=form.one("group"),
        stage=form.one("stage"),
        position=" ".join(form.one("position").split()),
        equipment=_lines(form.one("equipment").replace(",", "\n")),
        sides=[Side(side) for side in form.one("sides").split()],
        working_side=WorkingSide(form.one("working_side")),
        cues=_lines(form.one("cues")),
        sets=spans["sets"],
        reps=spans["reps"],
        hold_seconds=spans["hold_seconds"],
    )


def _lines(words: str) -> tuple[str, ...]:
    return tuple(line for line in (" ".join(part.split()) for part in words.splitlines()) if line)
