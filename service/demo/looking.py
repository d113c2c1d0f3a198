"""How often somebody is asked: their mornings and evenings gone by, decided as the scheduler decides them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.queries import clinic as find_clinic
from service.accounts.queries import quiet_hours
from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.demo.days import PLAN, Day, Moment
from service.demo.history import Due, channels_of, due_on, untimely
from service.demo.stories import Story
from service.diary.rules import Outcome
from service.plans.rules import DAYS_A_WEEK
from service.progress.queries import Stretch, stretches_of
from service.reminders import rhythm, saying
from service.reminders.history import Awake, History, Running, Written
from service.reminders.rules import ASKS_FOR, DAY, EVERY_DAY, Slot, local_day
from service.reminders.saying import Word
from service.reminders.tables import ReminderRhythm

_ROW: Final = [one.name for one in fields(Awake) if one.name in ReminderRhythm.model_fields and one.name != "client_id"]


@dataclass(slots=True)
class Looking:
    """`said` about the rhythm so far; `paces`: which weekdays are asked about, by the day from which on they are."""

    days: Sequence[Day]
    stretches: Sequence[Stretch]
    person: Awake
    plan: Running
    said: list[Due] = field(default_factory=list)
    paces: dict[date, int] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    _asks: int = EVERY_DAY
    _moments: list[Written] = field(default_factory=list)

    def look(self, began_on: date, today: date) -> None:
        """From the day after the plan began up to yesterday: this morning is the scheduler's."""
        told = {day.moment.day: day for day in self.days}
        walls = rhythm.looks(self.person.quiet_from, self.person.quiet_until)
        for back in range((today - began_on).days - 1, 0, -1):
            moment = Moment(today - back * DAY, back, ZoneInfo(self.person.zone))
            morning, evening = map(moment.at, walls)
            self._say(saying.this_morning(self.person, self._known(morning), moment.day), moment, morning)
            for due in due_on(moment, told.get(moment.day), self.paces):
                self._write(due)
            self._say(saying.evening(self._known(evening), moment.day, evening), moment, evening)
            self.changes |= {"morning_on": moment.day, "evening_on": moment.day}
            self.changes["next_at"] = rhythm.next_look(evening, self.person.zone, walls)

    def _known(self, at: datetime) -> History:
        heard = [day for day in self.days if day.arrived_at <= at]
        kept = [day for day in heard if day.session is not None and day.session.outcome is not Outcome.SKIPPED]
        return History(
            stretches=self.stretches,
            done={"exercise": {day.moment.day for day in kept}},
            told={day.moment.day for day in heard},
            reminders=[self.plan],
            moments=[written for written in self._moments if at - written.due_at <= DAY * (DAYS_A_WEEK + 1)],
        )

    def _say(self, words: Iterable[Word], moment: Moment, at: datetime) -> None:
        for word in words:
            self.changes |= word.changes
            known = {name: value for name, value in word.changes.items() if hasattr(self.person, name)}
            self.person = replace(self.person, **known)
            if "ask_days" in word.changes:
                self._asks = word.changes["ask_days"] or EVERY_DAY
            if {"ask_days", "rung"} & word.changes.keys():
                self.paces[moment.day] = self._asks if self.person.rung < rhythm.SILENT_RUNG else 0
            if word.kind is not None:
                against = word.against or (untimely(self.paces, moment.day) if word.kind in ASKS_FOR else None)
                self.said.append(
                    Due(at, "plan", Slot(moment.day, word.slot, at, None), against, word.kind, word.params)
                )
                self._write(self.said[-1])

    def _write(self, due: Due) -> None:
        if due.kind == self.plan.kind:
            state = due.against.state if due.against else "sent"
            moment = Written(self.plan.id, self.plan.id, due.kind, due.slot.day, due.slot.slot, due.at, state, True)
            self._moments.append(moment)


async def look_back(
    session: ClinicSession,
    client: Client,
    story: Story,
    days: Sequence[Day],
    plan_id: UUID,
    began_at: datetime,
    now: datetime,
) -> Looking | None:
    """Each morning and evening up to yesterday's; what they changed is kept. Who picked the hours is not asked at other
    ones, so that only how often is decided. None for all others: the scheduler looks at them from now on."""
    if not story.picks_hours:
        return None
    clinic = await find_clinic(session)
    quiet_from, quiet_until = quiet_hours(client, clinic)
    row = await session.get_one(ReminderRhythm, (session.clinic_id, client.id))
    person = Awake(
        client_id=client.id,
        zone=client.zone,
        locale=client.locale,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        fresh_start=clinic.fresh_start,
        week_text=clinic.week_text,
        **{name: getattr(row, name) for name in _ROW},
    )
    stretches = (await stretches_of(session, [client.id]))[client.id]
    plan = Running(plan_id, "plan", [channels_of(story)["plan"]], None, [PLAN])
    looking = Looking(days, stretches, person, plan)
    looking.look(local_day(began_at, client.zone), local_day(now, client.zone))
    row.sqlmodel_update(looking.changes)
    return looking
