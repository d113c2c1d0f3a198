"""The one form of an intake, which the client fills in, or a therapist with them: as it is shown, and as it is read.
What was typed comes back with what would be right beside it."""

import re
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from service.catalogue.library import shipped
from service.catalogue.rules import Sentence
from service.catalogue.rules.habits import AMOUNT_HINTS, Habit
from service.diary.rules import WORST_SCORE, HabitValue, Problem, pain_score_problem
from service.errors import GONE
from service.intake.rules import (
    MOST_GOALS,
    MOST_SITES,
    Answers,
    Goal,
    brought_on_by,
    problems,
    seed_habits,
    settled,
)
from service.terms import AGGRAVATORS, HABIT_CHOICES, QUALITIES, RADIATES, SIDES, said, site_label

Pairs = Sequence[tuple[str, str]]
NONE = "none"
"""The box that says that no warning sign is true."""

_PICKED = ("unknown", "answer")
"""Of what was picked from a list: nobody reads codes. A number that was typed is told what would be right."""
_WHOLE = re.compile(r"[0-9]{1,3}")
_AMOUNT = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,2})?")
_BOTH = Problem("both", Sentence("Tick what is true, or tick: none of these. Not both."))
_NOT_SAVED = Sentence("Not saved yet. Please look at what is marked.")
_CHANGED = Sentence("Somebody changed this while you had it open. Please look at it and save it again.")

Found = Sequence[tuple[str, Problem]]
"""Pointers into the answers, each with what would be right."""


class Pick(Struct, frozen=True):
    value: str
    label: str
    picked: bool = False


class SiteRow(Struct, frozen=True):
    number: int
    sites: list[Pick]
    sides: list[Pick]
    problem: str | None = None


class GoalRow(Struct, frozen=True):
    number: int
    words: str
    now: list[Pick]
    wanted: list[Pick]
    problem: str | None = None


class HabitRow(Struct, frozen=True):
    """A habit with `options` is chosen, any other is a number in `unit`."""

    id: str
    prompt: str
    options: list[Pick]
    value: str
    problem: str | None = None


class IntakeForm(Struct, frozen=True, kw_only=True):
    """`entry` makes what is sent twice one version; `based_on` is the version on screen, 0 for none."""

    url: str
    entry: UUID
    based_on: int
    sites: list[SiteRow]
    radiates: list[Pick]
    qualities: list[Pick]
    timing: list[Pick]
    aggravators: list[Pick]
    onset: str
    previous_care: str
    goals: list[GoalRow]
    habits: list[HabitRow]
    red_flags: list[Pick]
    none_picked: bool
    onset_problem: str | None = None
    care_problem: str | None = None
    flags_problem: str | None = None
    problem: str | None = None
    problems: dict[str, str | None] = {}
    """Of the lists of where and what it is like."""


class Reading(Struct, frozen=True):
    """`problems` point into the answers; with any of them the answers are not to be kept."""

    answers: Answers
    problems: Found


def read(pairs: Pairs) -> Reading:
    """What a sent form says. Rows that were left empty were not answered."""
    one = dict(reversed(pairs))
    unread: list[tuple[str, Problem]] = []
    ticked = _each(pairs, "red_flags")
    flags = [code for code in ticked if code != NONE]
    answers = Answers(
        sites=_sites(one),
        radiates=one.get("radiates") or None,
        qualities=_each(pairs, "qualities"),
        timing=_each(pairs, "timing"),
        aggravators=_each(pairs, "aggravators"),
        onset=one.get("onset"),
        previous_care=one.get("previous_care"),
        goals=_goals(one, unread),
        habits=_habits(one),
        red_flags=flags if ticked else None,
    )
    if flags and NONE in ticked:
        unread.append(("/red_flags", _BOTH))
    answers = settled(answers)
    return Reading(answers, [*unread, *problems(answers)])


def _each(pairs: Pairs, name: str) -> list[str]:
    return [value.strip() for key, value in pairs if key == name]


def _sites(one: Mapping[str, str]) -> list[tuple[str, str | None]]:
    rows = [(one.get(f"site_{row}", ""), one.get(f"side_{row}") or None) for row in range(MOST_SITES)]
    return [row for row in rows if any(row)]


def _goals(one: Mapping[str, str], unread: list[tuple[str, Problem]]) -> list[Goal]:
    goals: list[Goal] = []
    for row in range(MOST_GOALS):
        words, now, wanted = (one.get(f"{name}_{row}", "").strip() for name in ("goal", "now", "wanted"))
        if words or now or wanted:
            place = f"/goals/{len(goals)}"
            goals.append(Goal(words, _score(now, f"{place}/now", unread), _score(wanted, f"{place}/wanted", unread)))
    return goals


