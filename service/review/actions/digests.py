"""The mail about the caseload: who wants it and when, and what each is to say. The notifier sends what stands here."""

from dataclasses import asdict, dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from service import logs
from service.accounts import queries as accounts
from service.accounts.rules import valid_zone
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders.reasons import Reason
from service.reminders.rules import local_day
from service.review.queries import digests
from service.review.queries.digests import History
from service.review.rules import digest
from service.review.tables import DigestMail, DigestWish

logger = logs.logger("digests")


@dataclass(frozen=True, slots=True)
class Wish:
    """`weekdays` is a mask: bit 0 is Monday."""

    local_time: time
    zone: str
    weekdays: int = digest.WORKING_WEEK


async def set_digest(session: ClinicSession, staff_id: UUID, wish: Wish, now: datetime) -> None:
    digest.refuse_impossible(valid_zone(wish.zone), wish.weekdays)
    following = digest.next_digest(now, wish.local_time, wish.zone, wish.weekdays)
    values = {**asdict(wish), "next_at": following}
    wanted = insert(DigestWish).values(clinic_id=session.clinic_id, staff_id=staff_id, **values)
    await session.execute(wanted.on_conflict_do_update(index_elements=["clinic_id", "staff_id"], set_=values))
    record(session, now, "set", "digest_wish", staff_id, fields=list(values))


async def stop_digest(session: ClinicSession, staff_id: UUID, now: datetime) -> None:
    """What waits to be sent is not sent either: it is settled in the same transaction, so that no mark can follow."""
    wish = await digests.wish_of(session, staff_id)
    if wish is None or wish.next_at is None:
        return
    wish.next_at = None
    record(session, now, "end", "digest_wish", staff_id)
    await session.flush()
    await session.execute(
        update(DigestMail)
        .where(
            col(DigestMail.clinic_id) == session.clinic_id,
            col(DigestMail.staff_id) == staff_id,
            col(DigestMail.state) == "queued",
        )
        .values(state="skipped", reason=digest.NotSent.NOT_WANTED.value, about={}, settled_at=now)
    )


async def write_due(session: ClinicSession, history: History, now: datetime) -> int:
    """Writes what is due into the ledger, with what it is to say or why it says nothing. Returns how many were looked
    at; one that cannot be written is logged and comes again, and holds up none of the others."""
    wishes = await digests.due_wishes(session, now)
    refusing = {one.staff_id for one in await digests.returned(session) if not one.ended} if wishes else set()
    for wish in wishes:
        staff_id = wish.staff_id
        try:
            async with session.begin_nested():
                await _write(session, wish, history, now, refused=staff_id in refusing)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            logger.exception("a mail to staff cannot be written", staff_id=staff_id)
    return len(wishes)


async def _write(session: ClinicSession, wish: DigestWish, history: History, now: datetime, *, refused: bool) -> None:
    """`refused`: the mailbox did not take the last one. Then there are no more, until somebody sets an hour anew."""
    staff = await accounts.staff(session, wish.staff_id)
    due_at, expires_at = wish.next_at or now, (wish.next_at or now) + digest.LATEST
    wish.next_at = digest.next_digest(now, wish.local_time, wish.zone, wish.weekdays) if staff.active else None
    if not staff.active:
        return
    about, reason, state = digest.Digest(), None, "queued"
    forgotten = history.recovered_at is not None and due_at < history.recovered_at
    if forgotten:
        # What was due before a restore may have gone out from the other copy of this database.
        state, reason = "expired", Reason.UNCERTAIN.value
    elif now >= expires_at:
        state, reason = "expired", Reason.OUTAGE.value
    elif refused:
        state, reason, wish.next_at = "skipped", digest.NotSent.CAME_BACK.value, None
        record(session, now, "end", "digest_wish", staff.id)
    else:
        zone = ZoneInfo((await accounts.clinic(session)).zone)
        about = digest.digest_of(await digests.waiting_for(session, staff, now.astimezone(zone)))
        if not about.named:
            state, reason = "skipped", digest.NotSent.NOTHING_TO_SAY.value
    mail = {
        "clinic_id": session.clinic_id,
        "id": new_id(now),
        "staff_id": staff.id,
        "day": local_day(due_at, wish.zone),
        "state": state,
        "reason": reason,
        "address": staff.email,
        "about": asdict(about) if state == "queued" else {},
        "due_at": due_at,
        "expires_at": expires_at,
        "lease_token": 0,
        "soft_fails": 0,
        "created_at": now,
        "settled_at": None if state == "queued" else now,
    }
    await session.flush()
    # A journey west may bring the hour of one day a second time: the first mail of a day is its only one.
    added = insert(DigestMail).values(mail).on_conflict_do_nothing().returning(col(DigestMail.id))
    if (mail_id := await session.scalar(added)) is not None:
        record(session, now, "create", "digest_mail", mail_id)
