"""What a therapist decides: a row of the caseload is seen or can wait, and a plan with its reminders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from service.accounts.tables import Client
from service.audit.actions import record
from service.conversation.actions import thread
from service.conversation.actions.thread import Written
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.queries import sore_places
from service.errors import Refused
from service.ids import new_id
from service.plans import actions as plans
from service.plans.actions import Prescription
from service.reminders.actions import end_reminder, set_reminder
from service.reminders.rules import local_day, local_to_utc
from service.reminders.wishes import Wish
from service.review.rules import CALM, TIERS, Rule
from service.review.tables import ReviewMark

OLDEST_PAGE = timedelta(days=2)


async def mark_seen(session: ClinicSession, client_id: UUID, rule: Rule, as_of: datetime, now: datetime) -> None:
    """`as_of` is when the caseload was read: what came in after it stays unseen."""
    await _mark(session, client_id, rule, as_of, None, now)


async def snooze(
    session: ClinicSession, client_id: UUID, rule: Rule, as_of: datetime, days: int, zone: str, now: datetime
) -> None:
    """Until the morning of that day in the clinic's `zone`; something new wakes it sooner."""
    until = local_to_utc(local_day(now, zone) + timedelta(days=days), time(0), zone)
    await _mark(session, client_id, rule, as_of, until or now + timedelta(days=days), now)


async def _mark(
    session: ClinicSession,
    client_id: UUID,
    rule: Rule,
    as_of: datetime,
    until_at: datetime | None,
    now: datetime,
) -> None:
    if session.actor.id is None or session.actor.kind != "staff":
        raise Refused.one("", "staff", "Only a member of staff marks a client.")
    if as_of < now - OLDEST_PAGE:
        raise Refused.one("/as_of", "too_old", "Read the caseload again: a mark is about what was just read.")
    if TIERS[rule] in CALM:
        raise Refused.one("/rule", "on_track", "Nobody waits here: there is nothing to mark.")
    mark_id = new_id(now)
    session.add(
        ReviewMark(
            clinic_id=session.clinic_id,
            id=mark_id,
            client_id=client_id,
            staff_id=session.actor.id,
            rule=rule.value,
            state="seen" if until_at is None else "snoozed",
            until_at=until_at,
            marked_at=min(as_of, now),
        )
    )
    await session.flush()
    record(session, now, "mark", "review_mark", mark_id, client_id=client_id)


@dataclass(frozen=True, slots=True)
class NewPlan:
    """`follows` is the version it was written after, 0 for none. A reminder whose wish is None ends."""

    prescription: Prescription
    follows: int
    reminders: Mapping[str, Wish | None]


class Sent(StrEnum):
    """What a form that prescribes came to."""

    PLANNED = "planned"
    REMINDERS = "reminders"
    UNCHANGED = "unchanged"


async def send_plan(session: ClinicSession, client: Client, new: NewPlan, now: datetime) -> Sent:
    """Starts a plan or changes the running one, and the reminders with it. What is the same stays as it is."""
    sore = await sore_places(session, client.id, today_of(client, now))
    if new.follows:
        content = await plans.change(session, client.id, new.prescription, new.follows, now, sore)
    else:
        content = await plans.prescribe(session, client.id, new.prescription, now, sore)
    await _set_reminders(session, client, new, now)
    if content.version.number != new.follows:
        return Sent.PLANNED
    return Sent.REMINDERS if new.reminders else Sent.UNCHANGED


async def _set_reminders(session: ClinicSession, client: Client, new: NewPlan, now: datetime) -> None:
    for kind, wish in new.reminders.items():
        if wish is None:
            await end_reminder(session, client.id, kind, now)
            continue
        try:
            await set_reminder(session, client, wish, now)
        except Refused as refused:
            raise Refused.one(f"/reminders/{kind}", "reminder", refused.problems[0].message) from None


async def write_to_client(
    session: ClinicSession, client: Client, entry: str, words: str, secret_key: str, now: datetime
) -> Written:
    """`entry` is the id that the page made for the message: a form sent twice is one."""
    try:
        message_id = UUID(entry)
    except ValueError:
        raise Refused.one("/entry", "id", "Use the form of the page.") from None
    return await thread.write_to_client(session, client, message_id, words, secret_key, now)
