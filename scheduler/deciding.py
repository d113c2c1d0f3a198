"""Gathers what is true about one due moment, and asks the rules whether it may be sent. Used when it is planned,
and again just before the wire."""

from datetime import date, datetime, time
from uuid import UUID

from scheduler.claims import Claimed, Settlement
from service.database.tenancy import ClinicSession
from service.outbox.rules import Fuse, MessageKind, passes_stop
from service.reminders import queries
from service.reminders.queries import Facts
from service.reminders.rules import (
    ASKS_FOR,
    DISPATCH_MARGIN,
    Reason,
    SendFacts,
    Skip,
    decide,
    expires_at,
    local_to_utc,
    next_allowed,
    sendable,
)


async def facts_at(
    session: ClinicSession, client_id: UUID, contact_point_id: UUID, day: date, zone: str, now: datetime
) -> Facts:
    starts = local_to_utc(day, time(0), zone) or now
    return await queries.facts(session, client_id, contact_point_id, day, starts, now)


async def reasons_against(
    session: ClinicSession,
    known: Facts,
    *,
    client_id: UUID,
    reminder_id: UUID,
    kind: str,
    day: date,
    at: datetime,
    expires_at: datetime,
) -> Skip | None:
    plan = await queries.plan_state(session, client_id, day)
    previous = await queries.previous_send(session, reminder_id)
    asks = ASKS_FOR.get(kind)
    done = {
        "check_in": known.checked_in,
        "plan": known.session_outcome in ("done", "partly"),
        "habit": known.habits_marked >= max(plan.daily_habits, 1),
    }
    decision = decide(
        SendFacts(
            kind=asks,
            at=at,
            expires_at=expires_at,
            zone=known.zone,
            quiet_from=known.quiet_from,
            quiet_until=known.quiet_until,
            opted_out=known.opted_out,
            consented=known.consented,
            red_flag_open=known.red_flag_open,
            plan=plan.state,
            done=asks is not None and done[asks],
            client_skipped=asks == "plan" and known.session_outcome == "skipped",
            rest_day=plan.rest_day,
            flare=known.flare_until is not None and at < known.flare_until,
            previous_at=previous[0] if previous else None,
            previous_zone=previous[1] if previous else None,
            sent_today=known.sent_today,
            daily_cap=known.texts_per_day,
            sent_this_week=known.sent_this_week,
            weekly_cap=known.texts_per_week,
            sent_in_24_h=known.sent_in_24_h,
            day=day,
            asked_on=known.asked_on,
            silent=known.silent,
        )
    )
    return decision if isinstance(decision, Skip) else None


def most_today(message: Claimed, known: Facts) -> int:
    """How many of its purpose may go to this address in a day; of reminders not more than the clinic's own cap."""
    fuse = MessageKind(message.kind).fuse
    return min(fuse.most, known.texts_per_day) if fuse is Fuse.REMINDER else fuse.most


def latest(message: Claimed, known: Facts, now: datetime) -> datetime:
    """Until when a carrier may still deliver it: what nobody asked for just now does not come at night."""
    if MessageKind(message.kind).fuse is not Fuse.NOTICE:
        return message.expires_at
    return min(message.expires_at, expires_at(now, known.zone, known.quiet_from, known.quiet_until))


def settled_otherwise(message: Claimed, known: Facts, now: datetime) -> Settlement | None:
    """What becomes of a message that is no reminder and may not go now; None when it may.

    Only STOP outranks what a person asked for just now; what nobody asked for needs a yes and waits for day, and
    does not go at all while a warning sign is open.
    """
    kind = MessageKind(message.kind)
    if known.opted_out and not passes_stop(kind, message.channel):
        return Settlement("suppressed", Reason.OPTED_OUT.value)
    if kind.fuse is not Fuse.NOTICE:
        return None
    if not known.consented:
        return Settlement("suppressed", Reason.NO_CONSENT.value)
    if known.red_flag_open:
        return Settlement("suppressed", Reason.RED_FLAG.value)
    if not sendable(now, known.zone, known.quiet_from, known.quiet_until):
        soon = now + DISPATCH_MARGIN
        return postponed(message, next_allowed(soon, known.zone, known.quiet_from, known.quiet_until))
    return None


def postponed(message: Claimed, due_at: datetime, *, give_back: int = 0, soft_fail: int = 0) -> Settlement:
    """Later, while that still makes sense; what would come after its window is over now."""
    if due_at >= message.expires_at:
        return Settlement("expired", Reason.LATE.value, give_back=give_back, soft_fail=soft_fail)
    return Settlement("queued", due_at=due_at, give_back=give_back, soft_fail=soft_fail)
