"""One scheduler, from its first look at the database to its end."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from functools import partial

from scheduler.chaining import Chaining
from scheduler.channels.base import Channel
from scheduler.channels.inbox import InboxChannel
from scheduler.delivery import Delivery
from scheduler.digests import Digests
from scheduler.failpoints import arm
from scheduler.measuring import Measuring
from scheduler.metrics import FAILED
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
from service import logs
from service.audit.facts import refuse_another_key
from service.clock import utc_now
from service.database import box
from service.database.protection import NOTIFIER
from service.database.reaching import check_login, wait_for
from service.database.tenancy import Database
from service.ids import new_id
from service.loading import load
from service.metrics import served, watch_pool
from service.settings import Settings

DATABASE_VARIABLE = "CLAMSHELL_NOTIFIER_DATABASE_URL"

logger = logs.logger("scheduler")
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
    asyncio.run(refuse_another_key(url, settings.audit_key))


async def run(settings: Settings, url: str) -> int:
    if settings.state_folder is not None:
        check_folder(settings.state_folder)
    database = Database(url, audit_key=settings.audit_key)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    timing = _timing(settings)
    channels = make_channels(settings, database, timing)
    worker = f"{socket.gethostname()}-{os.getpid()}"
    now = utc_now()
    watch = Watch(database, Notebook(settings.state_folder, new_id(now)), channels, worker, now, timing)
    watched = WatchedDatabase(url, watch, settings.audit_key)
    watch_pool(watched.engine.sync_engine.pool)
    try:
        with served(settings.metrics_host, settings.notifier_metrics_port, "CLAMSHELL_NOTIFIER_METRICS_PORT"):
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
    delivery = Delivery(watched, channels, Renderer(settings), worker, stopping, timing)
    reconciler = Reconciler(watched, channels, timing)
    in_hold = Planner(watch.database, settings.secret_key), Rhythm(watch.database, settings.secret_key)
    upkeep = Upkeep(watch.database, settings.state_folder)
    work: dict[str, Tick] = {
        "plan": Planner(watched, settings.secret_key).tick,
        "look": Rhythm(watched, settings.secret_key).tick,
        "deliver": delivery.tick,
        "hear": Reports(watched, settings.secret_key).tick,
        "digest": Digests(watched, channels, settings, delivery.senders, timing).tick,
        "reconcile": partial(watch.unless_jumped, reconciler.tick),
        "beat": watch.beat,
        "recover": Recovery(watch, *in_hold).tick,
        "chain": Chaining(watch.database, settings.audit_key).tick,
        "measure": Measuring(watch, settings.notifier_metrics_port is not None).tick,
        "note": upkeep.note_erased,
        "forget": upkeep.forget,
    }
    ticks = {name: _guarded(name, tick, stopping=stopping, lost=lost) for name, tick in work.items()}
    await ticks["beat"]()
    clock = timetable(timing, **ticks)
    clock.start()
    ways = [f"{medium}:{channel.provider}" for medium, channel in channels.items()]
    logger.info("the scheduler is ready", worker=worker, ways=ways)
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


def _guarded(name: str, tick: Tick, *, stopping: asyncio.Event, lost: list[LeaseLost]) -> Tick:
    """A tick that fails is logged and comes again; a lost lease stops the process."""

    async def guarded() -> None:
        try:
            await tick()
        except Held:
            pass  # said once, by the watch
        except LeaseLost as error:
            logger.error("a lease is lost: stopping", exc_info=error)
            lost.append(error)
            stopping.set()
        except Exception:
            FAILED.labels(name).inc()
            logger.exception("tick failed; it comes again", act=name)

    return guarded
