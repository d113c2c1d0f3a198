"""Who may help a client, and what the client says yes to when they name somebody."""

from collections.abc import Mapping
from typing import Final

from service.accounts.rules import clean_email, phone_e164
from service.errors import FieldProblem

RELATIONS: Final[Mapping[str, str]] = {
    "partner": "Partner",
    "family": "Family",
    "friend": "Friend",
    "carer": "Carer",
    "other": "Somebody else",
}
LONGEST_NAME: Final = 80
MOST: Final = 3
"""Of one client at a time: each is a key that somebody else holds."""

HELPER_YES: Final = (
    "Yes, this person may see what I am asked to do today, tick it for me, and see when reminders come. "
    "They see no score and no note. I can end it at any time."
)
"""What is kept with a helper, whoever wrote the name down."""


def contact_of(typed: str, country: str) -> str | None:
    """A phone number or an email, cleaned; None when it can be neither."""
    return clean_email(typed) or phone_e164(typed, country)


def helper_problems(name: str, relation: str, contact: str, country: str) -> list[FieldProblem]:
    checks = {
        "name": None
        if 1 <= len(name.strip()) <= LONGEST_NAME and name.isprintable()
        else "Write a name of 1 to 80 letters.",
        "relation": None if relation in RELATIONS else "Pick who they are.",
        "contact": None if contact_of(contact, country) else "Write a phone number or an email that can be right.",
    }
    return [FieldProblem(f"/{field}", field, message) for field, message in checks.items() if message]
