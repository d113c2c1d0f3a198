"""When the questions about warning signs are asked, and in which words."""

from datetime import datetime, timedelta
from hashlib import sha256

from service.accounts.rules.limits import PainLimits
from service.catalogue.library import FlagTier, shipped
from service.diary.rules.screening import (
    FLAGS,
    GROUPS,
    NOT_WATCHED,
    SHORT,
    WORDING,
    Told,
    Why,
    asks_urgency,
    care_words,
    due,
    grouped,
    is_alarming,
    most_urgent,
)
from service.outbox.rules import reading_grade
from service.words import translator
from tests.make import NOW


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


DAY, WEEK = 24, 24 * 7
# What was answered (hours ago, whether all were asked), the alarming score, the danger words, whether a flag is open.
CASES: list[tuple[str, list[tuple[float, bool]], float | None, float | None, bool, Why | None]] = [
    ("never asked: all in the beginning", [], None, None, False, Why.FULL),
    ("all answered yesterday", [(DAY, True)], None, None, False, None),
    ("a week later the short ones", [(WEEK, True)], None, None, False, Why.WEEKLY),
    ("an hour before a week is over", [(WEEK - 1, True)], None, None, False, None),
    ("the short ones count for the week", [(2 * WEEK, True), (DAY, False)], None, None, False, None),
    ("but not for the four weeks", [(4 * WEEK, True), (DAY, False)], None, None, False, Why.FULL),
    ("a high score asks all", [(DAY + 1, True)], 0, None, False, Why.PAIN),
    ("a high score asks before the regular ones", [], 1, None, False, Why.PAIN),
    ("one after the short ones too", [(WEEK, True), (2, False)], 1, None, False, Why.PAIN),
    ("answered after the score", [(1, True)], 2, None, False, None),
    ("not again within 24 hours", [(10, True)], 1, None, False, None),
    ("again when 24 hours have passed", [(DAY + 1, True)], 1, None, False, Why.PAIN),
    ("a score of two days ago asks no more", [(3 * DAY, True)], 48, None, False, None),
    ("danger words ask however lately they were answered", [(1, True)], None, 0.5, True, Why.WORDS),
    ("danger words before a score", [], 1, 2, True, Why.WORDS),
    ("danger words, answered since", [(0.5, True)], None, 1, True, None),
    ("an open flag: no regular questions", [(9 * WEEK, True)], None, None, True, None),
    ("an open flag and a high score", [(2 * DAY, True)], 1, None, True, Why.PAIN),
]


def test_the_questions_are_asked_when_the_rules_say_and_not_again_too_soon() -> None:
    for name, answered, pain, words, flag_open, expected in CASES:
        asked = due(
            NOW,
            [Told(ago(hours), full) for hours, full in answered],
            pain_at=None if pain is None else ago(pain),
            words_at=None if words is None else ago(words),
            flag_open=flag_open,
        )
        assert (asked.why if asked else None) == expected, name
        if asked:
            assert asked.questions == (SHORT if expected is Why.WEEKLY else tuple(FLAGS)), name


def test_whether_it_can_wait_is_asked_after_the_second_skip_for_pain_in_a_week_and_once() -> None:
    for hurts, answered, asked in (
        ([1], None, False),
        ([24, 1], None, True),
        ([24 * 7, 1], None, False),
        ([24 * 3, 48], None, False),
        ([24, 1], 0.5, False),
        ([24, 1], 2, True),
        ([48, 24, 1], 24, True),
    ):
        answered_at = None if answered is None else ago(answered)
        assert asks_urgency(NOW, [ago(hours) for hours in hurts], answered_at, PainLimits()) is asked, (hurts, answered)


def test_a_high_score_or_a_jump_over_the_usual_is_alarming() -> None:
    rows = [(8, None, True), (7, None, False), (6, 3.0, True), (6, 3.5, False), (8, 8.0, True)]
    assert [(score, usual, is_alarming(score, usual, PainLimits())) for score, usual, _ in rows] == rows


def test_the_most_urgent_yes_decides() -> None:
    assert most_urgent([]) is None
    assert most_urgent(["rf-stress"]) is FlagTier.SOON
    assert most_urgent(["rf-stress", "rf-dvt"]) is FlagTier.SAME_DAY
    assert most_urgent(["rf-dvt", "rf-saddle", "rf-stress"]) is FlagTier.EMERGENCY


def test_every_question_stands_once_under_a_short_heading() -> None:
    assert sorted(code for _, codes in grouped(tuple(FLAGS)) for code in codes) == sorted(FLAGS)
    assert len(FLAGS) == 22
    assert max(len(codes) for _, codes in grouped(tuple(FLAGS))) == 5
    assert [codes for _, codes in grouped(SHORT)] == [["rf-saddle", "rf-bladder"], ["rf-fall"], ["rf-fever"]]


def _told() -> list[str]:
    asks = [flag.ask for flag in shipped().red_flags]
    return [*asks, *(words for tier in FlagTier for words in care_words(tier))]


def test_every_question_and_what_is_told_after_it_is_below_the_6th_grade_and_in_spanish() -> None:
    told = [*_told(), NOT_WATCHED, *GROUPS]
    assert [words for words in told if translator("es").gettext(words) == words] == []
    assert [words for words in _told() if reading_grade(words % {"number": "911"}) > 6] == []


def test_whoever_changes_a_question_or_what_is_told_raises_the_number_kept_with_answers() -> None:
    spanish = [translator("es").gettext(words) for words in _told()]
    known = sha256("\n".join([*_told(), *spanish]).encode()).hexdigest()[:12]
    assert (WORDING, known) == (2, "10dcc9133132")
