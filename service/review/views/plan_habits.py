"""The habits of the form that prescribes: which are ticked, and the therapist's own number for each."""

from collections.abc import Sequence

from service.catalogue.rules import Sentence
from service.catalogue.rules.habits import AMOUNT_HINTS, MOST_OF_A_HABIT
from service.catalogue.tables import Habit
from service.diary.rules import NUMBER_RULES, does_less
from service.errors import FieldProblem
from service.plans.actions import HabitToPrescribe
from service.plans.queries import Content
from service.review.guards import Typed, amount
from service.review.schemas.forms import Field
from service.review.schemas.prescribing import HabitPick
from service.terms import said

_GONE = "A ticked habit is not in the lists any more. It is left out now. Please send again."
_HOW_OFTEN = {"daily": "every day", "weekly": "once a week", "monthly": "once a month"}


def filled(content: Content, library: Sequence[Habit]) -> list[tuple[str, str]]:
    codes = {habit.id: habit.code for habit in library}
    kept = [(codes[habit.habit_id], habit.target) for habit in content.habits if habit.habit_id in codes]
    goals = [(f"goal_{code}", f"{target:g}") for code, target in kept if target is not None]
    return [(f"habit_{code}", "on") for code, _ in kept] + goals


def problems(form: Typed, running: Content | None, library: Sequence[Habit]) -> list[FieldProblem]:
    """A number that stands there from before goes with its habit; one that was typed means it."""
    before = dict(filled(running, library)) if running else {}
    codes = {habit.code for habit in library}
    # Ticked in a draft, or on a page that was open, before somebody hid it: the page as it comes back has it no more.
    gone = any(code not in codes for code in form.after("habit_"))
    found = [FieldProblem("/habits", "unknown", _GONE)] if gone else []
    for habit in filter(takes_goal, library):
        name, words = f"goal_{habit.code}", form.one(f"goal_{habit.code}")
        if not form.has(f"habit_{habit.code}"):
            if words not in ("", before.get(name)):
                found.append(FieldProblem(f"/goals/{habit.code}", "not_ticked", "Tick this habit, or empty its goal."))
        elif not _readable(form, habit):
            found.append(FieldProblem(f"/goals/{habit.code}", "number", AMOUNT_HINTS[habit.kind]))
    return found


def _readable(form: Typed, habit: Habit) -> bool:
    words, goal = form.one(f"goal_{habit.code}"), amount(form.one(f"goal_{habit.code}"))
    return not words or (goal is not None and goal <= MOST_OF_A_HABIT[habit.kind])


def takes_goal(habit: Habit) -> bool:
    return habit.kind in MOST_OF_A_HABIT and habit.body.get("good", {}).get("rule") in NUMBER_RULES


def habits(form: Typed, running: Content | None, library: Sequence[Habit]) -> list[HabitToPrescribe]:
    """An empty goal is the library's own number, where it has one."""
    entries = {habit.code: habit for habit in library}
    keys = {habit.habit_id: habit.habit_key for habit in running.habits} if running else {}
    wanted = []
    for code in dict.fromkeys(form.after("habit_")):
        entry = entries.get(code)
        words = form.one(f"goal_{code}") if entry and takes_goal(entry) and _readable(form, entry) else ""
        wanted.append(HabitToPrescribe(code, amount(words), keys.get(entry.id) if entry else None))
    return wanted


def pick(habit: Habit, form: Typed, problem: str | None, locale: str) -> HabitPick:
    why, good = habit.body.get("why"), habit.body.get("good", {})
    usual = good.get("value") if good.get("rule") in ("max", "min", "max_km") else None
    return HabitPick(
        code=habit.code,
        prompt=said(Sentence(habit.prompt), locale),
        why=said(Sentence(why), locale) if why else "",
        how_often=said(Sentence(_HOW_OFTEN[habit.cadence]), locale),
        picked=form.has(f"habit_{habit.code}"),
        goal=Field(form.one(f"goal_{habit.code}"), problem) if takes_goal(habit) else None,
        is_less=does_less(good),
        usual="" if usual is None else f"{usual:g}",
    )
