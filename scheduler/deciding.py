"""Asks the rules whether something may be sent, with what is known. Used when it is planned, and again just before
the wire."""

from datetime import datetime
from typing import assert_never

from scheduler.messages import Claimed, Settlement, postponed
from service.outbox.rules import Fuse, MessageKind, is_unasked, passes_stop
from service.reminders.facts import Facts
from service.reminders.plan_states import PlanState
from service.reminders.reasons import Reason
from service.reminders.rules import (
    ASKS_FOR,
    DISPATCH_MARGIN,
    EVERY_DAY,
    Asked,
    SendFacts,
    Skip,
    decide,
    expires_at,
    next_allowed,
    sendable,
)


def reason_against(known: Facts, kind: str, *, at: datetime, expires_at: datetime) -> Skip | None:
    """Why a reminder may not be sent at this moment; None when it may. `kind` is that of the message."""
    asks, plan = ASKS_FOR.get(kind), known.plan
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
            done=_done(asks, known),
            client_skipped=asks == "plan" and known.session_outcome == "skipped",
            rest_day=plan.rest_day,
            flare=known.flare_until is not None and at < known.flare_until,
            previous_at=known.previous_at,
            previous_zone=known.previous_zone,
            sent_today=known.sent_today,
            daily_cap=known.texts_per_day,
            sent_this_week=known.sent_this_week,
            weekly_cap=known.texts_per_week,
            sent_in_24_h=known.sent_in_24_h,
            day=known.day,
            # A look that is due once is not one of the daily questions that become fewer.
            asked_on=EVERY_DAY if asks == "fix" else known.asked_on,
            silent=known.silent,
            reminder_ended=known.reminder_ended,
            reminder_paused=known.reminder_paused,
        )
    )
    return _told_apart(decision, asks, plan) if isinstance(decision, Skip) else None


def _done(asks: Asked | None, known: Facts) -> bool:
    match asks:
        case None:
            return False
        case "check_in":
            return known.checked_in
        case "plan":
            return known.session_outcome in ("done", "partly")
        case "habit":
            told, asked = known.plan.told_habits, known.plan.asked_habits
            return known.habits_marked >= 1 if asked is None else told >= asked
        case "fix":
            return known.plan.waiting == 0
        case _:
            assert_never(asks)


def _told_apart(decision: Skip, asks: Asked | None, plan: PlanState) -> Skip:
    """That it was done today, and that there was nothing to ask: a weekly habit told before, a look no plan wants."""
    nothing = asks == "fix" or (asks == "habit" and plan.asked_habits == 0)
    return Skip(Reason.NOTHING_ASKED) if nothing and decision.reason is Reason.DONE_TODAY else decision


def most_today(message: Claimed, known: Facts) -> int:
    """How many of its purpose may go to this address in a day; of reminders not more than the clinic's own cap."""
    fuse = MessageKind(message.kind).fuse
    return min(fuse.most, known.texts_per_day) if fuse is Fuse.REMINDER else fuse.most


def latest(message: Claimed, known: Facts, now: datetime) -> datetime:
    """Until when a carrier may still deliver it: what nobody asked for just now does not come at night."""
    if not is_unasked(MessageKind(message.kind)):
        return message.expires_at
    return min(message.expires_at, expires_at(now, known.zone, known.quiet_from, known.quiet_until))


def settled_otherwise(message: Claimed, known: Facts, now: datetime) -> Settlement | None:
    """What becomes of a message that is no reminder and may not go now; None when it may.

    Only STOP outranks what a person asked for just now; what nobody asked for needs a yes and waits for day, and
    does not go at all while a warning sign is open, unless a person wrote it. An invitation asks for the yes.
    """
    kind = MessageKind(message.kind)
    if known.opted_out and not passes_stop(kind, message.channel):
        return Settlement("suppressed", Reason.OPTED_OUT.value)
    if not is_unasked(kind):
        return None
    if not known.consented and kind is not MessageKind.INVITE:
        return Settlement("suppressed", Reason.NO_CONSENT.value)
    if known.red_flag_open and kind is not MessageKind.MESSAGE:
        return Settlement("suppressed", Reason.RED_FLAG.value)
    if not sendable(now, known.zone, known.quiet_from, known.quiet_until):
        soon = now + DISPATCH_MARGIN
        return postponed(message, next_allowed(soon, known.zone, known.quiet_from, known.quiet_until))
    return None


def settled_unsent(message: Claimed, known: Facts, now: datetime, *, leaves: bool) -> Settlement | None:
    """What becomes of a message that may not go now; None when it may. `leaves`: for a phone or a mailbox, not for the
    test inbox. What was made in test mode never leaves, not even when the clinic is live by now."""
    if leaves and (known.live_at is None or message.created_at < known.live_at):
        return Settlement("suppressed", Reason.TEST_MODE.value)
    if message.occurrence_id is not None and message.reminder_id is None:
        # Its due moment was taken back while it was on its way into the outbox, or let go while it was in doubt.
        return Settlement("suppressed", Reason.CHANGED.value)
    if message.reminder_id is None:
        return settled_otherwise(message, known, now)
    against = reason_against(known, message.kind, at=now, expires_at=message.expires_at)
    if against is None:
        return None
    return Settlement("suppressed" if against.state == "skipped" else against.state, against.reason.value)
