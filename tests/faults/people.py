"""The people of a fault run: several clinics, reminders due at known instants, by day, by night and at closing time."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from dateutil import tz

from service.database.tenancy import Database
from service.reminders.actions import set_reminder
from service.reminders.wishes import Wish
from tests.make import Team, make_client, make_team

AREAS = (201, 202, 206, 212, 213, 214, 215, 303, 305, 310, 312, 313, 315, 404, 408, 410, 412, 415, 503, 512)
WRITING_SECONDS = 0.011
"""For each moment, with room: none of them shall be over before its people are written."""
DISPATCH_MARGIN = timedelta(minutes=15)
FEWEST_TIMES, MOST_TIMES = 3, 4
PEOPLE_A_TURN = 10


@dataclass(frozen=True)
class House:
    """A clinic and the hours in which it sends nothing."""

    team: Team
    zone: str
    quiet_from: time
    quiet_until: time


@dataclass(frozen=True)
class Moment:
    """One due moment as the person wished it, worked out without the code under test."""

    house: House
    reminder_id: UUID
    day: date
    due_at: datetime


def local(at: datetime, zone: str) -> datetime:
    """By another time library than the one the product uses."""
    found = tz.gettz(zone)
    assert found is not None
    return at.astimezone(found)


def is_quiet(at: datetime, house: House) -> bool:
    wall = local(at, house.zone).time()
    if house.quiet_from <= house.quiet_until:
        return house.quiet_from <= wall < house.quiet_until
    return wall >= house.quiet_from or wall < house.quiet_until


def _zones(now: datetime, first: int, last: int, most: int) -> list[str]:
    """Zones in which it is between those hours, for the length of a run."""
    areas = [name for name in sorted(available_timezones()) if "/" in name and not name.startswith(("Etc", "SystemV"))]
    fitting = [name for name in areas if first <= local(now, name).hour < last]
    return fitting[:: max(1, len(fitting) // most)][:most]


async def _houses(database: Database, now: datetime, span: timedelta) -> list[House]:
    closing = _zones(now, 11, 15, 1)[0]
    # Nothing is sent in the quarter of an hour before quiet hours: they bite after half of the run.
    closes = local(now + span / 2 + DISPATCH_MARGIN, closing).time().replace(microsecond=0)
    plain = (time(21), time(8))
    # An hour before midnight at least: what is due after it waits for that day's morning, and the run does not.
    wanted = [(zone, *plain) for zone in (*_zones(now, 9, 16, 5), *_zones(now, 22, 23, 1))]
    houses = []
    for zone, quiet_from, quiet_until in [*wanted, (closing, closes, time(8))]:
        # Nothing but what is wished falls due: on a Monday a week would be told of by itself.
        own = {"quiet_from": quiet_from, "quiet_until": quiet_until, "zone": zone, "week_text": False}
        team = await make_team(database, stocked=False, now=now, **own)
        houses.append(House(team, zone, quiet_from, quiet_until))
    return houses


async def fill(
    database: Database, now: datetime, span: timedelta, due: int, chance: random.Random, say: Callable[[str], None]
) -> list[Moment]:
    """Clients with reminders until `due` moments are wished; they fall within `span`, from when all are written."""
    begins = now.replace(microsecond=0) + timedelta(seconds=5 + due * WRITING_SECONDS)
    houses = await _houses(database, begins, span)
    moments: list[Moment] = []
    number = 0
    while len(moments) < due:
        house = houses[number // PEOPLE_A_TURN % len(houses)]
        async with database.clinic_tx(house.team.clinic_id, house.team.therapist) as session:
            for _ in range(PEOPLE_A_TURN):
                phone = f"+1{AREAS[number // 10_000]}555{number % 10_000:04d}"
                client = await make_client(
                    session, house.team.therapist_id, now=now, zone=house.zone, phone=phone, email=_mailbox(number)
                )
                channel = "sms" if chance.random() < 0.8 else "email"
                due_at = _instants(begins, span, chance)
                walls = sorted({local(at, house.zone).time() for at in due_at})
                wish = Wish("check_in", walls, 127, [channel], local(now, house.zone).date())
                reminder = await set_reminder(session, client, wish, now)
                moments += [Moment(house, reminder.id, local(at, house.zone).date(), at) for at in due_at]
                number += 1
        if number % 100 == 0:
            say(f"  {len(moments)} of {due} moments wished")
    return moments


def _mailbox(number: int) -> str:
    return f"person{number}@mail.example"


def _instants(begins: datetime, span: timedelta, chance: random.Random) -> list[datetime]:
    """Different whole seconds, at most as many as a day's cap lets through."""
    seconds = chance.sample(range(int(span.total_seconds())), k=chance.randint(FEWEST_TIMES, MOST_TIMES))
    return [begins + timedelta(seconds=second) for second in sorted(seconds)]
