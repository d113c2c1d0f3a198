"""APScheduler 3: one stored job for each client, run by the event loop and stored with its next time."""

from datetime import UTC, datetime, timedelta
from pickle import HIGHEST_PROTOCOL

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bench.peer.work import Work, run

current: list[Work] = []
schedulers: list[AsyncIOScheduler] = []


async def send(number: int) -> None:
    await current[0].send(number)


async def queue(work: Work) -> None:
    current.append(work)
    store = SQLAlchemyJobStore(
        url=work.dsn.replace("postgresql://", "postgresql+psycopg://"), pickle_protocol=HIGHEST_PROTOCOL
    )
    scheduler = AsyncIOScheduler(jobstores={"default": store}, executors={"default": AsyncIOExecutor()}, timezone=UTC)
    schedulers.append(scheduler)
    scheduler.start(paused=True)
    yesterday = datetime.now(UTC) - timedelta(days=1, seconds=-1)  # noqa: TID251
    for number in range(work.due):
        trigger = IntervalTrigger(days=1, start_date=yesterday)
        scheduler.add_job(send, trigger, args=[number], misfire_grace_time=None, coalesce=True, next_run_time=yesterday)


async def work_off(work: Work) -> None:
    schedulers[0].resume()
    await work.all_sent.wait()
    schedulers[0].shutdown(wait=False)


if __name__ == "__main__":
    run(queue, work_off)
