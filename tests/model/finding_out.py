"""The reconciler, and the provider's reports. Mirrors scheduler/reconcile.py, scheduler/evidence.py and
service/conversation/actions/reports.py; each function has the name of what it mirrors."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from tests.model.state import (
    Message,
    Protocol,
    State,
    Step,
    Weighed,
    Weighing,
    World,
    settled,
    with_attempt,
    with_message,
    with_reconciler,
)
from tests.model.surroundings import on_the_way

Evidence = Literal["found", "absent", "cannot_tell", "can_never_tell"]


class Answer(NamedTuple):
    """`stale`: the list left out a message it has."""

    evidence: Evidence
    words: str
    fault: bool = False
    stale: bool = False


def tick(protocol: Protocol, state: State) -> Iterator[Step]:
    """_clinic, its first transaction. Each statement is a step: nothing may hang on their order."""
    for number, message in enumerate(state.messages):
        if message.state == "leased" and message.timer_over:
            yield Step("the reconciler releases the expired lease", "step", release_expired_lease(state, number))
        elif message.state == "in_flight" and message.timer_over and protocol.flight_over_becomes:
            words = f"the reconciler makes the expired flight {protocol.flight_over_becomes}"
            yield Step(words, "step", doubt_expired_flight(protocol, state, number))
        elif message.state == "queued" and state.window_over:
            yield Step("the reconciler expires what is still queued", "step", expire(state, number))


def release_expired_lease(state: State, number: int) -> State:
    return with_message(state, number, state="queued", timer_over=False)


def doubt_expired_flight(protocol: Protocol, state: State, number: int) -> State:
    return with_message(state, number, state=protocol.flight_over_becomes, reason="lease_over", timer_over=False)


def expire(state: State, number: int) -> State:
    return settled(state, number, "expired", "outage")


def reconcile(protocol: Protocol, world: World, state: State, index: int) -> Iterator[Step]:
    """_clinic, the rest: read what is uncertain, look it up, and only then, perhaps much later, write."""
    weighing = state.reconcilers[index]
    if weighing is None:
        for number, message in enumerate(state.messages):
            # The first look comes long after a request that nothing has held up.
            if message.state == "uncertain" and not (world.pauses == "none" and on_the_way(message)):
                yield from look_up(protocol, world, state, index, number)
        return
    free = with_reconciler(state, index, None)
    yield Step("the reconciler is killed", "fault", free)
    if weighing.ours and state.messages[weighing.message].state == "uncertain":
        yield Step(f"the reconciler writes '{weighing.weighed}'", "step", write(free, weighing))
    else:
        yield Step(f"the reconciler comes too late to write '{weighing.weighed}'", "step", free)


def look_up(protocol: Protocol, world: World, state: State, index: int, number: int) -> Iterator[Step]:
    message = state.messages[number]
    for answer in _evidence(world, state, message):
        weighed = weigh(protocol, world, message, answer.evidence, in_window=not state.window_over)
        if weighed != "ask_again_later":
            after = with_reconciler(state, index, Weighing(number, weighed))
            if answer.stale and world.list_misses == 1:
                after = after._replace(list_missed=True)
            yield Step(f"the reconciler looks: {answer.words}", "fault" if answer.fault else "step", after)


def _evidence(world: World, state: State, message: Message) -> Iterator[Answer]:
    if message.rows[-1].proven:
        yield Answer("found", "the last attempt's id is known")
        return
    if world.mail:
        yield Answer("can_never_tell", "nobody can tell")
        return
    yield Answer("cannot_tell", "the list does not answer", fault=True)
    # Ids that are known speak for themselves; the list is read ten minutes back, so an older attempt may be beyond it.
    listed = [attempt.wire == "taken" and not attempt.proven for attempt in message.rows]
    if any(listed):
        yield Answer("found", "found")
    if not listed[-1]:
        yield Answer("absent", "absent")
    elif world.list_misses > 1 or (world.list_misses and not state.list_missed):
        yield Answer("absent", "absent, for the list is stale", fault=True, stale=True)


def weigh(protocol: Protocol, world: World, message: Message, found: Evidence, *, in_window: bool) -> Weighed:
    too_soon = protocol.quarantine and not message.quarantine_over
    match found:
        case "found":
            return "accept"
        case "absent" if message.checks + 1 < protocol.negative_checks or too_soon:
            return "check_later"
        case "cannot_tell" if in_window:
            return "ask_again_later"
        case "can_never_tell" if protocol.doubtful_mail_is_sent_again:
            return _again_or_never(protocol, world, message, in_window=in_window)
        case "absent":
            return _again_or_never(protocol, world, message, in_window=in_window)
        case "cannot_tell" | "can_never_tell":
            return "never"


def _again_or_never(protocol: Protocol, world: World, message: Message, *, in_window: bool) -> Weighed:
    again = message.attempts < world.max_attempts or not protocol.attempts_are_bounded
    return "proven_absent" if in_window and again else "never"


def write(state: State, weighing: Weighing) -> State:
    number = weighing.message
    match weighing.weighed:
        case "accept":
            return settled(state, number, "accepted")
        case "check_later":
            # More than two looks are as good as two.
            return with_message(state, number, checks=min(state.messages[number].checks + 1, 2))
        case "ask_again_later":
            return state
        case "proven_absent":
            return with_message(state, number, state="queued", reason="", checks=0, quarantine_over=False)
        case "never":
            return settled(state, number, "expired", "uncertain")


def act_on_report(world: World, state: State) -> Iterator[Step]:
    """A callback about an attempt that was taken comes at any time, any number of times, or never."""
    if world.mail:
        return
    for number, message in enumerate(state.messages):
        if message.state != "accepted":
            for row, attempt in enumerate(message.rows):
                if attempt.wire == "taken":
                    yield Step(f"a callback proves attempt {row + 1}", "chance", believe(state, number, row))


def believe(state: State, number: int, row: int) -> State:
    """In flight the worker speaks first; the evidence is kept all the same."""
    kept = with_attempt(state, number, row, proven=True)
    return kept if state.messages[number].state == "in_flight" else settled(kept, number, "accepted")
