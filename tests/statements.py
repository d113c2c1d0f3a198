"""What a distributed PostgreSQL refuses, or answers wrongly, must not be written anywhere; the whole suite is watched.

Each pattern stands for one line of the list in docs/decisions/0002-statements-a-distributed-database-takes.md.
"""

import re
from functools import lru_cache

FORBIDDEN = {
    "set_config() does not reach the workers": re.compile(r"\bset_config\s*\("),
    "a volatile function in an UPDATE is refused": re.compile(
        r"^\s*(WITH\b.*)?UPDATE\b.*\b(clock_timestamp|gen_random_uuid|random)\s*\(", re.DOTALL | re.IGNORECASE
    ),
    "clock_timestamp() cannot use the index": re.compile(r"\bclock_timestamp\s*\(", re.IGNORECASE),
    "a sequence shared by clinics": re.compile(r"\bnextval\s*\(", re.IGNORECASE),
    "COPY FROM under row-level security": re.compile(r"^\s*COPY\b.*\bFROM\b", re.DOTALL | re.IGNORECASE),
    "SET that outlives the transaction": re.compile(r"^\s*SET\s+(?!LOCAL\b|TRANSACTION\b)", re.IGNORECASE),
    "locking rows across clinics": re.compile(
        r"^(?!.*\bclinic_id\b).*\bFOR\s+(NO KEY\s+)?(UPDATE|SHARE)\b", re.DOTALL | re.IGNORECASE
    ),
}


@lru_cache(maxsize=5000)
def objection(sent: str) -> str | None:
    """Why this may not be sent, one statement or several, or None."""
    each = sent.split(";")
    return next((why for one in each for why, pattern in FORBIDDEN.items() if pattern.search(one)), None)
