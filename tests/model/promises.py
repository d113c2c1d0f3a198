"""What must hold in every state and over every step, whatever goes wrong."""

from collections.abc import Iterator
from enum import StrEnum

from tests.model.state import NO_ATTEMPT, SETTLED, Message, State, Worker


class Promise(StrEnum):
    AT_MOST = "the provider takes a message once (or as often as it may be tried)"
    MARKED = "nothing is sent without a mark that is known to be committed"
    STOP = "nothing is marked after STOP"
    KNOWN = "what is known to be taken is not marked again"
    PROOF = "nothing is queued again without proof that the provider did not take it"
    FINAL = "what is settled stays settled"
    LEDGER = "what is settled was taken, or has a true reason"
    ONE_IN_FLIGHT = "one message at a time is in flight to an address"
    SETTLES = "everything can be settled without another fault and without luck"


def broken_in(state: State, most: int) -> Iterator[Promise]:
    """`most`: how often one message may be taken. Where that is once, a reason must also be true."""
    if sum(message.state == "in_flight" for message in state.messages) > 1:
        yield Promise.ONE_IN_FLIGHT
    if any(worker.at == "waiting" and worker.attempt == NO_ATTEMPT for worker in state.workers):
        yield Promise.MARKED
    for number, message in enumerate(state.messages):
        taken = sum(attempt.wire == "taken" for attempt in message.rows)
        if taken > most:
            yield Promise.AT_MOST
        if message.state in SETTLED and not _told_truly(state, number, taken, sure=most == 1):
            yield Promise.LEDGER


def _told_truly(state: State, number: int, taken: int, *, sure: bool) -> bool:
    message = state.messages[number]
    if message.state == "accepted":
        return taken > 0 or _may_still_be_taken(state, number)
    return bool(message.reason) and not (sure and taken and message.reason != "uncertain")


def _may_still_be_taken(state: State, number: int) -> bool:
    under_way = any(attempt.wire == "on_the_way" for attempt in state.messages[number].rows)
    return under_way or any(_may_write(worker, number) for worker in state.workers)


def _may_write(worker: Worker, number: int) -> bool:
    return worker.message == number and worker.at in ("marked", "cleared")


def broken_by(before: State, after: State) -> Iterator[Promise]:
    for number, (old, new) in enumerate(zip(before.messages, after.messages, strict=True)):
        if old.state != new.state:
            yield from _broken_by_change(before, after, number, old, new)


def _broken_by_change(before: State, after: State, number: int, old: Message, new: Message) -> Iterator[Promise]:
    if old.state in SETTLED and new.state != "accepted":
        yield Promise.FINAL
    if old.state == "leased" and new.attempts > old.attempts:
        if before.opted_out:
            yield Promise.STOP
        if any(attempt.proven for attempt in old.rows):
            yield Promise.KNOWN
    if new.state == "queued":
        looked = old.checks >= 1 and old.quarantine_over
        if (old.state == "uncertain" and not looked) or (
            old.state == "in_flight" and _flight_goes_on(after, number, old)
        ):
            yield Promise.PROOF


def _flight_goes_on(after: State, number: int, old: Message) -> bool:
    """The try that was in flight was taken, is under way, or has a worker that may still write it."""
    last = len(old.rows) - 1
    writes = any(_may_write(worker, number) and worker.attempt == last for worker in after.workers)
    return writes or old.rows[last].wire != "nothing"
