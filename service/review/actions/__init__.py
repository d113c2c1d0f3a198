"""What a therapist decides: a row of the caseload is seen or can wait, and a plan with its reminders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.conversation import queries as conversation
from service.conversation.actions import thread
from service.conversation.actions.thread import Written
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.diary.queries import red_flags, sore_places
from service.diary.red_flags import TOLD_MORE, close_red_flag
from service.errors import Refused
from service.ids import new_id
from service.plans import actions as plans
from service.plans.actions import Prescription
from service.reminders.actions import end_reminder, set_reminder
from service.reminders.rules import local_day, local_to_utc
from service.reminders.wishes import Wish
from service.review.actions.overdue import leave_unsent
from service.review.rules import CALM, TIERS, Rule
from service.review.rules.alerts import LONGEST_NOTE, MarkState
from service.review.tables import ReviewMark

OLDEST_PAGE = timedelta(days=2)


async def mark_seen(session: ClinicSession, client_id: UUID, rule: Rule, as_of: datetime, now: datetime) -> None:
    """`as_of` is when the caseload was read: what came in after it stays unseen."""
    await _mark(session, client_id, rule, as_of, MarkState.SEEN, now)


async def mark_done(
    session: ClinicSession, client_id: UUID, rule: Rule, note: str, as_of: datetime, now: datetime
) -> None:
    """It leaves the caseload until it happens again, or still holds a while later."""
    if rule is Rule.DANGER:
        raise Refused.one("/rule", "clear", "Clear a warning sign with a note on the client's page.")
    note = note.replace("\r\n", "\n").strip()
    if not note or len(note) > LONGEST_NOTE:
        raise Refused.one("/note", "note", "Write what you did, in at most 2000 characters.")
    await _mark(session, client_id, rule, as_of, MarkState.DONE, now, note=note)


async def snooze(
    session: ClinicSession, client_id: UUID, rule: Rule, as_of: datetime, days: int, zone: str, now: datetime
) -> None:
    """Until the morning of that day in the clinic's `zone`; something new wakes it sooner. A warning sign does not
    wait."""
    if rule is Rule.DANGER and any(flag.closed_at is None for flag in await red_flags(session, client_id)):
        raise Refused.one("/rule", "clear", "A warning sign cannot wait. Mark it as seen, or clear it with a note.")
    until = local_to_utc(local_day(now, zone) + timedelta(days=days), time(0), zone)
    until_at = until or now + timedelta(days=days)
    await _mark(session, client_id, rule, as_of, MarkState.SNOOZED, now, until_at=until_at)


async def _mark(
    session: ClinicSession,
    client_id: UUID,
    rule: Rule,
    as_of: datetime,
    state: MarkState,
    now: datetime,
    *,
    until_at: datetime | None = None,
    note: str | None = None,
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
            state=state.value,
            until_at=until_at,
            note=note,
            marked_at=min(as_of, now),
        )
    )
    await session.flush()
    record(session, now, "mark", "review_mark", mark_id, client_id=client_id)
    await leave_unsent(session, client_id, as_of, now, rule)


async def clear_red_flags(
    session: ClinicSession, client_id: UUID, flag_ids: Sequence[UUID], note: str, as_of: datetime, now: datetime
) -> None:
    """Those that the page showed, which was made at `as_of`: what was told since nobody has read."""
    if not flag_ids:
        raise Refused.one("/flag", "required", "Use the form of the page.")
    # Before any row is read: what comes in now waits.
    await next_seq(session, client_id)
    texts = await conversation.thread(session, client_id)
    if any(conversation.is_danger(text) and text.sent_at > as_of for text in texts):
        raise Refused.one("/as_of", "stale", TOLD_MORE)
    for flag_id in flag_ids:
        await close_red_flag(session, client_id, flag_id, note, now, as_of=as_of)
    await leave_unsent(session, client_id, as_of, now)


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
