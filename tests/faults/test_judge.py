"""The judge of a fault run sees each promise broken, one at a time, in rows that are made wrong on purpose."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from tests.faults.far_end import Accepted
from tests.faults.judge import Evidence, Stop, Verdict, judge
from tests.faults.people import House, Moment
from tests.faults.restore import Forgotten
from tests.faults.staff import Morning
from tests.make import Team

REMINDER, OCCURRENCE, MESSAGE, ATTEMPT = (UUID(int=number) for number in range(1, 5))
PHONE = "+14155550100"
DUE = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
"""11:00 in New York."""
HOUSE = House(Team(*[UUID(int=9)] * 4), "America/New_York", time(21), time(8))
MOMENT = Moment(HOUSE, REMINDER, date(2026, 3, 10), DUE)
TAKEN = Accepted(DUE + timedelta(seconds=2), "sms", PHONE, str(ATTEMPT))


def _row(**values: Any) -> Any:
    return SimpleNamespace(**values)


def _kept() -> Evidence:
    """One due moment, marked and taken once, as it should be."""
    return Evidence(
        {MESSAGE: _row(id=MESSAGE, kind="check_in", state="delivered", reason=None, occurrence_id=OCCURRENCE, told="")},
        {OCCURRENCE: _row(id=OCCURRENCE, reminder_id=REMINDER, day=MOMENT.day, due_at=DUE, state="sent", reason=None)},
        {
            ATTEMPT: _row(
                id=ATTEMPT, message_id=MESSAGE, started_at=DUE + timedelta(seconds=1), address=PHONE, only_doubted=False
            )
        },
        [TAKEN],
        {},
    )


def _broken(verdict: Verdict) -> dict[str, int]:
    names = ("twice", "unexplained", "outside_hours", "early", "after_stop")
    return {name: len(getattr(verdict, name)) for name in names if getattr(verdict, name)}


def test_a_run_that_kept_every_promise_is_cleared() -> None:
    verdict = judge(_kept(), [MOMENT], [])
    assert verdict.broken == []
    assert verdict.line == "1 due, 1 accepted, 0 twice, 0 unexplained, 0 outside hours"


def _twice(evidence: Evidence) -> Evidence:
    return replace(evidence, ledger=[TAKEN, TAKEN])


def _by_two_messages(evidence: Evidence) -> Evidence:
    other = _row(id=ATTEMPT, kind="check_in", state="accepted", reason=None, occurrence_id=OCCURRENCE)
    mail = Accepted(TAKEN.at, "email", "maria@mail.example", str(UUID(int=8)))
    return replace(
        evidence, messages={**evidence.messages, UUID(int=8): _with(other, id=UUID(int=8))}, ledger=[TAKEN, mail]
    )


def _with(row: Any, **values: Any) -> Any:
    return SimpleNamespace(**{**vars(row), **values})


def _occurrence(**values: Any) -> Callable[[Evidence], Evidence]:
    return lambda kept: replace(kept, occurrences={OCCURRENCE: _with(kept.occurrences[OCCURRENCE], **values)})


def _message(**values: Any) -> Callable[[Evidence], Evidence]:
    return lambda kept: replace(kept, messages={MESSAGE: _with(kept.messages[MESSAGE], **values)})


def _taken_at(at: datetime) -> Callable[[Evidence], Evidence]:
    return lambda kept: replace(kept, ledger=[replace(TAKEN, at=at)])


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [
        (_twice, {"twice": 2}),
        (_by_two_messages, {"twice": 1}),
        (lambda kept: replace(kept, ledger=[]), {"unexplained": 1}),
        (lambda kept: replace(kept, occurrences={}), {"unexplained": 1}),
        (lambda kept: replace(kept, attempts={}), {"unexplained": 2}),
        (_message(state="in_flight"), {"unexplained": 1}),
        (_occurrence(state="queued"), {"unexplained": 1}),
        (_occurrence(state="skipped", reason="done_today"), {"unexplained": 1}),
        (_occurrence(day=date(2026, 3, 11)), {"unexplained": 1}),
        (_occurrence(reminder_id=ATTEMPT), {"unexplained": 2}),
        (_taken_at(DUE - timedelta(seconds=1)), {"early": 1}),
        (_taken_at(datetime(2026, 3, 11, 1, 0, tzinfo=UTC)), {"outside_hours": 1}),
    ],
)
def test_what_is_broken_is_seen(wrong: Callable[[Evidence], Evidence], broken: dict[str, int]) -> None:
    assert _broken(judge(wrong(_kept()), [MOMENT], [])) == broken


def test_what_can_never_be_known_may_have_gone_out_or_not() -> None:
    in_doubt = _occurrence(state="expired", reason="uncertain")(_kept())
    assert judge(in_doubt, [MOMENT], []).broken == []
    assert judge(replace(in_doubt, ledger=[]), [MOMENT], []).broken == []


def test_a_mark_after_an_answered_stop_is_seen_and_its_confirmation_is_not_one() -> None:
    stop = Stop(PHONE, DUE)
    assert _broken(judge(_kept(), [MOMENT], [stop])) == {"after_stop": 1}
    assert judge(_kept(), [MOMENT], [Stop(PHONE, DUE + timedelta(minutes=1))]).broken == []
    assert judge(_kept(), [MOMENT], [Stop("+14155550199", DUE)]).broken == []
    doubted = {ATTEMPT: _with(_kept().attempts[ATTEMPT], only_doubted=True)}
    assert judge(replace(_kept(), attempts=doubted), [MOMENT], [stop]).broken == []
    confirmation = _message(kind="stopped", occurrence_id=None)(_kept())
    assert _broken(judge(confirmation, [MOMENT], [stop])) == {"unexplained": 1}


READER, MAIL = UUID(int=5), UUID(int=6)
MORNING = Morning(READER, date(2026, 3, 10), DUE)
MAILED = Accepted(DUE + timedelta(seconds=2), "email", "sam@clinic.example", str(MAIL))


def test_a_mail_to_staff_goes_out_once_a_day_and_its_row_says_so() -> None:
    """What the row says, how often the mail was taken, and what of that is broken."""
    rows: Sequence[tuple[str, str | None, list[Accepted], dict[str, int]]] = [
        ("sent", None, [MAILED], {}),
        ("sent", None, [], {"unexplained": 1}),
        ("sent", None, [MAILED, MAILED], {"twice": 1}),
        ("sent", None, [replace(MAILED, at=DUE - timedelta(seconds=1))], {"early": 1}),
        ("expired", "uncertain", [MAILED], {}),
        ("expired", "uncertain", [], {}),
        ("expired", "outage", [MAILED], {"unexplained": 1}),
        ("skipped", "nothing_to_say", [], {}),
        ("queued", None, [], {"unexplained": 1}),
        ("in_flight", None, [], {"unexplained": 1}),
    ]
    for state, reason, taken, broken in rows:
        mail = _row(id=MAIL, staff_id=READER, day=MORNING.day, state=state, reason=reason, told="")
        evidence = replace(_kept(), mails={MAIL: mail}, ledger=[TAKEN, *taken])
        assert _broken(judge(evidence, [MOMENT], [], [MORNING])) == broken, (state, reason, taken)


def test_a_morning_without_a_row_a_row_without_a_morning_and_two_rows_are_seen() -> None:
    mail = _row(id=MAIL, staff_id=READER, day=MORNING.day, state="sent", reason=None, told="")
    once = replace(_kept(), mails={MAIL: mail}, ledger=[TAKEN, MAILED])
    assert _broken(judge(_kept(), [MOMENT], [], [MORNING])) == {"unexplained": 1}
    assert _broken(judge(once, [MOMENT], [], [])) == {"unexplained": 1}
    twice = replace(once, mails={MAIL: mail, READER: _with(mail, id=READER, state="skipped", reason="not_wanted")})
    assert _broken(judge(twice, [MOMENT], [], [MORNING]))["twice"] == 1


LOST_MESSAGE, LOST_ATTEMPT, LOST_MAIL = UUID(int=11), UUID(int=12), UUID(int=13)


def test_what_a_restore_forgot_counts_for_the_row_that_took_its_place() -> None:
    """The moment was planned and sent, forgotten, and planned again: sent again it is twice, found it is once."""
    moments: dict[UUID, tuple[UUID, datetime] | None] = {LOST_MESSAGE: (REMINDER, DUE)}
    forgotten = Forgotten(moments, {LOST_ATTEMPT: LOST_MESSAGE}, {LOST_MAIL: (READER, MORNING.day)})
    lost = replace(TAKEN, key=str(LOST_ATTEMPT))
    assert _broken(judge(replace(_kept(), ledger=[lost], forgotten=forgotten), [MOMENT], [])) == {}
    assert _broken(judge(replace(_kept(), ledger=[lost, TAKEN], forgotten=forgotten), [MOMENT], [])) == {"twice": 1}
    mail = _row(id=MAIL, staff_id=READER, day=MORNING.day, state="expired", reason="uncertain", told="")
    mailed = replace(
        _kept(), forgotten=forgotten, mails={MAIL: mail}, ledger=[TAKEN, replace(MAILED, key=str(LOST_MAIL))]
    )
    assert _broken(judge(mailed, [MOMENT], [], [MORNING])) == {}
    twice = replace(mailed, ledger=[*mailed.ledger, MAILED])
    assert _broken(judge(twice, [MOMENT], [], [MORNING])) == {"twice": 1}


def _doubt(evidence: Evidence) -> Evidence:
    return replace(evidence, attempts={ATTEMPT: _with(evidence.attempts[ATTEMPT], only_doubted=True)})


def test_only_as_many_moments_pass_for_sent_as_other_texts_to_their_address_were_forgotten() -> None:
    forgotten = Forgotten({LOST_MESSAGE: None}, {LOST_ATTEMPT: LOST_MESSAGE})
    other = replace(TAKEN, key=str(LOST_ATTEMPT))
    kept = replace(_doubt(_kept()), forgotten=forgotten)
    assert _broken(judge(replace(kept, ledger=[other]), [MOMENT], [])) == {}
    assert _broken(judge(replace(kept, ledger=[]), [MOMENT], [])) == {"unexplained": 1}
    assert _broken(judge(replace(kept, ledger=[replace(other, to="+14155550199")]), [MOMENT], [])) == {"unexplained": 1}
    known = replace(_kept(), forgotten=forgotten, ledger=[other])
    assert _broken(judge(known, [MOMENT], [])) == {"unexplained": 1}, "its words are known"


def test_of_two_moments_in_doubt_one_may_pass_for_sent_by_the_text_of_the_other() -> None:
    later = replace(MOMENT, due_at=DUE + timedelta(minutes=1))
    message, attempt, occurrence = UUID(int=21), UUID(int=22), UUID(int=23)
    kept = _doubt(_kept())
    pair = replace(
        kept,
        messages={**kept.messages, message: _with(kept.messages[MESSAGE], id=message, occurrence_id=occurrence)},
        attempts={**kept.attempts, attempt: _with(kept.attempts[ATTEMPT], id=attempt, message_id=message)},
        occurrences={
            **kept.occurrences,
            occurrence: _row(
                id=occurrence,
                reminder_id=REMINDER,
                day=MOMENT.day,
                due_at=later.due_at,
                state="expired",
                reason="uncertain",
            ),
        },
        ledger=[replace(TAKEN, at=later.due_at, key=str(attempt))],
    )
    assert _broken(judge(pair, [MOMENT, later], [])) == {}
    assert _broken(judge(replace(pair, ledger=[]), [MOMENT, later], [])) == {"unexplained": 1}
