"""Who people are: what a valid phone number, email and time zone is, and who may do what."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

import phonenumbers

from service.accounts.rules.passwords import is_common
from service.errors import FieldProblem
from service.outbox.rules import blocked_words, segments

ROLES = ("owner", "therapist", "front_desk")
CLIENT_STATES = ("invited", "active", "ended")
LOCALES = ("en", "es")
CHANNELS = ("sms", "email")
PHONE_HINT = "Use a phone number that can exist, such as +1 202 555 0142."
EMAIL_HINT = "Use an email address such as maria@mail.example."
INVITE_PURPOSES = ("join", "sign_in")
BOUNCED = "bounce"
"""Why an address was closed, when a mailbox was gone and nobody asked us to stop."""

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
CLIENT_SESSION = timedelta(days=180)
STAFF_SESSION = timedelta(hours=12)
STAFF_IDLE = timedelta(minutes=60)
SIGN_IN_LINK = timedelta(minutes=15)
QUICK_LINK = timedelta(hours=36)
QUESTIONS_LINK = timedelta(hours=48)
WEEK_LINK = timedelta(days=7)
UNSUBSCRIBE_LINK = timedelta(days=60)
INVITE_LINK = timedelta(days=7)
HELPER_LINK = timedelta(days=180)
PASSWORD_LENGTH = 15
PASSWORD_LIMIT = 1000
NAME_LIMIT = 200
SHORT_NAME_LIMIT = 20

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]{2,}")


class LinkPurpose(StrEnum):
    CHECK_IN = "check_in"
    PLAN = "plan"
    HABIT = "habit"
    FIX = "fix"
    MESSAGE = "message"
    WEEK = "week"
    LOOK = "look"  # at something that is shown to whoever signs in
    QUESTIONS = "questions"
    SIGN_IN = "sign_in"
    UNSUBSCRIBE = "unsubscribe"
    INVITE = "invite"  # whether the clinic may write at all
    HELPER = "helper"  # somebody whom the client named ticks for them


LINK_PURPOSES = tuple(LinkPurpose)


class Right(StrEnum):
    """What a signed-in person may do; `RIGHTS` is the one table of it."""

    OWN_RECORD = "own_record"
    SEE_RECORD = "see_record"
    PRESCRIBE = "prescribe"
    SEE_CONTACTS = "see_contacts"
    ADD_CLIENT = "add_client"
    SETTINGS = "settings"
    WHOLE_RECORD = "whole_record"  # all of a client at once: to take along, or to erase


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


@cache
def zone_names() -> tuple[str, ...]:
    return tuple(sorted(_zones()))


def valid_zone(name: str) -> bool:
    return name in _zones()


def phone_read(number: str, country: str) -> str:
    """As it is written where the clinic is: (202) 555-0123; from elsewhere, with the country's prefix."""
    try:
        known = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    at_home = known.country_code == phonenumbers.country_code_for_region(country)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(known, form)


def phone_e164(raw: str, country: str) -> str | None:
    """The number as `+12025550123`, or None when it cannot exist: nobody's range, or no number without an area code.
    Nor one with an extension: a text would go to whoever has the number without it.
    `country` reads numbers without a prefix."""
    number = _number(raw, country)
    if number is None or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _number(raw: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return None
    # Of the right length is not enough: 000 000 0000 and a number without its area code are.
    return number if phonenumbers.is_valid_number(number) else None


def clean_email(raw: str) -> str | None:
    cleaned = raw.strip()
    if len(cleaned) > 254 or not _EMAIL.fullmatch(cleaned):
        return None
    name, _, domain = cleaned.rpartition("@")
    return f"{name}@{domain.lower()}"


def clinic_problems(
    *, name: str, short_name: str, country: str, zone: str, locale: str, phone: str, emergency_number: str
) -> list[FieldProblem]:
    """Everything that cannot be right about a clinic; empty when it can be."""
    checks = {
        "name": _name_problem(name),
        "short_name": _short_name_problem(short_name),
        "country": None
        if country in phonenumbers.SUPPORTED_REGIONS
        else "Use a country's two letters, such as US or DE.",
        "zone": None if valid_zone(zone) else "Use a time zone such as Europe/Berlin or America/New_York.",
        "locale": None if locale in LOCALES else "Use en or es.",
        "phone": _phone_problem(phone, country),
        "emergency_number": None
        if re.fullmatch("[0-9]{2,15}", emergency_number)
        else "Use digits only, such as 911 or 112.",
    }
    return [FieldProblem(f"/{field}", field, message) for field, message in checks.items() if message]


def staff_problems(name: str, email: str, *, prefix: str = "") -> list[FieldProblem]:
    """`prefix` stands before the names of the fields: `owner_`."""
    checks = {
        "name": _name_problem(name),
        "email": None
        if clean_email(email) and email.isprintable()
        else "Use an email address such as sam@clinic.example.",
    }
    return [FieldProblem(f"/{prefix}{field}", field, message) for field, message in checks.items() if message]


def password_problems(password: str) -> list[FieldProblem]:
    if len(password) < PASSWORD_LENGTH:
        return [FieldProblem("/password", "too_short", f"Use at least {PASSWORD_LENGTH} characters.")]
    if len(password) > PASSWORD_LIMIT or re.search("[\ud800-\udfff]", password):
        return [FieldProblem("/password", "password", f"Use at most {PASSWORD_LIMIT} letters, digits and signs.")]
    if is_common(password):
        message = "This is among what is guessed first. A few words in a row that nobody would put together are better."
        return [FieldProblem("/password", "common", message)]
    return []


def _name_problem(name: str) -> str | None:
    given = 1 <= len(name.strip()) <= NAME_LIMIT and name.isprintable()
    return None if given else f"Use 1 to {NAME_LIMIT} letters, digits and signs."


def _short_name_problem(name: str) -> str | None:
    """Texts begin with it, on screens that strangers see, in an alphabet that keeps a text in one part."""
    if not (name.strip() and len(name) <= SHORT_NAME_LIMIT and name.isprintable()):
        return f"Use 1 to {SHORT_NAME_LIMIT} letters, digits and signs."
    if segments(name).encoding != "gsm7":
        return "Use plain letters, digits and signs: every text begins with it."
    if found := blocked_words(name):
        return f"Take out {', '.join(found)}: every text begins with it, and it must not tell why somebody gets texts."
    return None


def _phone_problem(phone: str, country: str) -> str | None:
    """Without a known country only its absence can be told."""
    if country in phonenumbers.SUPPORTED_REGIONS and phone.strip():
        return None if _number(phone, country) else f"Use a phone number that can exist in {country}."
    return None if phone.strip() else "Give the number that people call in office hours."


def named(people: Mapping[UUID, str], typed: str) -> UUID | None:
    """The only one of these people who goes by this first name, or whole name; None when it is nobody's or two's."""
    wanted = plain_words(typed)
    found = [who for who, name in people.items() if wanted in (plain_words(name), plain_words(name).partition(" ")[0])]
    return found[0] if len(found) == 1 else None


def plain_words(name: str) -> str:
    """Small letters without accents, to compare by."""
    letters = unicodedata.normalize("NFD", name.casefold())
    return " ".join("".join(c for c in letters if unicodedata.category(c) != "Mn").split())


def masked(address: str) -> str:
    """Enough to recognise one's own address, too little to learn somebody else's."""
    return f"… {address[-2:]}"


def session_expired(seen_at: datetime, expires_at: datetime, now: datetime, *, staff: bool) -> bool:
    return now >= expires_at or (staff and now - seen_at > STAFF_IDLE)
