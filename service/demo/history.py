"""The reminders gone by as they would have come due: asked or held back, each with its ledger row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.tables import Client, ContactPoint
from service.database.tenancy import ClinicSession
from service.demo.days import CHECK_IN, PLAN, Day, Moment
from service.demo.stories import DAYS, Story
from service.diary.rules import Outcome
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue_all
from service.outbox.rules import MessageKind
from service.reminders.actions import NewOccurrence, add_occurrences, set_reminder, wind_clock
from service.reminders.pacing import choose
from service.reminders.reasons import Reason
from service.reminders.rules import CATCH_UP, EVERY_DAY, PROMPTS, Slot, dedupe_key
from service.reminders.wishes import Wish

_WALLS: Final = {"check_in": CHECK_IN, "plan": PLAN}
_EVERY_DAY: Final[Mapping[date, int]] = {}
# What came due less than a minute ago the scheduler still plans itself.
_STILL_PLANNED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A moment at which a reminder came due, or something was to be said by it, and what kept it from being sent."""

    at: datetime
    kind: str
    slot: Slot
    against: Reason | None
    says: MessageKind
    params: Mapping[str, str] = field(default_factory=dict)


def channels_of(story: Story) -> dict[str, str]:
    """By kind of reminder. Who answers by text is asked by text."""
    return {"check_in": "sms", "plan": "sms" if story.channel == "text" else "email"}


def moments_of(
    story: Story,
    days: Sequence[Day],
    began_at: datetime,
    stopped_at: datetime | None,
    now: datetime,
    paces: Mapping[date, int] = _EVERY_DAY,
) -> Iterator[Due]:
    """Since the plan began, or as far back as their texts are kept, and of today as far as it is over. `stopped_at` is
    when the phone was closed."""
    zone = ZoneInfo(story.zone)
    today = now.astimezone(zone).date()
    told = {day.moment.day: day for day in days}
    for back in range(story.texted_days if story.channel == "text" else DAYS, -1, -1):
        moment = Moment(today - timedelta(days=back), back, zone)
        for due in due_on(moment, told.get(moment.day), paces):
            if began_at < due.at <= now - _STILL_PLANNED:
                stopped = due.kind == "check_in" and stopped_at is not None and stopped_at < due.at
                yield replace(due, against=Reason.OPTED_OUT) if stopped else due


def due_on(moment: Moment, told: Day | None, paces: Mapping[date, int]) -> Iterator[Due]:
    """`paces`: which weekdays are asked about (bit 0 is Monday, 0 none at all), by the day from which on they are."""
    for kind, wall in _WALLS.items():
        at = moment.at(wall)
        against = _done(kind, told, at) or untimely(paces, moment.day)
        yield Due(at, kind, Slot(moment.day, 0, at, None), against, MessageKind(kind))


def untimely(paces: Mapping[date, int], day: date) -> Reason | None:
    weekdays = max(((since, mask) for since, mask in paces.items() if since <= day), default=(day, EVERY_DAY))[1]
    if not weekdays:
        return Reason.SILENT
    return None if weekdays >> day.weekday() & 1 else Reason.TAPER


def _done(kind: str, day: Day | None, at: datetime) -> Reason | None:
    if day is None:
        return None
    if kind == "check_in":
        return Reason.DONE_TODAY if day.heard_at(day.told_at) < at else None
    if day.session is None or day.heard_at(day.session.at) >= at:
        return None
    return Reason.CLIENT_SKIPPED if day.session.outcome is Outcome.SKIPPED else Reason.DONE_TODAY


async def remind(
    session: ClinicSession, client: Client, story: Story, began_at: datetime, now: datetime
) -> dict[str, UUID]:
    """Sets the reminders when the plan began; the scheduler goes on with them from now. Returns their ids by kind."""
    zone = ZoneInfo(client.zone)
    today = now.astimezone(zone).date()
    wished = choose if story.picks_hours else set_reminder
    made: dict[str, UUID] = {}
    for kind, channel in channels_of(story).items():
        wish = Wish(kind, [_WALLS[kind]], 127, [channel], began_at.astimezone(zone).date())
        made[kind] = (await wished(session, client, wish, began_at)).id
        following = [Moment(today + timedelta(days=ahead), -ahead, zone).at(_WALLS[kind]) for ahead in (0, 1)]
        await wind_clock(session, made[kind], next(at for at in following if at > now - _STILL_PLANNED))
    return made


async def come_due(
    session: ClinicSession,
    client: Client,
    points: Mapping[str, ContactPoint],
    reminders: Mapping[str, UUID],
    moments: Sequence[Due],
) -> None:
    """Into the ledger, and into the outbox unless it was held back. Points and reminders are by kind."""
    if not moments:
        return
    rows = [_occurrence(client, points[due.kind], reminders[due.kind], due) for due in moments]
    await add_occurrences(session, rows, moments[-1].at)
    asked = [
        _reminder(points[due.kind], due, row) for due, row in zip(moments, rows, strict=True) if due.against is None
    ]
    await enqueue_all(session, asked, moments[-1].at)


def _occurrence(client: Client, point: ContactPoint, reminder_id: UUID, due: Due) -> NewOccurrence:
    return NewOccurrence(
        id=new_id(due.at),
        client_id=client.id,
        reminder_id=reminder_id,
        kind=due.kind,
        slot=due.slot,
        zone=client.zone,
        state=due.against.state if due.against else "sent",
        reason=due.against.value if due.against else None,
        channel=point.channel,
    )


def _reminder(point: ContactPoint, due: Due, moment: NewOccurrence) -> Outgoing:
    slot = moment.slot
    return Outgoing(
        client_id=moment.client_id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=due.says,
        dedupe_key=dedupe_key(moment.reminder_id, slot.day, slot.slot, point.channel),
        due_at=slot.at,
        expires_at=slot.at + CATCH_UP,
        occurrence_id=moment.id,
        params=due.params,
        prompt=PROMPTS.get(due.says),
        day=slot.day,
    )
