"""The answers of the tests' database, without the event loop where nobody else waits in it.

A test is mostly one request after the other. For each answer the loop takes twice as long as the rest of the driver,
though there is nothing that it could do meanwhile. As soon as there is, or where an answer takes long, it is asked.
"""

import asyncio
import select
from collections.abc import Generator
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.waiting import READY_R, READY_W, WAIT_R

MILLISECONDS: Final = 5
_ITSELF: Final = 1
"""What a loop listens to when nobody waits: the pipe that wakes it."""

in_the_loop = AsyncConnection.wait
_Steps = Generator[Any, Any, Any]


async def wait(connection: AsyncConnection[Any], steps: _Steps, *args: Any, **kwargs: Any) -> Any:
    """For `AsyncConnection.wait`."""
    loop: Any = asyncio.get_running_loop()
    # In one go: a thread may add to them meanwhile.
    ready = tuple(loop._ready)
    if len(loop._selector.get_map()) != _ITSELF or not all(handle._cancelled for handle in ready):
        return await in_the_loop(connection, steps, *args, **kwargs)
    soon = _soon(connection, steps)
    if loop._scheduled:
        # Whose time may have come: the driver gives them their turn, however busy it is.
        return await in_the_loop(connection, soon, *args, **kwargs)
    try:
        wanted = next(soon)
    except StopIteration as ended:
        return ended.value
    return await in_the_loop(connection, _going_on(soon, wanted), *args, **kwargs)


def _going_on(steps: _Steps, wanted: Any) -> _Steps:
    """The same steps, the first of which was taken."""
    try:
        while True:
            wanted = steps.send((yield wanted))
    except StopIteration as ended:
        return ended.value


def _soon(connection: AsyncConnection[Any], steps: _Steps) -> _Steps:
    """The same steps, of which those that are ready soon are not heard of."""
    line = select.poll()
    try:
        wanted = next(steps)
        while True:
            line.register(
                connection.pgconn.socket, select.POLLIN if wanted == WAIT_R else select.POLLIN | select.POLLOUT
            )
            ready = _ready(line.poll(MILLISECONDS))
            wanted = steps.send(ready or (yield wanted))
    except StopIteration as ended:
        return ended.value


def _ready(events: list[tuple[int, int]]) -> int:
    [(_, happened)] = events or [(0, 0)]
    is_readable = happened & ~select.POLLOUT
    return (READY_R if is_readable else 0) | (READY_W if happened & select.POLLOUT else 0)
