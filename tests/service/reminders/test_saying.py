"""What is said in a morning, from what is known; worked out by hand."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from service.outbox.rules import MessageKind
from service.progress.queries import Stretch
from service.reminders.history import Awake, History, Running, Written
from service.reminders.reasons import Reason
from service.reminders.rhythm import Extra
from service.reminders.saying import this_morning
from tests.make import NOW

MONDAY = date(2026, 3, 9)
PLAN = Running(UUID(int=1), "plan", ["sms"], None, [time(8)])
PERSON = Awake(
    uuid4(),
    None,
    None,
    None,
    None,
    False,
    0,
    None,
    None,
    None,
    None,
    False,
    "UTC",
    "en",
    time(21),
    time(8),
    False,
    True,
)


def moment(day: date, slot: int, kind: str = "plan", state: str = "sent") -> Written:
    return Written(uuid4(), PLAN.id, kind, day, slot, datetime.combine(day, time(8), NOW.tzinfo), state, True)


def known(*told: int, **fields: object) -> History:
    """Told on these days of March 2026, with a plan that asks for nothing: silence is no miss."""
    values = {"told": {date(2026, 3, day) for day in told}, "reminders": [PLAN], **fields}
    return History(**values)  # type: ignore[arg-type]


def test_a_week_that_is_over() -> None:
    daily = Stretch(date(2026, 3, 1), None, [], [], daily_habits=True)
    missed = {"stretches": [daily], "moments": [moment(date(2026, 3, 8), 0)]}
    week, nothing = (MessageKind.WEEK, None), (MessageKind.WEEK, Reason.NOTHING_TOLD)
    rows = [
        # Monday to Sunday before, both included; Sunday the 1st belongs to the week before that.
        (PERSON, known(2), MONDAY, [week]),
        (PERSON, known(8), MONDAY, [week]),
        (PERSON, known(1), MONDAY, [nothing]),
        (PERSON, known(), MONDAY, [nothing]),
        (PERSON, known(2), date(2026, 3, 12), []),
        (PERSON, known(2, moments=[moment(MONDAY, Extra.WEEK)]), MONDAY + timedelta(days=1), []),
        (replace(PERSON, week_text=False), known(2), MONDAY, []),
        (replace(PERSON, rung=10, rung_on=date(2026, 2, 1)), known(), MONDAY, []),
        # Something else comes first, and the week waits for the next morning.
        (PERSON, known(2, 3, 4, 5, 6, 7, **missed), MONDAY, [(MessageKind.WHY, None)]),
    ]
    for person, history, today, expected in rows:
        said = [(word.kind, word.against) for word in this_morning(person, history, today)]
        assert said == expected, (today, history.told)
