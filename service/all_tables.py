"""Imports every slice's tables, so that migrations and both processes see the whole schema."""

from service.accounts import tables as accounts
from service.accounts.tables import erasure, factors, tokens
from service.audit import tables as audit
from service.catalogue import tables as catalogue
from service.conversation import tables as conversation
from service.database import key_tables as keys
from service.database.columns import metadata
from service.diary import tables as diary
from service.intake import tables as intake
from service.outbox import tables as outbox
from service.plans import tables as plans
from service.records import tables as records
from service.reminders import tables as reminders
from service.review import tables as review

__all__ = [
    "accounts",
    "audit",
    "catalogue",
    "conversation",
    "diary",
    "erasure",
    "factors",
    "intake",
    "keys",
    "metadata",
    "outbox",
    "plans",
    "records",
    "reminders",
    "review",
    "tokens",
]
