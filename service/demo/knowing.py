"""What the named people told of themselves before the first visit, and what was done when they came."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.demo.stories import Story
from service.ids import new_id
from service.intake.actions import NewTreatment, keep_intake, note_treatment, note_visit
from service.intake.actions.booking import book_visit
from service.intake.rules import Answers, Goal, TreatmentKind

VISIT_DAYS: Final = (0, 30)
"""After the first one."""

_OUTER: Final = Answers(
    radiates="no",
    qualities=("ache",),
    timing=("night_lying_on_side",),
    aggravators=("lying_on_sore_side", "stairs_up", "standing_long"),
    onset="Slowly, after I began to walk more in spring.",
    previous_care="Heat helped a little. Rest did not.",
    habits={"hab-side-sleep": "sore_side", "hab-cross-legs": 3.0, "hab-hang-hip": False, "hab-car-min": 50.0},
    red_flags=(),
)
_DEEP: Final = Answers(
    radiates="to_thigh",
    qualities=("ache", "tingling"),
    timing=("during_day",),
    aggravators=("driving", "sitting"),
    onset="It crept up over a year at the desk.",
    previous_care="Massage, for a day or two each time.",
    habits={"hab-car-min": 90.0, "hab-sit-break": 2.0, "hab-wallet": True},
    red_flags=(),
)
_BY_SITE: Final = {"lateral_hip": _OUTER, "deep_buttock": _DEEP}
_ONSET_ES: Final = "Poco a poco, desde que camino más."
_CARE_ES: Final = "El calor ayudó un poco. El reposo no."
_GOALS: Final[Mapping[str, Goal]] = {
    "Maria Lopez": Goal("Sleep through on my side", 2, 8),
    "Tom Becker": Goal("Play a full set of tennis", 4, 8),
    "Aisha Khan": Goal("Sit through a film", 3, 8),
    "Ben Ortiz": Goal("Subir la escalera sin parar", 4, 9),
    "Ngozi Obi": Goal("Run five kilometres", 2, 7),
    "Luca Rossi": Goal("Work in the garden for an hour", 4, 8),
    "Ines Silva": Goal("Walk to the market and back", 5, 9),
    "Pat Murphy": Goal("Drive to my sister without a stop", 3, 7),
}


def is_known(story: Story) -> bool:
    """People with a name of their own in the stories, once they began."""
    return story.name in _GOALS


async def tell(session: ClinicSession, client: Client, story: Story, at: datetime) -> None:
    known = _BY_SITE[story.site]
    places = (story.site, "posterior_thigh") if known.radiates == "to_thigh" else (story.site,)
    if client.locale == "es":
        known = replace(known, onset=_ONSET_ES, previous_care=_CARE_ES)
    told = replace(known, sites=[(place, story.side) for place in places], goals=[_GOALS[story.name]])
    await keep_intake(session, client, new_id(at), told, at)


async def visit(session: ClinicSession, client: Client, story: Story, staff_id: UUID, began_at: datetime) -> None:
    """No hands-on treatment of a sore outer hip: leaflets advise against massage there (PROVIDE-GTPS)."""
    place = "posterior_thigh" if story.site == "lateral_hip" else story.site
    for number, days in enumerate(VISIT_DAYS):
        at = began_at + timedelta(days=days)
        day = at.astimezone(ZoneInfo(client.zone)).date()
        await note_visit(session, client, staff_id, day, None if number else "First visit", at)
        if number:
            given = NewTreatment(TreatmentKind.MYOFASCIAL.value, day, place, story.side, 15)
            await note_treatment(session, client, staff_id, new_id(at), given, at)
            # Some days after the demo begins, and not all on one.
            await book_visit(session, client, day + timedelta(days=32 + len(story.name) % 12), at)
