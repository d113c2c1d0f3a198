from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, Router, get, put
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET

from service.accounts.guards import AnyCaller, Caller, record_of
from service.accounts.rules import Right
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.routes import asked_days
from service.errors import Refused
from service.reminders import actions, entries, history, queries
from service.reminders.entries import Attempted, Ledger, Unwritten
from service.reminders.history import Present
from service.reminders.queries import LedgerLine
from service.reminders.rhythm import Asking, Extra
from service.reminders.rules import local_day
from service.reminders.schemas import (
    EVERY_DAY,
    AttemptOut,
    KindName,
    LedgerDayOut,
    LedgerEntryOut,
    LedgerOut,
    ReminderIn,
    ReminderList,
    ReminderOut,
    RhythmOut,
    UnwrittenOut,
    Weekday,
)
from service.reminders.tables import Reminder
from service.reminders.wishes import Wish
from service.terms import said
from service.words import translator

A_YEAR = timedelta(days=366)
TEN_YEARS = timedelta(days=3653)


@get("/clients/{client_id:uuid}/reminders", operation_id="listReminders", tags=["reminders"])
async def list_reminders(client_id: FromPath[UUID], caller: AnyCaller) -> ReminderList:
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        today = local_day(caller.now, client.zone)
        listed = [_out(reminder) for reminder in await queries.reminders(session, client_id)]
        return ReminderList(listed, _rhythm(await history.present(session, client_id, today), caller))


@put("/clients/{client_id:uuid}/reminders/{kind:str}", operation_id="setReminder", tags=["reminders"])
async def set_reminder(
    client_id: FromPath[UUID], kind: FromPath[KindName], data: JSONBody[ReminderIn], staff: AnyCaller
) -> ReminderOut:
    """Makes the reminder of this kind what is sent; what was planned and has not left follows it."""
    async with staff.tx() as session:
        client = await record_of(session, staff, client_id, right=Right.PRESCRIBE)
        wish = _wish(kind, data, local_day(staff.now, client.zone))
        return _out(await actions.set_reminder(session, client, wish, staff.now))


