"""One call makes one thing, with sensible defaults and any field overridable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher

from service.accounts import actions as accounts
from service.accounts.actions import NewClient
from service.accounts.rules import PASSWORD_LENGTH
from service.accounts.rules.factors import GRACE
from service.accounts.tables import Client, ClientScope, Clinic, Consent, ContactPoint, Staff
from service.audit.actions import record
from service.catalogue.actions import stock_library
from service.catalogue.rules import Side
from service.database.tenancy import Actor, ClinicSession, Database
from service.ids import new_id
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, ItemToPrescribe, Prescription
from service.plans.queries import Content
from service.reminders.actions import NewOccurrence, add_occurrences

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
"""A Tuesday; 10:00 in New York, 16:00 in Berlin."""
TODAY = date(2026, 3, 10)
LIVE_AT = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
WORDING = "Yes, send me messages about my plan. I can stop at any time."

_numbers = count(100)
assert len(PASSWORD) >= PASSWORD_LENGTH
# One hash for all, and a weak one: making or checking a strong one costs a third of a second on purpose.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Team:
    """A clinic with its owner and two therapists."""

    clinic_id: UUID
    owner_id: UUID
    therapist_id: UUID
    other_therapist_id: UUID

    @property
    def therapist(self) -> Actor:
        return Actor("staff", self.therapist_id, "web")


async def make_team(database: Database, *, stocked: bool = True, now: datetime = NOW, **fields: Any) -> Team:
    clinic_id = new_id(now)
    defaults: dict[str, Any] = {
        "name": "Northside Clinic",
        "short_name": "Northside",
        "country": "US",
        "zone": "America/New_York",
        "phone": "(202) 555-0100",
        "emergency_number": "911",
        "created_at": now,
        # Since long before anything that a test makes.
        "live_at": LIVE_AT,
    }
    people = {name: new_id(now) for name in ("Olga", "Sam", "Robin")}
    async with database.clinic_tx(clinic_id, Actor("system", None, "cli")) as session:
        await accounts.create_clinic(session, Clinic(clinic_id=clinic_id, **{**defaults, **fields}), now)
        # What `add_staff` writes, in one statement for the three, and one for all that the trail says.
        with session.no_autoflush:
            for name, id in people.items():
                session.add(_staff(clinic_id, id, name, now))
                record(session, now, "create", "staff", id)
            if stocked:
                await stock_library(session, now)
    return Team(clinic_id, *people.values())


def _staff(clinic_id: UUID, id: UUID, name: str, now: datetime) -> Staff:
    return Staff(
        clinic_id=clinic_id,
        id=id,
        name=name,
        email=f"{name.lower()}{next(_numbers)}@clinic.example",
        role="owner" if name == "Olga" else "therapist",
        password_hash=PASSWORD_HASH,
        active=True,
        factor_due_at=now + GRACE,
        created_at=now,
    )


async def make_client(session: ClinicSession, therapist_id: UUID, *, now: datetime = NOW, **fields: Any) -> Client:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "name": "Maria Lopez",
        "zone": "America/New_York",
        "locale": "en",
        "phone": f"+1415555{number:04d}",
        "email": f"maria{number}@mail.example",
        "consent_wording": {"sms": WORDING, "email": WORDING},
    }
    new = NewClient(therapist_id=therapist_id, **{**defaults, **fields})
    return await accounts.add_client(session, new, now)


async def make_crowd(session: ClinicSession, therapist_id: UUID, names: Sequence[str], *, now: datetime) -> None:
    """As `make_client` leaves them, all at once."""
    clinic: dict[str, Any] = {"clinic_id": session.clinic_id}
    made: dict[str, Any] = {**clinic, "created_at": now}
    client: dict[str, Any] = {"therapist_id": therapist_id, "zone": "America/New_York", "state": "active"}
    people = [Client(**made, **client, id=new_id(now), name=name, sync_seq=1) for name in names]
    session.add_all(people)
    await session.flush()
    session.add_all(ClientScope(**clinic, client_id=one.id) for one in people)
    said: dict[str, Any] = {"wording": WORDING, "given_at": now, "recorded_by": session.actor.id}
    for one in people:
        number = next(_numbers)
        for place, (channel, address) in enumerate(
            (("sms", f"+1415555{number:04d}"), ("email", f"m{number}@mail.example"))
        ):
            to: dict[str, Any] = {"client_id": one.id, "channel": channel}
            session.add(ContactPoint(**made, **to, id=new_id(now), address=address, position=place, verified_at=now))
            session.add(Consent(**clinic, **to, **said, id=new_id(now)))
    await session.flush()


def item(exercise: str = "glu-bridge-double", **fields: Any) -> ItemToPrescribe:
    defaults: dict[str, Any] = {
        "routine": None,
        "dose_fields": {"side": Side.BOTH},
        "cadence": {"cadence": "weekdays", "weekdays": 127},
        "cue": None,
        "item_key": None,
    }
    return ItemToPrescribe(exercise, **{**defaults, **fields})


async def make_plan(session: ClinicSession, client: Client, *, now: datetime = NOW, **fields: Any) -> Content:
    """Two exercises every day and one yes-or-no habit, from the day of `now` unless told otherwise."""
    defaults: dict[str, Any] = {
        "title": "Home exercise plan",
        "starts_on": TODAY,
        "items": [item("glu-bridge-double"), item("glu-squeeze")],
        "habits": [HabitToPrescribe("hab-hang-hip", None, None)],
    }
    wanted = {**defaults, **fields}
    # Every day is more often than the library has many of them.
    daily = {(place, "days_per_week"): "She likes every day" for place in range(len(wanted["items"]))}
    wanted["reasons"] = {**daily, **wanted.get("reasons", {})}
    return await plans.prescribe(session, client.id, Prescription(**wanted), now)


async def add_occurrence(session: ClinicSession, *, now: datetime, **fields: Any) -> UUID | None:
    """A due moment in the ledger; None when it stands there already."""
    moment = NewOccurrence(id=new_id(now), **fields)
    return moment.id if await add_occurrences(session, [moment], now) else None
