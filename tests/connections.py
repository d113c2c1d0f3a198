"""The connections of a pool while something is done: how often one was taken, and how many at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import event

from service.database.tenancy import Database


@dataclass
class Taken:
    times: int = 0
    now: int = 0
    most: int = 0

    def take(self, *_: object) -> None:
        self.times, self.now = self.times + 1, self.now + 1
        self.most = max(self.most, self.now)

    def leave(self, *_: object) -> None:
        self.now -= 1


@contextmanager
def connections(database: Database) -> Iterator[Taken]:
    taken, engine = Taken(), database.engine.sync_engine
    event.listen(engine, "checkout", taken.take)
    event.listen(engine, "checkin", taken.leave)
    try:
        yield taken
    finally:
        event.remove(engine, "checkout", taken.take)
        event.remove(engine, "checkin", taken.leave)
