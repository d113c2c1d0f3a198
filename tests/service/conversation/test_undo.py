"""UNDO takes back the last answer of the day, and numbers that correct."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from service.database.tenancy import Actor, Database
from service.diary.actions import mark_habit
from service.diary.entries import When
from service.diary.tables import DiaryRevision
from service.outbox.rules import MessageKind
from service.plans.queries import current
from tests.conftest import Clock
from tests.make import NOW, TODAY, Team
from tests.service.conversation.conftest import INBOUND, SYSTEM, Person, Provider, make_person, text_form
from tests.service.conversation.told import ask, day_of, pains, sessions

pytestmark = pytest.mark.anyio

TAKEN_BACK = ("undo_ack", "OK, we took back your last answer. You can send a new one.")
NOTHING = ("nothing_to_undo", "There is no new answer to take back. You can send one any time.")


async def text_all(provider: Provider, person: Person, *texts: str) -> None:
    for text in texts:
        await provider.text(person.phone, text)


async def stood(person: Person, kind: str) -> list[tuple[int, object, str]]:
    """Revision, what it said, and through what it was replaced, of everything that stood before in this diary."""
    said = {"pain_entry": "score", "exercise_session": "outcome", "habit_mark": "yes"}[kind]
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        found = await session.scalars(
            select(DiaryRevision)
            .where(col(DiaryRevision.client_id) == person.client.id, col(DiaryRevision.entry_kind) == kind)
            .order_by(col(DiaryRevision.revision))
        )
        return [(row.revision, row.body[said], row.channel) for row in found]


async def test_a_score_taken_back_is_gone_and_is_not_zero(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "8", "UNDO")
    assert await pains(person) == []
    assert await stood(person, "pain_entry") == [(1, 8, "text")]
    assert (await person.answers())[-1] == TAKEN_BACK
    await text_all(provider, person, "3")
    assert await pains(person) == [(3, [], [])]


async def test_a_correction_taken_back_leaves_what_stood_before_it(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "6 R car", "2 left", "UNDO")
    assert await pains(person) == [(6, [(None, "right")], ["driving"])]
    assert await stood(person, "pain_entry") == [(1, 6, "text"), (2, 2, "text")]


async def test_skip_over_done_taken_back_is_done_again(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "DONE", "SKIP sick")
    assert await sessions(person) == [("skipped", "unwell", [False, False])]
    await text_all(provider, person, "UNDO")
    assert await sessions(person) == [("done", None, [True, True])]
    await text_all(provider, person, "half", "undo that")
    assert await sessions(person) == [("done", None, [True, True])]


async def test_some_that_was_corrected_comes_back_without_saying_which_part(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "did half", "DONE", "UNDO")
    [(outcome, reason, done)] = await sessions(person)
    assert (outcome, reason, True in done) == ("partly", None, False)


async def test_one_text_with_two_answers_is_taken_back_whole(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "Done 4", "UNDO")
    assert (await pains(person), await sessions(person)) == ([], [])


async def test_a_habit_taken_back_can_be_told_again(provider: Provider, database: Database, team: Team) -> None:
    person = await make_person(database, team)
    await ask(person, MessageKind.HABIT)
    await text_all(provider, person, "DONE 1", "UNDO")
    assert (await day_of(person)).habits == []
    await text_all(provider, person, "DONE 1")
    assert [mark.yes for mark in (await day_of(person)).habits] == [True]
    await text_all(provider, person, "UNDO")
    assert (await day_of(person)).habits == []


async def test_only_the_last_answer_is_taken_back_and_only_once(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "DONE", "5", "see you Monday", "UNDO", "UNDO")
    assert (await pains(person), len(await sessions(person))) == ([], 1)
    assert (await person.answers())[-2:] == [TAKEN_BACK, NOTHING]


async def test_an_undo_told_again_by_the_provider_takes_nothing_more_back(
    provider: Provider, database: Database, team: Team
) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "DONE", "5")
    form = text_form(person.phone, "UNDO")
    for _ in range(3):
        await provider.post(INBOUND, form)
    assert (await pains(person), len(await sessions(person))) == ([], 1)
    assert [kind for kind, _ in await person.answers()] == ["plan_ack", "check_in_ack", "undo_ack"]


async def test_nothing_to_take_back_is_said_so(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    """Nothing yet; yesterday's answer; what somebody else, or the person on a page, wrote since."""
    new, yesterday, on_page = [await make_person(database, team) for _ in range(3)]
    await text_all(provider, new, "UNDO")
    assert await new.answers() == [NOTHING]
    await text_all(provider, yesterday, "5")
    clock.now = NOW + timedelta(days=1)
    await text_all(provider, yesterday, "UNDO")
    assert (await yesterday.answers())[-1] == NOTHING
    assert len(await pains(yesterday)) == 1
    clock.now = NOW
    await ask(on_page, MessageKind.HABIT)
    await text_all(provider, on_page, "DONE 1")
    async with database.clinic_tx(team.clinic_id, Actor("client", on_page.client.id, "web")) as session:
        habit = (await current(session, on_page.client.id, TODAY)).habits[0]
        await mark_habit(session, on_page.client, habit.id, False, When(TODAY), clock.now)
    await text_all(provider, on_page, "UNDO")
    assert [mark.yes for mark in (await day_of(on_page)).habits] == [False]
    assert (await on_page.answers())[-1] == NOTHING


async def test_a_number_that_says_it_corrects_does_so_all_day(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person = await make_person(database, team)
    await text_all(provider, person, "6 R car")
    clock.now = NOW + timedelta(hours=9)
    await text_all(provider, person, "oops, I meant 5")
    assert await pains(person) == [(5, [(None, "right")], ["driving"])]
    await text_all(provider, person, "UNDO")
    assert await pains(person) == [(6, [(None, "right")], ["driving"])]
