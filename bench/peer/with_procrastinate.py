"""procrastinate: jobs deferred in one batch, one worker."""

import sys

import procrastinate

from bench.peer.work import AT_ONCE, Work, run

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=sys.argv[1]))
current: list[Work] = []


@app.task(name="send")  # type: ignore[untyped-decorator]
async def send(number: int) -> None:
    await current[0].send(number)


async def queue(work: Work) -> None:
    current.append(work)
    await app.open_async()
    await app.schema_manager.apply_schema_async()
    await send.batch_defer_async(*({"number": number} for number in range(work.due)))


async def work_off(work: Work) -> None:
    await app.run_worker_async(wait=False, concurrency=AT_ONCE, install_signal_handlers=False)
    await app.close_async()


if __name__ == "__main__":
    run(queue, work_off)
