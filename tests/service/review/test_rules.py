from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.accounts.rules.limits import PainLimits, SilenceLimits
from service.catalogue.rules import Sentence
from service.progress.rules.pain_days import DayPain
from service.review.rules import (
    TIERS,
    Evidence,
    Rule,
    Tier,
    Triage,
    findings,
    sort_key,
    triage,
)
from service.review.rules.pain import Limits
from tests.told import known

CHICAGO = ZoneInfo("America/Chicago")
FIRST = date(2026, 4, 1)
TODAY = date(2026, 4, 20)
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=CHICAGO)
LAST_LOG = datetime(2026, 4, 20, 7, 10, tzinfo=CHICAGO)
CALM = Evidence(now=NOW, today=TODAY, last_log_at=LAST_LOG, invited_at=datetime(2026, 4, 1, tzinfo=UTC))


def told(day: date, score: int, hour: int = 7, minute: int = 10) -> DayPain:
    return DayPain(day, score, datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHICAGO))


def daily(*scores: int | None) -> tuple[DayPain, ...]:
    """Ending today; None is a day without an answer."""
    start = TODAY - timedelta(days=len(scores) - 1)
    return tuple(told(start + timedelta(days=n), score) for n, score in enumerate(scores) if score is not None)


def show(value: object) -> str:
    return f"{value:%H:%M}" if isinstance(value, datetime) else str(value)


def said(result: Triage) -> str:
    return result.reason.read(str, show)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def test_nothing_to_report_is_on_track() -> None:
    result = triage(CALM)
    assert (result.tier, result.rule, said(result)) == (Tier.ON_TRACK, Rule.ON_TRACK, "On track.")
    assert result.since == LAST_LOG


def test_who_has_told_nothing_yet_is_new_and_not_on_track() -> None:
    result = triage(replace(CALM, last_log_at=None, invited_at=ago(hours=2)))
    assert (result.tier, result.rule, said(result)) == (Tier.NEW, Rule.NOTHING_LOGGED, "Nothing logged yet.")
    assert result.since == ago(hours=2)


def test_who_has_no_plan_is_new_however_much_was_logged() -> None:
    for last_log_at in (None, LAST_LOG):
        result = triage(replace(CALM, has_plan=False, last_log_at=last_log_at, invited_at=ago(hours=2)))
        assert (result.tier, result.rule, said(result)) == (Tier.NEW, Rule.NO_PLAN, "No plan yet.")


def test_somebody_without_a_plan_who_is_in_pain_is_still_called() -> None:
    assert triage(replace(CALM, has_plan=False, pain=known(daily(4, 4, 4, 8)))).tier == Tier.CALL


def test_a_high_score_far_over_the_usual_is_a_call() -> None:
    result = triage(replace(CALM, pain=known(daily(4, 4, 4, 4, 8))))
    assert (result.tier, result.rule) == (Tier.CALL, Rule.PAIN_JUMP)
    assert said(result) == "Pain 8 today. Usual is 4. Told us at 07:10."
    assert result.since == LAST_LOG


@pytest.mark.parametrize(
    "scores",
    [(4, 4, 4, 4, 7), (6, 6, 6, 6, 8), (7, 7, 7, 7, 9), (3, 3, 3, 3, 6)],
    ids=["under 8", "only 2 over the usual", "9 with a usual of 7", "3 over but under 8"],
)
def test_a_high_score_alone_or_a_jump_alone_is_no_call(scores: tuple[int, ...]) -> None:
    assert triage(replace(CALM, pain=known(daily(*scores)))).tier == Tier.ON_TRACK


def test_eight_with_a_usual_of_exactly_five_is_a_call() -> None:
    assert triage(replace(CALM, pain=known(daily(5, 5, 5, 8)))).rule == Rule.PAIN_JUMP


def test_a_high_first_score_is_a_call_because_nothing_is_usual_yet() -> None:
    result = triage(replace(CALM, pain=known(daily(9))))
    assert result.tier == Tier.CALL
    assert said(result) == "Pain 9 today. Usual is not known yet. Told us at 07:10."


def test_a_high_score_of_last_evening_still_calls_this_morning() -> None:
    result = triage(replace(CALM, pain=known(daily(4, 4, 4, 8, None))))
    assert result.rule == Rule.PAIN_JUMP
    assert said(result) == "Pain 8 on 2026-04-19. Usual is 4."


def test_a_calmer_day_after_it_ends_the_call() -> None:
    assert triage(replace(CALM, pain=known(daily(4, 4, 4, 8, 4)))).tier == Tier.ON_TRACK


