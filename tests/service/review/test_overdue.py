"""Nobody looked at a client to call in time: one person after the other is told, once, until somebody has looked."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import select, text
from sqlmodel import col

from service.accounts.queries import contact_points_with
from service.accounts.rules.office import USUAL, office_hours
from service.accounts.tables import ContactPoint
from service.conversation.actions import unplaced
from service.conversation.actions.events import InboundText
from service.conversation.queries import Sender
from service.database.tenancy import SYSTEM, Database
from service.diary.red_flags import Answers, answer_questions
from service.diary.rules.screening import Why
from service.digest_rounds import write_overdue_mails
from service.review.actions.overdue import write_overdue
from service.review.queries.digests import History
from service.review.rules.escalation import groups, steps_due
from tests import told
from tests.conftest import Clock, signed_in
from tests.make import NOW, make_client, make_team
from tests.service.review.browsing import World, ago, cookie, send, shown

pytestmark = pytest.mark.anyio

# NOW is Tuesday 11:00 in New York, an hour of emergency is over at 12:00.
NOON = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


def person(role: str, *, active: bool = True) -> SimpleNamespace:
    return SimpleNamespace(id=uuid4(), role=role, active=active)


def test_their_therapist_comes_first_then_the_owner_then_the_others_and_never_the_front_desk() -> None:
    sam, robin, olga, desk = (person(role) for role in ("therapist", "therapist", "owner", "front_desk"))
    gone = person("therapist", active=False)
    everybody = [robin, desk, olga, sam, gone]
    assert groups(everybody, [sam.id]) == [(sam.id,), (olga.id,), (robin.id,)]
    assert groups(everybody, [olga.id]) == [(olga.id,), (robin.id, sam.id)]
    assert groups(everybody, [gone.id]) == [(olga.id,), (robin.id, sam.id)]
    assert groups([desk], [sam.id]) == []
    # A phone that clients of two share, and one that nobody here has.
    assert groups(everybody, [sam.id, robin.id]) == [(robin.id, sam.id), (olga.id,)]
    assert groups(everybody, []) == [(olga.id,), (robin.id, sam.id)]


def test_each_step_comes_after_so_much_of_office_hours() -> None:
    office = office_hours(USUAL, ())
    people: list[tuple[UUID, ...]] = [(uuid4(),), (uuid4(),), (uuid4(),)]
    # A Friday; the times are the clinic's.
    look_by = datetime(2026, 3, 6, 17, 30)
    for now, expected in (
        (look_by - timedelta(minutes=1), []),
        (look_by, ["2026-03-06T17:30"]),
        (datetime(2026, 3, 9, 8, 29), ["2026-03-06T17:30"]),
        (datetime(2026, 3, 9, 8, 30), ["2026-03-06T17:30", "2026-03-09T08:30"]),
        (datetime(2026, 3, 12, 9, 0), ["2026-03-06T17:30", "2026-03-09T08:30", "2026-03-09T09:30"]),
    ):
        steps = steps_due(look_by, now, people, office, timedelta(hours=1))
        assert [step.at.isoformat()[:16] for step in steps] == expected, now
        assert [step.people for step in steps] == people[: len(steps)]


async def warn(database: Database, world: World, at: datetime = NOW) -> None:
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        await answer_questions(session, world.maria, uuid4(), Answers(Why.PAIN, ["rf-fall"], ["rf-child"]), at)


async def rows(database: Database, world: World) -> list[tuple[str, int, str, str | None]]:
    statement = (
        "SELECT s.name, d.step, d.state, d.reason FROM digest_mail d JOIN staff s ON s.clinic_id = d.clinic_id"
        " AND s.id = d.staff_id WHERE d.kind = 'overdue' ORDER BY d.step, s.name"
    )
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        return [(row.name, row.step, row.state, row.reason) for row in await session.execute(text(statement))]


async def again(database: Database, world: World, now: datetime) -> None:
    """As another process would, or this one after it was killed before it said that it had looked."""
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await session.execute(text("UPDATE clinic SET alerts_at = '2026-03-01'"))
    await write_overdue_mails(database, now)


async def test_one_after_the_other_is_told_once_until_somebody_has_looked(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await warn(database, world)
    await again(database, world, NOON - timedelta(minutes=1))
    assert await rows(database, world) == []
    for _ in range(2):
        await again(database, world, NOON)
    assert await rows(database, world) == [("Sam", 1, "queued", None)]
    await again(database, world, NOON + timedelta(minutes=61))
    assert await rows(database, world) == [("Sam", 1, "queued", None), ("Olga", 2, "queued", None)]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        abouts = (await session.execute(text("SELECT about FROM digest_mail ORDER BY step"))).scalars().all()
    assert [about["before"] for about in abouts] == [[], ["Sam"]]
    assert abouts[0] == {"name": "Maria L.", "rule": "danger", "look_by": "2026-03-10T12:00:00-04:00", "before": []}
    clock.now = NOON + timedelta(minutes=65)
    known = await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id, now=clock.now)
    world.headers["therapist"] = cookie(known)
    page = await shown(api, world, "/clients/MARIA")
    assert "Email to Sam, Tue, Mar 10, 12:00 PM: Waits for its time." in page
    assert "Email to Olga, Tue, Mar 10, 1:00 PM: Waits for its time." in page
    mark = {"rule": "danger", "as_of": clock.now.isoformat()}
    await send(api, world, "/caseload/MARIA/seen", mark, page="/texts")
    skipped = [("Sam", 1, "skipped", "seen"), ("Olga", 2, "skipped", "seen")]
    assert await rows(database, world) == skipped
    await again(database, world, NOON + timedelta(hours=30))
    assert await rows(database, world) == skipped


async def test_a_clinic_that_cannot_be_looked_through_holds_up_no_other(database: Database, world: World) -> None:
    await warn(database, world)
    broken = await make_team(database, stocked=False)
    async with database.clinic_tx(broken.clinic_id, broken.therapist) as session:
        theirs = await make_client(session, broken.therapist_id)
    async with database.clinic_tx(broken.clinic_id, told.as_client(theirs)) as session:
        await answer_questions(session, theirs, uuid4(), Answers(Why.PAIN, ["rf-fall"], ["rf-child"]), NOW)
        # Comes first, and its clock cannot be read.
        await session.execute(text("UPDATE clinic SET alerts_at = '2026-02-01', zone = 'Europe/Nowhere'"))
    await again(database, world, NOON)
    assert await rows(database, world) == [("Sam", 1, "queued", None)]


async def test_alerts_are_looked_through_every_five_minutes(database: Database, world: World) -> None:
    await warn(database, world)
    await again(database, world, NOON - timedelta(minutes=3))
    await write_overdue_mails(database, NOON + timedelta(minutes=1))
    assert await rows(database, world) == []
    await write_overdue_mails(database, NOON + timedelta(minutes=2))
    assert len(await rows(database, world)) == 1


async def test_a_day_without_anybody_is_not_counted_and_a_shorter_step_is(
    api: AsyncClient, database: Database, world: World
) -> None:
    wednesday = {"closed_days": ["2026-03-11"], "escalate_minutes": 15}
    assert (await api.patch("/v1/settings", json=wednesday, headers=world.headers["owner"])).status_code == 200
    # Tuesday 18:00: the hour begins on Thursday at 8.
    await warn(database, world, datetime(2026, 3, 10, 22, 0, tzinfo=UTC))
    await again(database, world, datetime(2026, 3, 11, 16, 0, tzinfo=UTC))
    assert await rows(database, world) == []
    await again(database, world, datetime(2026, 3, 12, 13, 15, tzinfo=UTC))
    assert [(name, step) for name, step, _, _ in await rows(database, world)] == [("Sam", 1), ("Olga", 2)]


async def test_a_score_far_from_the_usual_escalates_and_what_only_waits_to_be_looked_at_does_not(
    database: Database, world: World
) -> None:
    for days in range(9, 1, -1):
        await told.pain(database, world.maria, ago(days), 3)
        await told.pain(database, world.clients["Rita"], ago(days), 2)
    await told.pain(database, world.maria, ago(0), 8)
    for days in range(2, -1, -1):
        # Pain up, which is for a look.
        await told.pain(database, world.clients["Rita"], ago(days), 5)
    await again(database, world, datetime(2026, 3, 12, 15, 0, tzinfo=UTC))
    found = await rows(database, world)
    assert [(name, step) for name, step, _, _ in found] == [("Sam", 1), ("Olga", 2), ("Robin", 3)]


async def test_what_was_due_before_a_restore_is_in_doubt_and_not_sent_again(database: Database, world: World) -> None:
    await warn(database, world)
    known = History(held=False, recovered_at=NOON + timedelta(minutes=30))
    async with database.clinic_tx(world.team.clinic_id, SYSTEM) as session:
        await write_overdue(session, known, NOON + timedelta(minutes=70))
    assert await rows(database, world) == [("Sam", 1, "expired", "uncertain"), ("Olga", 2, "queued", None)]


@pytest.mark.parametrize("is_shared", [False, True], ids=["nobody's", "one of two"])
async def test_an_alarming_text_that_nobody_could_place_is_told_on_until_somebody_reads_it(
    api: AsyncClient, database: Database, world: World, clock: Clock, is_shared: bool
) -> None:
    told_by = InboundText("text-1", "+12025550177", "+12025550100", "I fell and cannot stand", pictures=0)
    async with database.clinic_tx(world.team.clinic_id, SYSTEM) as session:
        possible = []
        if is_shared:
            for point in await session.scalars(select(ContactPoint).where(col(ContactPoint.channel) == "sms")):
                point.address = told_by.sent_from
            await session.flush()
            for point in await contact_points_with(session, "+12025550177"):
                possible.append(Sender(world.team.clinic_id, point.client_id, point.id, False, None, False))
        await unplaced.keep(session, told_by, possible, NOW, is_danger=True, ask=False)
    seen = await shown(api, world, "/caseload")
    assert "1 to call" in seen
    assert "A text without a name “I fell and cannot stand” Look at this by Tue, Mar 10, 12:00 PM" in seen
    await again(database, world, NOON - timedelta(minutes=1))
    assert await rows(database, world) == []
    await again(database, world, NOON)
    await again(database, world, NOON)
    # Their therapists, where it may be from clients of theirs; else the owner, and the others an hour later.
    first = [("Robin", 1), ("Sam", 1)] if is_shared else [("Olga", 1)]
    assert [(name, step) for name, step, _, _ in await rows(database, world)] == first
    await again(database, world, NOON + timedelta(hours=1))
    second = [("Olga", 2)] if is_shared else [("Robin", 2), ("Sam", 2)]
    assert [(name, step) for name, step, _, _ in await rows(database, world)] == first + second
    clock.now = NOON + timedelta(hours=1)
    known = await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id, now=clock.now)
    world.headers["therapist"] = cookie(known)
    assert "Overdue since Tue, Mar 10, 12:00 PM" in await shown(api, world, "/texts")
    async with database.clinic_tx(world.team.clinic_id, SYSTEM) as session:
        text_id = await session.scalar(text("SELECT id FROM unplaced_text"))
    await send(api, world, f"/texts/{text_id}/seen", page="/texts")
    assert {(state, reason) for _, _, state, reason in await rows(database, world)} == {("skipped", "seen")}
    await again(database, world, NOON + timedelta(hours=2))
    assert len(await rows(database, world)) == 3
