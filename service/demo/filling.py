"""`clamshell demo`: a believable clinic of made-up people, filled through the same actions as a real one.

The days are drawn from a seed and end today, so that the same seed tells the same stories.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.actions import NewClient, add_client, add_staff, create_clinic, welcome
from service.accounts.queries import client as find_client
from service.accounts.queries import clinic as find_clinic
from service.accounts.queries import contact_points
from service.accounts.queries import staff as find_staff
from service.accounts.rules.limits import PainLimits, limits_of
from service.accounts.tables import Client, Clinic
from service.catalogue.actions import stock_library
from service.database.sealing import make_key
from service.database.tenancy import Actor, ClinicSession, Database
from service.demo.days import Day, Moment, days_of
from service.demo.folder import Filled
from service.demo.history import Due, channels_of, come_due, moments_of, remind
from service.demo.knowing import is_known, tell, visit
from service.demo.looking import look_back
from service.demo.post import PostOffice
from service.demo.prescribing import change, next_phase, prescribe
from service.demo.questions import questions_of
from service.demo.stories import DAYS, Story
from service.demo.texting import Text, take_text, texts_of
from service.diary.actions import NewPain, NewSession, mark_habits, record_pain, record_session
from service.diary.entries import When
from service.diary.fix_reports import tell_fix
from service.diary.mornings import NIGHT, NewMorning, record_morning
from service.diary.red_flags import Answers, answer_questions
from service.diary.rules import HabitValue, Outcome, Response
from service.ids import new_id
from service.plans.fixes import FixAnswer
from service.plans.queries import Content, content_on, contents
from service.plans.tables import PlanFix, PlanHabit

WORDING = "Yes, send me messages about my plan, up to 4 a day. I can stop at any time."
INVITED_DAYS = 4
_SUNDAY = 6
VISIT = time(10, 15)
MORNINGS = 10
"""So many days before today the mornings after were told, by whoever tells them."""

AT_ONCE = 3
"""How many people are written at the same time: while the database works on one, we work on the other."""

Say = Callable[[str], None]


@dataclass(slots=True)
class Filling:
    """Writes the clinic. Links in the messages of days gone by are made as the running demo makes its own."""

    database: Database
    seed: int
    now: datetime
    say: Say
    secret_key: str
    public_url: str
    people: Sequence[Story]
    clinic: Clinic = field(init=False)
    staff: list[UUID] = field(default_factory=list)

    async def fill(self) -> Filled:
        self.clinic = self._new_clinic()
        await self._open_clinic()
        ids: dict[str, UUID] = {}
        room = asyncio.Semaphore(AT_ONCE)

        async def tell(number: int, story: Story) -> None:
            async with room:
                ids[story.name] = await self._person(number, story)
            self.say(f"  {len(ids)} of {len(self.people)} people")

        async with asyncio.TaskGroup() as group:
            for number, story in enumerate(self.people):
                group.create_task(tell(number, story))
        return Filled(self.clinic.clinic_id, self.staff[0], ids[self.people[0].name], self.seed)

    def _tx(self, actor: Actor) -> AbstractAsyncContextManager[ClinicSession]:
        return self.database.clinic_tx(self.clinic.clinic_id, actor)

    def _new_clinic(self) -> Clinic:
        return Clinic(
            clinic_id=new_id(self.now),
            name="Northside Physiotherapy",
            short_name="Northside",
            country="US",
            zone="America/New_York",
            phone="(202) 555-0100",
            emergency_number="911",
            created_at=self.now - timedelta(days=DAYS + 5),
            live_at=self.now - timedelta(days=DAYS + 5),
            set_up=["put_away"],
        )

    async def _open_clinic(self) -> None:
        opened = self.clinic.created_at
        async with self._tx(Actor("system", None, "demo")) as session:
            await create_clinic(session, self.clinic, opened)
            # What is texted is sealed under a key of the clinic. Made later, it would keep others waiting until the
            # person whose text came first is there from beginning to end.
            await make_key(session, self.clinic.clinic_id)
            await stock_library(session, opened)
            for name in ("Sam Carter", "Robin Diaz", "Alex Kim"):
                email = f"{name.split()[0].lower()}@northside.example"
                role = "owner" if not self.staff else "therapist"
                self.staff.append(
                    # No password opens this: the demo is entered by its own link, from this machine only.
                    await add_staff(session, name=name, email=email, role=role, password_hash="", now=opened)
                )
                # Nor is there a second way: the link is of this machine.
                (await find_staff(session, self.staff[-1])).factor_due_at = None

    async def _person(self, number: int, story: Story) -> UUID:
        began_at = self._day(story, INVITED_DAYS if story.never_started else DAYS).at(VISIT)
        days = days_of(story, self.seed, self.now)
        async with self._tx(Actor("staff", self.staff[story.therapist], "web")) as session:
            client = await self._add(session, number, story, began_at)
            await prescribe(session, client, story, began_at)
            if story.changed_on_day is not None:
                await change(session, client, story, began_at + timedelta(days=story.changed_on_day))
            for day in story.phases_on_days:
                await next_phase(session, client, story, began_at + timedelta(days=day))
            if not story.picks_hours:
                reminders = await remind(session, client, story, began_at, self.now)
            await _noted_for_them(session, client, story, days)
            if is_known(story):
                await visit(session, client, story, self.staff[story.therapist], began_at)
        if is_known(story):
            async with self._tx(Actor("client", client.id, "web")) as session:
                await tell(session, client, story, began_at)
                if story.picks_hours:
                    reminders = await remind(session, client, story, began_at, self.now)
        async with self._tx(Actor("client", client.id, story.channel)) as session:
            await _keep_diary(session, client, story, [day for day in days if not _is_texted(story, day)])
            await _answer_questions(session, client, story, days)
        async with self._tx(Actor("client", client.id, "text")) as session:
            await self._correspond(session, client, story, days, reminders, began_at)
        return client.id

    async def _add(self, session: ClinicSession, number: int, story: Story, began_at: datetime) -> Client:
        handle = story.name.lower().replace(" ", ".")
        new = NewClient(
            name=story.name,
            zone=story.zone,
            locale=story.locale,
            therapist_id=self.staff[story.therapist],
            phone=f"+12025550{100 + number}",
            email=f"{handle}@mail.example",
            consent_wording={"sms": WORDING, "email": WORDING},
            starts_active=not story.never_started,
        )
        return await add_client(session, new, began_at)

    async def _correspond(
        self,
        session: ClinicSession,
        client: Client,
        story: Story,
        days: Sequence[Day],
        reminders: dict[str, UUID],
        began_at: datetime,
    ) -> None:
        """What went to and fro with this person, in the order in which it did."""
        # Held on to by this session, which would look for them with each text.
        client = await find_client(session, client.id)
        post = PostOffice(self.clinic, self.secret_key, self.public_url)
        points = await contact_points(session, client.id)
        by_channel = {point.channel: point for point in points}
        asked_at = {kind: by_channel[channel] for kind, channel in channels_of(story).items()}
        await welcome(session, points, began_at)
        stop = self._stop(story)
        looking = await look_back(session, client, story, days, reminders["plan"], began_at, self.now)
        paces, said = (looking.paces, looking.said) if looking else ({}, [])
        moments = [*moments_of(story, days, began_at, stop.at if stop else None, self.now, paces), *said]
        texts = texts_of(story, [day for day in days if _is_texted(story, day)])
        happened: list[Due | Text] = sorted([*moments, *texts, *([stop] if stop else [])], key=lambda one: one.at)
        for _, alike in groupby(happened, type):
            together = list(alike)
            await come_due(session, client, asked_at, reminders, [one for one in together if isinstance(one, Due)])
            for text in (one for one in together if isinstance(one, Text)):
                # A text answers what has arrived.
                await post.deliver(session, client, points)
                await take_text(session, client, by_channel["sms"], text, self.secret_key)
        await post.deliver(session, client, points)

    def _stop(self, story: Story) -> Text | None:
        if story.stopped_on_day is None:
            return None
        return Text(self._day(story, DAYS - story.stopped_on_day).at(time(18, 10)), "STOP", is_stop=True)

    def _day(self, story: Story, back: int) -> Moment:
        zone = ZoneInfo(story.zone)
        return Moment(self.now.astimezone(zone).date() - timedelta(days=back), back, zone)


def _is_texted(story: Story, day: Day) -> bool:
    return story.channel == "text" and day.moment.back <= story.texted_days


async def _noted_for_them(session: ClinicSession, client: Client, story: Story, days: Sequence[Day]) -> None:
    """While the phone was offline, the therapist noted what was said on the telephone; the phone knew better later."""
    for day in days:
        if story.offline_days and day.moment.back == story.offline_days - 1:
            at = day.told_at - timedelta(hours=1)
            when = When(day.moment.day, at, at)
            await record_session(session, client, NewSession(Outcome.PARTLY), when, at)


async def _keep_diary(session: ClinicSession, client: Client, story: Story, days: Sequence[Day]) -> None:
    # Held on to: the session forgets what nobody holds, and would read both anew for each entry.
    _clinic, versions = await find_clinic(session), await contents(session, client.id)
    # No day asks for what another one told, so that nothing need be written before each question.
    with session.no_autoflush:
        for day in days:
            await _record(session, client, story, content_on(versions, day.moment.day) or versions[0], day)
        if story.sets_up:
            await _set_up(session, client, versions[0].fixes[0], days)
    if story.tells_mornings:
        await _tell_mornings(session, client, days)


async def _tell_mornings(session: ClinicSession, client: Client, days: Sequence[Day]) -> None:
    """After the sessions of the last days; this morning is still to be told."""
    await session.flush()
    for before, day in pairwise(days):
        follows = before.moment.day == day.moment.day - NIGHT and 1 <= day.moment.back <= MORNINGS
        if follows and before.session is not None and before.session.outcome is not Outcome.SKIPPED:
            more = (day.score > before.score) - (day.score < before.score)
            response = {-1: Response.BETTER, 0: Response.SAME, 1: Response.WORSE}[more]
            when = When(day.moment.day, day.told_at, day.told_at)
            await record_morning(session, client, NewMorning(response, day.score), when, day.arrived_at)


async def _set_up(session: ClinicSession, client: Client, fix: PlanFix, days: Sequence[Day]) -> None:
    """Long enough ago to be looked at again by now."""
    done = [day for day in days if day.moment.back >= (fix.recheck_days or DAYS)][-1:]
    for day in done:
        when = When(day.moment.day, day.told_at, day.told_at)
        await tell_fix(session, client, fix.id, FixAnswer.DONE, when, day.arrived_at)


async def _answer_questions(session: ClinicSession, client: Client, story: Story, days: Sequence[Day]) -> None:
    """About warning signs, no to all, on the days on which Today asks them."""
    limits = limits_of(PainLimits, await find_clinic(session))
    for asked, at in questions_of(story, days, limits):
        await answer_questions(session, client, new_id(at), Answers(asked.why, [], asked.questions), at)


async def _record(session: ClinicSession, client: Client, story: Story, plan: Content, day: Day) -> None:
    when = When(day.moment.day, day.told_at, day.told_at)
    sites = [(story.site, story.side)] if day.has_site else []
    await record_pain(session, client, NewPain(day.score, sites=sites), when, day.arrived_at)
    marks = {habit.id: _told(habit, day) for habit in plan.habits}
    answers = {habit_id: told for habit_id, told in marks.items() if told is not None}
    await mark_habits(session, client, answers, when, day.arrived_at)
    if day.session is None:
        return
    when = When(day.moment.day, day.session.at, day.session.at)
    done_items = [plan.items[0].row.id] if day.session.outcome is Outcome.PARTLY else None
    new = NewSession(day.session.outcome, done_items=done_items, reason=day.session.reason, **_felt(story, day))
    await record_session(session, client, new, when, day.heard_at(day.session.at))


def _told(habit: PlanHabit, day: Day) -> HabitValue | None:
    if habit.cadence == "weekly":
        return "mixed" if day.moment.day.weekday() == _SUNDAY else None
    return day.marks.get(habit.kind)


def _felt(story: Story, day: Day) -> dict[str, Any]:
    """How a session felt, of those who say so: a little easier than the day."""
    skipped = day.session is None or day.session.outcome is Outcome.SKIPPED
    if skipped or not story.tells_mornings or day.moment.back > MORNINGS + 1:
        return {}
    during = max(day.score - 1, 0)
    return {"pain": {"before": day.score, "during": during, "after": day.score}, "effort": "somewhat_hard"}
