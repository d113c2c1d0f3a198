"""The 24-hour rule, row by row, with values worked out by hand from clinical facts 2.1."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from service.accounts.rules.limits import LoadLimits
from service.diary.rules import Response
from service.progress.loading import Load, Verdict, Week, nights_risen, propose

TODAY = date(2026, 3, 10)
STEADY = Week(percent=100.0, rise=0.0)
BETTER, SAME, WORSE = Response
ADVANCE, HOLD, BACK, STOP = Verdict.ADVANCE, Verdict.HOLD, Verdict.STEP_BACK, Verdict.STOP_AND_TELL

# before, during, after, the morning's answer and score
FINE = (2, 3, 3, SAME, 2)
FELT = (2, 5, 4, SAME, 2)  # 4 and 5 are acceptable
OVER = (2, 6, 4, SAME, 2)
OVER_AFTER = (2, 3, 6, SAME, 2)
ROSE = (2, 3, 3, SAME, 4)  # "the same", yet 2 points above before
UNDER_A_RISE = (2, 3, 3, SAME, 3)
SORE = (2, 3, 3, WORSE, 3)
AWFUL = (2, 8, 4, SAME, 2)
AWFUL_MORNING = (2, 3, 3, WORSE, 8)
UNTOLD = (None, None, None, None, None)
NO_MORNING = (2, 3, 3, None, None)
NO_DURING = (2, None, None, BETTER, 2)
NO_BEFORE = (None, 3, 3, BETTER, 2)


def loads(*rows: tuple[int | Response | None, ...], today: bool = False) -> list[Load]:
    """On the days up to yesterday; with `today` the last one is today's."""
    last = TODAY.day if today else TODAY.day - 1
    first = last - len(rows) + 1
    return [Load(date(2026, 3, first + n), *row) for n, row in enumerate(rows)]  # type: ignore[arg-type]


TABLE = [
    ((FINE, FINE, FINE), ADVANCE),
    ((OVER, FINE, FINE, FINE), ADVANCE),  # that one is four sessions ago
    ((UNDER_A_RISE, UNDER_A_RISE, UNDER_A_RISE), ADVANCE),
    ((NO_BEFORE, FINE, FINE), ADVANCE),  # "better" compares with before by itself
    ((FINE, FELT, FINE), ADVANCE),  # 3 + 5 + 3 is a mean of 3.7
    ((FELT, FINE, FELT), HOLD),  # 5 on two of the last three
    ((), HOLD),
    ((FINE, FINE), HOLD),
    ((FINE, FINE, UNTOLD), HOLD),
    ((NO_MORNING, FINE, FINE), HOLD),
    ((FINE, NO_DURING, FINE), HOLD),
    ((FINE, FINE, OVER), HOLD),
    ((FINE, FINE, OVER_AFTER), HOLD),
    ((FINE, FINE, ROSE), HOLD),
    ((FINE, FINE, SORE), HOLD),
    ((FINE, FINE, AWFUL), HOLD),
    ((OVER, FINE, FINE), HOLD),
    ((OVER, FINE, OVER), HOLD),  # not two running
    ((FINE, OVER, OVER), BACK),
    ((FINE, OVER, SORE), BACK),
    ((SORE, SORE), BACK),
    ((OVER, UNTOLD, OVER), BACK),  # silence is not a good session between two bad ones
    ((OVER, OVER, UNTOLD, UNTOLD), BACK),
    ((AWFUL, OVER), BACK),
    ((AWFUL, AWFUL), STOP),
    ((AWFUL_MORNING, AWFUL), STOP),
    ((AWFUL, OVER, AWFUL), STOP),
    ((AWFUL, FINE, AWFUL), HOLD),
]


def test_the_last_sessions_decide_row_by_row() -> None:
    wrong = [(rows, got) for rows, want in TABLE if (got := propose(loads(*rows), TODAY, STEADY).verdict) is not want]
    assert wrong == []


def test_the_week_may_only_hold_back_and_silence_about_it_holds_too() -> None:
    table = [
        (Week(70.0, 1.9), ADVANCE),
        (Week(69.9, 0.0), HOLD),
        (Week(None, 0.0), HOLD),
        (Week(100.0, 2.0), HOLD),
        (Week(100.0, None), HOLD),
        (Week(100.0, 0.0, warning=True), STOP),
    ]
    good = loads(FINE, FINE, FINE)
    assert [propose(good, TODAY, week).verdict for week, _ in table] == [want for _, want in table]


def test_a_session_of_today_is_not_waited_for_and_may_speak_against_more() -> None:
    pending, over = (2, 3, 3, None, None), (2, 6, 3, None, None)
    assert propose(loads(FINE, FINE, FINE, pending, today=True), TODAY, STEADY).verdict is ADVANCE
    assert propose(loads(FINE, FINE, FINE, over, today=True), TODAY, STEADY).verdict is HOLD
    assert propose(loads(FINE, FINE, OVER, over, today=True), TODAY, STEADY).verdict is BACK


