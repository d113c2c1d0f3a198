from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import col, select

from scheduler import claims
from scheduler.messages import Claimed, Marking, Ready
from scheduler.timing import NORMAL
from service.accounts.tables import Consent
from service.audit.tables import AuditEntry
from service.clock import utc_now
from service.database.tenancy import SYSTEM as SCHEDULER
from service.database.tenancy import ClinicSession, Database
from service.diary import queries as diary
from service.diary.queries import Diary
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind, required_params
from service.outbox.tables import Message
from service.plans.queries import current
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team
from tests.service.conversation.conftest import SYSTEM, Person, Provider, make_person, messages_of

pytestmark = pytest.mark.anyio

Told = tuple[int, list[tuple[str | None, str | None]], list[str]]
GOT_IT = "Got it: %s. Saved for today. Wrong number? Text the right one."
WELL_DONE = "Saved. Well done. Reply with a number 0 to 10 to add today's score."
UNCLEAR = "Thanks, we kept your note. You can also reply a number 0 to 10, DONE or SKIP. To stop texts, reply STOP."
NOT_WATCHED = "This line is not watched day and night. For an emergency call 911. We passed your note to your clinic."
NOTED = "Thanks. We passed your note to your clinic."
STOPPED = (
    "Northside: you will get no more texts from us. Your plan still works in the app. Reply START to get texts again."
)


async def day_of(person: Person) -> Diary:
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        return await diary.diary(session, person.client.id, TODAY, TODAY)


async def pains(person: Person) -> list[Told]:
    """Score, pairs of site and side, and aggravators of each entry."""
    return [
        (pain.entry.score, [(site.site, site.side) for site in pain.sites], pain.entry.aggravators)
        for pain in (await day_of(person)).pains
    ]


async def sessions(person: Person) -> list[tuple[str, str | None, list[bool]]]:
    """Outcome, reason, and what was done of the items, in the order of the plan."""
    found = await day_of(person)
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        items = [item.row.id for item in (await current(session, person.client.id, TODAY)).items]
    return [
        (
            entry.row.outcome,
            entry.row.reason,
            [r.done for item in items for r in entry.results if r.plan_item_id == item],
        )
        for entry in found.sessions
    ]


async def readings(person: Person) -> list[tuple[str, str | None]]:
    return [(line.body, line.reading) for line in await person.thread()]


