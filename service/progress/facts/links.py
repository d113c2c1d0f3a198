"""Every daily habit of a client against the pain of the day after, from the last 60 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from msgspec import convert

from service.catalogue.rules.habits import Good
from service.diary.rules import meets
from service.diary.tables import HabitMark
from service.plans.queries import Content, content_on
from service.plans.tables import PlanHabit
from service.progress.queries import Progress
from service.progress.rules.links import HabitLink, habit_link

LINK_DAYS = 60


@dataclass(frozen=True, slots=True)
class PromptLink:
    """A habit by the question that is asked of it, a msgid."""

    prompt: str
    found: HabitLink


def habit_links(contents: Sequence[Content], marks: Sequence[HabitMark], progress: Progress) -> list[PromptLink]:
    """All that are asked now or were answered, winners or not. An answer is judged as the plan asked for it then."""
    first = progress.today - timedelta(days=LINK_DAYS - 1)
    asked = {habit.id: habit for content in contents for habit in content.habits if habit.cadence == "daily"}
    told = [mark for mark in marks if mark.plan_habit_id in asked and mark.day >= first]
    running = content_on(contents, progress.today)
    prompts = {habit.habit_key: habit.prompt for habit in asked.values()}
    now = [habit.habit_key for habit in running.habits if habit.id in asked] if running else []
    shown = list(dict.fromkeys([*now, *(mark.habit_key for mark in told)]))
    return [
        PromptLink(
            prompts[key],
            habit_link(_met([m for m in told if m.habit_key == key], asked), progress.scores, len(shown)),
        )
        for key in shown
    ]


def _met(marks: Sequence[HabitMark], asked: dict[UUID, PlanHabit]) -> dict[date, bool]:
    """Without the answers that say nothing either way."""
    found = {mark.day: _meets(mark, asked[mark.plan_habit_id]) for mark in marks}
    return {day: met for day, met in found.items() if met is not None}


def _meets(mark: HabitMark, habit: PlanHabit) -> bool | None:
    return meets(convert(habit.good, Good), mark.value, habit.target) if habit.good else None
