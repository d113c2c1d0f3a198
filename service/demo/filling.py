"""`clamshell demo`: a believable clinic of made-up people, filled through the same actions as a real one.

The days are drawn from a seed and end today, so that the same seed tells the same stories.
"""

import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.actions import NewClient, add_client, add_staff, create_clinic, opt_out
from service.accounts.queries import client as find_client
from service.accounts.queries import contact_points
from service.accounts.sign_in import hash_password
from service.accounts.tables import Client, Clinic
from service.catalogue.actions import stock_library
from service.catalogue.rules import Side
from service.database.tenancy import Actor, ClinicSession, Database
from service.demo.history import REMINDERS, Past, tell_history
from service.demo.stories import NAMED, OTHERS, Moment, Story
from service.diary.actions import NewPain, NewSession, mark_habit, record_pain, record_session
from service.diary.entries import When
from service.diary.rules import Outcome, SkipReason
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, ItemToPrescribe, Prescription
from service.plans.queries import Content, content_on, contents
from service.reminders.actions import Wish, set_reminder

DAYS = 60
WORDING = "Yes, send me messages about my plan, up to 1 a day. I can stop at any time."
EVERY_DAY = {"cadence": "weekdays", "weekdays": 127}
THREE_A_WEEK = {"cadence": "times_per_week", "times_per_week": 3}
HABITS = ("hab-hang-hip", "hab-side-sleep", "hab-car-min")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Filled:
    """Where the demo's clinic is; kept beside the database once all of it is there."""

    clinic_id: UUID
    staff_id: UUID
    maria_id: UUID


