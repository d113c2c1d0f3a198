"""The mail that says each day where the chain of a clinic's trail ends: kept outside the database, it proves later that
the trail was neither cut nor written anew."""

from datetime import timedelta
from typing import Final

EVERY: Final = timedelta(days=1)
MAIL_LASTS: Final = timedelta(hours=20)

ANCHOR_SUBJECT: Final = "Proof of what was done and seen"
ANCHOR_KEEP: Final = (
    "Keep this email. It proves later that nobody changed what %(clinic)s has kept of who did or saw what."
)
ANCHOR_COUNT: Final = "Entries until %(day)s: %(count)s"
ANCHOR_CHECK: Final = "Whoever runs Clamshell checks it with: %(command)s"
