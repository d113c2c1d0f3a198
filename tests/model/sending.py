"""A worker: claim → re-check → mark → look at the clock → send → record. Mirrors scheduler/delivery.py and
scheduler/claims.py; each function has the name of what it mirrors, each condition its place there."""

from collections.abc import Iterator
from typing import Final

from tests.model.state import (
    NO_ATTEMPT,
    Attempt,
    MessageState,
    Outcome,
    Protocol,
    State,
    Step,
    Worker,
    World,
    changed,
    settled,
    with_attempt,
    with_message,
    with_worker,
)

IDLE: Final = Worker()
# settlement_of: what the worker's word makes of the message.
SETTLEMENTS: Final[dict[Outcome, tuple[MessageState, str]]] = {
    "sent": ("accepted", ""),
    "later": ("queued", ""),
    "unreached": ("queued", ""),
    "unknown": ("uncertain", "no_answer"),
    "refused": ("failed", "refused"),
}


def work(protocol: Protocol, world: World, state: State, index: int) -> Iterator[Step]:
    match state.workers[index].at:
        case "idle":
            yield from claim(state, index)
            return
        case "claimed":
            yield from recheck(state, index)
        case "checked":
            yield from mark(protocol, world, state, index)
        case "mark_failed":
            yield from postpone(state, index, "believes that its mark failed, and postpones the message")
        case "marked":
            yield outcome(protocol, state, index)
        case "cleared":
            yield send(state, index)
        case "answered":
            yield from record(protocol, state, index)
        case "waiting":
            pass
    yield Step("is killed", "fault", with_worker(state, index, IDLE), index)


def claim(state: State, index: int) -> Iterator[Step]:
    if state.window_over:
        return
    for number, message in enumerate(state.messages):
        if message.state == "queued":
            leased = with_message(_new_token(state, number), number, state="leased", timer_over=False)
            holding = with_worker(leased, index, Worker("claimed", number, ours=True))
            yield Step(f"claims message {number + 1}", "step", holding, index)


def _new_token(state: State, number: int) -> State:
    """lease_token + 1: whoever holds an older one is fenced out."""
    workers = tuple(changed(w, ours=False) if w.ours and w.message == number else w for w in state.workers)
    readers = tuple(changed(r, ours=False) if r and r.message == number else r for r in state.reconcilers)
    return state._replace(workers=workers, reconcilers=readers)


def recheck(state: State, index: int) -> Iterator[Step]:
    """_mark, down to the parcel: what may not be sent any more is settled, with its reason."""
    worker = state.workers[index]
    if not (state.opted_out or state.window_over):
        checked = with_worker(state, index, changed(worker, at="checked"))
        yield Step("finds nothing against sending", "step", checked, index)
        yield from postpone(state, index, "finds no room, or night, and postpones the message")
        return
    after = with_worker(state, index, IDLE)
    if _still_leased(state, worker):
        against: tuple[MessageState, str] = ("suppressed", "opted_out") if state.opted_out else ("expired", "late")
        after = settled(after, worker.message, *against)
    yield Step("finds a reason against sending, and settles what is its own", "step", after, index)


def _still_leased(state: State, worker: Worker) -> bool:
    return worker.ours and state.messages[worker.message].state == "leased"


def mark(protocol: Protocol, world: World, state: State, index: int) -> Iterator[Step]:
    worker = state.workers[index]
    if not _may_mark(protocol, world, state, worker):
        yield from postpone(state, index, "may not mark, and postpones the message")
        return
    message = state.messages[worker.message]
    committed = with_message(
        state,
        worker.message,
        state=protocol.mark_becomes,
        attempts=message.attempts + 1,
        timer_over=False,
        rows=(*message.rows, Attempt()),
    )
    marked = changed(worker, at="marked", attempt=len(message.rows))
    yield Step("marks the message", "step", with_worker(committed, index, marked), index)
    unsure = changed(worker, at="mark_failed" if protocol.unknown_commit_sends_nothing else "marked", late=False)
    yield Step("marks, and never hears that it is committed", "fault", with_worker(committed, index, unsure), index)
    yield Step("marks, and it is not committed", "fault", with_worker(state, index, unsure), index)


def _may_mark(protocol: Protocol, world: World, state: State, worker: Worker) -> bool:
    message = state.messages[worker.message]
    return (
        _still_leased(state, worker)
        and not state.window_over
        and (message.attempts < world.max_attempts or not protocol.attempts_are_bounded)
        and not (protocol.stop_counts_in_mark and state.opted_out)
        and not (protocol.evidence_stops_mark and any(attempt.proven for attempt in message.rows))
        and not (protocol.one_in_flight and any(other.state == "in_flight" for other in state.messages))
    )


def postpone(state: State, index: int, words: str) -> Iterator[Step]:
    after = with_worker(state, index, IDLE)
    if not _still_leased(state, state.workers[index]):
        yield Step(f"{words}, which is not its own any more", "step", after, index)
        return
    for later in postponed(after, state.workers[index].message):
        yield Step(words, "step", later, index)


def postponed(state: State, number: int) -> Iterator[State]:
    """Queued for later; or expired, when later would be after the window."""
    if not state.window_over:
        yield with_message(state, number, state="queued", timer_over=False)
    yield settled(state, number, "expired", "late")


def outcome(protocol: Protocol, state: State, index: int) -> Step:
    worker = state.workers[index]
    if worker.late and protocol.deadline_is_checked:
        unreached = changed(worker, at="answered", late=False, outcome="unreached")
        return Step(
            "sees that its deadline has passed, and sends nothing", "step", with_worker(state, index, unreached), index
        )
    cleared = changed(worker, at="cleared", late=False)
    return Step("looks at the clock and goes on", "step", with_worker(state, index, cleared), index)


def send(state: State, index: int) -> Step:
    worker = state.workers[index]
    after = with_worker(state, index, changed(worker, at="waiting"))
    if worker.attempt != NO_ATTEMPT:
        after = with_attempt(after, worker.message, worker.attempt, wire="on_the_way")
    return Step("writes its request", "step", after, index)


def record(protocol: Protocol, state: State, index: int) -> Iterator[Step]:
    """Evidence first and always; the state only while the lease is ours. A lost lease ends the process."""
    worker = state.workers[index]
    free = with_worker(state, index, IDLE)
    yield Step(f"cannot record '{worker.outcome}': the database is away", "fault", free, index)
    if worker.outcome == "sent":
        free = with_attempt(free, worker.message, worker.attempt, proven=True)
    ours = worker.ours or not protocol.record_is_fenced_by_token
    if not ours or state.messages[worker.message].state != "in_flight":
        yield Step(f"keeps its evidence '{worker.outcome}', has lost its lease, and stops", "step", free, index)
        return
    for after in _settle(free, worker):
        yield Step(f"records '{worker.outcome}'", "step", after, index)


def _settle(state: State, worker: Worker) -> Iterator[State]:
    to, reason = SETTLEMENTS[worker.outcome]
    number = worker.message
    if to == "queued":
        yield from postponed(_given_back(state, worker), number)
    elif to == "uncertain":
        yield with_message(state, number, state=to, reason=reason, timer_over=False)
    else:
        yield settled(state, number, to, reason)


def _given_back(state: State, worker: Worker) -> State:
    """What was certainly not processed is no attempt; its row, if the last, can tell nobody anything any more."""
    message = state.messages[worker.message]
    last = worker.attempt == len(message.rows) - 1
    rows = message.rows[:-1] if last else message.rows
    return with_message(state, worker.message, attempts=message.attempts - 1, rows=rows)