@dataclass(slots=True)
class Filling:
    """Writes the clinic. A fill that was cut short leaves a clinic nobody can enter; the next start makes a new one."""

    database: Database
    chance: random.Random
    now: datetime
    say: Say
    clinic_id: UUID = field(init=False)
    staff: list[UUID] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    async def fill(self) -> Filled:
        self.clinic_id = new_id(self.now)
        await self._clinic()
        stories = [*NAMED, *(self._somebody(name) for name in OTHERS)]
        clients = []
        for number, story in enumerate(stories, 1):
            clients.append(await self._person(story))
            self.say(f"  {number} of {len(stories)} people")
        return Filled(self.clinic_id, self.staff[0], clients[0])

    def _tx(self, actor: Actor) -> AbstractAsyncContextManager[ClinicSession]:
        return self.database.clinic_tx(self.clinic_id, actor)

    async def _clinic(self) -> None:
        opened = self.now - timedelta(days=DAYS + 5)
        clinic = Clinic(
            clinic_id=self.clinic_id,
            name="Northside Physiotherapy",
            short_name="Northside",
            country="US",
            zone="America/New_York",
            phone="555-0100",
            emergency_number="911",
            created_at=opened,
        )
        async with self._tx(Actor("system", None, "demo")) as session:
            await create_clinic(session, clinic, opened)
            await stock_library(session, opened)
            for name in ("Sam Carter", "Robin Diaz", "Alex Kim"):
                # Nobody knows this password: the demo is entered by its own link, from this machine only.
                password_hash = hash_password(secrets.token_urlsafe(24))
                email = f"{name.split()[0].lower()}@northside.example"
                role = "owner" if not self.staff else "therapist"
                self.staff.append(
                    await add_staff(session, name=name, email=email, role=role, password_hash=password_hash, now=opened)
                )

    def _somebody(self, name: str) -> Story:
        return Story(
            name,
            starts=self.chance.choice([3, 4, 5, 6]),
            drift=self.chance.choice([-0.04, -0.03, -0.02, -0.01, 0, 0.005]),
            logs=self.chance.uniform(0.55, 0.95),
            exercises=self.chance.uniform(0.5, 0.9),
            channel=self.chance.choice(["web", "web", "text", "app"]),
            site=self.chance.choice(["lateral_hip", "deep_buttock", "groin_front", "posterior_thigh"]),
            side=self.chance.choice(["left", "right"]),
            therapist=self.chance.randrange(3),
        )

    async def _person(self, story: Story) -> UUID:
        begins = self.now - timedelta(days=3 if story.never_started else DAYS)
        async with self._tx(Actor("staff", self.staff[story.therapist], "demo")) as session:
            client = await self._add(session, story, begins)
            await self._prescribe(session, client, begins)
            if story.changed_on_day is not None:
                await self._change(session, client, begins + timedelta(days=story.changed_on_day))
            versions = await contents(session, client.id)
            reminders = await self._remind(session, client)
        async with self._tx(Actor("client", client.id, story.channel)) as session:
            logged = await self._live(session, client, story, versions)
        async with self._tx(Actor("staff", self.staff[story.therapist], "demo")) as session:
            await self._reminded(session, client, story, reminders, logged)
        return client.id

    async def _add(self, session: ClinicSession, story: Story, begins: datetime) -> Client:
        handle = story.name.lower().replace(" ", ".")
        new = NewClient(
            name=story.name,
            zone=story.zone,
            locale=story.locale,
            therapist_id=self.staff[story.therapist],
            phone=f"+12025550{100 + next(self.numbers)}",
            email=f"{handle}@mail.example",
            consent_wording={"sms": WORDING, "email": WORDING},
            starts_active=not story.never_started,
        )
        return await find_client(session, await add_client(session, new, begins))

    async def _prescribe(self, session: ClinicSession, client: Client, begins: datetime) -> Content:
        wanted = Prescription(
            title="Home exercise plan",
            starts_on=begins.astimezone(ZoneInfo(client.zone)).date(),
            items=[
                _item("glu-bridge-double", "Glute strength", EVERY_DAY, sets=2, reps=10),
                _item("glu-squeeze", "Glute strength", EVERY_DAY),
                _item("ham-strap", "Hamstring stretch", THREE_A_WEEK, side=Side.RIGHT),
            ],
            habits=[HabitToPrescribe(code, None, None) for code in HABITS],
        )
        return await plans.prescribe(session, client.id, wanted, begins)

    async def _remind(self, session: ClinicSession, client: Client) -> dict[str, UUID]:
        today = self.now.astimezone(ZoneInfo(client.zone)).date()
        return {
            kind: (await set_reminder(session, client, Wish(kind, [wall], 127, [channel], today), self.now)).id
            for kind, (wall, channel) in REMINDERS.items()
        }

    async def _live(
        self, session: ClinicSession, client: Client, story: Story, versions: list[Content]
    ) -> dict[date, datetime]:
        """Every day from the first to today, as this person would have told it; returns when each was told."""
        logged: dict[date, datetime] = {}
        if story.never_started:
            return logged
        zone = ZoneInfo(client.zone)
        today = self.now.astimezone(zone).date()
        slept_well, noise = True, 0.0
        for back in range(DAYS, -1, -1):
            moment = Moment(today - timedelta(days=back), back, zone)
            # A bad day is often followed by another one.
            noise = 0.6 * noise + self.chance.gauss(0, 0.6)
            score = self._score(story, DAYS - back, noise, slept_well)
            slept_well = self.chance.random() < 0.6
            if self._tells(story, moment):
                plan = content_on(versions, moment.day) or versions[0]
                logged[moment.day] = await self._day(session, client, story, plan, moment, score, slept_well)
        return logged

    def _tells(self, story: Story, moment: Moment) -> bool:
        if moment.back < story.silent_days or (story.skips_weekends and moment.day.weekday() >= 5):
            return False
        surely = moment.back == 0 and story.pain_today is not None
        return self.chance.random() < (1 if surely else story.logs)

    def _score(self, story: Story, day_number: int, noise: float, slept_well: bool) -> int:
        if story.pain_today is not None and day_number == DAYS:
            return story.pain_today
        sleep = -1.2 if story.sleep_helps and slept_well else 0
        return max(0, min(10, round(story.starts + story.drift * day_number + noise + sleep)))

    async def _day(
        self,
        session: ClinicSession,
        client: Client,
        story: Story,
        plan: Content,
        moment: Moment,
        score: int,
        slept_well: bool,
    ) -> datetime:
        hour = self.chance.choice([7, 8, 9, 10, 12, 17, 19, 20])
        done_at = min(moment.at(time(hour, self.chance.randrange(60))), self.now)
        # A phone that was offline hands its days over together, when it comes back.
        arrived = self.now if 0 < moment.back <= story.offline_days else done_at
        when = When(moment.day, done_at, done_at)
        sites = [(story.site, story.side)] if self.chance.random() < 0.6 else []
        await record_pain(session, client, NewPain(score, sites=sites), when, arrived)
        for habit in plan.habits:
            if self.chance.random() < 0.8:
                answer = self._answer(habit.kind, slept_well)
                await mark_habit(session, client, habit.id, answer, when, arrived)
        if self.chance.random() < story.exercises:
            await record_session(session, client, self._session(plan), when, arrived)
        elif self.chance.random() < 0.3:
            reason = self.chance.choice(list(SkipReason))
            await record_session(session, client, NewSession(Outcome.SKIPPED, reason=reason), when, arrived)
        return arrived

    def _answer(self, kind: str, slept_well: bool) -> bool | float | str:
        if kind == "yes_no":
            return self.chance.random() < 0.7
        if kind == "choice":
            return "non_sore_side_pillow" if slept_well else "sore_side"
        return float(self.chance.choice([20, 30, 45, 60, 90, 120]))

    def _session(self, plan: Content) -> NewSession:
        if self.chance.random() < 0.8:
            return NewSession(Outcome.DONE)
        return NewSession(Outcome.PARTLY, done_items=[plan.items[0].row.id])

    async def _reminded(
        self,
        session: ClinicSession,
        client: Client,
        story: Story,
        reminders: Mapping[str, UUID],
        logged: Mapping[date, datetime],
    ) -> None:
        """What was sent and held back so far, a STOP, and one message more that the real scheduler sends now."""
        points = {point.channel: point for point in await contact_points(session, client.id)}
        stopped_at = None
        if story.stopped_on_day is not None:
            stopped_at = self.now - timedelta(days=DAYS - story.stopped_on_day)
            await opt_out(session, points["sms"].id, "text", stopped_at)
        await tell_history(session, Past(client, points, reminders, logged, stopped_at, self.now))
        for point in points.values():
            outgoing = Outgoing(
                client_id=client.id,
                contact_point_id=point.id,
                channel=point.channel,
                kind=MessageKind.WELCOME,
                dedupe_key=f"welcome:{client.id}:{point.channel}",
                due_at=self.now,
                expires_at=self.now + timedelta(days=1),
            )
            await enqueue(session, outgoing, self.now)

    async def _change(self, session: ClinicSession, client: Client, made: datetime) -> None:
        before = (await contents(session, client.id))[-1]
        keys = {item.exercise.code: item.row.item_key for item in before.items}
        wanted = Prescription(
            title="Home exercise plan",
            starts_on=made.astimezone(ZoneInfo(client.zone)).date(),
            items=[
                _item("glu-bridge-double", "Glute strength", EVERY_DAY, keys, sets=3, reps=12),
                _item("glu-clam", "Glute strength", EVERY_DAY, keys, side=Side.RIGHT),
                _item("ham-strap", "Hamstring stretch", THREE_A_WEEK, keys, side=Side.RIGHT),
            ],
            habits=[HabitToPrescribe(code, None, None) for code in HABITS],
        )
        await plans.change(session, client.id, wanted, before.version.number, made)


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
