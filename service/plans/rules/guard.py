"""What speaks against a prescription: warnings with their source, which a therapist may pass with a reason.

Nothing is forbidden here and nothing is chosen for anybody; what cannot be right at all is in `dose_problems`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from service.accounts.rules.limits import GuardLimits
from service.catalogue.rules import (
    RANGED,
    Dose,
    Exercise,
    Guard,
    Sentence,
    Side,
    Span,
    WorkingSide,
    contradictions,
    dose_problems,
    minutes,
)
from service.plans.rules import DAYS_A_WEEK, Cadence, EveryDays, FixedWeekdays, TimesPerWeek, due_days

LIMITS: Mapping[str, Span] = {"sets": (1, 20), "reps": (1, 200), "hold_seconds": (0, 600), "rest_seconds": (0, 900)}
"""What any dose stays within, whatever the reason: our own figures, against slips of the pen."""

LOOKED_AHEAD = timedelta(weeks=8)
"""How far days in a row are looked for; as long as the shorter programmes of the library."""

HARM_SOURCES: Mapping[str, tuple[str, ...]] = {
    "gt": ("LEAP-P3", "PP-GT", "NHS-GTPS", "PROVIDE-GTPS"),
    "pht": ("PHT-GOOM", "PHT-TSMT"),
    "fai": ("FAI-PHT",),
    "radic": ("NICE-NG59", "GK"),
    "sij": ("SIJ-ADDED", "SIJ-SR"),
    "hip_oa": ("GLAD", "CPG-OA"),
    "itbs": ("ITBS-BP", "ITBS-BIKE"),
    "dgs": ("DGS-CS", "PURE-DGS"),
    "flexor": ("ILIO",),
}
"""By label, where it is said what harms: clinical facts 1.2. For any other label it is general knowledge."""

GENERAL = ("GK",)

STRETCHES = ("static", "active", "pnf")
"""Stages of an exercise that lengthens: clinical facts 1.4, where a slow hinge counts too."""

SIDE_LYING = frozenset(
    {"glu-clam", "glu-clam-band", "glu-sl-abd-short", "glu-sl-abd", "glu-side-plank-knee", "glu-side-plank"}
)
"""Done lying on one side. Where the leg that moves is trained that is the other side, else the same one."""

PRESSED = frozenset({"lateral_hip", "lateral_thigh"})
"""Places that lying on the side presses: side-lying on the sore hip [NHS-GTPS, PP-GT]."""


@dataclass(frozen=True, slots=True)
class SorePlace:
    """Where it hurt lately. Somebody may have told the place without the side, or the side without the place."""

    site: str | None
    side: Side | None

    def touches(self, side: Side | None) -> bool:
        """Somebody who did not say which side may mean either. An exercise without a side is not judged yet."""
        return side is not None and (self.side in (None, Side.BOTH, side) or side is Side.BOTH)


@dataclass(frozen=True)
class Candidate:
    """An exercise as it is to be prescribed, at its place in the plan; `name` is the clinic's."""

    place: int
    exercise: Exercise
    name: str
    dose: Dose
    cadence: Cadence

    @cached_property
    def is_loaded(self) -> bool:
        return self.exercise.stage == "loaded" or bool(self.dose.load)

    @cached_property
    def muscles(self) -> frozenset[str]:
        return frozenset(self.exercise.targets.get("primary", ()))

    @property
    def lies_on(self) -> Side | None:
        if self.exercise.id not in SIDE_LYING or self.dose.side not in _OTHER:
            return None
        moving = self.exercise.working_side is WorkingSide.MOVING
        return _OTHER[self.dose.side] if moving else self.dose.side

    def works_like(self, other: "Candidate") -> bool:
        """Trains the same leg and one of the same muscles; an exercise of a clinic names no muscles."""
        sides = {self.dose.side, other.dose.side}
        if len(sides) > 1 and Side.BOTH not in sides:
            return False
        return self.exercise.id == other.exercise.id or bool(self.muscles & other.muscles)


