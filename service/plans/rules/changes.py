"""What changed between two versions beside doses: the phase, habits, one-off fixes, tips, the note and the name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from service.catalogue.rules import Sentence
from service.plans.rules.programmes import Place


@dataclass(frozen=True, slots=True)
class Words:
    """The free words of a version; tips by the key of their item, with its name."""

    title: str
    note: str | None
    tips: Mapping[str, tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A habit of a version; `key` is the same in every version that keeps it."""

    key: str
    prompt: str
    target: float | None


@dataclass(frozen=True, slots=True)
class Once:
    """A one-off fix of a version; `key` is the same in every version that keeps it."""

    key: str
    prompt: str
    due_on: date
    recheck_days: int | None = None


def place_changes(old: Place | None, new: Place | None, phases: int) -> list[Sentence]:
    """`phases` are those of the new programme, whose name is not told: a client reads this too."""
    if old == new or (old is None and new is None):
        return []
    if new is None:
        return [Sentence("No longer in phases")]
    if old is not None and (old.programme, old.phase) == (new.programme, new.phase):
        return [Sentence("The weeks are counted from another day")]
    return [Sentence("Phase %(phase)s of %(phases)s", {"phase": new.phase, "phases": phases})]


def limit_changes(old: int | None, new: int | None) -> list[Sentence]:
    """Of the pain that is allowed while exercising; None is the clinic's own."""
    if old == new:
        return []
    if new is None:
        return [Sentence("Pain while exercising: up to the usual limit")]
    return [Sentence("Pain while exercising: up to %(score)s", {"score": new})]


def count_changes(old: Sequence[str], new: Sequence[str]) -> Sentence:
    """How many exercises are new and how many are gone, by their keys."""
    parts = {"added": len(set(new) - set(old)), "removed": len(set(old) - set(new))}
    return Sentence("new exercises: %(added)s, taken out: %(removed)s", parts)


def habit_changes(old: Sequence[Asked], new: Sequence[Asked]) -> list[Sentence]:
    before, after = {habit.key: habit for habit in old}, {habit.key: habit for habit in new}
    other = [
        Sentence("%(habit)s %(before)s to %(after)s", _target_parts(before[habit.key], habit))
        for habit in new
        if habit.key in before and before[habit.key].target != habit.target
    ]
    added = [Sentence("New habit: %(habit)s", {"habit": Sentence(h.prompt)}) for h in new if h.key not in before]
    removed = [Sentence("Habit taken out: %(habit)s", {"habit": Sentence(h.prompt)}) for h in old if h.key not in after]
    return other + added + removed


def _target_parts(old: Asked, new: Asked) -> dict[str, object]:
    return {"habit": Sentence(new.prompt), "before": _target(old), "after": _target(new)}


def _target(habit: Asked) -> Sentence:
    if habit.target is None:
        return Sentence("no target")
    return Sentence("target %(target)s", {"target": f"{habit.target:g}"})


def fix_changes(old: Sequence[Once], new: Sequence[Once]) -> list[Sentence]:
    """By name, since there are few."""
    before, after = {fix.key: fix for fix in old}, {fix.key: fix for fix in new}
    other = [
        Sentence("To do once, changed: %(fix)s", {"fix": Sentence(fix.prompt)})
        for fix in new
        if fix.key in before and before[fix.key] != fix
    ]
    added = [Sentence("To do once: %(fix)s", {"fix": Sentence(f.prompt)}) for f in new if f.key not in before]
    gone = [Sentence("No longer to do once: %(fix)s", {"fix": Sentence(f.prompt)}) for f in old if f.key not in after]
    return other + added + gone


def lesson_changes(old: Mapping[str, tuple[str, str]], new: Mapping[str, tuple[str, str]]) -> list[Sentence]:
    """Notes to read, each by its key with its title and its words."""
    lines = [
        *[("A note to read, changed: %(title)s", new[key][0]) for key in new if key in old and old[key] != new[key]],
        *[("A note to read: %(title)s", title) for key, (title, _) in new.items() if key not in old],
        *[("A note to read was taken out: %(title)s", title) for key, (title, _) in old.items() if key not in new],
    ]
    return [Sentence(words, {"title": Sentence(title)}) for words, title in lines]


def word_changes(old: Words, new: Words) -> list[Sentence]:
    tips = [
        Sentence("%(name)s: a new tip" if tip else "%(name)s: no tip", {"name": Sentence(name)})
        for key, (name, tip) in new.tips.items()
        if key in old.tips and old.tips[key][1] != tip
    ]
    named = [Sentence("The plan has a new name")] * (old.title != new.title)
    note = [Sentence("A new note" if new.note else "The note was taken out")] * (old.note != new.note)
    return tips + named + note