def test_the_worst_score_of_the_day_calls_even_when_a_later_one_is_lower() -> None:
    pain = (*daily(4, 4, 4, 8), told(TODAY, 3, hour=8))
    assert triage(replace(CALM, pain=known(pain))).rule == Rule.PAIN_JUMP


def test_a_high_score_of_a_week_ago_says_nothing_of_today() -> None:
    pain = daily(4, 4, 4, 8, *[None] * 6)
    assert triage(replace(CALM, pain=known(pain))).rule == Rule.PAIN_JUMP
    assert triage(replace(CALM, pain=known(pain), today=TODAY + timedelta(days=1))).tier == Tier.ON_TRACK


def test_a_danger_answer_comes_before_everything_else() -> None:
    danger_at = datetime(2026, 4, 20, 12, 30, tzinfo=UTC)
    evidence = replace(
        CALM,
        danger_at=danger_at,
        help_asked_at=ago(hours=5),
        pain=known(daily(4, 4, 9)),
        hurts_at=(ago(days=1),) * 2,
    )
    result = triage(evidence)
    assert (result.tier, result.rule, result.since) == (Tier.CALL, Rule.DANGER, danger_at)
    assert said(result) == "Told us of a danger sign on 2026-04-20 at 07:30."
    quoted = triage(replace(evidence, danger_words="I fell, 100 % numb"))
    assert said(quoted) == "Told us of a danger sign on 2026-04-20 at 07:30: “I fell, 100 % numb”"
    assert len(said(triage(replace(evidence, danger_words="numb " * 100)))) < 200
    assert [found.rule for found in findings(evidence)] == [
        Rule.DANGER,
        Rule.ASKED_FOR_HELP,
        Rule.PAIN_JUMP,
        Rule.HURTS_TOO_MUCH,
    ]


def test_asking_for_help_is_a_call() -> None:
    result = triage(replace(CALM, help_asked_at=ago(hours=1)))
    assert (result.tier, said(result)) == (Tier.CALL, "Asked for help on 2026-04-20 at 08:00.")


def test_a_median_two_over_the_baseline_is_worth_a_look() -> None:
    result = triage(replace(CALM, pain=known(daily(4, 4, 4, 4, 4, 4, 4, 4, 6, 6, 7))))
    assert (result.tier, result.rule) == (Tier.LOOK, Rule.PAIN_RISE)
    assert said(result) == "Pain about 6 in the last 3 answers. It was 4 at the start."


def test_one_bad_day_is_noise() -> None:
    assert triage(replace(CALM, pain=known(daily(4, 4, 4, 4, 4, 4, 4, 4, 4, 7)))).tier == Tier.ON_TRACK


def test_a_rise_of_less_than_two_points_is_too_small() -> None:
    assert triage(replace(CALM, pain=known(daily(4, 4, 4, 4, 4, 4, 4, 5, 5, 5)))).tier == Tier.ON_TRACK


def test_the_wait_began_with_the_answer_from_which_the_median_stayed_up() -> None:
    # Medians of three, newest first: 6, 6, 6 (of 4 6 6), then 4 (of 4 4 6).
    result = triage(replace(CALM, pain=known(daily(4, 4, 4, 4, 4, 4, 4, 4, 6, 6, 6, 6))))
    assert result.rule == Rule.PAIN_RISE
    assert result.since == told(TODAY - timedelta(days=2), 6).at


def test_without_seven_answered_days_there_is_no_baseline_to_rise_from() -> None:
    assert triage(replace(CALM, pain=known(daily(1, 1, 1, 5, 5, 5)))).tier == Tier.ON_TRACK


def test_answers_older_than_a_week_do_not_make_a_rise() -> None:
    pain = daily(*[4] * 8, 6, *[None] * 5, 6, 6)
    assert triage(replace(CALM, pain=known(pain))).tier == Tier.ON_TRACK
    closer = daily(*[4] * 8, 6, *[None] * 4, 6, 6)
    assert triage(replace(CALM, pain=known(closer))).rule == Rule.PAIN_RISE


def test_it_hurts_too_much_twice_in_a_week_is_worth_a_look() -> None:
    result = triage(replace(CALM, hurts_at=(ago(days=1), ago(days=6), ago(days=3))))
    assert (result.tier, result.rule) == (Tier.LOOK, Rule.HURTS_TOO_MUCH)
    assert said(result) == "Said 3 times in 7 days that it hurts too much."
    assert result.since == ago(days=3)


