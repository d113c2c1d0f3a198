"""The habits of the clinic's library: the list with its filter, one habit, and the form of the clinic's own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from service.accounts.guards import Caller
from service.accounts.rules import plain_words
from service.catalogue.queries import all_habits, habit, habit_entry
from service.catalogue.rules import Sentence
from service.catalogue.rules.habits import AMOUNT_HINTS, MOST_OPTIONS, NOT_SURE, Cadence, Good, Kind, OwnHabit, own_of
from service.catalogue.rules.habits import Habit as Entry
from service.catalogue.tables import Habit
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.review.guards import Typed, amount, bar_of
from service.review.schemas.forms import Field, Option
from service.review.schemas.habits import AnswerField, HabitRow, HabitsView, HabitView, OwnHabitForm
from service.review.views.library import ALL_OF_THEM, HIDDEN_ONES, OUR_OWN, beside, nothing_saved, options
from service.terms import HABIT_CHOICES, SEMICOLON, listed, said, whole_or_part
from service.words import translator

WHICH: Mapping[str, str] = {"": ALL_OF_THEM, "own": OUR_OWN, "hidden": HIDDEN_ONES}
KIND_WORDS: Mapping[Kind, tuple[str, str]] = {
    "yes_no": ("Yes or no", "Did you take the stairs one step at a time?"),
    "count": ("How many times", "How many times did you get up from your desk?"),
    "minutes": ("Minutes", "How many minutes did you walk?"),
    "number": ("A number", "How many km did you cycle?"),
    "choice": ("One of a few answers", "Which shoes did you wear most?"),
}
CADENCE_WORDS: Mapping[str, str] = {"daily": "Every day", "weekly": "Once a week", "monthly": "Once a month"}
_CADENCES: tuple[Cadence, ...] = ("daily", "weekly", "monthly")
YES_OR_NO: Mapping[str, str] = {"yes": "Yes", "no": "No"}
MOST_OR_LEAST: Mapping[str, str] = {"least": "At least", "most": "At most"}
_BOUNDS: Mapping[str, str] = {
    "min": "At least %(amount)s",
    "max": "At most %(amount)s",
    "max_km": "At most %(amount)s km",
    "min_per_sitting_hour": "At least %(amount)s for each hour of sitting",
    "min_from_plan": "At least as much as the plan says",
    "max_from_plan": "At most as much as the plan says",
}
_EMPTY: Mapping[Kind, OwnHabit] = {
    "yes_no": OwnHabit("", "yes_no", "daily", Good("equals", True)),
    "count": OwnHabit("", "count", "daily", Good("min_from_plan")),
    "minutes": OwnHabit("", "minutes", "daily", Good("min_from_plan")),
    "number": OwnHabit("", "number", "daily", Good("min_from_plan")),
    "choice": OwnHabit("", "choice", "daily", Good("any_of")),
}


async def habits_view(session: ClinicSession, staff: Caller, words: str, which: str) -> HabitsView:
    locale, rows = staff.person.locale, await all_habits(session)
    groups: dict[str, list[HabitRow]] = {cadence: [] for cadence in CADENCE_WORDS}
    for row in rows:
        told = _row(row, locale)
        if _fits(told, which) and plain_words(words) in plain_words(told.prompt):
            groups[row.cadence].append(told)
    return HabitsView(
        bar=await bar_of(session, staff),
        groups=[(said(Sentence(CADENCE_WORDS[name]), locale), found) for name, found in groups.items() if found],
        words=words,
        which=options(WHICH, which, locale),
        found=sum(map(len, groups.values())),
        total=len(rows),
    )


def _row(row: Habit, locale: str) -> HabitRow:
    entry = habit_entry(row)
    return HabitRow(
        id=row.id,
        prompt=said(Sentence(row.prompt), locale),
        facts=" · ".join(said(one, locale) for one in (Sentence(KIND_WORDS[entry.kind][0]), _aim(entry.good))),
        is_own=row.origin == "clinic",
        is_hidden=row.hidden_at is not None,
    )


def _fits(row: HabitRow, which: str) -> bool:
    return {"own": row.is_own, "hidden": row.is_hidden}.get(which, True)


def _aim(good: Good) -> Sentence:
    answers = _good_ones(good)
    return Sentence("Good: %(answers)s", {"answers": answers}) if good.rule in ("equals", "any_of") else answers


def _good_ones(good: Good) -> Sentence:
    """Which answers are good."""
    if good.rule == "equals":
        return Sentence("yes" if good.value else "no")
    if good.rule == "any_of":
        return _answers(good.values)
    return Sentence(_BOUNDS[good.rule], {"amount": whole_or_part(good.value)})


def _answers(options: Sequence[str]) -> Sentence:
    return listed([Sentence(HABIT_CHOICES.get(one, one)) for one in options], SEMICOLON)


async def habit_view(
    session: ClinicSession,
    staff: Caller,
    habit_id: UUID,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
) -> HabitView:
    """`form` is the habit as it was typed; what is wrong with it is said where it stands."""
    locale, row = staff.person.locale, await habit(session, habit_id)
    entry = habit_entry(row)
    typed = form or _filled(own_of(entry))
    return HabitView(
        bar=await bar_of(session, staff),
        id=row.id,
        prompt=said(Sentence(row.prompt), locale),
        facts=list(_facts(entry, locale)),
        form=_form(typed, entry.kind, problems, locale) if row.origin == "clinic" else None,
        is_hidden=row.hidden_at is not None,
        problem=nothing_saved(problems, locale),
    )


def _facts(entry: Entry, locale: str) -> Iterator[tuple[str, str]]:
    say = translator(locale).gettext
    yield say("How it is answered"), say(KIND_WORDS[entry.kind][0])
    yield say("How often"), say(CADENCE_WORDS[entry.cadence])
    if entry.options:
        yield say("Answers"), said(_answers(entry.options), locale)
    yield say("What is good"), said(_good_ones(entry.good), locale)
    if entry.why:
        yield say("Why it is asked"), said(Sentence(entry.why), locale)


async def new_habit_view(
    session: ClinicSession,
    staff: Caller,
    kind: Kind | None,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
) -> HabitView:
    locale = staff.person.locale
    say = translator(locale).gettext
    cadences = options(CADENCE_WORDS, form.one("cadence") if form else "daily", locale)
    return HabitView(
        bar=await bar_of(session, staff),
        id=None,
        prompt=say("New habit"),
        facts=[(say("How it is answered"), say(KIND_WORDS[kind][0]))] if kind else [],
        kinds=[] if kind else [(code, say(words), say(such)) for code, (words, such) in KIND_WORDS.items()],
        form=_form(form or _filled(_EMPTY[kind]), kind, problems, locale, cadences) if kind else None,
        problem=nothing_saved(problems, locale),
    )


def _filled(own: OwnHabit) -> Typed:
    good, named = own.good, [option for option in own.options if option != NOT_SURE]
    aim = "most" if good.rule.startswith("max") else "least"
    aim = ("yes" if good.value else "no") if own.kind == "yes_no" else aim
    pairs = [("prompt", own.prompt), ("why", own.why), ("unit", own.unit), ("aim", aim)]
    pairs += [("goal", f"{good.value:g}")] if good.rule in ("max", "min") else []
    pairs += [(f"answer_{number}", option) for number, option in enumerate(named)]
    pairs += [(f"good_{number}", "on") for number, option in enumerate(named) if option in good.values]
    return Typed([*pairs, *([("not_sure", "on")] if NOT_SURE in own.options else [])])


def _form(
    form: Typed, kind: Kind, problems: Sequence[FieldProblem], locale: str, cadences: list[Option] | None = None
) -> OwnHabitForm:
    wrong = beside(problems, locale)

    def field(name: str, pointer: str | None = None) -> Field:
        return Field(form.one(name), wrong.get(pointer or f"/{name}"))

    is_amount, is_choice = kind in AMOUNT_HINTS, kind == "choice"
    aims = MOST_OR_LEAST if is_amount else YES_OR_NO
    return OwnHabitForm(
        kind=kind,
        prompt=field("prompt"),
        why=field("why"),
        cadences=cadences or [],
        aims=[] if is_choice else options(aims, form.one("aim"), locale),
        goal=field("goal", "/good/value") if is_amount else None,
        unit=field("unit") if kind in ("count", "number") else None,
        answers=[
            AnswerField(form.one(f"answer_{number}"), form.has(f"good_{number}"))
            for number in range(MOST_OPTIONS if is_choice else 0)
        ],
        has_not_sure=form.has("not_sure"),
        problems={
            "cadence": wrong.get("/cadence"),
            "aim": wrong.get("/aim"),
            "answers": wrong.get("/options") or wrong.get("/good/values"),
        },
    )


_Code = TypeVar("_Code", bound=str)


def kind_in(words: str) -> Kind | None:
    return _known(words, KIND_WORDS)


def _known(words: str, codes: Iterable[_Code]) -> _Code | None:
    return next((code for code in codes if code == words), None)


def read(form: Typed, kind: Kind, before: OwnHabit | None = None) -> OwnHabit:
    """Raises Refused for what is not one of the choices, or no number. How often one that is there is asked stays."""
    own, wrong = before or _EMPTY[kind], []
    cadence = own.cadence if before else _known(form.one("cadence"), _CADENCES)
    if cadence is None:
        wrong.append(FieldProblem("/cadence", "choice", "Choose one of the list."))
    good, options = own.good, own.options
    if kind == "choice":
        if any(form.has(f"good_{number}") and not form.one(f"answer_{number}") for number in range(MOST_OPTIONS)):
            wrong.append(FieldProblem("/options", "empty", "Write the answer that is ticked, or untick it."))
        good, options = _choice(form)
    elif form.one("aim") not in (MOST_OR_LEAST if kind in AMOUNT_HINTS else YES_OR_NO):
        wrong.append(FieldProblem("/aim", "choice", "Choose one of the list."))
    elif kind == "yes_no":
        good = Good("equals", form.one("aim") == "yes")
    elif form.one("goal") and amount(form.one("goal")) is None:
        wrong.append(FieldProblem("/good/value", "number", AMOUNT_HINTS[kind]))
    else:
        good = _bound(form)
    if wrong or cadence is None:
        raise Refused(wrong)
    return replace(
        own,
        prompt=form.one("prompt"),
        cadence=cadence,
        good=good,
        why=form.one("why"),
        unit=form.one("unit"),
        options=options,
    )


def _bound(form: Typed) -> Good:
    """Without a number, each plan says its own."""
    is_most, goal = form.one("aim") == "most", amount(form.one("goal"))
    if goal is None:
        return Good("max_from_plan" if is_most else "min_from_plan")
    return Good("max" if is_most else "min", goal)


def _choice(form: Typed) -> tuple[Good, tuple[str, ...]]:
    answers = {number: form.one(f"answer_{number}") for number in range(MOST_OPTIONS)}
    good = [words for number, words in answers.items() if words and form.has(f"good_{number}")]
    named = [words for words in answers.values() if words]
    return Good("any_of", values=tuple(good)), (*named, *([NOT_SURE] if form.has("not_sure") else []))
