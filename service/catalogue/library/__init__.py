"""The library the product ships, read once from `data/` and checked as a whole before anybody uses it.

BrokenEntry   an entry that is malformed, or points at something that is not there; names the entry
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from service.catalogue.library.entries import TIMES as TIMES
from service.catalogue.library.entries import Context as Context
from service.catalogue.library.entries import Fix as Fix
from service.catalogue.library.entries import FlagAction as FlagAction
from service.catalogue.library.entries import FlagTier as FlagTier
from service.catalogue.library.entries import Pattern as Pattern
from service.catalogue.library.entries import Phase as Phase
from service.catalogue.library.entries import Programme as Programme
from service.catalogue.library.entries import Quality as Quality
from service.catalogue.library.entries import RedFlag as RedFlag
from service.catalogue.library.entries import Site as Site
from service.catalogue.library.entries import Source as Source
from service.catalogue.rules import DoseRange, Entry, Exercise, Guard, Words, contradictions
from service.catalogue.rules.habits import Habit

DATA = Path(__file__).parents[1] / "data"


class BrokenEntry(ValueError):
    pass


@dataclass(frozen=True)
class Library:
    """`aggravators` is that whole list, `timing` the part of it that says when. `pain`, `rules`, `codes` and `rtm_us`
    are the rest of those files, as they stand there."""

    exercises: tuple[Exercise, ...]
    programmes: tuple[Programme, ...]
    habits: tuple[Habit, ...]
    fixes: tuple[Fix, ...]
    sites: tuple[Site, ...]
    qualities: tuple[Quality, ...]
    aggravators: Words
    timing: Words
    radiates: Words
    patterns: tuple[Pattern, ...]
    red_flags: tuple[RedFlag, ...]
    flag_actions: Mapping[str, FlagAction]
    contexts: tuple[Context, ...]
    sources: tuple[Source, ...]
    stop_sets: Mapping[str, Words]
    pain: Mapping[str, Any]
    rules: Mapping[str, Any]
    codes: Mapping[str, Any]
    rtm_us: Mapping[str, Any]


@cache
def shipped() -> Library:
    return read(DATA)


def read(folder: Path) -> Library:
    files = {path.stem: msgspec.json.decode(path.read_bytes()) for path in sorted(folder.glob("*.json"))}
    pain, flags, rules = files["pain"], files["red_flags"], files["rules"]
    library = Library(
        exercises=_entries(files["exercises"]["exercises"], Exercise),
        programmes=_entries(files["programmes"]["programmes"], Programme),
        habits=_entries(files["habits"]["habits"], Habit),
        fixes=_entries(files["fixes"]["fixes"], Fix),
        sites=_entries(pain["locations"], Site),
        qualities=_entries(pain["qualities"], Quality),
        aggravators=tuple(pain["timing"]),
        timing=tuple(code for code in pain["timing"] if code in TIMES),
        radiates=tuple(pain["radiates"]["options"]),
        patterns=tuple(msgspec.convert(entry, Pattern) for entry in pain["patterns_for_therapist"]),
        red_flags=_entries(flags["red_flags"], RedFlag),
        flag_actions=msgspec.convert(flags["actions"], dict[str, FlagAction]),
        contexts=_entries(files["contexts"]["contexts"], Context),
        sources=_entries(files["sources"]["sources"], Source),
        stop_sets=msgspec.convert(rules["stop_sets"], dict[str, Words]),
        pain=pain,
        rules=rules,
        codes=files["codes"],
        rtm_us=files["rtm_us"],
    )
    for name, file in files.items():
        _require_sources(name, file, {source.id for source in library.sources})
    _check(library)
    return library


EntryT = TypeVar("EntryT", bound=Entry)


def _entries(raw: Sequence[Mapping[str, Any]], kind: type[EntryT]) -> tuple[EntryT, ...]:
    seen: set[str] = set()
    entries = []
    for entry in raw:
        name = str(entry.get("id"))
        _require(name not in seen, name, "stands twice")
        seen.add(name)
        try:
            entries.append(msgspec.convert(entry, kind))
        except msgspec.ValidationError as problem:
            raise BrokenEntry(f"{name}: {problem}") from problem
    return tuple(entries)


def _require(holds: bool, entry: str, problem: str) -> None:
    if not holds:
        raise BrokenEntry(f"{entry}: {problem}")


def _require_known(entry: str, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(names) - set(known))
    _require(not unknown, entry, f"unknown {what} {', '.join(unknown)}")


def _require_sources(entry: str, part: object, known: set[str]) -> None:
    """Every `source` at any depth exists; a missing one is named by the nearest `id` or `code` above it."""
    if isinstance(part, dict):
        entry = str(part.get("id") or part.get("code") or entry)
        for cited in (part[key] for key in part if key.endswith("source")):
            names = chain.from_iterable(cited.values()) if isinstance(cited, dict) else cited
            _require_known(entry, "source", names, known)
        part = list(part.values())
    if isinstance(part, list):
        for child in part:
            _require_sources(entry, child, known)


def _check(library: Library) -> None:
    contexts = {context.id for context in library.contexts}
    exercises = {exercise.id: exercise for exercise in library.exercises}
    habits = {habit.id for habit in library.habits}
    for exercise in library.exercises:
        _check_links(exercise, exercises)
        labels = (*exercise.fits, *exercise.caution, *exercise.avoid, *exercise.not_before_week)
        _require_known(exercise.id, "context", labels, contexts)
        _require_known(exercise.id, "stop set", exercise.stop, library.stop_sets)
        _require(not set(exercise.fits) & set(exercise.avoid), exercise.id, "fits a context it must avoid")
        _check_dose(exercise.id, exercise.dose)
    _refuse_loops(library.exercises)
    for programme in library.programmes:
        _require_known(programme.id, "context", programme.contexts, contexts)
        _require_known(programme.id, "habit", programme.must_habits, habits)
        _check_phases(programme, exercises)
    for habit in library.habits:
        _require_known(habit.id, "context", habit.contexts, contexts)
        _require_known(habit.id, "option", habit.good.values, habit.options)
        _require(bool(habit.options) == (habit.kind == "choice"), habit.id, "options belong to a choice")
        _require(habit.strength is not None, habit.id, "has no strength")
    for fix in library.fixes:
        _require_known(fix.id, "context", fix.contexts, contexts)
    for flag in library.red_flags:
        _require_known(flag.id, "action", [flag.tier], library.flag_actions)
    for pattern in library.patterns:
        _require_known(pattern.reported, "context", pattern.suggests, contexts)
        _require_known(pattern.reported, "code", chain.from_iterable(pattern.all_of), reportable(library))


def reportable(library: Library) -> set[str]:
    """Every code that may be told of pain, and the warning signs."""
    ids = chain.from_iterable(
        (entry.id for entry in entries) for entries in (library.sites, library.qualities, library.red_flags)
    )
    return {*ids, *library.aggravators, *library.radiates}


def _check_links(exercise: Exercise, exercises: Mapping[str, Exercise]) -> None:
    _require_known(exercise.id, "exercise", (*exercise.easier, *exercise.harder), exercises)
    for other in exercise.harder:
        _require(exercise.id in exercises[other].easier, exercise.id, f"{other} does not call it easier")
    for other in exercise.easier:
        _require(exercise.id in exercises[other].harder, exercise.id, f"{other} does not call it harder")


def _check_dose(entry: str, dose: DoseRange) -> None:
    for field, span in msgspec.structs.asdict(dose).items():
        if isinstance(span, tuple):
            _require(0 <= span[0] <= span[1], entry, f"{field} runs from {span[0]} to {span[1]}")


def _refuse_loops(exercises: Iterable[Exercise]) -> None:
    try:
        TopologicalSorter({exercise.id: exercise.easier for exercise in exercises}).prepare()
    except CycleError as problem:
        loop = problem.args[1]
        raise BrokenEntry(f"{loop[0]}: easier than itself by way of {', '.join(loop[1:])}") from problem


def _check_phases(programme: Programme, exercises: Mapping[str, Exercise]) -> None:
    _require(programme.phases[0].weeks[0] == 1, programme.id, "does not start in week 1")
    for before, after in pairwise(programme.phases):
        _require(after.weeks[0] == before.weeks[1] + 1, programme.id, f"a gap before {after.name}")
    for phase in programme.phases:
        names = (*phase.exercises, *phase.alternates, *phase.alternates.values())
        _require_known(programme.id, "exercise", names, exercises)
        for exercise in (exercises[name] for name in names):
            low, high = exercise.dose.days_per_week
            _require(
                low <= phase.per_week <= high,
                programme.id,
                f"{phase.name} has {exercise.id} {phase.per_week} days a week, not {low} to {high}",
            )
            for found in contradictions(exercise, programme.contexts, phase.weeks[0]):
                _require(found.guard == Guard.CAUTION, programme.id, f"{exercise.id}: {found.reason}")
