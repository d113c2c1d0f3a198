"""What is true at one instant, in hashable shapes; what a protocol may do otherwise, and what may go wrong around it.

Instants are not numbers here. Each timer is a yes or no ("the lease is over"), and `surroundings.passing` lets them run
out in every order that the real constants allow. Waits that only slow things down (due_at, check_at) are left out:
whatever may happen after them may happen at once, which is more than the code allows, never less.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, NamedTuple, TypeVar

from scheduler.reconcile import NEGATIVE_CHECKS

One = TypeVar("One")
Part = TypeVar("Part", "Attempt", "Message", "Worker", "Weighing")

MessageState = Literal["queued", "leased", "in_flight", "uncertain", "accepted", "failed", "expired", "suppressed"]
SETTLED: Final = frozenset({"accepted", "failed", "expired", "suppressed"})

Wire = Literal["nothing", "on_the_way", "taken"]
"""What the provider has of an attempt: nothing (not written, refused or lost), a request under way, a message."""

Outcome = Literal["", "sent", "later", "refused", "unreached", "unknown"]
At = Literal["idle", "claimed", "checked", "mark_failed", "marked", "cleared", "waiting", "answered"]
"""How far a worker is. `cleared`: it has looked at its deadline and writes next."""

Weighed = Literal["accept", "check_later", "ask_again_later", "proven_absent", "never"]

NO_ATTEMPT: Final = -1


class Attempt(NamedTuple):
    """A row of `attempt`. `proven`: its provider_message_id is known."""

    wire: Wire = "nothing"
    proven: bool = False


class Message(NamedTuple):
    """A row of `message` with its attempts. `quarantine_over`: since the last one began."""

    state: MessageState = "queued"
    reason: str = ""
    attempts: int = 0
    checks: int = 0
    timer_over: bool = False  # lease_until has come
    quarantine_over: bool = False
    rows: tuple[Attempt, ...] = ()


class Worker(NamedTuple):
    """`ours`: its lease token is the message's newest. `late`: its monotonic deadline has passed."""

    at: At = "idle"
    message: int = 0
    attempt: int = NO_ATTEMPT
    ours: bool = False
    late: bool = False
    outcome: Outcome = ""


class Weighing(NamedTuple):
    """A reconciler between its look-up and its write. `ours`: the token it read is still the newest."""

    message: int
    weighed: Weighed
    ours: bool = True


class State(NamedTuple):
    messages: tuple[Message, ...]
    workers: tuple[Worker, ...]
    reconcilers: tuple[Weighing | None, ...]
    opted_out: bool = False
    window_over: bool = False
    list_missed: bool = False


Kind = Literal["step", "fault", "chance"]
"""A step happens when nothing goes wrong; a fault may happen; on a chance (a callback, a STOP) nobody may count."""


class Step(NamedTuple):
    """`who`: the worker it happens to, if to one."""

    words: str
    kind: Kind
    after: State
    who: int | None = None


@dataclass(frozen=True)
class Protocol:
    """The rules of the notifier. Each default is what the code does; anything else is a mutant."""

    flight_over_becomes: MessageState | None = "uncertain"
    mark_becomes: MessageState = "in_flight"
    record_is_fenced_by_token: bool = True
    stop_counts_in_mark: bool = True
    one_in_flight: bool = True
    deadline_is_checked: bool = True
    unknown_commit_sends_nothing: bool = True
    evidence_stops_mark: bool = True
    attempts_are_bounded: bool = True
    negative_checks: int = NEGATIVE_CHECKS
    quarantine: bool = True
    doubtful_mail_is_sent_again: bool = False


@dataclass(frozen=True)
class World:
    """What may go wrong around the protocol.

    pauses: how long a worker, or a request on the network, may stand still: never past its flight, shorter than the
        quarantine, or longer than it.
    pauses_before_wire: whether it may also stand still between its last look at the clock and the provider.
    list_misses: how often the provider's list may leave out a message it has taken: 0, 1, or 2 for any number.
    """

    mail: bool = False
    messages: int = 1
    max_attempts: int = 2
    pauses: Literal["none", "short", "long"] = "none"
    pauses_before_wire: bool = True
    list_misses: int = 0
    reconcilers: int = 1

    def start(self) -> State:
        return State((Message(),) * self.messages, (Worker(), Worker()), (None,) * self.reconcilers)


# A million states are made by these, of a few hundred messages and workers: each of them is made once. Of a state,
# `_replace`, which asks every field whether it is the one, would take half of that time.
@cache
def changed(one: Part, **changes: Any) -> Part:
    return one._replace(**changes)


def with_message(state: State, number: int, /, **changes: Any) -> State:
    messages, workers, reconcilers, opted_out, window_over, list_missed = state
    message = changed(messages[number], **changes)
    return State(_with(messages, number, message), workers, reconcilers, opted_out, window_over, list_missed)


def with_attempt(state: State, number: int, row: int, /, **changes: Any) -> State:
    rows = state.messages[number].rows
    return with_message(state, number, rows=_with(rows, row, changed(rows[row], **changes)))


def with_worker(state: State, index: int, worker: Worker) -> State:
    messages, workers, reconcilers, opted_out, window_over, list_missed = state
    return State(messages, _with(workers, index, worker), reconcilers, opted_out, window_over, list_missed)


def with_reconciler(state: State, index: int, weighing: Weighing | None) -> State:
    messages, workers, reconcilers, opted_out, window_over, list_missed = state
    return State(messages, workers, _with(reconcilers, index, weighing), opted_out, window_over, list_missed)


def _with(all_of_them: tuple[One, ...], index: int, one: One) -> tuple[One, ...]:
    return (*all_of_them[:index], one, *all_of_them[index + 1 :])


def settled(state: State, number: int, to: MessageState, reason: str = "") -> State:
    return with_message(state, number, state=to, reason=reason, checks=0, timer_over=False, quarantine_over=False)
