"""What goes wrong in a fault run, by chance: kills, pauses, cut connections, crashes, outages, and STOPs."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx
import psycopg

from service.accounts.tables import ContactPoint
from service.database.sealing import opened, packed
from tests.far_ends import signed_post
from tests.faults.far_end import Line
from tests.faults.judge import Stop
from tests.faults.product import SENDER, Product
from tests.faults.restore import Forgotten, Restorer, keep_recovering

# A lease is 60 s on the protocol's clock; nobody sleeps longer than two of them.
LONGEST_PAUSE = 120.0
# Chances for each tenth of a second.
KILL, PAUSE, CUT, CRASH, OUTAGE, STOP = 0.2, 0.04, 0.02, 0.003, 0.005, 0.03


@dataclass
class Nemesis:
    product: Product
    line: Line
    workers: int
    chance: random.Random
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    kills: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    stops: list[Stop] = field(default_factory=list)
    _running: list[ForkServerProcess] = field(default_factory=list)
    _wakes_at: dict[int, float] = field(default_factory=dict)
    _line_up_at: float | None = None
    restores: list[Restorer] = field(default_factory=list)
    forgotten: Forgotten = field(default_factory=Forgotten)
    _copied_at: datetime | None = None

    def restore(self, now: float) -> None:
        """What is to happen by this second of the run: the copy, or its coming back."""
        for one in self.restores:
            if not one.copied and now >= one.copy_at:
                one.copied, self._copied_at = True, self.clock()
                self.product.copy_database()
                self.counts["copies"] += 1
            if one.copied and not one.brought_back and now >= one.back_at:
                one.brought_back = True
                self._bring_back()

    def _bring_back(self) -> None:
        """With a machine that goes down: nobody sends between the last look and the end of what is forgotten."""
        assert self._copied_at is not None
        self.end()
        self.forgotten.read(self.product.owner_url)
        self.product.bring_copy_back()
        # A STOP of that time is forgotten too, which `clamshell recover` tells.
        self.stops = [stop for stop in self.stops if stop.answered_at < self._copied_at]
        self.counts["restores"] += 1
        keep_recovering(self.product.notifier_url, self.say)

    def strike(self, share: float = 1.0) -> None:
        """A tenth of a second's worth of trouble; of that the share that this machine had for us, or nobody would live
        long enough to send anything."""
        self.tend(hostile=True)
        for chance, deed in (
            (KILL, self._kill),
            (PAUSE, self._pause),
            (CUT, self._cut),
            (CRASH, self._crash),
            (OUTAGE, self._outage),
            (STOP, self._say_stop),
        ):
            if self.chance.random() < chance * share:
                deed()

    def tend(self, *, hostile: bool) -> None:
        """Wakes who has slept enough, and starts as many anew as have ended."""
        self._count_the_dead()
        for process in self._running:
            self._wake(process, at_once=not hostile)
        while len(self._running) < self.workers:
            self._running.append(self.product.start_scheduler(hostile=hostile))
        if self._line_up_at is not None and (time.monotonic() >= self._line_up_at or not hostile):
            self.line.up()
            self._line_up_at = None

    def calm(self) -> None:
        """No more trouble: schedulers that nobody strikes take the place of the others."""
        self.end()
        self.tend(hostile=False)

    def end(self) -> None:
        """At once, also those that stand still."""
        for process in self._running:
            process.kill()
            process.join()
        self._running.clear()

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.join(30)
        self._running.clear()

    def _count_the_dead(self) -> None:
        for process in [one for one in self._running if one.exitcode is not None]:
            self._running.remove(process)
            self._wakes_at.pop(_pid(process), None)
            if process.exitcode == -signal.SIGKILL:
                self.kills += 1
            else:
                # It stopped by itself, because it had lost a lease.
                self.counts[f"ended with {process.exitcode}"] += 1

    def _wake(self, process: ForkServerProcess, *, at_once: bool) -> None:
        if not _sleeps(_pid(process)):
            return
        longest = LONGEST_PAUSE / self.product.speed
        wakes_at = self._wakes_at.setdefault(_pid(process), time.monotonic() + self.chance.uniform(0, longest))
        if at_once or time.monotonic() >= wakes_at:
            self._wakes_at.pop(_pid(process))
            self.counts["pauses"] += 1
            _signal(process, signal.SIGCONT)

    def _kill(self) -> None:
        self.chance.choice(self._running).kill()

    def _pause(self) -> None:
        _signal(self.chance.choice(self._running), signal.SIGSTOP)

    def _cut(self) -> None:
        self.product.end_connections(self.chance.random())
        self.counts["connections cut"] += 1

    def _crash(self) -> None:
        self.product.crash_database()
        self.counts["database crashes"] += 1

    def _outage(self) -> None:
        if self._line_up_at is None:
            self.line.down()
            self._line_up_at = time.monotonic() + self.chance.uniform(0.2, 2)
            self.counts["provider outages"] += 1

    def _say_stop(self) -> None:
        """Somebody with texts still to come wants no more of them."""
        with psycopg.connect(self.product.owner_url) as connection:
            row = connection.execute(
                f"SELECT {packed(ContactPoint, 'address', 'c')} FROM message m JOIN contact_point c"
                " ON c.clinic_id = m.clinic_id"
                " AND c.id = m.contact_point_id WHERE m.state = 'queued' AND m.channel = 'sms'"
                " AND c.opted_out_at IS NULL ORDER BY m.due_at, m.id LIMIT 1"
            ).fetchone()
        if row is None:
            return
        phone = str(opened(ContactPoint, "address", row[0]))
        form = {"MessageSid": f"SMstop{len(self.stops)}", "From": phone, "To": SENDER, "Body": "STOP"}
        try:
            answer = signed_post(f"{self.product.public_url}/hooks/sms/inbound", form)
        except httpx.HTTPError:
            return
        if answer.status_code == 200:
            self.stops.append(Stop(phone, self.clock()))


def _pid(process: ForkServerProcess) -> int:
    assert process.pid is not None
    return process.pid


def _sleeps(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _signal(process: ForkServerProcess, number: signal.Signals) -> None:
    """Who has died meanwhile hears nothing."""
    with suppress(ProcessLookupError):
        os.kill(_pid(process), number)
