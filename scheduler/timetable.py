"""Which tick runs how often, and nothing else. APScheduler is only a clock: no job store, no cron, no job a client."""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.timing import Timing

Tick = Callable[[], Awaitable[object]]

BEAT_SECONDS = 10
RECOVER_SECONDS = 2
FORGET_SECONDS = 6 * 3600


def timetable(
    timing: Timing,
    *,
    plan: Tick,
    look: Tick,
    deliver: Tick,
    digest: Tick,
    hear: Tick,
    reconcile: Tick,
    beat: Tick,
    note: Tick,
    recover: Tick,
    chain: Tick,
    measure: Tick,
    forget: Tick,
) -> AsyncIOScheduler:
    """Late ticks run once instead of being dropped; a tick never overlaps itself."""
    clock = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    ticks = [
        (plan, timing.plan_every),
        (look, timing.plan_every),
        (deliver, timing.deliver_every),
        (digest, timing.reconcile_every),
        (hear, timing.plan_every),
        (reconcile, timing.reconcile_every),
        (beat, BEAT_SECONDS),
        (note, BEAT_SECONDS),
        (recover, RECOVER_SECONDS),
        (chain, timing.reconcile_every),
        (measure, BEAT_SECONDS),
        (forget, FORGET_SECONDS),
    ]
    for tick, seconds in ticks:
        clock.add_job(tick, IntervalTrigger(seconds=seconds, timezone="UTC"))
    return clock
