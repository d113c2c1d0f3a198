"""A habit as its card shows it, on the page and behind a link."""

from datetime import date

from msgspec import convert

from service.catalogue.rules.habits import MOST_OF_A_HABIT, Good
from service.diary.rules import HabitValue, meets
from service.diary.tables import HabitMark
from service.plans.tables import PlanHabit
from service.portal import rules
from service.portal.rules import Reader, Unsaved
from service.portal.schemas import Choice, Habit, HabitNumber
from service.terms import HABIT_CHOICES

_HOW_OFTEN = {"weekly": "Once this week.", "monthly": "Once this month."}


def habit_row(
    habit: PlanHabit,
    mark: HabitMark | None,
    reader: Reader,
    url: str,
    prompt: str,
    failed: Unsaved | None = None,
    day: date | None = None,
) -> Habit:
    value, is_skipped = (mark.value, mark.skipped) if mark else (None, False)
    answer = rules.SKIP if is_skipped else (None if value is None else rules.answer_text(value))
    chips = rules.chips(habit.kind, habit.options, habit.unit, habit.good, habit.target)
    return Habit(
        id=habit.id,
        prompt=prompt,
        url=url,
        chips=[Choice(sent, reader.label(words), sent == answer) for sent, words in chips],
        skip=Choice(rules.SKIP, reader.say("Skipped for the day") if is_skipped else reader.say("Skip it"), is_skipped),
        cue=_cue(habit, reader),
        answer=answer,
        day=day,
        met=meets(convert(habit.good, Good), value, habit.target) if habit.good else None,
        number=_number(habit, reader, failed),
        told=_told(habit, reader, value),
        problem=failed.message if failed else None,
    )


def _cue(habit: PlanHabit, reader: Reader) -> str | None:
    goal = rules.goal_words(habit.good, habit.target, habit.unit)
    words = [reader.read(goal)] if goal else []
    words += [reader.say(_HOW_OFTEN[habit.cadence])] if habit.cadence in _HOW_OFTEN else []
    return " ".join(words) or None


def _told(habit: PlanHabit, reader: Reader, value: HabitValue | None) -> str | None:
    """A choice only where the plan has changed since, and offers that answer no more."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return None if value in habit.options else reader.label(HABIT_CHOICES.get(value, value))
    return reader.amount(value, habit.unit)


def _number(habit: PlanHabit, reader: Reader, failed: Unsaved | None) -> HabitNumber | None:
    if habit.kind not in MOST_OF_A_HABIT:
        return None
    return HabitNumber(
        unit=reader.say(rules.UNITS.get(habit.unit or "", habit.unit or "")),
        high=MOST_OF_A_HABIT[habit.kind],
        step="any" if habit.kind == "number" else "1",
        typed=failed.form.one("answer") if failed else None,
    )
