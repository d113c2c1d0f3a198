"""What happens around the protocol: the provider answers, time passes, the person says STOP."""

from collections.abc import Iterator
from typing import Final

from tests.model.state import (
    Message,
    Outcome,
    State,
    Step,
    Wire,
    Worker,
    World,
    changed,
    with_attempt,
    with_message,
    with_worker,
)

# (words, is a fault, what the provider has then, what the worker hears)
_ANSWERS: Final[tuple[tuple[str, bool, Wire, Outcome], ...]] = (
    ("the provider takes the message and says so", False, "taken", "sent"),
    ("the provider takes the message, and its answer is lost", True, "taken", "unknown"),
    ("the provider takes the message and answers 500", True, "taken", "unknown"),
    ("the provider answers 500 and has taken nothing", True, "nothing", "unknown"),
    ("the provider answers 429", True, "nothing", "later"),
    ("the provider refuses the message for good", True, "nothing", "refused"),
    ("the provider is never reached", True, "nothing", "unreached"),
    ("the request hangs until its time is over", True, "on_the_way", "unknown"),
)


def provider(state: State) -> Iterator[Step]:
    for number, message in enumerate(state.messages):
        for row, attempt in enumerate(message.rows):
            if attempt.wire == "on_the_way":
                yield from _arrives(state, number, row)


def _arrives(state: State, number: int, row: int) -> Iterator[Step]:
    for index, worker in enumerate(state.workers):
        if worker.at == "waiting" and (worker.message, worker.attempt) == (number, row):
            yield from _answer(state, number, row, index)
            return
    taken = with_attempt(state, number, row, wire="taken")
    yield Step("the provider takes a request nobody waits for", "step", taken)
    yield Step("a request nobody waits for is lost", "step", with_attempt(state, number, row, wire="nothing"))


def _answer(state: State, number: int, row: int, index: int) -> Iterator[Step]:
    worker = state.workers[index]
    for words, fault, wire, outcome in _ANSWERS:
        heard = with_worker(state, index, changed(worker, at="answered", outcome=outcome))
        yield Step(words, "fault" if fault else "step", with_attempt(heard, number, row, wire=wire), index)


def stop(state: State) -> Iterator[Step]:
    if not state.opted_out:
        yield Step("the person says STOP", "chance", state._replace(opted_out=True))


def passing(world: World, state: State) -> Iterator[Step]:
    """A deadline comes before the end of a flight or lease of the same claim, and the quarantine long after both
    (scheduler/timing.py). The window may be over at any time."""
    if not state.window_over:
        yield Step("the window is over", "step", state._replace(window_over=True))
    for index, worker in enumerate(state.workers):
        if worker.at == "marked" and not worker.late:
            yield Step("its deadline passes", "step", with_worker(state, index, changed(worker, late=True)), index)
    for number, message in enumerate(state.messages):
        if message.state in ("leased", "in_flight") and not message.timer_over:
            yield from _end_of_lease_or_flight(world, state, number, message)
        elif message.state == "uncertain" and not message.quarantine_over:
            yield from _end_of_quarantine(world, state, number, message)


def _end_of_lease_or_flight(world: World, state: State, number: int, message: Message) -> Iterator[Step]:
    """When it comes over a worker in the middle of its work, that worker has been standing still."""
    held = [worker.at for worker in state.workers if _holds(worker, number)]
    if world.pauses == "none" and (held or on_the_way(message)):
        return
    if not world.pauses_before_wire and "cleared" in held:
        return
    words = f"the {'lease' if message.state == 'leased' else 'flight'} is over"
    after = with_message(_all_late(state, number), number, timer_over=True)
    yield Step(f"{words} while a worker stands still" if held else words, "fault" if held else "step", after)


def _end_of_quarantine(world: World, state: State, number: int, message: Message) -> Iterator[Step]:
    held = [worker.at for worker in state.workers if _holds(worker, number) and worker.at not in ("claimed", "checked")]
    if world.pauses != "long" and (held or on_the_way(message)):
        return
    if not world.pauses_before_wire and ("cleared" in held or on_the_way(message)):
        return
    words = "the quarantine is over"
    after = with_message(state, number, quarantine_over=True)
    yield Step(f"{words} while a worker stands still" if held else words, "fault" if held else "step", after)


def _holds(worker: Worker, number: int) -> bool:
    return worker.at != "idle" and worker.message == number


def on_the_way(message: Message) -> bool:
    return any(attempt.wire == "on_the_way" for attempt in message.rows)


def _all_late(state: State, number: int) -> State:
    """Leases and flights are longer than the deadline of whoever holds the message."""
    return state._replace(
        workers=tuple(_late(worker) if _holds(worker, number) else worker for worker in state.workers)
    )


def _late(worker: Worker) -> Worker:
    return changed(worker, late=True) if worker.at in ("claimed", "checked", "marked") else worker
