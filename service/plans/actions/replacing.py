"""A version that waits for its day gives way to one that starts sooner: it is kept, and holds on no day.

Nothing can have been logged under it, for its day is still to come, so no log changes its meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from service.audit.actions import record
from service.catalogue.rules import Sentence
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.plans.actions.wanted import ItemToPrescribe, Prescription
from service.plans.queries import Content, content_on
from service.plans.tables import PlanVersion

_FURTHEST_EAST = ZoneInfo("Pacific/Kiritimati")


@dataclass(frozen=True, slots=True)
class Following:
    """`before` was made last, `base` holds until the new version starts, and what is `replaced` never will."""

    before: Content | None = None
    base: Content | None = None
    replaced: Sequence[Content] = ()

    @property
    def known(self) -> Content | None:
        """All that the new version may go on with."""
        if self.before is None or not self.replaced or self.base is None:
            return self.before
        mine, theirs = self.before, self.base
        items = {item.row.item_key: item for item in (*theirs.items, *mine.items)}
        habits = {habit.habit_key: habit for habit in (*theirs.habits, *mine.habits)}
        fixes = {fix.fix_key: fix for fix in (*theirs.fixes, *mine.fixes)}
        lessons = {lesson.lesson_key: lesson for lesson in (*theirs.lessons, *mine.lessons)}
        return replace(
            mine,
            items=list(items.values()),
            habits=list(habits.values()),
            fixes=list(fixes.values()),
            lessons=list(lessons.values()),
        )

    @property
    def lines(self) -> list[Sentence]:
        words = "Takes the place of version %(number)s, which had not started"
        return [Sentence(words, {"number": content.version.number}) for content in self.replaced]


async def take_back(session: ClinicSession, replaced: Sequence[Content], seq: int, now: datetime) -> None:
    """They were only read: what is changed is the rows."""
    for content in replaced:
        version = await session.get_one(PlanVersion, (session.clinic_id, content.version.id))
        version.deleted_at, version.sync_seq = now, seq
        record(session, now, "replace", "plan_version", version.id, client_id=version.client_id)


def following(versions: Sequence[Content], starts_on: date, now: datetime) -> Following:
    """`versions` are those of the plan, in order of their days. Raises Refused for a day before the last one that may
    have begun: days that are over stay with what was prescribed on them."""
    # A client may travel: it waits only while its day has come nowhere.
    begun = [content for content in versions if content.version.starts_on <= now.astimezone(_FURTHEST_EAST).date()]
    if begun and starts_on < begun[-1].version.starts_on:
        raise Refused.one("/starts_on", "too_early", "Start on or after the day the version before starts.")
    replaced = [c for c in versions if c not in begun and c.version.starts_on > starts_on]
    base = content_on([c for c in versions if c not in replaced], starts_on)
    return Following(versions[-1], base or versions[-1], replaced)


def going_on(wanted: Prescription, now: Following) -> Prescription:
    """An exercise that only the replaced version had taken out is still the same item."""
    if not now.replaced or now.base is None:
        return wanted
    taken = {item.item_key for item in wanted.items}
    free = {
        (item.exercise.code, item.row.side): item.row.item_key
        for item in now.base.items
        if item.row.item_key not in taken
    }

    def kept(item: ItemToPrescribe) -> ItemToPrescribe:
        key = free.pop((item.exercise, str(item.dose_fields.get("side"))), None) if item.item_key is None else None
        return replace(item, item_key=key) if key else item

    return replace(wanted, items=[kept(item) for item in wanted.items])
