"""Breadth first through every state that can be reached: the first broken promise comes with its shortest story."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.model.finding_out import act_on_report, reconcile, tick
from tests.model.promises import Promise, broken_by, broken_in
from tests.model.sending import work
from tests.model.state import SETTLED, Protocol, State, Step, World, changed
from tests.model.surroundings import passing, provider, stop


class Swaps(NamedTuple):
    """Who has changed places with the one like it on the way to the order that is kept."""

    workers: bool = False
    messages: bool = False


IN_PLACE = Swaps()


class Origin(NamedTuple):
    """Where a state was first seen from: the number of the one before."""

    before: int
    step: Step
    swaps: Swaps


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
    # States are numbered as they are found: a state is deep, and looking one up takes longer than a step. Four steps of
    # five lead to what another has led to, before it is put in order.
    seen = {world.start(): 0}
    states = [world.start()]
    origins: list[Origin | None] = [None]
    known: dict[State, tuple[int, Swaps]] = {}
    without_luck: list[tuple[int, int]] = []
    count = number = 0
    while number < len(states):
        before = states[number]
        for step in _steps(protocol, world, before):
            count += 1
            found = [*broken_by(before, step.after)] if step.after.messages is not before.messages else []
            arrived = known.get(step.after)
            if arrived is None:
                after, swaps = _normal(step.after)
                known[step.after] = arrived = seen.setdefault(after, len(states)), swaps
                if arrived[0] == len(states):
                    states.append(after)
                    origins.append(Origin(number, step, swaps))
                    found += broken_in(after, most)
            reached, swaps = arrived
            broken = next((promise for promise in found if promise in promises), None) if found else None
            if broken:
                return Explored(len(states), count, broken, _story(origins, Origin(number, step, swaps)))
            if step.kind == "step":
                without_luck.append((reached, number))
        number += 1
    stuck = _first_stuck(states, without_luck) if Promise.SETTLES in promises else None
    if stuck is not None:
        return Explored(len(states), count, Promise.SETTLES, _story(origins, origins[stuck]))
    return Explored(len(states), count)


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
            changed(message, attempts=0, rows=tuple(changed(attempt, proven=False) for attempt in message.rows))
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
    return state, Swaps(workers_swap, messages_swap) if workers_swap or messages_swap else IN_PLACE


def _messages_swapped(state: State) -> State:
    """With everybody who points at one of the two."""
    one, other = state.messages
    return state._replace(
        messages=(other, one),
        workers=tuple(w if w.at == "idle" else changed(w, message=1 - w.message) for w in state.workers),
        reconcilers=tuple(r and changed(r, message=1 - r.message) for r in state.reconcilers),
    )


def _all_settled(state: State) -> bool:
    for message in state.messages:  # noqa: SIM110 - asked of every step: a generator costs more than the answer
        if message.state not in SETTLED:
            return False
    return True


def _first_stuck(states: list[State], without_luck: list[tuple[int, int]]) -> int | None:
    """Backwards from all that is settled, over steps that need neither a fault nor luck."""
    earlier: list[list[int]] = [[] for _ in states]
    for after, before in without_luck:
        earlier[after].append(before)
    hopeful = [_all_settled(state) for state in states]
    waiting = [number for number, settled in enumerate(hopeful) if settled]
    while waiting:
        for before in earlier[waiting.pop()]:
            if not hopeful[before]:
                hopeful[before] = True
                waiting.append(before)
    return hopeful.index(False) if False in hopeful else None


def _story(origins: list[Origin | None], origin: Origin | None) -> tuple[str, ...]:
    way: list[Origin] = []
    while origin is not None:
        way.append(origin)
        origin = origins[origin.before]
    lines = []
    names, numbers = "AB", "12"
    for _, step, swaps in reversed(way):
        claim, _, number = step.words.partition("message ")
        words = f"{claim}message {numbers[int(number) - 1]}" if number.isdigit() else step.words
        lines.append(words if step.who is None else f"{names[step.who]}: {words}")
        names = names[::-1] if swaps.workers else names
        numbers = numbers[::-1] if swaps.messages else numbers
    return tuple(lines)
