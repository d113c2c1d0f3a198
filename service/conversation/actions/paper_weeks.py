"""What somebody ticked on paper goes into the diary, day by day, beside what was told of those days before."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from service.charts import week_day, weekday_list
from service.conversation.actions.replies import NOTED, Taken, Told
from service.conversation.rules import PaperWeek
from service.database.tenancy import ClinicSession
from service.diary import queries as diary
from service.diary.actions import NewSession, record_session
from service.diary.entries import When
from service.diary.queries import Session
from service.diary.rules import Outcome, day_problem
from service.outbox.rules import MessageKind
from service.plans.queries import Content, content_on, contents
from service.plans.queries.codes import codes

UNREAD: Final = Taken("note", MessageKind.WEEK_UNCLEAR)


async def take_week(session: ClinicSession, told: Told, said: PaperWeek) -> Taken:
    """All of it or nothing: half a week in the diary would look like a whole one."""
    monday = said.monday(told.day)
    if monday is None:
        return Taken("note", MessageKind.WEEK_WHICH)
    listed = await contents(session, told.client.id)
    keys = {code: key for key, code in codes(listed).items()}
    if any(code not in keys for code, _ in said.ticks):
        return UNREAD
    ticked: dict[date, set[UUID]] = {}
    for code, weekdays in said.ticks:
        for weekday in weekdays:
            ticked.setdefault(monday + timedelta(days=weekday), set()).add(keys[code])
    prescribed = {day: _prescribed(listed, day, wanted) for day, wanted in ticked.items()}
    if not all(prescribed.values()) or any(day_problem(day, told.day) for day in ticked):
        # Staff can still write it down: they reach back further.
        return NOTED
    await _keep(session, told, ticked, {day: content for day, content in prescribed.items() if content})
    locale = told.client.locale
    return Taken(
        "week", MessageKind.WEEK_ACK, {"day": week_day(monday, locale), "days": weekday_list(sorted(ticked), locale)}
    )


def _prescribed(listed: Sequence[Content], day: date, keys: set[UUID]) -> Content | None:
    """The plan of that day, when all of these exercises are in it."""
    content = content_on(listed, day)
    return content if content and keys <= {item.row.item_key for item in content.items} else None


async def _keep(
    session: ClinicSession, told: Told, ticked: Mapping[date, set[UUID]], prescribed: Mapping[date, Content]
) -> None:
    first = min(ticked) - timedelta(days=min(ticked).weekday())
    known = await diary.sessions(session, told.client.id, first, first + timedelta(days=6))
    active = {one.row.day for one in known if one.row.outcome != Outcome.SKIPPED} | set(ticked)
    for day, keys in sorted(ticked.items()):
        content = prescribed[day]
        done = {item.row.id for item in content.items if item.row.item_key in keys} | _done(known, day, content)
        due = {item.row.id for item in content.due_items(day, active) or content.items}
        new = NewSession(Outcome.DONE if due <= done else Outcome.PARTLY, sorted(done))
        await record_session(session, told.client, new, When(day, told.at, told.at), told.at)


def _done(known: Sequence[Session], day: date, content: Content) -> set[UUID]:
    """What was told of that day before stays told."""
    stands = next((one for one in known if one.row.day == day), None)
    everything = {item.row.id for item in content.items}
    return {result.plan_item_id for result in stands.results if result.done} & everything if stands else set()
