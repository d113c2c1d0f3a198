"""What a client tells of themselves before the plan: which answers can be right, what changed, and what they suggest
to a therapist."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from service.catalogue.library import Pattern, shipped
from service.catalogue.rules import Sentence
from service.catalogue.rules.habits import Habit
from service.diary.rules import HabitValue, Problem, habit_answer, pain_score_problem

MOST_SITES = 4
MOST_GOALS = 3
"""Our own: what fits on a phone, and what one therapist and client can work on at a time."""

LONGEST_GOAL = 200
LONGEST_STORY = 1000
LONGEST_NOTE = 2000
MOST_MINUTES = 240
"""Of one hands-on treatment: more is a slip of the finger."""

SIDES = ("left", "right", "both")


class TreatmentKind(StrEnum):
    MASSAGE = "massage"
    TRIGGER_POINT = "trigger_point"
    MYOFASCIAL = "myofascial"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Goal:
    """What the client wants to do, in their own words; how it goes now and how it should go, from 0 (I can't do it)
    to 10 (no trouble at all). Our own scale: no licensed form is copied."""

    words: str
    now: int | None = None
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """One version of an intake. What was not answered is None or empty, and is never a no.

    `sites` are pairs of site and side, the worst first. `habits` are today's answers by habit of the library.
    `red_flags` are the warning signs that were ticked; empty when none of them was true; None was not asked.
    """

    sites: Sequence[tuple[str, str | None]] = ()
    radiates: str | None = None
    qualities: Sequence[str] = ()
    timing: Sequence[str] = ()
    aggravators: Sequence[str] = ()
    onset: str | None = None
    previous_care: str | None = None
    goals: Sequence[Goal] = ()
    habits: Mapping[str, HabitValue] = field(default_factory=dict)
    red_flags: Sequence[str] | None = None


def settled(answers: Answers) -> Answers:
    """The same answers in one order, so that telling them again is no change. `sites` and `goals` keep theirs."""
    flags = answers.red_flags
    return replace(
        answers,
        sites=tuple((site, side) for site, side in answers.sites),
        qualities=_ordered(answers.qualities),
        timing=_ordered(answers.timing),
        aggravators=_ordered(answers.aggravators),
        onset=(answers.onset or "").strip() or None,
        previous_care=(answers.previous_care or "").strip() or None,
        goals=tuple(replace(goal, words=goal.words.strip()) for goal in answers.goals),
        habits=dict(sorted(answers.habits.items())),
        red_flags=None if flags is None else _ordered(flags),
    )


def _ordered(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


Found = Iterator[tuple[str, Problem]]
"""Pointers into the answers, each with what would be right."""

_SCREEN = Problem("required", Sentence("Tick what is true right now, or tick: none of these."))
_PLACE = Problem("required", Sentence("Choose a place."))
_SIDE = Problem("unknown", Sentence("Use left, right or both."))
_GOAL = Problem("required", Sentence("Say what you want to do."))
_WANTED = Problem("range", Sentence("Use a number that is not below the one for now."))
CODE = Problem("unknown", Sentence("Use a code of the catalogue."))


def problems(answers: Answers) -> list[tuple[str, Problem]]:
    known = shipped()
    return [
        *_site_problems(answers),
        *_unknown("/radiates", [answers.radiates] if answers.radiates else [], known.radiates, single=True),
        *_unknown("/qualities", answers.qualities, [quality.id for quality in known.qualities]),
        *_unknown("/timing", answers.timing, known.timing),
        *_unknown("/aggravators", answers.aggravators, brought_on_by()),
        *_length("/onset", answers.onset, LONGEST_STORY),
        *_length("/previous_care", answers.previous_care, LONGEST_STORY),
        *_goal_problems(answers.goals),
        *_habit_problems(answers.habits),
        *_flag_problems(answers.red_flags),
    ]


def brought_on_by() -> tuple[str, ...]:
    """What may bring pain on; when it comes is asked apart."""
    library = shipped()
    return tuple(code for code in library.aggravators if code not in library.timing)


def _site_problems(answers: Answers) -> Found:
    known = {site.id for site in shipped().sites}
    if len(answers.sites) > MOST_SITES:
        yield "/sites", Problem("length", Sentence("Use at most %(most)s.", {"most": MOST_SITES}))
    for index, (site, side) in enumerate(answers.sites):
        if not site:
            yield f"/sites/{index}/site", _PLACE
        elif site not in known:
            yield f"/sites/{index}/site", CODE
        elif (site, side) in answers.sites[:index]:
            yield f"/sites/{index}/site", Problem("twice", Sentence("This place is there already."))
        if side is not None and side not in SIDES:
            yield f"/sites/{index}/side", _SIDE


def _unknown(pointer: str, told: Sequence[str], known: Sequence[str], *, single: bool = False) -> Found:
    for index, code in enumerate(told):
        if code not in known:
            yield pointer if single else f"{pointer}/{index}", CODE


def _length(pointer: str, words: str | None, most: int) -> Found:
    if words is not None and len(words) > most:
        yield pointer, Problem("length", Sentence("Use at most %(most)s characters.", {"most": most}))


def _goal_problems(goals: Sequence[Goal]) -> Found:
    if len(goals) > MOST_GOALS:
        yield "/goals", Problem("length", Sentence("Use at most %(most)s.", {"most": MOST_GOALS}))
    for index, goal in enumerate(goals):
        if not goal.words:
            yield f"/goals/{index}/words", _GOAL
        yield from _length(f"/goals/{index}/words", goal.words, LONGEST_GOAL)
        scores = {"now": goal.now, "wanted": goal.wanted}
        wrong = [(name, pain_score_problem(score)) for name, score in scores.items() if score is not None]
        found = [(f"/goals/{index}/{name}", problem) for name, problem in wrong if problem]
        yield from found
        if not found and goal.now is not None and goal.wanted is not None and goal.wanted < goal.now:
            yield f"/goals/{index}/wanted", _WANTED


def _habit_problems(told: Mapping[str, HabitValue]) -> Found:
    habits = seed_habits()
    for name, value in told.items():
        if name not in habits:
            yield f"/habits/{name}", CODE
            continue
        _, problem = habit_answer(habits[name].kind, habits[name].options, value)
        if problem:
            yield f"/habits/{name}", problem


def seed_habits() -> dict[str, Habit]:
    return {habit.id: habit for habit in shipped().habits}


def _flag_problems(told: Sequence[str] | None) -> Found:
    if told is None:
        yield "/red_flags", _SCREEN
        return
    yield from _unknown("/red_flags", told, [flag.id for flag in shipped().red_flags])


def changed(answers: Answers, before: Answers) -> list[str]:
    """The names of what is told otherwise than before."""
    names = [one.name for one in fields(Answers)]
    return [name for name in names if getattr(answers, name) != getattr(before, name)]


def patterns(answers: Answers) -> list[Pattern]:
    """What the answers have in common with patterns of the catalogue. For a therapist to consider, never for a client
    and never a finding."""
    told = {site for site, _ in answers.sites} | {*answers.qualities, *answers.timing, *answers.aggravators}
    told |= {*(answers.red_flags or ())} | ({answers.radiates} if answers.radiates else set())
    return [pattern for pattern in shipped().patterns if all(told & set(group) for group in pattern.all_of)]


def treatment_problems(
    kind: str, site: str | None, side: str | None, minutes: int | None, note: str | None
) -> list[tuple[str, Problem]]:
    found: list[tuple[str, Problem]] = []
    if kind not in list(TreatmentKind):
        found.append(("/kind", Problem("unknown", Sentence("Choose massage, trigger points, myofascial or other."))))
    if site is not None and site not in {entry.id for entry in shipped().sites}:
        found.append(("/site", CODE))
    if side is not None and side not in SIDES:
        found.append(("/side", _SIDE))
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        words = Sentence("Use a whole number from %(low)s to %(high)s.", {"low": 1, "high": MOST_MINUTES})
        found.append(("/minutes", Problem("range", words)))
    if kind == TreatmentKind.OTHER and not note:
        found.append(("/note", Problem("required", Sentence("Say what it was."))))
    return [*found, *_length("/note", note, LONGEST_NOTE)]


def note_problems(note: str | None) -> list[tuple[str, Problem]]:
    return list(_length("/note", note, LONGEST_NOTE))