async def ask(person: Person, kind: MessageKind) -> None:
    """A question the person got ten minutes ago."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        outgoing = Outgoing(
            client_id=person.client.id,
            contact_point_id=person.point.id,
            channel="sms",
            kind=kind,
            dedupe_key=f"test:{uuid4()}",
            due_at=NOW - timedelta(minutes=10),
            expires_at=NOW,
            prompt=kind.value,
        )
        message_id = await enqueue(session, outgoing, NOW)
        message = await session.get_one(Message, (session.clinic_id, message_id))
        message.state, message.accepted_at = "delivered", NOW - timedelta(minutes=10)


async def test_a_number_with_side_and_movement_becomes_a_pain_entry(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "6 R car")
    assert await pains(person) == [(6, [(None, "right")], ["driving"])]
    entry = (await day_of(person)).pains[0].entry
    assert (entry.channel, entry.entered_by, entry.day, entry.done_at) == ("text", "client", TODAY, NOW)
    assert await readings(person) == [("6 R car", "pain")]
    assert await person.answers() == [("check_in_ack", GOT_IT % 6)]


async def test_every_site_of_a_text_has_its_side(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "5 left groin and buttock")
    assert await pains(person) == [(5, [("groin_front", "left"), ("deep_buttock", "left")], [])]


async def test_a_rounded_score_says_so(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "3.5")
    assert await pains(person) == [(4, [], [])]
    assert await person.answers() == [("rounded_ack", "Saved as 4. Text the right one if not.")]


async def test_the_right_number_takes_the_place_of_the_wrong_one(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "6 R car")
    clock.now = NOW + timedelta(minutes=59)
    await provider.text(person.phone, "5")
    assert await pains(person) == [(5, [(None, "right")], ["driving"])]
    clock.now = NOW + timedelta(minutes=61)
    await provider.text(person.phone, "4")
    assert [score for score, _, _ in await pains(person)] == [5, 4]


async def test_a_high_score_is_answered_with_whom_to_call(provider: Provider, database: Database, team: Team) -> None:
    person, other = await make_person(database, team), await make_person(database, team)
    await provider.text(person.phone, "8")
    await provider.text(other.phone, "7")
    assert await person.answers() == [
        (
            "high_ack",
            "Thanks, we saved 8 and told your clinic. They look at this in office hours. In an emergency call 911 now.",
        )
    ]
    assert await other.answers() == [("check_in_ack", GOT_IT % 7)]


async def test_done_is_the_whole_session_of_the_day(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "DONE")
    await provider.text(person.phone, "done!")
    assert await sessions(person) == [("done", None, [True, True])]
    assert await readings(person) == [("DONE", "done"), ("done!", "done")]
    assert await person.answers() == [("plan_ack", WELL_DONE)] * 2


async def test_done_and_a_score_are_both_kept(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "Done 4")
    assert await sessions(person) == [("done", None, [True, True])]
    assert await pains(person) == [(4, [], [])]
    assert await readings(person) == [("Done 4", "pain done")]
    assert await person.answers() == [("check_in_ack", GOT_IT % 4)]


async def test_items_are_ticked_one_by_one_until_all_are_done(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "done #2")
    assert await sessions(person) == [("partly", None, [False, True])]
    await provider.text(person.phone, "done #1")
    assert await sessions(person) == [("done", None, [True, True])]
    await provider.text(person.phone, "done #9")
    assert await sessions(person) == [("done", None, [True, True])]
    assert (await person.answers())[-1] == ("note_ack", NOTED)


async def test_some_ticks_nothing_that_was_not_ticked(provider: Provider, database: Database, team: Team) -> None:
    person, ticked, finished = [await make_person(database, team) for _ in range(3)]
    await provider.text(ticked.phone, "done #1")
    await provider.text(finished.phone, "DONE")
    for each in (person, ticked, finished):
        await provider.text(each.phone, "SOME")
    assert await sessions(person) == [("partly", None, [False, False])]
    assert await sessions(ticked) == [("partly", None, [True, False])]
    assert await sessions(finished) == [("partly", None, [False, False])]


@pytest.mark.parametrize(
    ("words", "reason"),
    [("SKIP", None), ("skip no time", "no_time"), ("skip, hurts too much", "hurts"), ("skip forgot", None)],
)
async def test_skip_keeps_its_reason(
    provider: Provider, database: Database, team: Team, words: str, reason: str | None
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, words)
    assert await sessions(person) == [("skipped", reason, [False, False])]
    assert await person.answers() == [("skip_ack", "OK, skipped for today. No need to catch up.")]


@pytest.mark.parametrize("words", ["DONE", "SOME", "SKIP", "done #1"])
async def test_without_a_plan_nothing_is_pretended(
    provider: Provider, database: Database, team: Team, words: str
) -> None:
    person = await make_person(database, team, plan=False)
    await provider.text(person.phone, words)
    assert (await day_of(person)).sessions == []
    assert await readings(person) == [(words, "note")]
    assert await person.answers() == [("note_ack", NOTED)]


async def test_a_number_beside_done_is_a_habit_when_habits_were_asked_about(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await ask(person, MessageKind.HABIT)
    await provider.text(person.phone, "done 1")
    await provider.text(person.phone, "done 2")
    found = await day_of(person)
    assert [mark.yes for mark in found.habits] == [True]
    assert found.sessions == []
    assert await person.answers() == [("plan_ack", WELL_DONE), ("note_ack", NOTED)]


async def test_no_is_a_skip_only_when_the_plan_was_asked_about(
    provider: Provider, database: Database, team: Team
) -> None:
    person, other = await make_person(database, team), await make_person(database, team)
    await ask(person, MessageKind.PLAN)
    for each in (person, other):
        await provider.text(each.phone, "no")
    assert await sessions(person) == [("skipped", None, [False, False])]
    assert await sessions(other) == []


async def test_a_score_and_a_stop_are_both_heard(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "7 STOP")
    assert [score for score, _, _ in await pains(person)] == [7]
    assert await person.opted_out()
    assert await readings(person) == [("7 STOP", "stop pain")]
    assert await person.answers() == [("stopped", STOPPED)]


async def test_after_a_stop_nothing_more_is_answered_and_everything_is_kept(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    for words in ("stop texting me pls", "STOP", "5", "hello there", "fell on the stairs"):
        await provider.text(person.phone, words)
    assert await person.answers() == [("stopped", STOPPED)]
    assert await person.opted_out_at() == NOW
    assert [score for score, _, _ in await pains(person)] == [5]
    assert [reading for _, reading in await readings(person)] == ["stop", "stop", "pain", "note", "danger"]


async def test_what_the_provider_answered_itself_is_not_answered_again(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "Adios amigos", OptOutType="STOP")
    assert await person.opted_out()
    await provider.text(person.phone, "START", OptOutType="START")
    assert not await person.opted_out()
    await provider.text(person.phone, "HELP", OptOutType="HELP")
    assert await person.answers() == []


async def test_start_opens_what_stop_closed_and_help_helps(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    for words in ("STOP", "START", "HELP"):
        await provider.text(person.phone, words)
    assert not await person.opted_out()
    assert await person.answers() == [
        ("stopped", STOPPED),
        ("started", "Northside: you will get texts from us again. Reply STOP to end, HELP for help."),
        (
            "help",
            "Northside texts. Up to 4 a day. Call 555-0100 in office hours. "
            "Reply STOP to end. Msg and data rates may apply.",
        ),
    ]


async def test_start_opens_nothing_when_consent_was_withdrawn(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "STOP")
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        statement = select(Consent).where(col(Consent.client_id) == person.client.id)
        for consent in await session.scalars(statement.where(col(Consent.clinic_id) == team.clinic_id)):
            consent.withdrawn_at = NOW
    await provider.text(person.phone, "START")
    assert await person.opted_out()
    assert await person.answers() == [("stopped", STOPPED)]


async def test_danger_is_answered_at_once_and_leaves_an_alert(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "6 fell in the kitchen and can't walk")
    assert await readings(person) == [("6 fell in the kitchen and can't walk", "danger")]
    assert await person.answers() == [("not_watched", NOT_WATCHED)]
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        statement = select(AuditEntry).where(
            col(AuditEntry.clinic_id) == team.clinic_id, col(AuditEntry.client_id) == person.client.id
        )
        entries = [entry for entry in await session.scalars(statement) if entry.action == "alert"]
    assert [(entry.record_kind, entry.actor_kind, entry.channel) for entry in entries] == [
        ("thread_message", "client", "text")
    ]
    assert entries[0].record_id == (await person.thread())[0].id


async def test_what_is_not_understood_is_kept_and_answered_once_a_day(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "the band tore")
    await provider.text(person.phone, "and the other one too")
    assert await readings(person) == [("the band tore", "note"), ("and the other one too", "note")]
    assert await person.answers() == [("unclear", UNCLEAR)]
    clock.now = NOW + timedelta(days=1)
    await provider.text(person.phone, "new band came")
    assert await person.answers() == [("unclear", UNCLEAR)] * 2


@pytest.mark.parametrize("words", ["11", "-1", "3-4", "7 or 8"])
async def test_what_is_no_score_is_asked_for_again_once_a_day(
    provider: Provider, database: Database, team: Team, words: str
) -> None:
    person = await make_person(database, team)
    for _ in range(2):
        await provider.text(person.phone, words)
    assert await pains(person) == []
    assert await person.answers() == [
        (
            "out_of_range",
            "Please send one number from 0 to 10. 0 is none. 10 is the worst you can think of.",
        )
    ]


async def test_what_cannot_be_done_yet_is_passed_on_and_said_so(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "UNDO")
    assert await readings(person) == [("UNDO", "undo")]
    assert await person.answers() == [("note_ack", NOTED)]


async def test_one_letter_is_a_side_to_whoever_writes_spanish(
    provider: Provider, database: Database, team: Team
) -> None:
    spanish, english = await make_person(database, team, locale="es"), await make_person(database, team)
    for person in (spanish, english):
        await provider.text(person.phone, "6 D coche")
    assert await pains(spanish) == [(6, [(None, "right")], ["driving"])]
    assert await readings(spanish) == [("6 D coche", "pain")]
    assert await pains(english) == []
    assert await readings(english) == [("6 D coche", "note")]


async def test_a_picture_without_words_is_a_note(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "", NumMedia="1", MediaUrl0="https://api.example/1")
    assert await readings(person) == [("…", "note")]


async def test_an_endless_text_is_cut(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "x" * 20_000)
    assert [len(body) for body, _ in await readings(person)] == [4000]


async def test_the_day_is_the_clients_own(provider: Provider, database: Database, team: Team, clock: Clock) -> None:
    """23:30 in New York, when it is the next day in UTC."""
    person = await make_person(database, team)
    clock.now = NOW.replace(day=11, hour=3, minute=30)
    await provider.text(person.phone, "5")
    assert [pain.entry.day for pain in (await day_of(person)).pains] == [TODAY]


async def test_an_answer_expires_and_has_all_its_words(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "9")
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        (message,) = await messages_of(session, person.client.id)
    assert set(message.params) >= required_params(MessageKind(message.kind))
    assert (message.due_at, message.expires_at) == (NOW, NOW + timedelta(hours=4))
    assert (message.channel, message.contact_point_id, message.prompt) == ("sms", person.point.id, None)


async def test_no_mark_commits_after_a_stop(
    provider: Provider, database: Database, notifier: Database, team: Team, clock: Clock
) -> None:
    """The STOP comes between the claim and the mark; only its confirmation may still go out."""
    clock.now = utc_now()
    person = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, SYSTEM) as session:
        outgoing = Outgoing(
            client_id=person.client.id,
            contact_point_id=person.point.id,
            channel="sms",
            kind=MessageKind.CHECK_IN,
            dedupe_key=f"test:{uuid4()}",
            due_at=clock.now - timedelta(minutes=1),
            expires_at=clock.now + timedelta(hours=1),
        )
        await enqueue(session, outgoing, clock.now)
    async with notifier.clinic_tx(team.clinic_id, SCHEDULER) as session:
        claimed = await claimed_of(session, person)
    assert [message.kind for message in claimed] == ["check_in"]
    await provider.text(person.phone, "STOP")
    assert await mark(notifier, team, claimed[0]) is False
    async with notifier.clinic_tx(team.clinic_id, SCHEDULER) as session:
        confirming = await claimed_of(session, person)
    assert [message.kind for message in confirming] == ["stopped"]
    assert await mark(notifier, team, confirming[0]) is True


async def claimed_of(session: ClinicSession, person: Person) -> list[Claimed]:
    found = await claims.claim(session, "sms", "worker", 20, NORMAL.lease)
    return [message for message in found if message.client_id == person.client.id]


async def mark(notifier: Database, team: Team, message: Claimed) -> bool:
    ready = Ready(message, new_id(utc_now()), "twilio", b"x" * 32, cap=12)
    async with notifier.clinic_tx(team.clinic_id, SCHEDULER) as session:
        said = await claims.mark(session, [ready], NORMAL.flight, utc_now().date())
    return said[message.id] is Marking.DONE
