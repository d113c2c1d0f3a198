"""Breadth first through every state that can be reached: the first broken promise comes with its shortest story."""

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.model.finding_out import act_on_report, reconcile, tick
from tests.model.promises import Promise, broken_by, broken_in
from tests.model.sending import work
from tests.model.state import SETTLED, Protocol, State, Step, World
from tests.model.surroundings import passing, provider, stop


class Swaps(NamedTuple):
    """Who has changed places with the one like it on the way to the order that is kept."""

    workers: bool = False
    messages: bool = False


class Origin(NamedTuple):
    """Where a state was first seen from."""

    before: State
    step: Step
    swaps: Swaps


Seen = dict[State, Origin | None]


@dataclass(frozen=True)
class Explored:
    """`broken` is None when all promises hold; else `story` tells how it came to that."""

    states: int
    steps: int
    broken: Promise | None = None
    story: tuple[str, ...] = ()

    def told(self) -> str:
        heading = f"not kept: {self.broken}" if self.broken else "all promises are kept"
        lines = [f"{number:3}. {words}" for number, words in enumerate(self.story, 1)]
        return "\n".join([f"{heading} ({self.states} states, {self.steps} steps)", *lines])


def explore(
    protocol: Protocol, world: World, *, most: int = 1, promises: Collection[Promise] = frozenset(Promise)
) -> Explored:
    """`most`: how often the provider may take one message."""
    seen: Seen = {world.start(): None}
    without_luck: list[tuple[State, State]] = []
    waiting = deque(seen)
    count = 0
    while waiting:
        before = waiting.popleft()
        for step in _steps(protocol, world, before):
            count += 1
            after, swaps = _normal(step.after)
            found = [*broken_by(before, step.after)]
            if after not in seen:
                seen[after] = Origin(before, step, swaps)
                waiting.append(after)
                found += broken_in(after, most)
            broken = next((promise for promise in found if promise in promises), None)
            if broken:
                return Explored(len(seen), count, broken, _story(seen, Origin(before, step, swaps)))
            if step.kind == "step":
                without_luck.append((after, before))
    stuck = _first_stuck(seen, without_luck) if Promise.SETTLES in promises else None
    if stuck:
        return Explored(len(seen), count, Promise.SETTLES, _story(seen, seen[stuck]))
    return Explored(len(seen), count)


def _steps(protocol: Protocol, world: World, state: State) -> Iterator[Step]:
    for index in range(len(state.workers)):
        yield from work(protocol, world, state, index)
    yield from provider(state)
    yield from tick(protocol, state)
    for index in range(len(state.reconcilers)):
        yield from reconcile(protocol, world, state, index)
    yield from act_on_report(world, state)
    yield from stop(state)
    yield from passing(world, state)


def _normal(state: State) -> tuple[State, Swaps]:
    """Forgets what no longer matters, and puts those who are alike in one order: half the states for each pair."""
    if _all_settled(state):
        messages = tuple(
            message._replace(attempts=0, rows=tuple(attempt._replace(proven=False) for attempt in message.rows))
            for message in state.messages
        )
        state = state._replace(messages=messages, opted_out=True, window_over=True, list_missed=False)
    messages_swap = len(state.messages) > 1 and state.messages[1] < state.messages[0]
    if messages_swap:
        state = _messages_swapped(state)
    if len(state.reconcilers) > 1:
        state = state._replace(reconcilers=tuple(sorted(state.reconcilers, key=lambda weighing: weighing or ())))
    one, other = state.workers
    workers_swap = other < one
    if workers_swap:
        state = state._replace(workers=(other, one))
    return state, Swaps(workers_swap, messages_swap)


def _messages_swapped(state: State) -> State:
    """With everybody who points at one of the two."""
    one, other = state.messages
    return state._replace(
        messages=(other, one),
        workers=tuple(w if w.at == "idle" else w._replace(message=1 - w.message) for w in state.workers),
        reconcilers=tuple(r and r._replace(message=1 - r.message) for r in state.reconcilers),
    )


def _all_settled(state: State) -> bool:
    return SETTLED.issuperset([message.state for message in state.messages])


def _first_stuck(seen: Seen, without_luck: list[tuple[State, State]]) -> State | None:
    """Backwards from all that is settled, over steps that need neither a fault nor luck."""
    earlier: dict[State, list[State]] = {}
    for after, before in without_luck:
        earlier.setdefault(after, []).append(before)
    hopeful = {state for state in seen if _all_settled(state)}
    waiting = list(hopeful)
    while waiting:
        for before in earlier.get(waiting.pop(), ()):
            if before not in hopeful:
                hopeful.add(before)
                waiting.append(before)
    return next((state for state in seen if state not in hopeful), None)


def _story(seen: Seen, origin: Origin | None) -> tuple[str, ...]:
    way: list[Origin] = []
    while origin is not None:
        way.append(origin)
        origin = seen[origin.before]
    lines = []
    names, numbers = "AB", "12"
    for _, step, swaps in reversed(way):
        claim, _, number = step.words.partition("message ")
        words = f"{claim}message {numbers[int(number) - 1]}" if number.isdigit() else step.words
        lines.append(words if step.who is None else f"{names[step.who]}: {words}")
        names = names[::-1] if swaps.workers else names
        numbers = numbers[::-1] if swaps.messages else numbers
    return tuple(lines)
