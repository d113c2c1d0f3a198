"""Who people are: what a valid phone number, email and time zone is, and who may do what."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import available_timezones

import phonenumbers

ROLES = ("owner", "therapist", "front_desk")
CLIENT_STATES = ("invited", "active", "ended")
LOCALES = ("en", "es")
CHANNELS = ("sms", "email")

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
CLIENT_SESSION = timedelta(days=180)
STAFF_SESSION = timedelta(hours=12)
STAFF_IDLE = timedelta(minutes=60)
SIGN_IN_LINK = timedelta(minutes=15)
QUICK_LINK = timedelta(hours=36)
UNSUBSCRIBE_LINK = timedelta(days=60)
PASSWORD_LENGTH = 15

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]{2,}")


class LinkPurpose(StrEnum):
    CHECK_IN = "check_in"
    PLAN = "plan"
    HABIT = "habit"
    SIGN_IN = "sign_in"
    UNSUBSCRIBE = "unsubscribe"


LINK_PURPOSES = tuple(LinkPurpose)


class Right(StrEnum):
    """What a signed-in person may do; `RIGHTS` is the one table of it."""

    OWN_RECORD = "own_record"
    SEE_RECORD = "see_record"
    PRESCRIBE = "prescribe"
    SEE_CONTACTS = "see_contacts"
    ADD_CLIENT = "add_client"
    SETTINGS = "settings"


RIGHTS: dict[str, frozenset[Right]] = {
    "client": frozenset({Right.OWN_RECORD}),
    "front_desk": frozenset({Right.SEE_CONTACTS, Right.ADD_CLIENT}),
    "therapist": frozenset({Right.SEE_RECORD, Right.PRESCRIBE, Right.SEE_CONTACTS, Right.ADD_CLIENT}),
    "owner": frozenset(set(Right) - {Right.OWN_RECORD}),
}


@cache
def _zones() -> frozenset[str]:
    """Area/Location names and UTC. `CET` and its like are left out: PostgreSQL and Python read them differently."""
    other = ("Etc/", "posix/", "right/", "SystemV/")
    areas = {name for name in available_timezones() if "/" in name and not name.startswith(other)}
    return frozenset(areas | {"UTC"})


def valid_zone(name: str) -> bool:
    return name in _zones()


def phone_e164(raw: str, country: str) -> str | None:
    """The number as `+15550123456`, or None when it cannot exist. `country` reads numbers without a prefix."""
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_email(raw: str) -> str | None:
    cleaned = raw.strip()
    if len(cleaned) > 254 or not _EMAIL.fullmatch(cleaned):
        return None
    name, _, domain = cleaned.rpartition("@")
    return f"{name}@{domain.lower()}"


def masked(address: str) -> str:
    """Enough to recognise one's own address, too little to learn somebody else's."""
    return f"… {address[-2:]}"


def session_expired(seen_at: datetime, expires_at: datetime, now: datetime, *, staff: bool) -> bool:
    return now >= expires_at or (staff and now - seen_at > STAFF_IDLE)
