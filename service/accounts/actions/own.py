"""What a person changes about their own account: consent, quiet hours, where they are signed in, being forgotten."""

from datetime import datetime, time
from uuid import UUID

from service.accounts import queries
from service.accounts.actions import next_seq
from service.accounts.tables import Client, Consent
from service.accounts.tables.erasure import ErasureRequest
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id


async def agree(session: ClinicSession, client_id: UUID, channel: str, wording: str, now: datetime) -> None:
    """The person's own yes, in the words they saw; one that stands is kept as it is."""
    given = await queries.consents(session, client_id)
    if any(one.channel == channel and one.withdrawn_at is None for one in given):
        return
    consent = Consent(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client_id,
        channel=channel,
        wording=wording,
        given_at=now,
        recorded_by=None,
    )
    session.add(consent)
    record(session, now, "agree", "consent", consent.id, client_id=client_id, fields=["channel"])


async def set_quiet_hours(
    session: ClinicSession, client: Client, hours: tuple[time, time] | None, now: datetime
) -> None:
    """None: the clinic's again."""
    quiet_from, quiet_until = hours or (None, None)
    seq = await next_seq(session, client.id)
    client.sqlmodel_update({"quiet_from": quiet_from, "quiet_until": quiet_until, "sync_seq": seq})
    record(session, now, "set", "client", client.id, client_id=client.id, fields=["quiet_from", "quiet_until"])


async def ask_erasure(session: ClinicSession, client_id: UUID, now: datetime) -> None:
    """Told twice, it is asked once. Staff read it; nothing is erased by it."""
    await next_seq(session, client_id)
    if await queries.erasures_asked(session, [client_id]):
        return
    asked = ErasureRequest(clinic_id=session.clinic_id, id=new_id(now), client_id=client_id, asked_at=now)
    session.add(asked)
    record(session, now, "ask", "erasure_request", asked.id, client_id=client_id)


async def keep_record(session: ClinicSession, client_id: UUID, now: datetime) -> None:
    """Takes the request back; without one there is nothing to do."""
    await next_seq(session, client_id)
    asked = (await queries.erasures_asked(session, [client_id])).get(client_id)
    if asked is None:
        return
    asked.taken_back_at = now
    record(session, now, "take_back", "erasure_request", asked.id, client_id=client_id)
