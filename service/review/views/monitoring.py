"""The ledger of one client on one day: its 30 days, and its calendar month."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from service.accounts.guards import Caller
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.diary.rules import local_day
from service.diary.tables.entry import ENTRY_CHANNELS
from service.errors import Refused
from service.review.actions.monitoring import require_monitoring
from service.review.queries import staff_names
from service.review.queries.monitoring import monitoring_of, times_of, told_days
from service.review.rules.monitoring import (
    CAUTIONS,
    LABELS,
    SETUP_DAYS,
    CodeLine,
    month_lines,
    month_of,
    window_lines,
    window_of,
)
from service.review.schemas.monitoring import ChannelDays, CodeOut, Ledger, Month, StaffTime, Window
from service.review.tables import Monitoring
from service.terms import said
from service.words import translator

CHANNELS: Mapping[str, str] = {"web": "page", "api": "app", "text": "text", "link": "link", "demo": "demo"}


async def ledger(
    session: ClinicSession, staff: Caller, client: Client, on: date | None, without: Collection[str]
) -> Ledger:
    """Without a day, today. What came through the channels `without` is shown, and not counted. Raises NotFound in a
    clinic that does not monitor."""
    await require_monitoring(session)
    listed = await monitoring_of(session, client.id)
    zone = listed[0].zone if listed else client.zone
    today = local_day(staff.now, ZoneInfo(zone))
    day = _checked(on or today, today)
    held = next((one for one in listed if one.starts_on <= day <= (one.ended_on or today)), None)
    return Ledger(
        client_id=client.id,
        name=client.name,
        on=day,
        today=today,
        zone=zone,
        starts_on=held.starts_on if held else None,
        ended_on=held.ended_on if held else None,
        window=await _window(session, held, day, without, staff.person.locale) if held else None,
        month=await _month(session, client, day, staff.person.locale),
        cautions=[translator(staff.person.locale).gettext(words) for words in CAUTIONS],
    )


def _checked(day: date, today: date) -> date:
    if not today - timedelta(days=3 * 366) <= day <= today:
        raise Refused.one("/on", "day", "Use a day of the last three years.")
    return day


async def _window(session: ClinicSession, held: Monitoring, day: date, without: Collection[str], locale: str) -> Window:
    first, last = window_of(held.starts_on, day)
    last = min(last, held.ended_on or last)
    told = await told_days(session, held.client_id, held.starts_on, last, ZoneInfo(held.zone))
    counted = [day for day, channels in told.items() if channels - set(without)]
    own = [day for day in counted if day >= first]
    return Window(
        first=first,
        last=last,
        data_days=own,
        channels=_channels({day: channels for day, channels in told.items() if day >= first}, without, locale),
        codes=_codes(window_lines(len(own), _set_up_before(held.starts_on, first, counted)), locale),
    )


def _set_up_before(starts_on: date, first: date, counted: Iterable[date]) -> bool:
    earlier = [window_of(starts_on, day)[0] for day in counted if day < first]
    return any(earlier.count(window) >= SETUP_DAYS for window in set(earlier))


def _channels(told: Mapping[date, set[str]], without: Collection[str], locale: str) -> list[ChannelDays]:
    say = translator(locale).gettext
    days = {channel: sum(channel in channels for channels in told.values()) for channel in ENTRY_CHANNELS}
    return [
        ChannelDays(channel, say(CHANNELS.get(channel, channel)), count, channel not in without)
        for channel, count in days.items()
        if count or channel in without
    ]


async def _month(session: ClinicSession, client: Client, day: date, locale: str) -> Month:
    first, last = month_of(day)
    times = await times_of(session, client.id, first, last)
    names = await staff_names(session)
    minutes, live = sum(time.minutes for time in times), sum(time.is_live for time in times)
    return Month(
        first=first,
        last=last,
        minutes=minutes,
        live=live,
        times=[StaffTime(time.id, time.day, time.minutes, time.is_live, names[time.staff_id]) for time in times],
        codes=_codes(month_lines(minutes, live), locale),
    )


def _codes(lines: Iterable[CodeLine], locale: str) -> list[CodeOut]:
    say = translator(locale).gettext
    return [
        CodeOut(line.code, say(LABELS[line.code]), line.times, said(line.why, locale) if line.why else None)
        for line in lines
    ]
