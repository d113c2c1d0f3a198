"""One scheduler, from its first look at the database to its end."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from functools import partial

from scheduler.channels.base import Channel
from scheduler.channels.inbox import InboxChannel
from scheduler.delivery import Delivery
from scheduler.digests import Digests
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
from service.database import box
from service.database.protection import NOTIFIER
from service.database.reaching import check_login, wait_for
from service.database.tenancy import Database
from service.ids import new_id
from service.loading import load
from service.settings import Settings

DATABASE_VARIABLE = "CLAMSHELL_NOTIFIER_DATABASE_URL"

logger = logging.getLogger("clamshell.scheduler")
Tick = Callable[[], Awaitable[object]]


def make_channels(settings: Settings, database: Database, timing: Timing) -> dict[str, Channel]:
    """Without a provider, messages go to the test inbox and nothing leaves the machine. What speaks to one is loaded
    only where there is one: it brings an HTTP client or an SMTP client with it."""
    return {
        "sms": _text_channel(settings, database, timing),
        "email": _mail_channel(settings, database, timing),
    }


def _text_channel(settings: Settings, database: Database, timing: Timing) -> Channel:
    made: Channel = InboxChannel(database, "sms")
    if settings.sms:
        made = load("scheduler.channels.sms").SmsChannel(settings.sms, timing)
    return made


def _mail_channel(settings: Settings, database: Database, timing: Timing) -> Channel:
    made: Channel = InboxChannel(database, "email")
    if settings.mail:
        made = load("scheduler.channels.email").EmailChannel(settings.mail, timing)
    elif settings.mail_api:
        made = load("scheduler.channels.postmark").PostmarkChannel(settings.mail_api, timing)
    return made


def wait_for_database(settings: Settings, url: str, complain: Callable[[str], None]) -> None:
    """Returns when the database takes our login. Raises WrongSettings when it does not within a minute."""
    box.use(settings.keys)
    wait_for(url, DATABASE_VARIABLE, complain)
    asyncio.run(check_login(url, DATABASE_VARIABLE, NOTIFIER))


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
        "digest": guard(Digests(watched, channels["email"], settings, delivery.senders, timing).tick),
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
