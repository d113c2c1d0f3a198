"""`python -m scheduler`: plans and delivers until it is told to stop. Any number of these may run side by side."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial

from scheduler.channels.base import Channel
from scheduler.channels.email import EmailChannel
from scheduler.channels.inbox import InboxChannel
from scheduler.channels.sms import SmsChannel
from scheduler.delivery import Delivery
from scheduler.planner import Planner
from scheduler.reconcile import Reconciler
from scheduler.render import Renderer
from scheduler.rounds import LeaseLost
from scheduler.timetable import timetable
from scheduler.upkeep import Upkeep
from service.clock import utc_now
from service.database.protection import NOTIFIER, refuse_unsafe_login
from service.database.tenancy import Database
from service.errors import WrongSettings
from service.settings import Settings, read_settings

logger = logging.getLogger("clamshell.scheduler")
Tick = Callable[[], Awaitable[object]]


def make_channels(settings: Settings, database: Database) -> dict[str, Channel]:
    """Without a provider, messages go to the test inbox and nothing leaves the machine."""
    return {
        "sms": SmsChannel(settings.sms) if settings.sms else InboxChannel(database, "sms"),
        "email": EmailChannel(settings.mail) if settings.mail else InboxChannel(database, "email"),
    }


async def run(settings: Settings) -> int:
    if settings.notifier_database_url is None:
        raise WrongSettings("CLAMSHELL_NOTIFIER_DATABASE_URL must be set: the scheduler has a login of its own")
    database = Database(settings.notifier_database_url)
    async with database.installation_tx() as connection:
        await refuse_unsafe_login(connection, NOTIFIER)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    channels = make_channels(settings, database)
    try:
        return await _tick_until(stopping, settings, database, channels)
    finally:
        for channel in channels.values():
            await channel.close()
        await database.close()


async def _tick_until(
    stopping: asyncio.Event, settings: Settings, database: Database, channels: dict[str, Channel]
) -> int:
    worker = f"{socket.gethostname()}-{os.getpid()}"
    lost: list[LeaseLost] = []
    guard = partial(_guarded, stopping=stopping, lost=lost)
    delivery = Delivery(database, channels, Renderer(settings), worker, stopping)
    upkeep = Upkeep(database, worker, utc_now())
    ticks: dict[str, Tick] = {
        "plan": guard(Planner(database, settings.secret_key).tick),
        "deliver": guard(delivery.tick),
        "reconcile": guard(Reconciler(database, channels).tick),
        "beat": guard(upkeep.beat),
        "forget": guard(upkeep.forget),
    }
    await ticks["beat"]()
    clock = timetable(**ticks)
    clock.start()
    logger.info("scheduler %s is running", worker)
    await stopping.wait()
    clock.pause()
    await _finish(delivery)
    clock.shutdown(wait=False)
    return 1 if lost else 0


async def _finish(delivery: Delivery) -> None:
    """What is in flight is finished and recorded, for at most 15 seconds."""
    try:
        async with asyncio.timeout(15), delivery.busy:
            return
    except TimeoutError:
        logger.warning("stopping with sends unanswered; what became of them is settled by evidence")


def _guarded(tick: Tick, *, stopping: asyncio.Event, lost: list[LeaseLost]) -> Tick:
    """A tick that fails is logged and comes again; a lost lease stops the process."""

    async def guarded() -> None:
        try:
            await tick()
        except LeaseLost as error:
            logger.error("lease lost on message %s: stopping", error)
            lost.append(error)
            stopping.set()
        except Exception:
            logger.exception("tick failed; it comes again")

    return guarded


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    try:
        return asyncio.run(run(read_settings()))
    except WrongSettings as error:
        print(f"The scheduler cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 2


if __name__ == "__main__":
    sys.exit(main())
