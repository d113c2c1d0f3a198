from datetime import timedelta

import pytest

from service.database.tenancy import Database
from service.diary.queries import red_flags
from service.diary.red_flags import close_red_flag
from service.outbox.rules import MessageKind
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team
from tests.service.conversation.conftest import Provider, make_person
from tests.service.conversation.told import (
    GOT_IT,
    NOT_WATCHED,
    NOTED,
    WELL_DONE,
    ask,
    day_of,
    pains,
    readings,
    sessions,
)

pytestmark = pytest.mark.anyio


async def test_a_number_with_side_and_movement_becomes_a_pain_entry(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "6 R car")
    assert await pains(person) == [(6, [(None, "right")], ["driving"])]
    entry = (await day_of(person)).pains[0].entry
    assert (entry.channel, entry.entered_by, entry.day, entry.done_at) == ("text", "text", TODAY, NOW)
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


async def test_the_day_is_the_clients_own(provider: Provider, database: Database, team: Team, clock: Clock) -> None:
    """23:30 in New York, when it is the next day in UTC."""
    person = await make_person(database, team)
    clock.now = NOW.replace(day=11, hour=3, minute=30)
    await provider.text(person.phone, "5")
    assert [pain.entry.day for pain in (await day_of(person)).pains] == [TODAY]


@pytest.mark.parametrize("words", ["done", "some", "3 and done"])
async def test_exercise_told_under_an_open_warning_sign_is_kept_and_answered_with_the_fixed_words(
    provider: Provider, database: Database, team: Team, clock: Clock, words: str
) -> None:
    person = await make_person(database, team)
    await provider.text(person.phone, "I fell and cannot walk")
    clock.now = NOW + timedelta(hours=1)
    await provider.text(person.phone, words)
    assert [outcome for outcome, *_ in await sessions(person)] == ["partly" if words == "some" else "done"]
    assert await person.answers() == [("not_watched", NOT_WATCHED)] * 2
    # What is not done needs no warning; and once a clinician has cleared it, done is done again.
    await provider.text(person.phone, "skip sick")
    assert (await person.answers())[-1][0] == "skip_ack"
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        [flag] = await red_flags(session, person.client.id)
        await close_red_flag(session, person.client.id, flag.id, "Called her: she is well.", clock.now)
    clock.now += timedelta(hours=1)
    await provider.text(person.phone, "done")
    assert (await person.answers())[-1][0] == "plan_ack"