@get("/clients/{client_id:uuid}/ledger", operation_id="getLedger", tags=["reminders"])
async def get_ledger(
    client_id: FromPath[UUID],
    caller: AnyCaller,
    first: FromQuery[date | None] = None,
    last: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[LedgerOut]:
    """Every due moment of the last 28 local days, or of the days asked for, and what became of it; and why nothing
    was due on the others. With `next_cursor` of one answer as `cursor`, the days before."""
    asked = _read_cursor(cursor) if cursor is not None else (first, last)
    async with caller.tx() as session:
        client = await record_of(session, caller, client_id)
        # Until tomorrow, whose first moments may be planned already.
        first_day, last_day = asked_days(*asked, local_day(caller.now, client.zone) + timedelta(days=1))
        found = await entries.ledger(
            session, client, first_day, last_day, caller.now, evidence=caller.person.kind == "staff"
        )
    before = entries.earlier(found) if first is None else None
    following = _cursor(*before) if before else None
    lines, unwritten = _told(found, client.zone, caller.person.locale)
    headers = {"Link": f'</v1/clients/{client_id}/ledger?cursor={following}>; rel="next"'} if following else {}
    return Response(LedgerOut(first_day, last_day, lines, unwritten, following or UNSET), headers=headers)


@get("/clients/{client_id:uuid}/ledger/{day:str}", operation_id="getLedgerDay", tags=["reminders"])
async def get_ledger_day(client_id: FromPath[UUID], day: FromPath[date], caller: AnyCaller) -> LedgerDayOut:
    """Why no message came on that local day, or that one did, in one or two sentences."""
    async with caller.tx() as session:
        return await ledger_day(session, caller, await record_of(session, caller, client_id), day)


async def ledger_day(session: ClinicSession, caller: Caller, client: Client, day: date) -> LedgerDayOut:
    """In the caller's language; how it was tried is for staff. Raises Refused for a day too far away."""
    locale = caller.person.locale
    entries.refuse_far(day, local_day(caller.now, client.zone))
    found = await entries.ledger(session, client, day, day, caller.now, evidence=caller.person.kind == "staff")
    words = " ".join(said(sentence, locale) for sentence in entries.answer(found, day))
    return LedgerDayOut(day, client.zone, words, *_told(found, client.zone, locale))


def _cursor(first: date, last: date) -> str:
    return urlsafe_b64encode(f"{first}/{last}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[date, date]:
    try:
        first, _, last = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition("/")
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Refused.one("/cursor", "cursor", "Use the next_cursor of the answer before.") from None


def _rhythm(present: Present, caller: Caller) -> RhythmOut:
    asking = present.asking(caller.now)
    since = {Asking.FEWER_DAYS: present.stepped_on, Asking.NOT_NOW: present.rung_on}.get(asking)
    fewer = asking is Asking.FEWER_DAYS
    return RhythmOut(
        asking=asking.value,  # type: ignore[arg-type]
        reason=translator(caller.person.locale).gettext(asking.msgid),
        weekdays=_weekdays(present.ask_days) if fewer else UNSET,
        since=since or UNSET,
        moved_from=f"{present.moved_from:%H:%M}" if present.moved_from else UNSET,
        moved_on=(present.moved_on if present.moved_from else None) or UNSET,
        until=(present.flare_until if asking is Asking.RESTING else None) or UNSET,
    )


def _weekdays(mask: int | None) -> list[Weekday]:
    return [day for bit, day in enumerate(EVERY_DAY) if (mask or 0) >> bit & 1]


def _wish(kind: KindName, data: ReminderIn, today: date) -> Wish:
    _refuse_far_days(data, today)
    every_day = data.weekdays is data.every_days is data.times_per_week is UNSET
    weekdays = EVERY_DAY if every_day else data.weekdays or ()
    return Wish(
        kind=kind,
        local_times=[time.fromisoformat(wall) for wall in data.local_times],
        weekdays=sum(1 << EVERY_DAY.index(day) for day in set(weekdays)) or None,
        channels=data.channels,
        starts_on=data.starts_on or today,
        every_days=data.every_days or None,
        times_per_week=data.times_per_week or None,
        ends_on=data.ends_on or None,
        except_on=data.except_on,
        paused_until=data.paused_until or None,
        anchor=data.anchor or None,
    )


def _refuse_far_days(data: ReminderIn, today: date) -> None:
    bounds = (
        ("starts_on", A_YEAR, "Use a day at most a year from now."),
        ("ends_on", TEN_YEARS, "Use a day at most ten years from now."),
        ("paused_until", A_YEAR, "Use a day at most a year from now, or end the reminder."),
    )
    for name, furthest, message in bounds:
        day = getattr(data, name)
        if day is not UNSET and not -TEN_YEARS <= day - today <= furthest:
            raise Refused.one(f"/{name}", "range", message)


def _out(reminder: Reminder) -> ReminderOut:
    return ReminderOut(
        kind=reminder.kind,  # type: ignore[arg-type]
        local_times=[f"{wall:%H:%M}" for wall in reminder.local_times],
        channels=reminder.channels,  # type: ignore[arg-type]
        starts_on=reminder.starts_on,
        revision=reminder.revision,
        weekdays=_weekdays(reminder.weekdays) or UNSET,
        every_days=reminder.every_days or UNSET,
        times_per_week=reminder.times_per_week or UNSET,
        ends_on=reminder.ends_on or UNSET,
        except_on=reminder.except_on,
        paused_until=reminder.paused_until or UNSET,
        anchor=reminder.anchor or UNSET,
    )


def _told(found: Ledger, zone: str, locale: str) -> tuple[list[LedgerEntryOut], list[UnwrittenOut]]:
    lines = [_entry(line, found.attempts.get(line.id, ()), locale) for line in found.lines]
    return lines, [_unwritten(one, ZoneInfo(zone), locale) for one in found.unwritten]


def _entry(line: LedgerLine, attempts: Sequence[Attempted], locale: str) -> LedgerEntryOut:
    zone = ZoneInfo(line.zone)
    return LedgerEntryOut(
        id=line.id,
        kind=line.kind,  # type: ignore[arg-type]
        day=line.day,
        zone=line.zone,
        due_at=line.due_at.astimezone(zone),
        state=line.outcome,  # type: ignore[arg-type]
        reason=translator(locale).gettext(line.words),
        attempts=[_attempt(attempt, zone) for attempt in attempts],
        **_given(
            sent_at=line.sent_at and line.sent_at.astimezone(zone),
            answered_at=line.answered_at and line.answered_at.astimezone(zone),
            reason_code=line.reason,
            channel=line.channel,
            message_id=line.message_id,
            extra=Extra(line.slot).name.lower() if line.slot < 0 else None,
        ),
    )


def _attempt(attempt: Attempted, zone: ZoneInfo) -> AttemptOut:
    return AttemptOut(
        at=attempt.started_at.astimezone(zone),
        channel=attempt.channel,  # type: ignore[arg-type]
        provider=attempt.provider,
        **_given(
            outcome=attempt.outcome,
            status_code=attempt.status_code,
            provider_code=attempt.provider_code,
        ),
    )


def _unwritten(one: Unwritten, zone: ZoneInfo, locale: str) -> UnwrittenOut:
    return UnwrittenOut(
        day=one.day,
        reason=translator(locale).gettext(one.reason.msgid),
        reason_code=one.reason.value,
        **_given(kind=one.kind, due_at=one.at and one.at.astimezone(zone), changed_on=one.changed_on),
    )


def _given(**fields: Any) -> dict[str, Any]:
    """What is not known is left out, not null."""
    return {name: value for name, value in fields.items() if value is not None}


routers = [Router("/v1", route_handlers=[list_reminders, set_reminder, get_ledger, get_ledger_day])]
