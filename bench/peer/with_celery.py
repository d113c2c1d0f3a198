"""Celery: one worker with green threads, and a Redis of its own that keeps nothing on disk, whose CPU counts too."""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()  # before anything else loads a socket

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, LifoQueue

from celery import Celery
from celery.worker import state

from bench.peer.work import AT_ONCE, HEADERS, PATH, Work, cpu, tell

app = Celery("bench", set_as_current=True)
app.conf.update(task_ignore_result=True, worker_redirect_stdouts=False, broker_connection_retry_on_startup=True)
work = Work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
connections = LifoQueue[HTTPConnection]()


@app.task(name="send")  # type: ignore[untyped-decorator]
def send(number: int) -> None:
    try:
        connection = connections.get_nowait()
    except Empty:
        connection = HTTPConnection("127.0.0.1", work.port)
    connection.request("POST", PATH, work.form(number), HEADERS)
    answer = connection.getresponse()
    assert answer.status == 201
    answer.read()
    connections.put(connection)
    work.sent_at.append(time.monotonic())
    if len(work.sent_at) == work.due:
        state.should_stop = 0


def queue() -> None:
    with app.producer_or_acquire() as producer:
        for number in range(work.due):
            send.apply_async((number,), producer=producer)


def work_off() -> None:
    app.Worker(pool="gevent", concurrency=AT_ONCE, quiet=True, loglevel="ERROR", without_gossip=True).start()


def timed(step: Callable[[], None], redis: int) -> None:
    started, before = time.monotonic(), cpu() + cpu_of(redis)
    step()
    late = sorted(at - started for at in work.sent_at)
    seconds = late[-1] if late else time.monotonic() - started
    tell(seconds, cpu() + cpu_of(redis) - before, late[int(len(late) * 0.99)] if late else 0.0)


def cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as redis:
        try:
            app.conf.broker_url = f"redis://127.0.0.1:{port}/0"
            timed(queue, redis.pid)
            sys.stdin.readline()
            timed(work_off, redis.pid)
        finally:
            redis.terminate()


if __name__ == "__main__":
    main()
