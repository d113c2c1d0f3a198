"""Gathers what is true about one due moment, and asks the rules whether it may be sent. Used when it is planned,
and again just before the wire."""

from datetime import date, datetime, time
from uuid import UUID

from service.database.tenancy import ClinicSession
from service.reminders import queries
from service.reminders.queries import Facts
from service.reminders.rules import ReminderKind, SendFacts, Skip, decide, local_to_utc


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
    kind: ReminderKind,
    day: date,
    at: datetime,
    expires_at: datetime,
) -> Skip | None:
    plan = await queries.plan_state(session, client_id, day)
    previous = await queries.previous_send(session, reminder_id)
    done = {
        "check_in": known.checked_in,
        "plan": known.session_outcome in ("done", "partly"),
        "habit": known.habits_marked >= max(plan.daily_habits, 1),
    }
    decision = decide(
        SendFacts(
            kind=kind,
            at=at,
            expires_at=expires_at,
            zone=known.zone,
            quiet_from=known.quiet_from,
            quiet_until=known.quiet_until,
            opted_out=known.opted_out,
            consented=known.consented,
            red_flag_open=False,
            plan=plan.state,
            done=done[kind],
            client_skipped=kind == "plan" and known.session_outcome == "skipped",
            rest_day=plan.rest_day,
            flare=False,
            previous_at=previous[0] if previous else None,
            previous_zone=previous[1] if previous else None,
            sent_today=known.sent_today,
            daily_cap=known.texts_per_day,
            sent_this_week=known.sent_this_week,
            weekly_cap=known.texts_per_week,
            sent_in_24_h=known.sent_in_24_h,
        )
    )
    return decision if isinstance(decision, Skip) else None
