"""What changes about a client's reminders by their own word (later, daily, a break, back), and by their habits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from service.accounts import queries as accounts
from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.ids import new_id
from service.reminders import queries
from service.reminders.actions import NewOccurrence, add_occurrences, set_reminder, wake, wind_clock
from service.reminders.reasons import Reason
from service.reminders.recurrence import next_slot, rule_of
from service.reminders.rhythm import BREAK, Extra, asked_again_at
from service.reminders.rhythm.hours import last_ask, standing_time
from service.reminders.rules import DAY, Slot, local_day
from service.reminders.tables import Occurrence, Reminder, ReminderRhythm
from service.reminders.wishes import Wish, wish_of

_TAKE_BACK = text(
    "UPDATE message SET state = 'suppressed', reason = :reason, settled_at = :now, updated_at = :now,"
    "  lease_owner = NULL, lease_until = NULL "
    "WHERE clinic_id = :clinic_id AND occurrence_id = ANY(:ids) AND state IN ('queued', 'leased')"
)
# What is on its way may have arrived. It keeps its state, and a reason not to be sent again should it come back.
_SETTLE = text(
    "WITH gone AS MATERIALIZED (SELECT o.id, EXISTS (SELECT 1 FROM message m WHERE m.clinic_id = :clinic_id"
    "    AND m.occurrence_id = o.id AND m.state <> 'suppressed') AS on_its_way"
    "  FROM occurrence o WHERE o.clinic_id = :clinic_id AND o.id = ANY(:ids)) "
    "UPDATE occurrence o SET state = CASE WHEN gone.on_its_way THEN o.state ELSE :state END, reason = :reason,"
    "  settled_at = CASE WHEN gone.on_its_way THEN NULL ELSE CAST(:now AS timestamptz) END "
    "FROM gone WHERE o.clinic_id = :clinic_id AND o.id = gone.id"
)


@dataclass(frozen=True, slots=True)
class PutOff:
    """`at`: when it is asked again. `skipped`: it was put off before today, so today is let go."""

    at: datetime | None = None
    skipped: bool = False


async def put_off(
    session: ClinicSession, client: Client, kind: str, wall: time | None, channel: str, now: datetime
) -> PutOff:
    """Asks once more today: a ledger row, which the notifier sends after the same checks as every reminder."""
    await next_seq(session, client.id)
    reminder = await _running(session, client.id, kind)
    if reminder is None:
        return PutOff()
    clinic, day = await accounts.clinic(session), local_day(now, client.zone)
    if await _asked_again(session, reminder.id, day):
        await let_go(session, client, now, reminder.id)
        return PutOff(skipped=True)
    at = asked_again_at(now, client.zone, *accounts.quiet_hours(client, clinic), wall)
    if at is None:
        return PutOff()
    slot = Slot(day, Extra.AGAIN, at, None)
    again = NewOccurrence(new_id(now), client.id, reminder.id, kind, slot, client.zone, channel=channel)
    await add_occurrences(session, [again], now)
    await wake(session, client.id, at)
    return PutOff(at)


async def let_go(session: ClinicSession, client: Client, now: datetime, reminder_id: UUID | None = None) -> None:
    """What was put off until later today is not asked again: of one reminder, or of all."""
    statement = select(col(Occurrence.id)).where(
        col(Occurrence.clinic_id) == session.clinic_id,
        col(Occurrence.client_id) == client.id,
        col(Occurrence.day) == local_day(now, client.zone),
        col(Occurrence.slot) == Extra.AGAIN.value,
        col(Occurrence.state) == "queued",
        *([col(Occurrence.reminder_id) == reminder_id] if reminder_id else []),
    )
    # Locked: a message that is being written for one of them is waited for, and then seen.
    ids = list(await session.scalars(statement.with_for_update(key_share=True)))
    reason = Reason.CLIENT_SKIPPED
    values = {"clinic_id": session.clinic_id, "ids": ids, "reason": reason.value, "now": now}
    await session.execute(_TAKE_BACK, values)
    await session.execute(_SETTLE, values | {"state": reason.state})


async def _running(session: ClinicSession, client_id: UUID, kind: str) -> Reminder | None:
    listed = await queries.reminders(session, client_id)
    return next((reminder for reminder in listed if reminder.kind == kind), None)


async def _asked_again(session: ClinicSession, reminder_id: UUID, day: date) -> bool:
    found = await session.scalar(
        select(col(Occurrence.id)).where(
            col(Occurrence.clinic_id) == session.clinic_id,
            col(Occurrence.reminder_id) == reminder_id,
            col(Occurrence.day) == day,
            col(Occurrence.slot) == Extra.AGAIN.value,
        )
    )
    return found is not None


async def hear(session: ClinicSession, client: Client, now: datetime) -> ReminderRhythm:
    """Somebody who answers is not silent, whatever the answer was."""
    await next_seq(session, client.id)
    await wake(session, client.id, now)
    rhythm = await session.get_one(
        ReminderRhythm, (session.clinic_id, client.id), with_for_update=True, populate_existing=True
    )
    day = local_day(now, client.zone)
    rhythm.heard_on = max(rhythm.heard_on or day, day)
    return rhythm


async def ask_daily(session: ClinicSession, client: Client, now: datetime) -> None:
    """Every day from now on; a good rhythm does not change that again."""
    rhythm = await hear(session, client, now)
    rhythm.sqlmodel_update({"texts_a_week": None, "ask_days": None, "wants_daily": True, "rung": 0, "rung_on": None})
    await session.flush()


async def come_back(session: ClinicSession, client: Client, now: datetime) -> None:
    """Ends a silence and a break."""
    rhythm = await hear(session, client, now)
    day = local_day(now, client.zone)
    rhythm.sqlmodel_update({"rung": 0, "rung_on": None, "heard_on": day})
    await session.flush()
    for reminder in await queries.reminders(session, client.id):
        if reminder.paused_until is not None and reminder.paused_until >= day:
            await set_reminder(session, client, replace(wish_of(reminder), paused_until=None), now)


async def take_break(
    session: ClinicSession, client: Client, now: datetime, last_day: date | None = None
) -> date | None:
    """The last day of the break, counted from today; None without a reminder that could rest. A day that was named
    also ends a longer break sooner."""
    # First: who changes a reminder meanwhile is waited for, and not written over with what it was before.
    await next_seq(session, client.id)
    day = local_day(now, client.zone)
    until = last_day or day + BREAK - DAY
    resting = [r for r in await queries.reminders(session, client.id) if r.ends_on is None or until < r.ends_on]
    if not resting:
        return None
    rhythm = await hear(session, client, now)
    rhythm.sqlmodel_update({"rung": 0, "rung_on": None, "heard_on": until})
    await session.flush()
    for reminder in resting:
        stands = reminder.paused_until if last_day is None else None
        wish = replace(wish_of(reminder), paused_until=max(until, stands or until))
        await set_reminder(session, client, wish, now)
    return until


async def keep_time(session: ClinicSession, client: Client, now: datetime, *, back: bool) -> time | None:
    """The time of the plan's reminder from now on: where it moved to, or, for good, where it was before. None when it
    did not move."""
    rhythm = await hear(session, client, now)
    reminder = await _running(session, client.id, "plan")
    before = rhythm.moved_from
    if before is None or reminder is None:
        return None
    rhythm.sqlmodel_update({"moved_from": None, "keeps_time": rhythm.keeps_time or back})
    await session.flush()
    if back:
        await set_reminder(session, client, replace(wish_of(reminder), local_times=[before]), now)
    return before if back else reminder.local_times[0]


@dataclass(frozen=True, slots=True)
class Chosen:
    """`at` from now on. Without it, the first and the last hour that can be: none, when this reminder has several."""

    at: time | None = None
    between: tuple[time, time] | None = None


async def choose_time(
    session: ClinicSession, client: Client, kind: str, walls: Sequence[time], now: datetime
) -> Chosen:
    """Moves a reminder of one time a day for good: it does not move by itself any more."""
    rhythm, reminder = await hear(session, client, now), await _running(session, client.id, kind)
    if reminder is None or len(reminder.local_times) != 1:
        return Chosen()
    clinic = await accounts.clinic(session)
    quiet_from, quiet_until = accounts.quiet_hours(client, clinic)
    wall = standing_time(walls, reminder.local_times[0], quiet_from, quiet_until)
    if wall is None:
        return Chosen(between=(quiet_until, last_ask(quiet_from)))
    rhythm.sqlmodel_update({"moved_from": None, "keeps_time": True})
    await session.flush()
    await set_reminder(session, client, replace(wish_of(reminder), local_times=[wall]), now)
    return Chosen(wall)


async def choose(session: ClinicSession, client: Client, wish: Wish, now: datetime) -> Reminder:
    """As the person set it on their own page: a time that was picked does not move by itself any more."""
    rhythm, before = await hear(session, client, now), await _running(session, client.id, wish.kind)
    if before is None or list(before.local_times) != list(wish.local_times):
        rhythm.sqlmodel_update({"moved_from": None, "keeps_time": True})
        await session.flush()
    return await set_reminder(session, client, wish, now)


async def may_move(session: ClinicSession, client_id: UUID) -> bool:
    """False while somebody writes into this record: who holds a rhythm and waited for the record would wait in a ring
    with a text that came just now. Another morning will do."""
    held = await session.scalar(
        text(
            "SELECT 1 FROM client_scope WHERE clinic_id = :clinic_id AND client_id = :client_id FOR UPDATE SKIP LOCKED"
        ),
        {"clinic_id": session.clinic_id, "client_id": client_id},
    )
    return held is not None


async def move_time(
    session: ClinicSession, client_id: UUID, reminder_id: UUID, wall: time, zone: str, now: datetime
) -> None:
    """The notifier moves a reminder of one time a day by minutes: what is planned for today already stays."""
    seq = await next_seq(session, client_id)
    reminder = await session.get_one(Reminder, (session.clinic_id, reminder_id))
    if reminder.ended_at is not None:
        return
    reminder.sqlmodel_update({"local_times": [wall], "revision": reminder.revision + 1, "sync_seq": seq})
    await session.flush()
    following = next_slot(rule_of(reminder), zone, now)
    await wind_clock(session, reminder_id, following.at if following else None)
    record(session, now, "move", "reminder", reminder_id, client_id=client_id, fields=["local_times"])
