"""What a channel does: hand one parcel to a provider and say, in one of five words, what became of it."""

import re
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from msgspec import Struct

from service.outbox.codes import Failure


def storable(said: str) -> str:
    """The beginning of what a provider said, as a database takes it: JSON may hold NUL and halves of characters, and a
    mail server's answer bytes of any kind."""
    return said[:200].replace("\0", "").encode(errors="replace").decode()


# Mailboxes, and numbers of seven digits or in groups; the codes of providers are shorter.
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+|\+?\d{7,}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}")


def unaddressed(said: str) -> str:
    """What a provider said, without whom it is about: addresses are kept where they are sealed, and nowhere else."""
    return _ADDRESS.sub("…", said)


class Parcel(Struct, frozen=True):
    """One rendered message. `callback_url` carries the attempt, so the provider itself can prove acceptance.
    `client_id` is None of what goes to staff or a helper, and nothing is reported of their texts."""

    clinic_id: UUID
    client_id: UUID | None
    message_id: UUID
    attempt_id: UUID
    sent_from: str
    sent_to: str
    text: str
    expires_at: datetime
    callback_url: str
    send_before: float
    """On the monotonic clock: after this, somebody else may be deciding about the message."""
    subject: str | None = None
    html: str | None = None
    headers: dict[str, str] = {}


class Sent(Struct, frozen=True):
    provider_message_id: str


class Later(Struct, frozen=True):
    """Refused and certainly not processed (429, greylisting): safe to try again.

    `whole_sender`: it is the sender that must wait, not only this message. `own_login`: our settings are wrong.
    """

    retry_after_seconds: float | None
    code: str | None = None
    whole_sender: bool = True
    own_login: bool = False


class Refused(Struct, frozen=True):
    """Permanently refused."""

    code: str
    detail: str = ""
    status_code: int | None = None
    failure: Failure = Failure.REFUSED

    @property
    def opted_out(self) -> bool:
        """The provider says this person wants nothing more."""
        return self.failure is Failure.OPTED_OUT


class Unreached(Struct, frozen=True):
    """No byte of the message can have arrived: connection refused, no route, no TLS. Not `tried`: we had no time."""

    detail: str
    tried: bool = True


class Unknown(Struct, frozen=True):
    """It may have been taken. Only evidence decides."""

    detail: str
    status_code: int | None = None


Outcome = Sent | Later | Refused | Unreached | Unknown


UNKNOWN_WORDS = b""
"""Instead of a fingerprint: a restored database forgot whether a message left, and with which words."""


class Found(Struct, frozen=True):
    provider_message_id: str


class Absent(Struct, frozen=True):
    """The provider's own list does not have it. `or_another`: one there stands for another message, and may be it."""

    or_another: bool = False


class CannotTell(Struct, frozen=True):
    """The provider keeps no list, or did not answer."""

    can_ever_tell: bool


Evidence = Found | Absent | CannotTell


class Channel(Protocol):
    provider: str
    per_second: float
    """How many messages a second the provider takes from this sender."""
    batch: int
    """How many are marked at a time, and so held with their words: some more than it sends at once."""

    async def send(self, parcel: Parcel) -> Outcome: ...

    async def look_up(self, sent_to: str, body_sha256: bytes, since: datetime, spoken_for: frozenset[str]) -> Evidence:
        """`spoken_for` are the provider's ids of other messages with the same words, or, where the words are not
        known (UNKNOWN_WORDS), of all that we know to have gone to this address."""
        ...

    async def clock(self) -> datetime | None:
        """What time the provider says it is; None when it does not say."""
        ...

    async def close(self) -> None: ...
