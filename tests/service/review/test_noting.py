"""Staff note for a client what the client told them; the client's page says who did, and what was done set by set."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.database.tenancy import Actor, Database
from service.diary.actions import NewPain, NewSet, record_pain
from service.diary.entries import When
from tests import told
from tests.make import NOW, TODAY, item, make_plan
from tests.service.review.browsing import World, ago, count, send, shown, words

pytestmark = pytest.mark.anyio

PAGE, DIARY = "/clients/MARIA", "/clients/MARIA/diary"


async def planned(database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        items = [item("glu-clam", dose_fields={"side": "right"}), item("glu-squeeze")]
        await make_plan(session, world.maria, starts_on=TODAY - timedelta(days=9), items=items)


async def test_what_was_told_by_telephone_is_in_the_diary_as_noted_by_staff(
    api: AsyncClient, database: Database, world: World
) -> None:
    await planned(database, world)
    form = {"day": ago(2).isoformat(), "outcome": "skipped", "reason": "away", "score": "6", "kind": "worst_24h"}
    entry = {"entry": "018f0000-0000-7000-8000-000000000001", "note": "After the drive."}
    for _ in range(2):
        answer = await send(api, world, DIARY, form | entry, page=PAGE)
        assert answer.headers["location"] == f"/clients/{world.maria.id}?done=noted#entries"
    page = await shown(api, world, PAGE + "?done=noted")
    assert "Noted in their diary." in page
    assert "Plan skipped: away (for Sun, Mar 8) (noted by the clinic)" in page
    assert "Worst pain of 24 hours 6, “After the drive.” (for Sun, Mar 8) (noted by the clinic)" in page
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        trail = text(
            "SELECT actor_kind, actor_id, action, record_kind FROM audit_entry WHERE client_id = :client"
            " AND action = 'create' AND record_kind IN ('pain_entry', 'exercise_session') ORDER BY 4"
        )
        by_staff = [("staff", world.team.therapist_id, "create", kind) for kind in ("exercise_session", "pain_entry")]
        assert [tuple(row) for row in await session.execute(trail, {"client": world.maria.id})] == by_staff
        kept = text("SELECT entered_by, count(*) FROM pain_entry WHERE client_id = :client GROUP BY 1")
        assert [tuple(row) for row in await session.execute(kept, {"client": world.maria.id})] == [("therapist", 1)]


async def test_who_entered_something_is_kept_and_shown(api: AsyncClient, database: Database, world: World) -> None:
    for channel in ("web", "text"):
        actor = Actor("client", world.maria.id, channel)
        async with database.clinic_tx(world.team.clinic_id, actor) as session:
            await record_pain(session, world.maria, NewPain(4), When(), NOW)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        rows = await session.execute(text("SELECT entered_by FROM pain_entry ORDER BY 1"))
        assert list(rows.scalars()) == ["client", "text"]
        await session.execute(text("UPDATE pain_entry SET entered_by = 'helper' WHERE entered_by = 'client'"))
    page = await shown(api, world, PAGE)
    assert "Pain 4 (told by a helper) page" in page
    assert "Pain 4 text" in page


async def test_what_cannot_be_meant_is_said_beside_the_form_and_nothing_is_kept(
    api: AsyncClient, database: Database, world: World
) -> None:
    await planned(database, world)
    day = {"day": TODAY.isoformat(), "entry": "018f0000-0000-7000-8000-000000000002"}
    for form, hint in (
        (day, "Say what was done, or how much pain there was."),
        (day | {"reason": "away"}, "Say what was done of the plan."),
        (day | {"note": "Sore."}, "Say how much pain there was."),
        (day | {"score": "11"}, "Use a whole number from 0 to 10."),
        (day | {"outcome": "done", "reason": "away"}, "Give a reason only when the day was skipped."),
        (day | {"outcome": "done", "during": "x"}, "Use a whole number from 0 to 10."),
        (day | {"outcome": "danced"}, "Use one of the answers."),
        (day | {"score": "4", "day": "tomorrow"}, "Use a day such as 2026-03-10."),
        (day | {"score": "4", "day": "2026-03-11"}, "Use today or a day before it."),
        # The session alone would be fine: both or none.
        (day | {"outcome": "done", "score": "4", "entry": "x"}, "Use the buttons of the page."),
    ):
        refused = await send(api, world, DIARY, form, page=PAGE)
        assert (refused.status_code, hint in words(refused.text)) == (422, True), form
    assert [await count(database, world.team, table) for table in ("pain_entry", "exercise_session")] == [0, 0]


async def test_only_those_who_see_the_record_may_note(api: AsyncClient, database: Database, world: World) -> None:
    await planned(database, world)
    form = {"day": TODAY.isoformat(), "score": "4", "entry": "018f0000-0000-7000-8000-000000000003"}
    rita = f"/clients/{world.clients['Rita'].id}/diary"
    assert (await send(api, world, DIARY, form, who="owner", page=PAGE)).status_code == 303
    assert (await send(api, world, rita, form, page=PAGE)).status_code == 404
    assert (await send(api, world, DIARY, form, who="front desk", page="/clients/new")).status_code == 403
    assert (await send(api, world, DIARY, form, who="stranger", page="/clients/new")).status_code == 404
    assert (await api.post(DIARY.replace("MARIA", str(world.maria.id)), data=form)).status_code in (401, 303)


async def test_the_therapist_reads_sets_done_beside_the_plan_and_what_pain_is_like(
    api: AsyncClient, database: Database, world: World
) -> None:
    await planned(database, world)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        statement = text(
            "SELECT i.id FROM plan_item i JOIN exercise e ON e.clinic_id = i.clinic_id AND e.id = i.exercise_id"
            " WHERE i.client_id = :client AND e.code = 'glu-clam'"
        )
        clam = (await session.execute(statement, {"client": world.maria.id})).scalar_one()
    sets = [NewSet(clam, 12, side="right"), NewSet(clam, 6, side="right")]
    await told.did(database, world.maria, ago(1), "partly", done_items=[clam], sets=sets, effort="hard")
    details: dict[str, Any] = {"qualities": ["sharp"], "radiates": "to_knee", "timing": ["evening"]}
    await told.pain(database, world.maria, ago(1), 5, sites=[("lateral_hip", "right")], **details)
    page = await shown(api, world, PAGE)
    assert "Plan part done: 1 of 2 moves, felt hard; Clamshell: right side 12, 6 (plan: 2 × 8)" in page
    assert (
        "Pain 5, Outer hip, over the bony point, right side, sharp or stabbing, runs to the knee, in the evening"
        in page
    )


async def test_a_part_of_which_nobody_said_which_is_not_counted(
    api: AsyncClient, database: Database, world: World
) -> None:
    await planned(database, world)
    await told.did(database, world.maria, ago(1), "partly", done_items=[])
    page = await shown(api, world, PAGE)
    assert "Plan part done page" in page
    assert "0 of 2" not in page
