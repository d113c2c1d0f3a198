"""The latest entries of a diary, and what else stands among them."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

EntryKind = Literal["pain", "session", "habit", "text", "alert", "plan", "visit"]


class Entry(Struct, frozen=True, omit_defaults=True):
    """One line of the diary as text: `words` is "Pain 6, right side, car". `via` says how it reached us, `noted` that
    staff wrote it down for the client, `by_helper` that somebody who helps them did. `under_warning`: exercise that was
    done while a warning sign was open."""

    at: datetime
    kind: EntryKind
    words: str
    via: str
    corrected: bool = False
    noted: bool = False
    by_helper: bool = False
    under_warning: bool = False
