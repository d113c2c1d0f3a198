"""The plans of the made-up people: a programme for some, the same for all others, and changed for one of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.tables import Client
from service.catalogue.library import shipped
from service.catalogue.rules import Side
from service.database.tenancy import ClinicSession
from service.demo.stories import DAYS, Story
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, ItemToPrescribe, Prescription
from service.plans.fix_rows import FixToPrescribe, LessonToPrescribe, OnceToPrescribe
from service.plans.queries import Content, contents
from service.plans.starting import FromProgramme, phase_draft

_TITLE: Final = "Home exercise plan"
_EVERY_DAY: Final = {"cadence": "weekdays", "weekdays": 127}
_THREE_A_WEEK: Final = {"cadence": "times_per_week", "times_per_week": 3}
# A habit that is measured against the therapist's own figure.
# Some pain is allowed (PAIN-TL).
_LESSONS: Final = [
    LessonToPrescribe(
        "Some pain is fine",
        "Up to 3 while you move is fine. 4 or 5 is fine too, if it is gone by the next day. With 6 or more, do less.",
    )
]
TARGETS: Final = {"hab-walk": 45.0}


async def prescribe(session: ClinicSession, client: Client, story: Story, made: datetime) -> Content:
    if story.programme is not None:
        return await plans.prescribe(session, client.id, await _phase(session, client, story, None, made), made)
    return await plans.prescribe(session, client.id, _prescription(client, story, items_at_first(story), made), made)


def items_at_first(story: Story) -> list[ItemToPrescribe]:
    return [
        _item("glu-bridge-double", "Glute strength", _EVERY_DAY, sets=2, reps=10),
        _item("glu-squeeze", "Glute strength", _EVERY_DAY),
        _item("ham-strap", "Hamstring stretch", _THREE_A_WEEK, side=Side(story.side)),
    ]


async def change(session: ClinicSession, client: Client, story: Story, made: datetime) -> None:
    """A clear step up."""
    before = (await contents(session, client.id))[-1]
    keys = {item.exercise.code: item.row.item_key for item in before.items}
    items = [
        _item("glu-bridge-double", "Glute strength", _EVERY_DAY, keys, sets=3, reps=12),
        _item("glu-clam", "Glute strength", _EVERY_DAY, keys, side=Side(story.side)),
        _item("ham-strap", "Hamstring stretch", _THREE_A_WEEK, keys, side=Side(story.side)),
    ]
    daily: dict[tuple[int | None, str], str] = {(1, "days_per_week"): "Every day is easier to remember than five days."}
    wanted = replace(_prescription(client, story, items, made), reasons=daily)
    await plans.change(session, client.id, wanted, before.version.number, made)


async def next_phase(session: ClinicSession, client: Client, story: Story, made: datetime) -> None:
    """What the pages propose, sent by the therapist."""
    running = (await contents(session, client.id))[-1]
    wanted = await _phase(session, client, story, running, made)
    await plans.change(session, client.id, wanted, running.version.number, made)


async def _phase(
    session: ClinicSession, client: Client, story: Story, running: Content | None, made: datetime
) -> Prescription:
    starts_on = made.astimezone(ZoneInfo(client.zone)).date()
    draft = await phase_draft(session, FromProgramme(story.programme or ""), running, starts_on)
    # A draft leaves the leg open; the therapist knows which one it is.
    items = [replace(item, dose_fields={"side": Side(story.side), **item.dose_fields}) for item in draft.items]
    return replace(_prescription(client, story, items, made), place=draft.place)


def _prescription(client: Client, story: Story, items: list[ItemToPrescribe], made: datetime) -> Prescription:
    return Prescription(
        title=_TITLE,
        starts_on=made.astimezone(ZoneInfo(client.zone)).date(),
        items=items,
        habits=[HabitToPrescribe(code, TARGETS.get(code), None) for code in _habits(story)],
        once=OnceToPrescribe(_fixes(made.astimezone(ZoneInfo(client.zone)).date()), _LESSONS)
        if story.sets_up
        else OnceToPrescribe(),
    )


def _fixes(starts_on: date) -> list[FixToPrescribe]:
    """One to do in the first week, one that is still open."""
    library = {fix.id: fix for fix in shipped().fixes}
    due = {"fix-seat-wedge": timedelta(days=7), "fix-pillow": timedelta(days=DAYS + 3)}
    return [FixToPrescribe(library[c].prompt, starts_on + after, library[c].recheck_days) for c, after in due.items()]


def _habits(story: Story) -> tuple[str, ...]:
    """Who tells us everything by text is not asked what takes more than a text."""
    return () if story.channel == "text" else story.habits


def _item(
    exercise: str,
    routine: str,
    cadence: Mapping[str, Any],
    keys: Mapping[str, UUID] | None = None,
    side: Side = Side.BOTH,
    **dose: int,
) -> ItemToPrescribe:
    key = (keys or {}).get(exercise)
    return ItemToPrescribe(exercise, routine, {"side": side, **dose}, cadence, None, key)
