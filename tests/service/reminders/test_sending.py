"""Quiet hours, and whether a due moment is sent at all."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.reminders.reasons import Reason
from service.reminders.recurrence import due_slots
from service.reminders.rules import (
    CATCH_UP,
    Send,
    SendFacts,
    Skip,
    Slot,
    decide,
    expires_at,
    local_day,
    next_allowed,
    quiet,
    sendable,
    window,
)
from tests.service.reminders.test_rules import NEW_YORK, NIGHT, ZONES, daily, instants, utc

# Quiet hours.


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-06-11T00:59:59", False),
        ("2026-06-11T01:00", True),
        ("2026-06-11T04:00", True),
        ("2026-06-11T11:59:59", True),
        ("2026-06-11T12:00", False),
    ],
)
def test_quiet_hours_run_over_midnight_in_the_clients_zone(at: str, expected: bool) -> None:
    assert quiet(utc(at), NEW_YORK, *NIGHT) is expected


def test_quiet_hours_may_lie_inside_one_day_or_not_exist() -> None:
    siesta = (time(14), time(17))
    assert quiet(utc("2026-06-10T12:30"), "Europe/Madrid", *siesta)
    assert not quiet(utc("2026-06-10T22:30"), "Europe/Madrid", *siesta)
    assert not quiet(utc("2026-06-10T22:30"), "Europe/Madrid", time(9), time(9))


def test_quiet_hours_are_those_of_the_zone_the_client_is_in_now() -> None:
    at = utc("2026-06-10T13:00")
    assert decide(facts(at=at, expires_at=at + CATCH_UP, zone=NEW_YORK)) == Send()
    assert decide(facts(at=at, expires_at=at + CATCH_UP, zone="America/Los_Angeles")) == Skip(Reason.QUIET_HOURS)


def test_the_end_of_quiet_hours_is_the_next_morning_over_a_clock_change() -> None:
    assert next_allowed(utc("2026-03-08T03:00"), NEW_YORK, *NIGHT) == utc("2026-03-08T12:00")
    assert next_allowed(utc("2026-11-01T02:00"), NEW_YORK, *NIGHT) == utc("2026-11-01T13:00")
    assert next_allowed(utc("2026-06-10T15:00"), NEW_YORK, *NIGHT) == utc("2026-06-10T15:00")


def test_a_message_lives_four_hours_or_until_quiet_hours() -> None:
    assert expires_at(utc("2026-06-10T14:00"), NEW_YORK, *NIGHT) == utc("2026-06-10T18:00")
    assert expires_at(utc("2026-06-10T23:00"), NEW_YORK, *NIGHT) == utc("2026-06-11T01:00")
    assert expires_at(utc("2026-06-10T23:00"), NEW_YORK, time(0), time(0)) == utc("2026-06-11T03:00")


def test_a_message_queued_at_20_58_is_not_sent_and_one_at_20_44_must_arrive_before_21_00() -> None:
    ends = expires_at(utc("2026-06-11T00:30"), NEW_YORK, *NIGHT)
    assert ends == utc("2026-06-11T01:00")
    assert decide(facts(at=utc("2026-06-11T00:44"), expires_at=ends)) == Send()
    assert decide(facts(at=utc("2026-06-11T00:58"), expires_at=ends)) == Skip(Reason.QUIET_HOURS)


def test_a_slot_that_quiet_hours_would_push_to_tomorrow_is_not_sent() -> None:
    late = Slot(date(2026, 6, 10), 0, utc("2026-06-11T02:00"), None)
    just_before = Slot(date(2026, 6, 10), 0, utc("2026-06-11T00:50"), None)
    absent = Slot(date(2011, 12, 30), 0, utc("2011-12-30T19:00"), Reason.LOCAL_DATE_ABSENT)
    assert window(late, NEW_YORK, *NIGHT) == Skip(Reason.QUIET_HOURS)
    assert window(just_before, NEW_YORK, *NIGHT) == Skip(Reason.QUIET_HOURS)
    assert window(absent, "Pacific/Apia", *NIGHT) == Skip(Reason.LOCAL_DATE_ABSENT)


walls = st.times(timezones=st.none()).map(lambda t: t.replace(second=0, microsecond=0))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(instants, st.sampled_from(ZONES), walls, walls)
def test_the_next_allowed_moment_is_never_quiet_and_never_earlier(
    at: datetime, zone: str, quiet_from: time, quiet_until: time
) -> None:
    allowed = next_allowed(at, zone, quiet_from, quiet_until)
    assert allowed >= at
    assert not quiet(allowed, zone, quiet_from, quiet_until)
    ends = expires_at(allowed, zone, quiet_from, quiet_until)
    assert allowed < ends <= allowed + CATCH_UP


def test_quiet_hours_that_end_inside_a_gap_or_a_fold_still_end() -> None:
    short_day = (time(3), time(2, 30))
    for at in ("2026-03-08T07:30", "2026-03-08T08:00"):
        assert next_allowed(utc(at), NEW_YORK, *short_day) == utc("2026-03-09T06:30")
    assert next_allowed(utc("2026-11-01T06:10"), NEW_YORK, time(21), time(1, 30)) == utc("2026-11-01T06:30")


def test_the_local_day_is_the_clients_not_ours() -> None:
    assert local_day(utc("2026-06-10T20:00"), "Pacific/Auckland") == date(2026, 6, 11)
    assert local_day(utc("2026-06-10T03:00"), "America/Los_Angeles") == date(2026, 6, 9)


# Whether to send.

NOON = utc("2026-06-10T16:00")


def facts(**changes: Any) -> SendFacts:
    fine = SendFacts(
        kind="plan",
        at=NOON,
        expires_at=NOON + CATCH_UP,
        zone=NEW_YORK,
        quiet_from=time(21),
        quiet_until=time(8),
        opted_out=False,
        consented=True,
        red_flag_open=False,
        plan="active",
        done=False,
        client_skipped=False,
        rest_day=False,
        flare=False,
        previous_at=None,
        previous_zone=None,
        sent_today=0,
        daily_cap=1,
        sent_this_week=4,
        weekly_cap=5,
        sent_in_24_h=3,
    )
    return replace(fine, **changes)


OBJECTIONS: list[tuple[Reason, str, Mapping[str, Any]]] = [
    (Reason.OPTED_OUT, "suppressed", {"opted_out": True}),
    (Reason.NO_CONSENT, "suppressed", {"consented": False}),
    (Reason.RED_FLAG, "suppressed", {"red_flag_open": True}),
    (Reason.PLAN_ENDED, "skipped", {"plan": "ended"}),
    (Reason.PLAN_PAUSED, "skipped", {"plan": "paused"}),
    (Reason.DONE_TODAY, "skipped", {"done": True}),
    (Reason.CLIENT_SKIPPED, "skipped", {"client_skipped": True}),
    (Reason.REST_DAY, "skipped", {"rest_day": True}),
    (Reason.FLARE, "suppressed", {"flare": True}),
    (Reason.SILENT, "skipped", {"silent": True}),
    # NOON is a Wednesday, bit 2.
    (Reason.TAPER, "skipped", {"asked_on": 0b0001001}),
    (Reason.LATE, "expired", {"expires_at": NOON}),
    (Reason.QUIET_HOURS, "suppressed", {"quiet_from": time(11), "quiet_until": time(13)}),
    (
        Reason.TRAVEL_GAP,
        "suppressed",
        {"previous_at": NOON - timedelta(hours=11), "previous_zone": "Asia/Tokyo"},
    ),
    (Reason.DAILY_CAP, "suppressed", {"sent_today": 1}),
    (Reason.WEEKLY_CAP, "suppressed", {"sent_this_week": 5}),
    (Reason.FUSE, "suppressed", {"sent_in_24_h": 4}),
]


def test_with_nothing_against_it_a_reminder_is_sent() -> None:
    assert decide(facts()) == Send()


@pytest.mark.parametrize(("reason", "state", "change"), OBJECTIONS, ids=lambda value: str(value)[:20])
def test_each_objection_alone_stops_the_send(reason: Reason, state: str, change: Mapping[str, Any]) -> None:
    verdict = decide(facts(**change))
    assert isinstance(verdict, Skip)
    assert (verdict.reason, verdict.state) == (reason, state)


def test_the_reason_given_is_the_first_in_the_documented_order() -> None:
    for (first, _, earlier), (_, _, later) in pairwise(OBJECTIONS):
        if "plan" not in later and "expires_at" not in earlier:
            assert decide(facts(**{**later, **earlier})) == Skip(first)


def test_stop_is_the_reason_even_when_everything_else_is_true_too() -> None:
    everything = {key: value for _, _, change in reversed(OBJECTIONS) for key, value in change.items()}
    assert decide(facts(**everything)) == Skip(Reason.OPTED_OUT)
    without_stop = everything | {"opted_out": False, "consented": True}
    assert decide(facts(**without_stop)) == Skip(Reason.RED_FLAG)


def test_a_rest_day_and_a_flare_hold_back_the_plan_and_not_the_check_in() -> None:
    assert decide(facts(kind="check_in", rest_day=True, flare=True)) == Send()
    assert decide(facts(kind="check_in", red_flag_open=True)) == Skip(Reason.RED_FLAG)


def test_every_reason_has_a_sentence_of_its_own() -> None:
    assert len({reason.msgid for reason in Reason}) == len(Reason)
    assert Reason.DONE_TODAY.msgid == "Not sent: already done today."
    assert Reason("done_today") is Reason.DONE_TODAY
    assert f"{Reason.DONE_TODAY}" == "done_today"


def test_a_slow_carrier_is_given_15_minutes() -> None:
    assert sendable(utc("2026-06-11T00:44:59"), NEW_YORK, *NIGHT)
    assert not sendable(utc("2026-06-11T00:45"), NEW_YORK, *NIGHT)


# Travel.


def test_flying_the_other_way_gives_no_burst_and_no_more_than_36_hours_of_silence() -> None:
    rule = daily("09:00")
    sent = utc("2026-06-10T19:00")
    due = [slot.at for slot in due_slots(rule, "Pacific/Auckland", sent, sent + timedelta(hours=36))]
    assert due == [utc("2026-06-10T21:00"), utc("2026-06-11T21:00")]
    too_soon, in_time = (
        decide(
            facts(
                at=at,
                expires_at=at + CATCH_UP,
                zone="Pacific/Auckland",
                previous_at=sent,
                previous_zone="Pacific/Honolulu",
            )
        )
        for at in due
    )
    assert too_soon == Skip(Reason.TRAVEL_GAP)
    assert in_time == Send()


def test_two_times_a_day_in_one_zone_need_no_gap_of_12_hours() -> None:
    at = utc("2026-06-10T16:00")
    close = facts(at=at, expires_at=at + CATCH_UP, previous_at=at - timedelta(hours=3), previous_zone=NEW_YORK)
    assert decide(close) == Send()
