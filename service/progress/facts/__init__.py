"""What the 24-hour rule looks at, for each exercise of the plan that runs, and what it proposes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from uuid import UUID

from service.accounts.queries import clinic
from service.accounts.rules.limits import LoadLimits, PainLimits, limits_of
from service.catalogue.queries import entry_of, exercises_by_code, habits_by_code
from service.catalogue.tables import Exercise
from service.database.reading import Reading
from service.database.tenancy import ClinicSession
from service.diary.mornings import NIGHT
from service.diary.queries import DIARY, RED_FLAGS, SCREENS_TOLD, Diary, Pain, Session
from service.diary.rules import Outcome, Response, SkipReason
from service.diary.rules.screening import Screen, Told, due, is_alarming, is_full
from service.diary.tables import MorningAfter, PainEntry, RedFlag, RedFlagScreen
from service.plans.queries import Content, content_on
from service.plans.rules.ahead import Ahead, Direction, chain
from service.progress.loading import Load, Proposal, Verdict, Week, nights_risen, propose
from service.progress.queries import Progress
from service.progress.rules import USUAL_DAYS, WINDOW_DAYS, usual_before, worst_by_day

NIGHT_HABIT = "hab-woke"
"""The habit of the library that asks how often pain woke the person."""


@dataclass(frozen=True, slots=True)
class ExerciseProposal:
    """`easier` and `harder` are the next ones of its chain that are in the clinic's library and not in the plan. `kept`
    is the easier one where all of those are in the plan already: stepping back is to do that one only."""

    exercise: Exercise
    proposal: Proposal
    easier: Exercise | None
    harder: Exercise | None
    kept: Exercise | None = None
    ahead: Ahead | None = None
    steps: Mapping[Direction, Exercise] = field(default_factory=dict)
    """Those that are allowed ahead and can be taken as the library is now."""


async def proposals_of(
    session: ClinicSession, flags: Sequence[RedFlag], progress: Progress, contents: Sequence[Content], diary: Diary
) -> list[ExerciseProposal]:
    running = content_on(contents, progress.today)
    if running is None or not running.items:
        return []
    planned = {item.exercise.code: item.exercise for item in running.items}
    allowed = {item.exercise.code: item.ahead for item in running.items}
    chained = {code for exercise in planned.values() for codes in _chain(exercise) for code in codes}
    spare = await exercises_by_code(session, list(chained - planned.keys()))
    woken = await _woken(session, contents, diary)
    limits = limits_of(LoadLimits, await clinic(session))
    limits = replace(limits, load_pain=running.pain_limit(limits.load_pain))
    week = _week(progress, woken, limits, warning=any(flag.closed_at is None for flag in flags))
    codes = {item.row.id: item.exercise.code for content in contents for item in content.items}
    mornings = {morning.day - NIGHT: morning for morning in diary.mornings}

    def proposed(exercise: Exercise, *, is_eased: bool = False) -> ExerciseProposal:
        easier, harder = [_first(names, spare) for names in _chain(exercise)]
        kept = _first(_chain(exercise)[0], planned) if easier is None else None
        loads = loads_of(exercise.code, diary.sessions, mornings, codes, contents)
        proposal = propose(
            loads,
            progress.today,
            week,
            limits,
            has_easier=(easier or kept) is not None,
            has_harder=harder is not None,
            is_eased=is_eased,
        )
        ahead = allowed.get(exercise.code)
        return ExerciseProposal(exercise, proposal, easier, harder, kept, ahead, _steps(ahead, exercise, spare))

    first = [proposed(exercise) for exercise in planned.values()]
    eased = {one.kept.code for one in first if one.kept and one.proposal.verdict is Verdict.STEP_BACK}
    return [proposed(one.exercise, is_eased=True) if one.exercise.code in eased else one for one in first]


async def _woken(session: ClinicSession, contents: Sequence[Content], diary: Diary) -> dict[date, float]:
    """How many times pain woke the person, by the morning it was told."""
    asked = {habit.habit_id for content in contents for habit in content.habits}
    counted = await habits_by_code(session, [NIGHT_HABIT], asked)
    ids = {habit.id for habit in counted.values()}
    keys = {habit.habit_key for content in contents for habit in content.habits if habit.habit_id in ids}
    return {m.day: m.amount for m in diary.habits if m.habit_key in keys and m.amount is not None}


def _chain(exercise: Exercise) -> tuple[Sequence[str], Sequence[str]]:
    entry = entry_of(exercise)
    return entry.easier, entry.harder


def _steps(ahead: Ahead | None, exercise: Exercise, spare: Mapping[str, Exercise]) -> dict[Direction, Exercise]:
    entry, steps = entry_of(exercise), ahead.steps if ahead else {}
    return {
        way: spare[to.exercise]
        for way, to in steps.items()
        if to.exercise in spare and to.exercise in chain(entry, way)
    }


def _first(codes: Sequence[str], library: Mapping[str, Exercise]) -> Exercise | None:
    return next((library[code] for code in codes if code in library), None)


def _week(progress: Progress, woken: Mapping[date, float], limits: LoadLimits, *, warning: bool) -> Week:
    now, before = progress.mean_on(progress.today), progress.mean_on(progress.today - timedelta(days=WINDOW_DAYS))
    rise = None if now is None or before is None else now - before
    percent = progress.adherence_over(WINDOW_DAYS).percent
    return Week(percent, rise, warning, nights_risen(woken, progress.today, limits))


def loads_of(
    code: str,
    sessions: Sequence[Session],
    mornings: Mapping[date, MorningAfter],
    codes: Mapping[UUID, str],
    contents: Sequence[Content],
) -> list[Load]:
    """`mornings` are by the day of the session before, `codes` the exercises by plan item. All sessions of one day
    share the morning after."""
    versions = {content.version.id: {item.exercise.code for item in content.items} for content in contents}
    loads = []
    for told in sessions:
        done = {codes.get(result.plan_item_id) for result in told.results if result.done}
        unnamed = _is_unnamed(told) and code in versions.get(told.row.plan_version_id, ())
        if code in done or unnamed:
            loads.append(_load(told, mornings.get(told.row.day), named=not unnamed))
    return loads


def _is_unnamed(told: Session) -> bool:
    """Any exercise of the version may be meant: "some of it", or skipped because it hurts."""
    if told.row.outcome == Outcome.SKIPPED:
        return told.row.reason == SkipReason.HURTS
    return told.row.outcome == Outcome.PARTLY and not any(result.done for result in told.results)


def _load(told: Session, morning: MorningAfter | None, *, named: bool) -> Load:
    row = told.row
    return Load(
        row.day,
        row.pain_before,
        row.pain_during,
        row.pain_after,
        Response(morning.response) if morning else None,
        morning.score if morning else None,
        named,
    )


@dataclass(frozen=True, slots=True)
class WarningSigns:
    """What is known of warning signs: the open ones, what was answered since the first of them, and the questions
    that are due."""

    open_flags: tuple[RedFlag, ...]
    answers: tuple[RedFlagScreen, ...]
    asked: Screen | None

    @property
    def yes(self) -> list[str]:
        """To which questions, each once."""
        return list(dict.fromkeys(code for screen in reversed(self.answers) for code in screen.yes))


_SIGNS = Reading(RED_FLAGS, SCREENS_TOLD)
_SCORES = [part for part in DIARY if part.table in (PainEntry, MorningAfter)]
_SCORES_AND_SIGNS = Reading(*_SCORES, RED_FLAGS, SCREENS_TOLD)


async def warning_signs_of(session: ClinicSession, client_id: UUID, diary: Diary, now: datetime) -> WarningSigns:
    """`diary` reaches back over what is usual for the person."""
    limits = limits_of(PainLimits, await clinic(session))
    found = await _SIGNS(session, client_id=client_id)
    return signs_in(found.of(RedFlag), found.of(RedFlagScreen), diary, limits, now)


async def questions_due(
    session: ClinicSession, client_id: UUID, day: date, now: datetime
) -> tuple[Screen | None, Sequence[RedFlagScreen]]:
    """The questions that are due, if any are, and what was answered so far, the newest first: in one statement."""
    limits, first = limits_of(PainLimits, await clinic(session)), day - timedelta(days=USUAL_DAYS)
    found = await _SCORES_AND_SIGNS(session, client_id=client_id, first=first, last=day)
    told, pains = found.of(RedFlagScreen), [Pain(entry, []) for entry in found.of(PainEntry)]
    # Of the days the scores alone say whether something is due.
    scores = Diary(first, day, [], [], pains, found.of(MorningAfter))
    return signs_in(found.of(RedFlag), told, scores, limits, now).asked, told


def signs_in(
    every_flag: Iterable[RedFlag], told: Sequence[RedFlagScreen], diary: Diary, limits: PainLimits, now: datetime
) -> WarningSigns:
    """`told`: what was answered, the newest first."""
    flags = [flag for flag in every_flag if flag.closed_at is None]
    first = min((flag.opened_at for flag in flags), default=None)
    asked = due(
        now,
        [Told(screen.answered_at, is_full([*screen.yes, *screen.no])) for screen in told],
        pain_at=_alarmed_at(diary, limits),
        words_at=max((flag.opened_at for flag in flags if flag.source == "text"), default=None),
        flag_open=bool(flags),
    )
    since = [screen for screen in told if first is not None and screen.yes and screen.answered_at >= first]
    return WarningSigns(tuple(flags), tuple(since), asked)


def _alarmed_at(diary: Diary, limits: PainLimits) -> datetime | None:
    """When the newest alarming score was written, of the day, now or the morning after."""
    worst = worst_by_day(pain.entry for pain in diary.pains)
    usual = cache(partial(usual_before, worst))
    told = [(pain.entry.day, pain.entry.score, pain.entry.written_at) for pain in diary.pains]
    told += [(morning.day, morning.score, morning.written_at) for morning in diary.mornings]
    return max((at for day, score, at in told if is_alarming(score, usual(day), limits)), default=None)