_OTHER = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of the person, and the clinic's limits. `labels` are the therapist's contexts with their names;
    `week` counts from 1."""

    starts_on: date
    week: int = 1
    labels: Mapping[str, str] = field(default_factory=dict)
    sore: Collection[SorePlace] = ()
    limits: GuardLimits = field(default_factory=GuardLimits)


@dataclass(frozen=True, slots=True)
class Warned:
    """`place` is that of the item, None for the plan as a whole; `code` is one of a kind there."""

    place: int | None
    code: str
    words: Sentence
    sources: tuple[str, ...]
    field: str = "exercise"

    @property
    def pointer(self) -> str:
        return "/items" if self.place is None else f"/items/{self.place}/{self.field}"

    @property
    def in_full(self) -> Sentence:
        """To be read away from the field of the dose that it is about."""
        if self.field not in _FIELDS:
            return self.words
        return Sentence("%(field)s: %(words)s", {"field": Sentence(_FIELDS[self.field]), "words": self.words})


_FIELDS = {"sets": "Sets", "reps": "Reps", "hold_seconds": "Hold, s", "rest_seconds": "Rest, s"}


def week_of(first_day: date, day: date) -> int:
    """The week of a programme that began on `first_day`; never below the first."""
    return max((day - first_day).days, 0) // DAYS_A_WEEK + 1


def warnings(items: Sequence[Candidate], known: Circumstances) -> list[Warned]:
    """Those about the plan as a whole first, then item by item."""
    return [
        *_of_plan(items, known.limits),
        *(
            warned
            for at, item in enumerate(items)
            for rule in (_dose, _often, _contexts, _sore, _outer_hip)
            for warned in rule(item, known)
        ),
        *_loaded(items, known),
    ]


def _of_plan(items: Sequence[Candidate], limits: GuardLimits) -> Iterator[Warned]:
    count = len({item.exercise.id for item in items})
    if count > limits.guard_exercises:
        parts = {"count": count, "most": limits.guard_exercises}
        words = Sentence("%(count)s exercises at a time. People keep up better with %(most)s or fewer.", parts)
        yield Warned(None, "too_many", words, ("BACHMANN", "LEAP-P3"))
    length = minutes(*(item.dose for item in items))
    if length > limits.guard_minutes:
        parts = {"minutes": length, "most": limits.guard_minutes}
        words = Sentence("About %(minutes)s minutes in all. Over %(most)s is a lot to keep up.", parts)
        yield Warned(None, "too_long", words, GENERAL)


def _dose(item: Candidate, _: Circumstances) -> Iterator[Warned]:
    sources = item.exercise.source.get("dose", GENERAL)
    for name, words in dose_problems(item.exercise, item.dose):
        if may_pass(name, item.dose):
            yield Warned(item.place, f"dose_{name}", words, sources, name)


def _often(item: Candidate, _: Circumstances) -> Iterator[Warned]:
    """Fewer times a day than the library has it is for the therapist to say; more is not."""
    sources = item.exercise.source.get("dose", GENERAL)
    (low, high), (fewest, most) = item.exercise.dose.days_per_week, days_a_week(item.cadence)
    if fewest > high or most < low:
        parts = {"days": most if most < low else fewest, "low": low, "high": high}
        words = Sentence("%(days)s days a week. The library has it on %(low)s to %(high)s days a week.", parts)
        yield Warned(item.place, "days_per_week", words, sources, "cadence")
    times, most_times = item.cadence.times_per_day, item.exercise.dose.per_day[1]
    if times > most_times:
        words = Sentence(
            "%(times)s a day. The library has at most %(most)s a day.", {"times": times, "most": most_times}
        )
        yield Warned(item.place, "times_per_day", words, sources, "cadence")


def days_a_week(cadence: Cadence) -> Span:
    """The fewest and the most days that a week can have: every other day are three or four."""
    match cadence:
        case FixedWeekdays(mask=mask):
            return mask.bit_count(), mask.bit_count()
        case TimesPerWeek(n=times):
            return times, times
        case EveryDays(n=days):
            return DAYS_A_WEEK // days, -(-DAYS_A_WEEK // days)


def may_pass(field: str, dose: Dose) -> bool:
    """Whether a reason lets this field of a dose leave the library's range."""
    low, high = LIMITS.get(field, (0, -1))
    return field in RANGED and low <= getattr(dose, field) <= high


