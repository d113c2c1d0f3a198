"""Whether a database went back in time, from what is remembered outside it. Hours of one day, beats by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from scheduler.holding import (
    HoldReason,
    Remembered,
    Seen,
    WentBack,
    jumped,
    safe_alone,
    too_far_apart,
    went_back,
)

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 8, hour, minute, tzinfo=UTC)


REMEMBERED = Remembered(HERE, BEGAN, beat=50, beat_at=at(12))
# The witness's own row is at beat 50; another witness was alive a minute later.
SEEN = Seen(HERE, BEGAN, "77/00000001", "77/00000001", None, None, 50, at(12), at(12, 1), at(12, 5))
RESTORED, FAILED_OVER = HoldReason.RESTORED, HoldReason.FAILED_OVER


def test_a_database_that_knows_less_than_is_remembered_went_back() -> None:
    rows: list[tuple[str, Remembered | None, Seen, WentBack | None]] = [
        ("knows all", REMEMBERED, SEEN, None),
        ("is ahead: killed between commit and file", REMEMBERED, replace(SEEN, beat=51), None),
        ("a beat is missing", REMEMBERED, replace(SEEN, beat=49, beat_at=at(11)), WentBack(RESTORED, at(11))),
        ("others beat on", REMEMBERED, replace(SEEN, beat=3, beat_at=at(9)), WentBack(RESTORED, at(9))),
        ("never heard of us", REMEMBERED, replace(SEEN, beat=None, beat_at=None), WentBack(RESTORED, at(12))),
        (
            "never heard of us, older than us",
            REMEMBERED,
            replace(SEEN, beat=None, beat_at=None, last_beat_at=at(8)),
            WentBack(RESTORED, at(8)),
        ),
        ("recovered by somebody", REMEMBERED, replace(SEEN, began_at=at(11), beat=3), None),
        ("from before a recovery", REMEMBERED._replace(began_at=at(11)), SEEN, WentBack(RESTORED, at(12))),
        ("another installation", REMEMBERED._replace(installation_id=ELSEWHERE), replace(SEEN, beat=None), None),
        (
            "the row of a witness silent for 31 days may be gone",
            REMEMBERED._replace(beat_at=at(12) - timedelta(days=31)),
            replace(SEEN, beat=None),
            None,
        ),
        ("nothing is remembered", None, replace(SEEN, beat=None), None),
        ("no scheduler was here yet", None, replace(SEEN, known_server=None), None),
        ("a server that does not name itself", None, replace(SEEN, server=None), None),
        ("a standby was promoted", None, replace(SEEN, server="77/00000002"), WentBack(FAILED_OVER, at(12, 1))),
        ("moved to another server", None, replace(SEEN, server="88/00000001"), WentBack(RESTORED, at(12, 1))),
        (
            "promoted, and a beat is missing",
            REMEMBERED,
            replace(SEEN, server="77/00000002", beat=48, beat_at=at(10)),
            WentBack(RESTORED, at(10)),
        ),
    ]
    for case, remembered, seen, expected in rows:
        assert went_back(remembered, seen) == expected, case


def test_only_a_short_failover_is_recovered_from_unasked() -> None:
    assert safe_alone("failed_over", at(12), at(12, 5))
    assert not safe_alone("failed_over", at(12), at(12, 6)), "a standby that lagged far behind"
    assert not safe_alone("restored", at(12), at(12))


def test_clocks_may_differ_by_a_minute_and_elapse_alike() -> None:
    assert not too_far_apart(at(12), at(12, 1))
    assert too_far_apart(at(12), at(12, 1) + timedelta(seconds=1))
    assert too_far_apart(at(13), at(12))
    assert not jumped(timedelta(seconds=15), 10.0)
    assert jumped(timedelta(seconds=16), 10.0)
    assert jumped(timedelta(seconds=-3600), 1.0)
