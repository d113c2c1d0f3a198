"""pgqueuer: jobs queued in one statement, one worker that drains them."""

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from bench.peer.work import AT_ONCE, Work, run


async def _driver(work: Work) -> AsyncpgDriver:
    return AsyncpgDriver(await asyncpg.connect(work.dsn))


async def queue(work: Work) -> None:
    queries = Queries(await _driver(work))
    await queries.install()
    numbers = [str(number).encode() for number in range(work.due)]
    await queries.enqueue(["send"] * work.due, numbers, [0] * work.due)


async def work_off(work: Work) -> None:
    manager = QueueManager(Queries(await _driver(work)))

    @manager.entrypoint("send")  # type: ignore[untyped-decorator]
    async def send(job: Job) -> None:
        await work.send(int(job.payload or b"0"))

    await manager.run(batch_size=AT_ONCE, mode=QueueExecutionMode.drain)


if __name__ == "__main__":
    run(queue, work_off)
