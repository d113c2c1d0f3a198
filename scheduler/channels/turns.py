"""Waiting for a turn: more messages are marked at a time than a provider is spoken to about at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from scheduler.channels.base import Unreached
from service.clock import monotonic

NO_TURN: Final = Unreached("the queue was too long", tried=False)

T = TypeVar("T")


async def in_time(turn: Callable[[], Awaitable[T]], before: float) -> T:
    """Raises TimeoutError when it does not come before that moment of the monotonic clock, or that has passed."""
    left = before - monotonic()
    if left <= 0:
        raise TimeoutError
    async with asyncio.timeout(left):
        return await turn()
