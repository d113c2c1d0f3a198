"""Where a client can be reached, and what they said to that."""

from datetime import datetime
from typing import overload
from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.tables import Client, Consent, ContactPoint
from service.database.tenancy import ClinicSession
from service.review.schemas import Contact


@overload
def local(at: datetime, zone: ZoneInfo) -> datetime: ...
@overload
def local(at: None, zone: ZoneInfo) -> None: ...
@overload
def local(at: datetime | None, zone: ZoneInfo) -> datetime | None: ...
def local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at is not None else None


async def contacts(session: ClinicSession, client: Client, zone: ZoneInfo) -> list[Contact]:
    given = [c for c in await accounts.consents(session, client.id) if c.withdrawn_at is None]
    newest = {consent.channel: consent for consent in given}
    points = await accounts.contact_points(session, client.id)
    return [_contact(point, newest.get(point.channel), zone) for point in points]


def _contact(point: ContactPoint, consent: Consent | None, zone: ZoneInfo) -> Contact:
    return Contact(
        kind="phone" if point.channel == "sms" else "email",
        address=point.address,
        verified=point.verified_at is not None,
        consent_words=consent.wording if consent else None,
        consent_at=local(consent.given_at, zone) if consent else None,
        stopped_at=local(point.opted_out_at, zone),
        stopped_how=point.opted_out_how,
        invalid_at=local(point.invalid_at, zone),
    )