def test_it_hurts_too_much_twice_in_eight_days_is_not() -> None:
    assert triage(replace(CALM, hurts_at=(ago(days=1), ago(days=7)))).tier == Tier.ON_TRACK


def test_a_plan_stopped_by_a_rule_is_worth_a_look() -> None:
    result = triage(replace(CALM, stopped_by_rule_at=ago(days=2)))
    assert (result.tier, said(result)) == (Tier.LOOK, "A safety rule stopped the plan on 2026-04-18.")


def test_three_planned_days_without_a_log_are_quiet() -> None:
    assert triage(replace(CALM, planned_unlogged=2)).tier == Tier.ON_TRACK
    result = triage(replace(CALM, planned_unlogged=3))
    assert (result.tier, result.rule, result.since) == (Tier.QUIET, Rule.WENT_QUIET, LAST_LOG)
    assert said(result) == "No log on the last 3 planned days."


def test_an_invitation_nobody_followed_for_three_days_is_quiet() -> None:
    invited = replace(CALM, last_log_at=None, invited_at=ago(hours=72))
    assert triage(invited).tier == Tier.NEW
    result = triage(replace(invited, invited_at=ago(hours=72, seconds=1)))
    assert (result.tier, result.rule) == (Tier.QUIET, Rule.NEVER_LOGGED)
    assert said(result) == "Invited 3 days ago. No log yet."


def test_somebody_who_never_logged_has_not_gone_quiet() -> None:
    result = triage(replace(CALM, last_log_at=None, invited_at=ago(hours=80), planned_unlogged=3))
    assert result.rule == Rule.NEVER_LOGGED


def test_stop_is_quiet() -> None:
    result = triage(replace(CALM, texts_stopped_at=datetime(2026, 4, 19, 2, 0, tzinfo=UTC)))
    assert (result.tier, said(result)) == (Tier.QUIET, "Asked us on 2026-04-18 to stop texts.")


def test_a_clinic_may_set_its_own_limits() -> None:
    pain = replace(CALM, pain=known(daily(4, 4, 4, 7)))
    assert triage(pain, Limits(pain=PainLimits(high_pain=7))).tier == Tier.CALL
    assert triage(pain).tier != Tier.CALL
    quiet = replace(CALM, planned_unlogged=2)
    assert triage(quiet, Limits(silence=SilenceLimits(quiet_planned_days=2))).tier == Tier.QUIET
    assert triage(quiet).tier == Tier.ON_TRACK
    once = replace(CALM, hurts_at=(ago(hours=5),))
    found = triage(once, Limits(pain=PainLimits(hurts_times=1)))
    assert said(found) == "Said in the last 7 days that it hurts too much."
    assert triage(once).tier == Tier.ON_TRACK


def test_every_rule_has_a_tier_and_rules_stand_in_the_order_of_their_tiers() -> None:
    order = [list(Tier).index(TIERS[rule]) for rule in Rule]
    assert order == sorted(order)


def test_the_caseload_is_sorted_by_tier_and_then_by_who_waits_longest() -> None:
    def waiting(tier: Tier, since: datetime | None) -> Triage:
        return Triage(tier, Rule.ON_TRACK, Sentence("On track."), since)

    look_long, look_short = waiting(Tier.LOOK, ago(days=9)), waiting(Tier.LOOK, ago(days=1))
    call, calm = waiting(Tier.CALL, ago(minutes=1)), waiting(Tier.ON_TRACK, None)
    calm_since = waiting(Tier.ON_TRACK, ago(days=30))
    caseload = [calm, look_short, call, calm_since, look_long]
    assert sorted(caseload, key=sort_key) == [call, look_long, look_short, calm_since, calm]


ANSWERS = st.lists(
    st.builds(told, st.dates(FIRST, TODAY), st.integers(0, 10), st.integers(0, 8), st.integers(0, 59)),
    max_size=30,
)


@given(ANSWERS.flatmap(lambda pain: st.tuples(st.just(pain), st.permutations(pain))))
def test_the_same_answers_in_any_order_are_the_same_triage(
    orders: tuple[list[DayPain], list[DayPain]],
) -> None:
    first, replayed = (replace(CALM, pain=known(pain)) for pain in orders)
    assert list(findings(first)) == list(findings(replayed))


@given(ANSWERS, st.booleans())
def test_a_danger_answer_is_always_a_call(pain: list[DayPain], stopped: bool) -> None:
    evidence = replace(CALM, pain=known(pain), danger_at=NOW, texts_stopped_at=NOW if stopped else None)
    assert triage(evidence).rule == Rule.DANGER
