"""Made-up histories: plans that change, pauses, a move to another zone, logs that come late and out of order.

Whatever happens, what was logged means what it meant, and the figures stay figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.diary.rules import DayState, Outcome, local_day
from service.plans.rules import Cadence, EveryDays, FixedWeekdays, TimesPerWeek
from service.progress.queries import ADHERENCE_DAYS, Progress, Stretch
from service.progress.rules import Logged, by_day
from service.progress.rules.pain_days import DayPain
from tests.told import known

FIRST = date(2026, 1, 5)
"""A Monday."""
NIGHT = timedelta(days=1)
steady = settings(max_examples=50, deadline=None, derandomize=True, database=None)


@dataclass(frozen=True)
class Pause:
    from_day: date
    until_day: date | None


def on(number: int) -> date:
    return FIRST + timedelta(days=number)


@dataclass(frozen=True)
class History:
    """`edits` are days on which another version began, each with what it asks for; `told` came in that order."""

    edits: tuple[tuple[date, tuple[Cadence, ...]], ...]
    pauses: tuple[Pause, ...]
    told: tuple[tuple[date, Logged], ...]
    pains: tuple[tuple[date, int], ...]

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        starts = sorted(dict(self.edits).items())
        ends = [start - NIGHT for start, _ in starts[1:]] + [None]
        rows = zip(starts, ends, strict=True)
        return tuple(Stretch(start, end, asks, self.pauses, False) for (start, asks), end in rows)

    def as_of(self, today: date) -> Progress:
        told = [one for one in self.told if one[0] <= today]
        pain = known(DayPain(day, score, datetime(2026, 1, 1, tzinfo=UTC)) for day, score in self.pains)
        return Progress(today - timedelta(days=59), today, pain, self.stretches, by_day(told))


DAYS = st.integers(0, 50).map(on)
MASKS = st.integers(1, 127).map(FixedWeekdays)
CADENCES = MASKS | st.builds(TimesPerWeek, st.integers(1, 7)) | st.builds(EveryDays, st.integers(1, 9), st.just(FIRST))
ASKED = st.lists(CADENCES, min_size=1, max_size=3).map(tuple)
LOGGED = st.builds(Logged, st.just(Outcome.DONE), st.just(1.0))
LOGGED |= st.builds(Logged, st.just(Outcome.PARTLY), st.none() | st.floats(0, 1))
LOGGED |= st.builds(Logged, st.just(Outcome.SKIPPED), st.none())
PAUSES = st.builds(
    lambda first, length: Pause(first, None if length is None else first + timedelta(days=length)),
    DAYS,
    st.none() | st.integers(0, 20),
)
HISTORIES = st.builds(
    lambda begun, edits, pauses, told, pains: History(
        ((FIRST, begun), *(edit for edit in edits if edit[0] != FIRST)), tuple(pauses), tuple(told), tuple(pains)
    ),
    ASKED,
    st.lists(st.tuples(DAYS, ASKED), max_size=2),
    st.lists(PAUSES, max_size=2),
    st.lists(st.tuples(DAYS, LOGGED), max_size=25),
    st.lists(st.tuples(DAYS, st.integers(0, 10)), max_size=25),
)


def figures(progress: Progress) -> list[Any]:
    means = [progress.mean_on(progress.today - timedelta(days=back)) for back in range(0, 50, 7)]
    return [progress.days, progress.adherence, progress.adherence_over(7), progress.baseline, progress.scores, means]


@steady
@given(
    history=HISTORIES,
    told=st.lists(st.tuples(st.integers(38, 44).map(on), LOGGED), min_size=4, max_size=20),
    data=st.data(),
)
def test_in_whatever_order_it_arrives_it_is_the_same_progress(
    history: History, told: list[tuple[date, Logged]], data: st.DataObject
) -> None:
    """Several sessions of one day among them: what counts is not which came last."""
    history = replace(history, told=tuple(told))
    late = replace(
        history,
        told=tuple(data.draw(st.permutations(told))),
        pains=tuple(data.draw(st.permutations(history.pains))),
    )
    assert figures(late.as_of(on(45))) == figures(history.as_of(on(45)))


@steady
@given(history=HISTORIES, edit=st.tuples(DAYS, ASKED), pause=PAUSES, late=st.tuples(DAYS, LOGGED))
def test_nothing_that_happens_later_changes_what_a_log_means(
    history: History, edit: tuple[date, tuple[Cadence, ...]], pause: Pause, late: tuple[date, Logged]
) -> None:
    def logged(changed: History, but: Sequence[date] = ()) -> dict[date, tuple[DayState, float | None]]:
        days = {day for day, _ in history.told} - set(but)
        return {r.day: (r.state, r.share) for r in changed.as_of(on(50)).days if r.day in days}

    before = logged(history)
    assert {state for state, _ in before.values()} <= {DayState.DONE, DayState.PARTLY, DayState.SKIPPED}
    assert logged(replace(history, edits=(*history.edits, edit))) == before
    assert logged(replace(history, pauses=(*history.pauses, pause))) == before
    others = {day: told for day, told in before.items() if day != late[0]}
    assert logged(replace(history, told=(*history.told, late)), but=[late[0]]) == others


@steady
@given(history=HISTORIES, edit=st.tuples(DAYS, ASKED), pause=PAUSES)
def test_a_change_from_a_day_on_leaves_the_weeks_before_it_alone(
    history: History, edit: tuple[date, tuple[Cadence, ...]], pause: Pause
) -> None:
    """The week itself may ask for other days: "3 times a week" goes by what is left of it."""
    for changed, day in (
        (replace(history, edits=(*history.edits, edit)), edit[0]),
        (replace(history, pauses=(*history.pauses, pause)), pause.from_day),
    ):
        monday = day - timedelta(days=day.weekday())
        before, after = [[r for r in h.as_of(on(50)).days if r.day < monday] for h in (history, changed)]
        assert after == before


@steady
@given(history=HISTORIES, back=st.integers(0, 50), days=st.sampled_from([7, ADHERENCE_DAYS]))
def test_adherence_is_between_nothing_and_all(history: History, back: int, days: int) -> None:
    found = history.as_of(on(back)).adherence_over(days)
    assert 0 <= found.done + found.partly + found.not_logged <= found.due <= days
    assert found.percent is None or 0 <= found.percent <= 100


@steady
@given(asked=MASKS, told=st.lists(st.tuples(DAYS, LOGGED), min_size=1, max_size=25))
def test_the_figure_of_who_falls_silent_never_rises_and_ends_at_nothing(
    asked: FixedWeekdays, told: list[tuple[date, Logged]]
) -> None:
    history = History(((FIRST, (asked,)),), (), tuple(told), ())
    last = max(day for day, _ in told)
    silence = [_of_four_weeks(history, last + timedelta(days=n)) for n in range(1, ADHERENCE_DAYS + 2)]
    heard = [percent for percent in silence if percent is not None]
    assert heard == sorted(heard, reverse=True)
    assert heard[-1] == 0


def _of_four_weeks(history: History, today: date) -> float | None:
    """As a caseload knows a client: nothing of what was before."""
    first = today - timedelta(days=ADHERENCE_DAYS - 1)
    return replace(history.as_of(today), first=first).adherence.percent


@steady
@given(
    history=HISTORIES,
    zones=st.lists(st.sampled_from(["America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "UTC"]), min_size=2),
    hour=st.integers(0, 23),
)
def test_who_moves_to_another_zone_keeps_every_day(history: History, zones: list[str], hour: int) -> None:
    """The day of a log was local when it was told; only what is called today follows the person."""
    now = datetime(2026, 2, 10, hour, tzinfo=UTC)
    seen = [history.as_of(local_day(now, ZoneInfo(zone))) for zone in zones]
    # Of days that lie behind in every zone; the last of them may still be open in one.
    shared = min(progress.today for progress in seen) - NIGHT
    first = max(progress.first for progress in seen)
    told = [[r for r in progress.days if first <= r.day <= shared] for progress in seen]
    assert all(days == told[0] for days in told)
    assert all(progress.adherence.percent is None or progress.adherence.percent <= 100 for progress in seen)
