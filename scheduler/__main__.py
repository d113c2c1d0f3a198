"""`python -m scheduler`: plans and delivers until it is told to stop. Any number of these may run side by side."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from scheduler.channels.base import Channel
from scheduler.channels.email import EmailChannel
from scheduler.channels.inbox import InboxChannel
from scheduler.channels.postmark import PostmarkChannel
from scheduler.channels.sms import SmsChannel
from scheduler.delivery import Delivery
from scheduler.failpoints import arm
from scheduler.planner import Planner
from scheduler.reconcile import Reconciler
from scheduler.recovery import Recovery
from scheduler.render import Renderer
from scheduler.reports import Reports
from scheduler.rhythm import Rhythm
from scheduler.rounds import Held, LeaseLost
from scheduler.timetable import timetable
from scheduler.timing import NORMAL, Timing
from scheduler.upkeep import Upkeep
from scheduler.watch import Watch, WatchedDatabase
from scheduler.witness import Notebook, check_folder
from service.clock import utc_now
from service.database.protection import NOTIFIER
from service.database.reaching import check_login, wait_for
from service.database.tenancy import Database
from service.errors import WrongSettings
from service.ids import new_id
from service.settings import Settings, read_settings, unknown_variables

DATABASE_VARIABLE = "CLAMSHELL_NOTIFIER_DATABASE_URL"

logger = logging.getLogger("clamshell.scheduler")
Tick = Callable[[], Awaitable[object]]


def make_channels(settings: Settings, database: Database, timing: Timing) -> dict[str, Channel]:
    """Without a provider, messages go to the test inbox and nothing leaves the machine."""
    return {
        "sms": SmsChannel(settings.sms, timing) if settings.sms else InboxChannel(database, "sms"),
        "email": _mail_channel(settings, database, timing),
    }


def _mail_channel(settings: Settings, database: Database, timing: Timing) -> Channel:
    if settings.mail:
        return EmailChannel(settings.mail, timing)
    if settings.mail_api:
        return PostmarkChannel(settings.mail_api, timing)
    return InboxChannel(database, "email")


def wait_for_database(settings: Settings) -> str:
    """The address that works. Raises WrongSettings when none does within a minute."""
    url = settings.notifier_database_url
    if url is None:
        raise WrongSettings(f"{DATABASE_VARIABLE} must be set: the scheduler has a login of its own")
    wait_for(url, DATABASE_VARIABLE, _complain)
    asyncio.run(check_login(url, DATABASE_VARIABLE, NOTIFIER))
    return url


async def run(settings: Settings, url: str) -> int:
    if settings.state_folder is not None:
        check_folder(settings.state_folder)
    database = Database(url)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    timing = _timing(settings)
    channels = make_channels(settings, database, timing)
    worker = f"{socket.gethostname()}-{os.getpid()}"
    now = utc_now()
    watch = Watch(database, Notebook(settings.state_folder, new_id(now)), channels, worker, now, timing)
    watched = WatchedDatabase(url, watch)
    try:
        return await _tick_until(stopping, settings, watch, watched)
    finally:
        for channel in channels.values():
            await channel.close()
        await watched.close()
        await database.close()


def _timing(settings: Settings) -> Timing:
    if settings.faults is None:
        return NORMAL
    arm(settings.faults)
    return NORMAL.faster(settings.faults.speed)


async def _tick_until(stopping: asyncio.Event, settings: Settings, watch: Watch, watched: WatchedDatabase) -> int:
    channels, timing, worker = watch.channels, watch.timing, watch.worker
    lost: list[LeaseLost] = []
    guard = partial(_guarded, stopping=stopping, lost=lost)
    delivery = Delivery(watched, channels, Renderer(settings), worker, stopping, timing)
    reconciler = Reconciler(watched, channels, timing)
    in_hold = Planner(watch.database, settings.secret_key), Rhythm(watch.database, settings.secret_key)
    ticks: dict[str, Tick] = {
        "plan": guard(Planner(watched, settings.secret_key).tick),
        "look": guard(Rhythm(watched, settings.secret_key).tick),
        "deliver": guard(delivery.tick),
        "hear": guard(Reports(watched, settings.secret_key).tick),
        "reconcile": guard(partial(watch.unless_jumped, reconciler.tick)),
        "beat": guard(watch.beat),
        "recover": guard(Recovery(watch, *in_hold).tick),
        "forget": guard(Upkeep(watch.database).forget),
    }
    await ticks["beat"]()
    clock = timetable(timing, **ticks)
    clock.start()
    ways = ", ".join(f"{medium} by {channel.provider}" for medium, channel in channels.items())
    logger.info("scheduler %s is ready: %s", worker, ways)
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
        except Held:
            pass  # said once, by the watch
        except LeaseLost as error:
            logger.error("lease lost on message %s: stopping", error)
            lost.append(error)
            stopping.set()
        except Exception:
            logger.exception("tick failed; it comes again")

    return guarded


def main(arguments: Sequence[str] | None = None) -> int:
    # What was imported stays; looking through it for garbage again and again costs every process start and request.
    gc.freeze()
    argparse.ArgumentParser(
        prog="python -m scheduler",
        description="Plans and delivers reminders until it is stopped; any number may run side by side. "
        "It takes no options: its settings are the CLAMSHELL_ variables in service/settings.py.",
    ).parse_args(arguments)
    for sentence in unknown_variables():
        _complain(sentence)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    try:
        settings = read_settings()
        return asyncio.run(run(settings, wait_for_database(settings)))
    except WrongSettings as error:
        _complain(f"it cannot start: {error}")
        return 2
    except KeyboardInterrupt:
        return 130


def _complain(sentence: str) -> None:
    print(f"scheduler: {sentence}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
