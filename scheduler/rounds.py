"""Goes clinic by clinic: what fails in one is logged and comes again with the next tick, and holds up nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from service import logs

logger = logs.logger("rounds")

Item = TypeVar("Item")
Result = TypeVar("Result")


def connection_lost(error: Exception) -> bool:
    """Then nothing more can be done in this transaction; any other failure is one row's, and the others go on."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


class LeaseLost(Exception):
    """Somebody else decided about a message we were sending: this process has been away too long, and stops."""


class Held(Exception):
    """Nothing may be planned or sent now; the words say why."""


async def each_clinic(clinics: Iterable[UUID], work: Callable[[UUID], Awaitable[Result]]) -> list[Result]:
    results = []
    for clinic_id in clinics:
        try:
            results.append(await work(clinic_id))
        except (LeaseLost, Held):
            raise
        except Exception:
            logger.exception("a round of a clinic failed", clinic_id=clinic_id)
    return results


async def in_turn(
    items: Iterable[Item], work: Callable[[Item, Callable[[Item], None]], Awaitable[Result]], at_once: int
) -> list[Result]:
    """Some at a time, first come first served. `work` may ask for another turn of its item, at the end of the line.
    LeaseLost and Held end it, when what is on its way is done."""
    line, results, ended = asyncio.Queue[Item](), list[Result](), list[LeaseLost | Held]()
    for item in items:
        line.put_nowait(item)

    async def serve() -> None:
        while True:
            item = await line.get()
            try:
                if not ended:
                    results.append(await work(item, line.put_nowait))
            except (LeaseLost, Held) as error:
                ended.append(error)
            except Exception:
                logger.exception("a round failed")
            finally:
                line.task_done()

    servers = [asyncio.create_task(serve()) for _ in range(at_once)]
    try:
        await line.join()
    finally:
        for server in servers:
            server.cancel()
    if ended:
        raise ended[0]
    return results
