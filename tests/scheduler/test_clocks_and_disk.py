"""A scheduler that cannot be sure of a clock, or that what it does is written down, holds itself until it can."""

import shutil
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from scheduler.rounds import Held
from service.clock import utc_now
from tests.far_ends import SmsProvider
from tests.scheduler.watching import Process
from tests.scheduler.watching import first as first

pytestmark = pytest.mark.anyio


async def _hears_from_provider(process: Process, sms: SmsProvider, date: str | None) -> None:
    sms.date, process.watch.ask_clocks_after = date, 0
    await process.watch.beat()


async def test_clocks_that_disagree_hold_one_scheduler_and_end_by_themselves(first: Process, sms: SmsProvider) -> None:
    theirs = await first.watch.channels["sms"].clock()
    assert theirs is not None
    assert abs(theirs - utc_now()) < timedelta(seconds=5)
    await first.people.delivery.tick()
    await _hears_from_provider(first, sms, format_datetime(utc_now() - timedelta(minutes=2), usegmt=True))
    with pytest.raises(Held, match="twilio"):
        await first.people.planner.tick()
    await _hears_from_provider(first, sms, None)
    await first.people.planner.tick()


async def test_a_date_that_nobody_can_read_holds_nobody_and_hides_no_beat(first: Process, sms: SmsProvider) -> None:
    unreadable = ["", "soon", "Fri, 31 Dec 9999 23:59:59 -2300", "0", "é" * 50]
    try:
        for date in unreadable:
            await _hears_from_provider(first, sms, date or " ")
            assert await first.watch.channels["sms"].clock() is None, date
            await first.people.planner.tick()
        # Without a zone it is UTC, wherever this machine stands.
        for zone in ("", " -0000"):
            now = utc_now().replace(microsecond=0)
            await _hears_from_provider(first, sms, f"{now:%a, %d %b %Y %H:%M:%S}{zone}")
            assert await first.watch.channels["sms"].clock() == now
    finally:
        sms.date = None


async def test_who_cannot_write_down_what_was_done_does_nothing(first: Process, tmp_path: Path) -> None:
    """A full disk, seen from here: the folder is no folder any more."""
    _fill_up(tmp_path)
    with pytest.raises(OSError, match="Not a directory"):
        await first.watch.beat()
    with pytest.raises(Held, match="NotADirectoryError"):
        await first.people.delivery.tick()
    _make_room(tmp_path)
    await first.people.delivery.tick()


def _fill_up(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("full")


def _make_room(folder: Path) -> None:
    folder.unlink()
    folder.mkdir()


async def test_leases_are_left_alone_for_a_lease_after_a_clock_jumped(first: Process) -> None:
    await first.people.delivery.tick()
    assert first.watch.last_look is not None
    at, mono = first.watch.last_look
    first.watch.last_look = (at, mono - 10)
    reaped: list[int] = []

    async def reap() -> None:
        reaped.append(1)

    await first.watch.unless_jumped(reap)
    await first.people.delivery.tick()
    await first.watch.unless_jumped(reap)
    assert reaped == [1]
