"""Who is told when nobody looked at a client to call in time: one after the other, until somebody has looked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from service.accounts.rules.office import OfficeHours

LOOK_EVERY: Final = timedelta(minutes=5)
"""How often alerts are looked through: a row is told of at most so long after its time. Our own choice."""

LASTS: Final = timedelta(hours=4)
"""How long such a mail may wait for its mail server, as a reminder may."""

OVERDUE_SUBJECT: Final = "Somebody waits for your clinic"
OVERDUE_BY: Final = "Nobody has looked yet. It was to be looked at by %(time)s."
OVERDUE_BEFORE: Final = "We wrote to %(names)s before."
OVERDUE_BUTTON: Final = "Look now"
OVERDUE_STOP: Final = "Such an email comes until somebody marks it as seen."


class MailKind(StrEnum):
    CASELOAD = "caseload"
    OVERDUE = "overdue"
    INVITE = "invite"
    SIGN_IN = "sign_in"
    TEST = "test"
    ANCHOR = "anchor"
    RESET = "reset"
    HELPER = "helper"


class Person(Protocol):
    id: UUID
    role: str
    active: bool


@dataclass(frozen=True, slots=True)
class Step:
    """`number` counts from 1; `at` is in the clinic's zone."""

    number: int
    at: datetime
    people: tuple[UUID, ...]


def groups(staff: Iterable[Person], therapists: Collection[UUID]) -> list[tuple[UUID, ...]]:
    """Their own therapist, or those of whoever it may be from; then the owner, then everybody else who may read a
    record. Whoever has left is passed over, and so is a group without anybody."""
    listed = [one for one in staff if one.active]
    own = tuple(one.id for one in listed if one.id in therapists and one.role in ("therapist", "owner"))
    owners = tuple(one.id for one in listed if one.role == "owner" and one.id not in own)
    others = tuple(one.id for one in listed if one.role == "therapist" and one.id not in own)
    return [group for group in (own, owners, others) if group]


def steps_due(
    look_by: datetime, now: datetime, people: Sequence[tuple[UUID, ...]], office: OfficeHours, gap: timedelta
) -> list[Step]:
    """The first step is when it is overdue, each other one so much of office hours after the one before."""
    found, at = [], look_by
    for number, group in enumerate(people, 1):
        if at > now:
            break
        found.append(Step(number, at, group))
        at = office.after(at, gap)
    return found
