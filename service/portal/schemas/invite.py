from datetime import datetime
from typing import Literal

from msgspec import Struct


class InviteWay(Struct, frozen=True):
    """`words` are what is kept as the consent; `label` asks for it in one line."""

    channel: str
    label: str
    words: str
    picked: bool = False


class InviteView(Struct, frozen=True, kw_only=True):
    """Whoever holds the link sees the clinic and no name. `first` is the way the invitation came, `also` the others."""

    clinic_name: str
    url: str
    stage: Literal["closed", "open", "yes", "no", "answered"]
    first: InviteWay
    also: list[InviteWay]
    phone: str
    ends_at: datetime
    problem: str | None = None
