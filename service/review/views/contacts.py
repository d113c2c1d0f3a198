"""Where a client can be reached, and what they said to that."""

from datetime import datetime
from typing import overload
from zoneinfo import ZoneInfo

from service.accounts.tables import Consent, ContactPoint
from service.conversation.queries.invites import InviteNow, newest_invites
from service.conversation.rules.invites import OPEN, InviteState
from service.database.tenancy import ClinicSession
from service.reminders.reasons import Reason
from service.review.queries.person import Person
from service.review.schemas import Contact
from service.review.schemas.ledger import InviteLine
from service.words import translator


@overload
def local(at: datetime, zone: ZoneInfo) -> datetime: ...
@overload
def local(at: None, zone: ZoneInfo) -> None: ...
@overload
def local(at: datetime | None, zone: ZoneInfo) -> datetime | None: ...
def local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at is not None else None


async def contacts(session: ClinicSession, known: Person, zone: ZoneInfo, now: datetime, locale: str) -> list[Contact]:
    newest = {consent.channel: consent for consent in known.consents if consent.withdrawn_at is None}
    unasked = next((point.client_id for point in known.points if point.channel not in newest), None)
    asked = await newest_invites(session, unasked, now) if unasked else {}
    return [
        _contact(point, newest.get(point.channel), _invite(asked.get(point.id), zone, locale), zone)
        for point in known.points
    ]


def _contact(point: ContactPoint, consent: Consent | None, invite: InviteLine | None, zone: ZoneInfo) -> Contact:
    return Contact(
        kind="phone" if point.channel == "sms" else "email",
        address=point.address,
        verified=point.verified_at is not None,
        consent_words=consent.wording if consent else None,
        consent_at=local(consent.given_at, zone) if consent else None,
        stopped_at=local(point.opted_out_at, zone),
        stopped_how=point.opted_out_how,
        invalid_at=local(point.invalid_at, zone),
        invite=None if consent else invite,
    )


def _invite(found: InviteNow | None, zone: ZoneInfo, locale: str) -> InviteLine | None:
    if found is None:
        return None
    say, row = translator(locale).gettext, found.row
    at = row.accepted_at or row.declined_at or (row.opened_at if found.state is InviteState.OPENED else None)
    reason = found.reason if found.state is InviteState.LOST else None
    return InviteLine(
        id=row.id,
        state=found.state.code,
        words=say(found.state.msgid),
        at=local(at or row.created_at, zone),
        reason=say(Reason(reason).msgid) if reason else None,
        is_open=found.state in OPEN,
    )
