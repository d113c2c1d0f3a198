"""The protocol of sending, explored whole: its promises are kept in every world, and a weakened step is caught."""

import gc
from collections.abc import Iterator

import pytest

from tests.model.explorer import explore
from tests.model.promises import Promise
from tests.model.state import Protocol, World

CODE = Protocol()

CRASHES = World()
SHORT_PAUSES = World(pauses="short")
LONG_PAUSES = World(pauses="long", pauses_before_wire=False)
ONE_STALE_LOOK = World(list_misses=1)
STALE_LIST = World(list_misses=2)
EVERYTHING = World(pauses="long", list_misses=2)
MAIL = World(mail=True, pauses="long")
TWO_MESSAGES = World(messages=2)


@pytest.fixture(autouse=True)
def _no_garbage_to_look_for() -> Iterator[None]:
    """States are tuples without rings; looking for rings among a million of them takes as long as the exploring."""
    gc.disable()
    yield
    gc.enable()


# Each world may crash any process at any step, lose any answer, fail any commit, say STOP and end the window.
# `states`: a little less than there were; far fewer would mean that something cannot happen any more.
@pytest.mark.parametrize(
    ("world", "most", "states"),
    [
        pytest.param(CRASHES, 1, 600, id="crashes"),
        pytest.param(SHORT_PAUSES, 1, 7_500, id="pauses shorter than the quarantine"),
        pytest.param(LONG_PAUSES, 1, 16_000, id="any pause, but none between the last look at the clock and the wire"),
        pytest.param(ONE_STALE_LOOK, 1, 800, id="one look at a stale list"),
        pytest.param(World(pauses="short", reconcilers=2), 1, 21_000, id="two reconcilers"),
        pytest.param(TWO_MESSAGES, 1, 45_000, id="two messages to one address"),
        pytest.param(MAIL, 1, 1_800, id="mail, any pause"),
        pytest.param(World(max_attempts=1, pauses="long", list_misses=2), 1, 5_800, id="one attempt, anything"),
        pytest.param(EVERYTHING, 2, 48_000, id="any pause and a stale list: as often as it may be tried"),
    ],
)
def test_all_promises_are_kept(world: World, most: int, states: int) -> None:
    explored = explore(CODE, world, most=most)
    assert explored.broken is None, explored.told()
    assert explored.states > states
    assert explored.steps > 3 * explored.states


EXCUSES = {
    "the quarantine is over while a worker stands still",
    "the provider takes a request nobody waits for",
    "the reconciler looks: absent, for the list is stale",
}


@pytest.mark.parametrize("world", [STALE_LIST, World(pauses="long"), EVERYTHING])
def test_a_second_acceptance_needs_a_pause_beyond_the_quarantine_or_a_stale_list(world: World) -> None:
    """Where the bound is two, two is what can happen: the model does not promise more than there is."""
    explored = explore(CODE, world, most=1, promises={Promise.AT_MOST})
    assert explored.broken is Promise.AT_MOST
    assert EXCUSES & set(explored.story), explored.told()


@pytest.mark.parametrize(
    ("mutant", "world", "most", "promise"),
    [
        pytest.param(Protocol(flight_over_becomes="queued"), CRASHES, 1, Promise.AT_MOST, id="retry on lease expiry"),
        pytest.param(Protocol(flight_over_becomes="queued"), CRASHES, 1, Promise.PROOF, id="queued without proof"),
        pytest.param(Protocol(mark_becomes="accepted"), CRASHES, 1, Promise.LEDGER, id="marked as sent first"),
        pytest.param(Protocol(flight_over_becomes=None), CRASHES, 1, Promise.SETTLES, id="nobody doubts a flight"),
        pytest.param(
            Protocol(record_is_fenced_by_token=False), LONG_PAUSES, 1, Promise.AT_MOST, id="record without the token"
        ),
        pytest.param(
            Protocol(stop_counts_in_mark=False), CRASHES, 1, Promise.STOP, id="STOP looked at before the mark"
        ),
        pytest.param(Protocol(negative_checks=1), ONE_STALE_LOOK, 1, Promise.AT_MOST, id="one look is enough"),
        pytest.param(Protocol(deadline_is_checked=False), LONG_PAUSES, 1, Promise.AT_MOST, id="no look at the clock"),
        pytest.param(Protocol(quarantine=False), SHORT_PAUSES, 1, Promise.AT_MOST, id="no quarantine"),
        pytest.param(
            Protocol(unknown_commit_sends_nothing=False), CRASHES, 1, Promise.MARKED, id="sent on an unknown commit"
        ),
        pytest.param(Protocol(evidence_stops_mark=False), EVERYTHING, 2, Promise.KNOWN, id="evidence is not looked at"),
        pytest.param(Protocol(attempts_are_bounded=False), STALE_LIST, 2, Promise.AT_MOST, id="attempts without end"),
        pytest.param(Protocol(doubtful_mail_is_sent_again=True), MAIL, 1, Promise.AT_MOST, id="doubtful mail again"),
        pytest.param(Protocol(one_in_flight=False), TWO_MESSAGES, 1, Promise.ONE_IN_FLIGHT, id="two in flight"),
    ],
)
def test_a_weakened_step_is_caught(mutant: Protocol, world: World, most: int, promise: Promise) -> None:
    explored = explore(mutant, world, most=most, promises={promise})
    assert explored.broken is promise, explored.told()


def test_retry_on_lease_expiry_sends_twice_after_one_crash() -> None:
    """The shortest story: one crash after the provider has the request, and nothing else goes wrong."""
    explored = explore(Protocol(flight_over_becomes="queued"), CRASHES, promises={Promise.AT_MOST})
    assert explored.story == (
        "A: claims message 1",
        "A: finds nothing against sending",
        "A: marks the message",
        "A: looks at the clock and goes on",
        "A: writes its request",
        "A: is killed",
        "the provider takes a request nobody waits for",
        "the flight is over",
        "the reconciler makes the expired flight queued",
        "B: claims message 1",
        "B: finds nothing against sending",
        "B: marks the message",
        "B: looks at the clock and goes on",
        "B: writes its request",
        "B: the provider takes the message and says so",
    ), explored.told()


def test_marking_as_sent_first_loses_a_message_in_silence() -> None:
    explored = explore(Protocol(mark_becomes="accepted"), CRASHES, promises={Promise.LEDGER})
    assert explored.story == (
        "A: claims message 1",
        "A: finds nothing against sending",
        "A: marks, and never hears that it is committed",
    ), explored.told()