def _contexts(item: Candidate, known: Circumstances) -> Iterator[Warned]:
    for found in contradictions(item.exercise, known.labels, known.week):
        label = Sentence(known.labels[found.context])
        if found.guard is Guard.AVOID:
            parts = {"label": label, "reason": found.reason}
            words = Sentence("To be avoided with this label: %(label)s. Why: %(reason)s.", parts)
        elif found.guard is Guard.TOO_EARLY:
            weeks = {"label": label, "first": item.exercise.not_before_week[found.context], "week": known.week}
            words = Sentence("Too early in week %(week)s. With this label from week %(first)s on: %(label)s.", weeks)
        else:
            continue
        code = f"{found.guard}_{found.context}"
        yield Warned(item.place, code, words, HARM_SOURCES.get(found.context, GENERAL))


def _sore(item: Candidate, known: Circumstances) -> Iterator[Warned]:
    days = {"days": known.limits.guard_sore_days}
    stretches = item.exercise.group == "hamstring" and item.exercise.stage in STRETCHES
    if stretches and any(place.site == "sit_bone" and place.touches(item.dose.side) for place in known.sore):
        words = Sentence("A hamstring stretch pulls at the sit bone, which hurt in the last %(days)s days.", days)
        yield Warned(item.place, "sit_bone_stretch", words, HARM_SOURCES["pht"])
    pressed = [place for place in known.sore if place.site is None or place.site in PRESSED]
    if item.lies_on is not None and any(place.touches(item.lies_on) for place in pressed):
        words = Sentence(_LYING[item.lies_on], days)
        yield Warned(item.place, "lying_on_sore_side", words, ("NHS-GTPS", "PP-GT"))


_LYING = {
    Side.LEFT: "Done lying on the left side, which hurt in the last %(days)s days.",
    Side.RIGHT: "Done lying on the right side, which hurt in the last %(days)s days.",
}


def _outer_hip(item: Candidate, known: Circumstances) -> Iterator[Warned]:
    if "gt" in known.labels and item.exercise.group == "glute" and item.exercise.stage in STRETCHES:
        label = {"label": Sentence(known.labels["gt"])}
        words = Sentence("Stretches the outer hip or buttock. Leave that out with this label: %(label)s.", label)
        yield Warned(item.place, "outer_hip_stretch", words, ("PROVIDE-GTPS", "NHS-GTPS"))


def _loaded(items: Sequence[Candidate], known: Circumstances) -> Iterator[Warned]:
    """Each item at most once: with itself, or with one that stands before it."""
    last, apart = known.starts_on + LOOKED_AHEAD, known.limits.guard_loaded_days
    seen: list[tuple[Candidate, list[date]]] = []
    for item in (item for item in items if item.is_loaded):
        days = due_days(item.cadence, known.starts_on, last, known.starts_on)
        close = (one for one, its in seen if one.works_like(item) and _too_close([*its, *days], apart))
        other = next(close, None)
        if _too_close(days, apart):
            yield Warned(item.place, "loaded_days", _own_days(apart), ("ACSM-RES",), "cadence")
        elif other is not None:
            yield Warned(item.place, "loaded_days", _days_of(other, apart), ("ACSM-RES",), "cadence")
        seen.append((item, days))


def _own_days(apart: int) -> Sentence:
    if apart == GuardLimits().guard_loaded_days:
        return Sentence("Loaded work on days in a row. Leave a day free in between.")
    words = "Loaded work too soon again. Your clinic leaves %(days)s days free in between."
    return Sentence(words, {"days": apart - 1})


def _days_of(other: Candidate, apart: int) -> Sentence:
    name = Sentence(other.name)
    if apart == GuardLimits().guard_loaded_days:
        return Sentence("Loaded work for the same muscles the day before or after %(name)s.", {"name": name})
    words = "Loaded work for the same muscles less than %(days)s days before or after %(name)s."
    return Sentence(words, {"days": apart, "name": name})


def _too_close(days: Sequence[date], apart: int) -> bool:
    """Two exercises on one day are one session."""
    ordered = sorted(set(days))
    return any((after - before).days < apart for before, after in pairwise(ordered))
