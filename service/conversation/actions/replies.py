"""What a text changes in the sender's record. What cannot be saved is kept as a note, and said so."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, assert_never
from uuid import UUID

from service.accounts import actions as accounts
from service.accounts.queries import clinic
from service.accounts.rules.office import when_read
from service.accounts.tables import Client, Clinic, ContactPoint
from service.conversation import rules
from service.conversation.queries import answers_before
from service.conversation.rules import PainScore
from service.database.tenancy import ClinicSession
from service.diary import queries as diary
from service.diary.actions import (
    NewPain,
    NewSession,
    mark_habit,
    record_pain,
    record_session,
    take_back,
    told_again,
)
from service.diary.entries import When, today_of
from service.diary.queries import Pain
from service.diary.red_flags import open_red_flag
from service.diary.rules import Outcome, SkipReason
from service.outbox.rules import MessageKind
from service.plans.asking import asked_on
from service.plans.queries import Content, content_on, contents, prescribed_on

CORRECTS_WITHIN: Final = timedelta(hours=1)
"""A second score so soon takes the place of the first, as the answer to the first offers. Later in the day a bare
number may be how it is now, and is kept beside the first, unless its words say that it corrects."""


@dataclass(frozen=True, slots=True)
class Told:
    """A text on its way into a client's record. `day` is the client's local day when it came.

    `stop_heard`: it is a STOP, and its phone was closed at `at`, unless that was done before.
    """

    client: Client
    point: ContactPoint
    event_id: UUID
    at: datetime
    day: date
    asked: str | None
    stop_heard: bool = False

    @property
    def ended_texts(self) -> bool:
        return self.stop_heard and self.point.opted_out_at == self.at

    @property
    def when(self) -> When:
        return When(self.day, self.at, self.at)


@dataclass(frozen=True, slots=True)
class Taken:
    """How one part of a text was taken: a short code for the thread, and what to answer."""

    code: str
    answer: MessageKind | None = None
    params: dict[str, Any] = field(default_factory=dict)


Reported = (
    PainScore
    | rules.Done
    | rules.Some
    | rules.Skip
    | rules.Undo
    | rules.Start
    | rules.Help
    | rules.OutOfRange
    | rules.TwoNumbers
    | rules.Stop
    | rules.Danger
    | rules.Note
)
"""What a text says of the day, of danger, and of messages at all; what it asks of reminders is in `wishes`."""

NOTED: Final = Taken("note", MessageKind.NOTE_ACK)


async def take(session: ClinicSession, told: Told, reading: Reported) -> list[Taken]:
    match reading:
        case rules.Stop():
            return [await _stop(session, told)]
        case rules.Start():
            agreed = await accounts.opt_in(session, told.point.id, told.at)
            return [Taken("start", MessageKind.STARTED if agreed else None)]
        case rules.Help():
            return [Taken("help", MessageKind.HELP)]
        case rules.Danger():
            await open_red_flag(session, told.client.id, "text", told.at)
            return [Taken("danger", MessageKind.NOT_WATCHED)]
        case PainScore():
            done = [await _done(session, told)] if reading.also_done else []
            return [await _pain(session, told, reading), *done]
        case rules.Done(item=number):
            return [await (_done(session, told) if number is None else _done_item(session, told, number))]
        case rules.Some():
            return [await _some(session, told)]
        case rules.Skip(reason=reason):
            return [await _skip(session, told, reason)]
        case rules.OutOfRange() | rules.TwoNumbers():
            return [Taken("out_of_range", MessageKind.OUT_OF_RANGE)]
        case rules.Undo():
            return [await _undo(session, told)]
        case rules.Note():
            return [Taken("note", MessageKind.UNCLEAR)]
        case _:
            assert_never(reading)


async def _stop(session: ClinicSession, told: Told) -> Taken:
    if told.stop_heard:
        return Taken("stop", MessageKind.STOPPED if told.ended_texts else None)
    if told.point.opted_out_at is not None:
        return Taken("stop")
    await accounts.opt_out(session, told.point.id, "text", told.at)
    return Taken("stop", MessageKind.STOPPED)


async def _undo(session: ClinicSession, told: Told) -> Taken:
    """Takes back what the last text of the day put into the diary. Another UNDO does not go on to the one before:
    people send a word again when no answer comes at once."""
    for said in await answers_before(session, told.client.id, told.event_id, told.at):
        if today_of(told.client, said.sent_at) != told.day:
            break
        entries = await diary.told_at(session, told.client.id, told.day, said.sent_at)
        for entry in entries:
            await take_back(session, told.client, entry, told.at)
        if entries:
            return Taken("undo", MessageKind.UNDO_ACK)
    return Taken("undo", MessageKind.NOTHING_TO_UNDO)


async def _pain(session: ClinicSession, told: Told, said: PainScore) -> Taken:
    before = await _told_before(session, told, said)
    sites: list[tuple[str | None, str | None]] = [(site, said.side) for site in said.sites]
    if said.side is not None and not sites:
        sites = [(None, said.side)]
    new = NewPain(said.score, sites=sites, aggravators=said.aggravators)
    if before is not None and not sites and not said.aggravators:
        new = told_again(before, said.score)
    when = When(told.day, told.at, told.at, before.entry.id if before else None)
    await record_pain(session, told.client, new, when, told.at)
    ours = await clinic(session)
    looked_at = when_read(ours, told.at, told.client.locale)
    return Taken("pain", _score_ack(said, ours), {"score": said.score, "when": looked_at})


def _score_ack(said: PainScore, ours: Clinic) -> MessageKind:
    if said.score >= ours.high_pain:
        return MessageKind.HIGH_ACK
    return MessageKind.ROUNDED_ACK if said.rounded else MessageKind.CHECK_IN_ACK


async def _told_before(session: ClinicSession, told: Told, said: PainScore) -> Pain | None:
    """The score of today whose place this one takes."""
    today = await diary.pain_entries(session, told.client.id, told.day, told.day)
    texted = [pain for pain in today if pain.entry.channel == "text"]
    meant = [pain for pain in texted if said.corrects or told.at - pain.entry.done_at < CORRECTS_WITHIN]
    return meant[-1] if meant else None


async def _plan(session: ClinicSession, told: Told) -> Content | None:
    prescribed = await prescribed_on(session, told.client.id, told.day)
    if prescribed is None or not prescribed[1]:
        return None
    listed = await contents(session, told.client.id)
    return next(content for content in listed if content.version.id == prescribed[0])


async def _done(session: ClinicSession, told: Told) -> Taken:
    if await _plan(session, told) is None:
        return NOTED
    await record_session(session, told.client, NewSession(Outcome.DONE), told.when, told.at)
    return Taken("done", await _plan_ack(session, told))


async def _plan_ack(session: ClinicSession, told: Told) -> MessageKind:
    """What they did is kept, whatever they were told. While a warning sign is open nobody is praised for it: they hear
    the fixed words instead."""
    on_hold = await diary.is_on_hold(session, told.client.id, told.at)
    return MessageKind.NOT_WATCHED if on_hold else MessageKind.PLAN_ACK


async def _done_item(session: ClinicSession, told: Told, number: int) -> Taken:
    """The item with this number, as the plan lists them; one of the habits when those were asked about."""
    content = await _plan(session, told)
    if told.asked == "habit":
        return await _done_habit(session, told, number)
    if content is None or number > len(content.items):
        return NOTED
    everything = {item.row.id for item in content.items}
    done = (await _done_today(session, told) & everything) | {content.items[number - 1].row.id}
    outcome = Outcome.DONE if done == everything else Outcome.PARTLY
    await record_session(session, told.client, NewSession(outcome, sorted(done)), told.when, told.at)
    return Taken("done", await _plan_ack(session, told))


async def _done_habit(session: ClinicSession, told: Told, number: int) -> Taken:
    """Of those asked that day, as they stand on its pages. Only a habit that is answered by yes, where yes is the good
    answer: DONE and a number say no more."""
    content = content_on(await contents(session, told.client.id), told.day)
    marks = await diary.habit_marks(session, told.client.id, told.day - timedelta(days=31), told.day)
    habits = asked_on(content.habits if content else [], {(mark.habit_key, mark.day) for mark in marks}, told.day)
    if number > len(habits):
        return NOTED
    habit = habits[number - 1]
    if habit.kind != "yes_no" or habit.good.get("value") is not True:
        return NOTED
    await mark_habit(session, told.client, habit.id, True, told.when, told.at)
    return Taken("done", await _plan_ack(session, told))


async def _some(session: ClinicSession, told: Told) -> Taken:
    """Part of it, and not which part: what was ticked today stays ticked, nothing else is."""
    content = await _plan(session, told)
    if content is None:
        return NOTED
    everything = {item.row.id for item in content.items}
    done = await _done_today(session, told) & everything
    if done == everything:
        done = set()
    await record_session(session, told.client, NewSession(Outcome.PARTLY, sorted(done)), told.when, told.at)
    return Taken("some", await _plan_ack(session, told))


async def _done_today(session: ClinicSession, told: Told) -> set[UUID]:
    """Of whichever version the day began with: a plan that changed today leaves items that are no longer in it."""
    listed = await diary.sessions(session, told.client.id, told.day, told.day)
    return {result.plan_item_id for entry in listed[:1] for result in entry.results if result.done}


async def _skip(session: ClinicSession, told: Told, reason: SkipReason | None) -> Taken:
    if await _plan(session, told) is None:
        return NOTED
    await record_session(session, told.client, NewSession(Outcome.SKIPPED, reason=reason), told.when, told.at)
    return Taken("skip", MessageKind.SKIP_ACK)
