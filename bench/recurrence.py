"""Microseconds per next occurrence, for each kind of rule, beside python-dateutil's `rrule` in the same run."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from zoneinfo import available_timezones

from dateutil.rrule import DAILY, FR, MO, TH, WE, WEEKLY, rrule, rruleset

from service.accounts.rules import valid_zone
from service.reminders.recurrence import Rule, next_due, next_slot
from service.reminders.rules import Slot, time_zone

ROUNDS = 9
CALLS = 2000
RRULE_CALLS = 50
STARTS = date(2026, 1, 1)
AWAY = tuple(date(2026, 5, 1) + timedelta(n) for n in range(366))
EIGHT, THREE_A_DAY = (time(8),), (time(8), time(13), time(20))

Moment = tuple[str, datetime]
Way = Callable[[Rule, str, datetime], Slot | None]


def rules() -> dict[str, tuple[Rule, Way]]:
    return {
        "every day": (Rule(EIGHT, 127, STARTS), next_slot),
        "every day, three times": (Rule(THREE_A_DAY, 127, STARTS), next_slot),
        "Mondays and Thursdays": (Rule(EIGHT, 0b0001001, STARTS), next_slot),
        "three times a week": (Rule(EIGHT, None, STARTS, times_per_week=3), next_slot),
        "every 90 days": (Rule(EIGHT, None, STARTS, every_days=90), next_slot),
        "every day but 366": (Rule(EIGHT, 127, STARTS, except_on=AWAY), next_slot),
        "every day, paused for a year": (Rule(EIGHT, 127, STARTS, paused_until=AWAY[-1]), next_due),
    }


def equals() -> dict[str, rruleset]:
    """The same rules for rrule; a pause is a later start."""
    starts, resumes = datetime.combine(STARTS, EIGHT[0]), datetime.combine(AWAY[-1] + timedelta(1), EIGHT[0])
    made = {
        "every day": rrule(DAILY, dtstart=starts),
        "every day, three times": rrule(DAILY, dtstart=starts, byhour=[8, 13, 20]),
        "Mondays and Thursdays": rrule(WEEKLY, dtstart=starts, byweekday=[MO, TH]),
        "three times a week": rrule(WEEKLY, dtstart=starts, byweekday=[MO, WE, FR]),
        "every 90 days": rrule(DAILY, dtstart=starts, interval=90),
        "every day but 366": rrule(DAILY, dtstart=starts),
        "every day, paused for a year": rrule(DAILY, dtstart=resumes),
    }
    found = {}
    for kind, rule in made.items():
        found[kind] = rruleset()
        found[kind].rrule(rule)
    for day in AWAY:
        found["every day but 366"].exdate(datetime.combine(day, EIGHT[0]))
    return found


def by_rrule(rule: rruleset, zone: str, after: datetime) -> datetime:
    tz = time_zone(zone)
    naive: datetime = rule.after(after.astimezone(tz).replace(tzinfo=None))
    return naive.replace(tzinfo=tz).astimezone(UTC)


def drawn(number: int, hours: Sequence[int], seed: str) -> list[Moment]:
    """Instants from May to August 2026 in zones drawn from all: no run of calls meets the same day twice."""
    random = Random(seed)
    zones = sorted(name for name in available_timezones() if valid_zone(name))
    first = datetime(2026, 5, 2, tzinfo=UTC)
    return [(random.choice(zones), first + timedelta(hours=random.choice(hours))) for _ in range(number)]


def microseconds(call: Callable[[str, datetime], object], moments: Sequence[Moment]) -> float:
    for zone, _ in moments:
        time_zone(zone)
    taken = []
    for _ in range(ROUNDS):
        began = perf_counter()
        for zone, after in moments:
            call(zone, after)
        taken.append((perf_counter() - began) / len(moments) * 1e6)
    return median(taken)


def main() -> None:
    others = equals()
    print(f"{'median of ' + str(ROUNDS):32}{'Clamshell':>10}{'rrule':>12}  us")
    for kind, (rule, way) in rules().items():
        moments = drawn(CALLS, range(24 * 110), kind)
        same(rule, way, others[kind], moments[:RRULE_CALLS])
        ours = microseconds(partial(way, rule), moments)
        theirs = microseconds(partial(by_rrule, others[kind]), moments[:RRULE_CALLS])
        print(f"{kind:32}{ours:10.2f}{theirs:12.1f}")
    for kind, (rule, way) in list(rules().items())[:2]:
        print(f"{kind + ', clocks change':38}{microseconds(partial(way, rule), around_a_change()):4.2f}")


def same(rule: Rule, way: Way, other: rruleset, moments: Sequence[Moment]) -> None:
    for zone, after in moments:
        found = way(rule, zone, after)
        if found is None or found.at != by_rrule(other, zone, after):
            raise SystemExit(f"{rule} in {zone} after {after}: {found}")


def around_a_change() -> list[Moment]:
    """Every quarter of an hour of the day before and the day after the clocks went forward in New York."""
    change = datetime(2026, 3, 8, 7, tzinfo=UTC)
    return [("America/New_York", change + timedelta(minutes=15 * n)) for n in range(-96, 96)]


if __name__ == "__main__":
    main()