def _score(words: str, pointer: str, unread: list[tuple[str, Problem]]) -> int | None:
    if not words or _WHOLE.fullmatch(words):
        return int(words) if words else None
    if wrong := pain_score_problem(words):
        unread.append((pointer, wrong))
    return None


def _habits(one: Mapping[str, str]) -> dict[str, HabitValue]:
    told = {habit.id: (habit, one.get(f"habit_{habit.id}", "").strip()) for habit in seed_habits().values()}
    return {name: _habit_value(habit, words) for name, (habit, words) in told.items() if words}


def _habit_value(habit: Habit, words: str) -> HabitValue:
    """A number that cannot be read stays as it was typed, and is refused as such."""
    if habit.kind == "yes_no":
        return {"yes": True, "no": False}.get(words, words)
    if habit.kind == "choice" or not _AMOUNT.fullmatch(words):
        return words
    return float(words.replace(",", "."))


def shown(
    url: str,
    entry: UUID,
    based_on: int,
    answers: Answers,
    locale: str,
    found: Found = (),
    *,
    sent: bool = False,
    stale: bool = False,
) -> IntakeForm:
    """`sent` was a form that could not be kept, for what was `found` or since it was `stale`. Only then warning signs
    stand ticked: they are asked anew every time."""
    say = _Saying(locale, dict(reversed(found)))
    flags = answers.red_flags if sent else None
    wrong = _CHANGED if stale else _NOT_SAVED
    return IntakeForm(
        url=url,
        entry=entry,
        based_on=based_on,
        sites=[_site_row(row, answers, say) for row in range(MOST_SITES)],
        radiates=say.picks(RADIATES, [answers.radiates] if answers.radiates else []),
        qualities=say.picks(QUALITIES, answers.qualities),
        timing=say.picks({code: AGGRAVATORS[code] for code in shipped().timing}, answers.timing),
        aggravators=say.picks({code: AGGRAVATORS[code] for code in brought_on_by()}, answers.aggravators),
        onset=answers.onset or "",
        previous_care=answers.previous_care or "",
        goals=[_goal_row(row, answers, say) for row in range(MOST_GOALS)],
        habits=[_habit_row(habit, answers.habits.get(habit.id), say) for habit in seed_habits().values()],
        red_flags=say.picks({flag.id: flag.ask for flag in shipped().red_flags}, flags or ()),
        none_picked=flags is not None and not flags,
        onset_problem=say.problem("/onset"),
        care_problem=say.problem("/previous_care"),
        flags_problem=say.problem("/red_flags"),
        problems={name: say.problem(f"/{name}") for name in ("radiates", "qualities", "timing", "aggravators")},
        problem=said(wrong, locale) if sent else None,
    )


class _Saying(Struct):
    locale: str
    found: Mapping[str, Problem]

    def label(self, msgid: str) -> str:
        words = said(Sentence(msgid), self.locale)
        return words[:1].upper() + words[1:]

    def picks(self, words: Mapping[str, str], picked: Collection[str]) -> list[Pick]:
        return [Pick(value, self.label(label), value in picked) for value, label in words.items()]

    def problem(self, pointer: str) -> str | None:
        """The first at this place, or below it."""
        near = (p for place, p in self.found.items() if place == pointer or place.startswith(f"{pointer}/"))
        first = next(near, None)
        if first is None:
            return None
        is_gone = first.code in _PICKED and first.message.msgid not in AMOUNT_HINTS.values()
        return said(Sentence(GONE) if is_gone else first.message, self.locale)


def _site_row(row: int, answers: Answers, say: _Saying) -> SiteRow:
    site, side = answers.sites[row] if row < len(answers.sites) else ("", None)
    places = {entry.id: site_label(entry.id) for entry in shipped().sites}
    return SiteRow(row, say.picks(places, [site]), say.picks(SIDES, [side or ""]), say.problem(f"/sites/{row}"))


def _goal_row(row: int, answers: Answers, say: _Saying) -> GoalRow:
    goal = answers.goals[row] if row < len(answers.goals) else Goal("")
    now, wanted = (_scores(score) for score in (goal.now, goal.wanted))
    return GoalRow(row, goal.words, now, wanted, say.problem(f"/goals/{row}"))


def _scores(picked: int | None) -> list[Pick]:
    return [Pick(str(score), str(score), score == picked) for score in range(WORST_SCORE + 1)]


def _habit_row(habit: Habit, value: HabitValue | None, say: _Saying) -> HabitRow:
    words = _typed(value)
    labels = {"yes": "yes", "no": "no"} if habit.kind == "yes_no" else {o: HABIT_CHOICES[o] for o in habit.options}
    return HabitRow(
        habit.id, say.label(habit.prompt), say.picks(labels, [words]), words, say.problem(f"/habits/{habit.id}")
    )


def _typed(value: HabitValue | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else value or ""