def test_at_the_end_of_a_chain_there_is_nothing_to_go_to() -> None:
    assert propose(loads(FINE, FINE, FINE), TODAY, STEADY, has_harder=False).verdict is HOLD
    assert propose(loads(OVER, OVER), TODAY, STEADY, has_easier=False).verdict is STOP


def test_the_easier_one_to_keep_holds_while_the_harder_one_beside_it_goes_first() -> None:
    assert propose(loads(OVER, OVER), TODAY, STEADY, has_easier=False, is_eased=True).verdict is HOLD
    assert propose(loads(OVER, OVER), TODAY, STEADY, is_eased=True).verdict is HOLD
    assert propose(loads(AWFUL, AWFUL), TODAY, STEADY, is_eased=True).verdict is STOP


def test_nights_count_as_risen_only_when_both_weeks_were_told() -> None:
    table: list[tuple[str, int | None]] = [
        # Fourteen mornings, today's last: x broken, - quiet, a space untold.
        ("-------x-x-x--", 3),
        ("x------x-x-x--", 3),
        ("xxx----x-x-x--", None),  # no more than the week before
        ("-------x-x----", None),  # two nights are few
        ("-   -  x-x-x--", None),  # two answers say nothing about the week before
        ("----   x x x  ", None),  # three answers say nothing about this one
        ("----   x x x -", 3),
        ("              ", None),
    ]
    read = []
    for nights, _ in table:
        mornings = [TODAY - timedelta(days=13 - n) for n in range(14)]
        told = {day: 2.0 * (sign == "x") for day, sign in zip(mornings, nights, strict=True) if sign != " "}
        read.append((nights, nights_risen(told, TODAY, LoadLimits())))
    assert read == table


def test_rising_nights_step_back_where_something_was_done_in_the_week() -> None:
    risen = replace(STEADY, nights_risen_to=4)
    assert propose(loads(FINE, FINE, FINE), TODAY, risen).verdict is BACK
    assert propose(loads(FINE, FINE, FINE), TODAY, risen, has_easier=False).verdict is HOLD
    assert propose(loads(FINE, FINE, FINE), TODAY, risen, is_eased=True).verdict is HOLD
    assert propose(loads(AWFUL, AWFUL), TODAY, risen).verdict is STOP
    long_ago = [replace(load, day=TODAY - timedelta(days=7)) for load in loads(FINE)]
    assert propose(long_ago, TODAY, risen).verdict is HOLD


def test_what_was_not_named_as_done_is_no_good_session() -> None:
    unnamed = [replace(load, named=False) for load in loads(FINE, FINE, FINE)]
    assert propose(unnamed, TODAY, STEADY).verdict is HOLD


def test_the_sentence_names_the_reason() -> None:
    rows = {
        (FELT, FINE, FELT): "pain during up to 5 on 2 of the last 3 sessions",
        (FINE, FINE, OVER): "pain up to 6 with one of the last sessions",
        (FINE, OVER, SORE): "pain over 5, or not settled by the next morning, with 2 of the last sessions",
        (FINE, OVER, OVER): "pain up to 6 with 2 of the last sessions",
        (SORE, SORE): "pain had not settled on the mornings after 2 of the last sessions",
        (AWFUL, AWFUL): "pain of 8 or more with 2 sessions running",
        (FINE, FINE): "2 of 3 sessions so far",
        (NO_MORNING, FINE, FINE): "pain during and the morning after were told for 2 of the last 3 sessions",
    }
    read = {rows: propose(loads(*rows), TODAY, STEADY).why.read(str) for rows in rows}
    assert read == rows


SCORES = st.none() | st.integers(0, 10)
ROWS = st.tuples(SCORES, SCORES, SCORES, st.none() | st.sampled_from(Response), SCORES)
DIARIES = st.lists(ROWS, min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(
    rows=DIARIES, place=st.integers(0, 5), field=st.sampled_from(["during", "after", "next_day"]), ends=st.booleans()
)
def test_worse_pain_never_yields_a_bolder_decision(
    rows: list[tuple[int | Response | None, ...]], place: int, field: str, ends: bool
) -> None:
    told = loads(*rows, today=ends)
    place %= len(told)
    score = getattr(told[place], field)
    worse = [*told]
    if score is not None:
        worse[place] = replace(told[place], **{field: min(10, score + 1)})
    sore = [*told]
    if told[place].morning is not None:
        sore[place] = replace(told[place], morning=WORSE)
    before = propose(told, TODAY, STEADY).verdict
    assert propose(worse, TODAY, STEADY).verdict <= before
    assert propose(sore, TODAY, STEADY).verdict <= before


@settings(max_examples=60, deadline=None)
@given(rows=DIARIES, place=st.integers(1, 3), field=st.sampled_from(["during", "morning"]))
def test_silence_about_one_of_the_last_sessions_is_never_good(
    rows: list[tuple[int | Response | None, ...]], place: int, field: str
) -> None:
    told = loads(*rows)
    place = min(place, len(told))
    told[-place] = replace(told[-place], during=None) if field == "during" else replace(told[-place], morning=None)
    assert propose(told, TODAY, STEADY).verdict is not ADVANCE
