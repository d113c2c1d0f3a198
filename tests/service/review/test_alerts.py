"""The life of an alert: by when somebody should look, seen, done with a note, and a warning sign cleared."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient, Response

from service.accounts.rules.office import USUAL, office_hours
from service.catalogue.library import FlagTier
from service.database.tenancy import Database
from service.diary.red_flags import Answers, answer_questions
from service.diary.rules import SkipReason
from service.diary.rules.screening import FLAGS, SHORT, Why
from service.review.rules import Rule
from service.review.rules.alerts import is_over, look_by
from tests import told
from tests.conftest import Clock, signed_in
from tests.make import NOW, make_client, make_plan
from tests.service.review.browsing import World, ago, cookie, look, shown, token_in, value_of, words

pytestmark = pytest.mark.anyio

NEW_YORK = ZoneInfo("America/New_York")


def test_by_when_somebody_should_have_looked_counts_office_hours() -> None:
    # 2026-03-06 is a Friday; on Sunday the 8th clocks go forward.
    for care, since, expected in (
        (FlagTier.EMERGENCY, "2026-03-06T10:00", "2026-03-06T11:00"),
        (FlagTier.EMERGENCY, "2026-03-06T17:30", "2026-03-09T08:30"),
        (FlagTier.EMERGENCY, "2026-03-06T18:00", "2026-03-09T09:00"),
        (FlagTier.EMERGENCY, "2026-03-07T12:00", "2026-03-09T09:00"),
        (FlagTier.EMERGENCY, "2026-03-10T03:00", "2026-03-10T09:00"),
        (FlagTier.SAME_DAY, "2026-03-06T10:00", "2026-03-06T18:00"),
        (FlagTier.SAME_DAY, "2026-03-06T20:00", "2026-03-09T18:00"),
        (FlagTier.SOON, "2026-03-05T10:00", "2026-03-06T18:00"),
        (FlagTier.SOON, "2026-03-06T10:00", "2026-03-09T18:00"),
    ):
        at = datetime.fromisoformat(since).replace(tzinfo=NEW_YORK)
        assert look_by(at, care, office_hours(USUAL, ())).isoformat()[:16] == expected, (care, since)


def test_done_is_over_until_it_happens_again_or_a_state_lasts_a_week() -> None:
    done_at = NOW
    for rule, since, hours, over in (
        (Rule.PAIN_JUMP, -1, 24 * 30, True),
        (Rule.PAIN_JUMP, 0, 1, True),
        (Rule.PAIN_JUMP, 1, 2, False),
        (Rule.TEXTS_STOPPED, -1, 24 * 300, True),
        (Rule.WENT_QUIET, -100, 24 * 7 - 1, True),
        (Rule.WENT_QUIET, -100, 24 * 7, False),
        (Rule.NEVER_LOGGED, -100, 24 * 7, False),
        (Rule.PAIN_RISE, 1, 2, False),
    ):
        found = is_over(rule, done_at, NOW + timedelta(hours=since), NOW + timedelta(hours=hours))
        assert found is over, (rule, since, hours)


async def answered(
    database: Database, world: World, *yes: str, no: Iterable[str] = ("rf-child",), at: datetime = NOW
) -> None:
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        await answer_questions(session, world.maria, uuid4(), Answers(Why.PAIN, yes, [*no]), at)


async def row(api: AsyncClient, world: World) -> dict[str, Any]:
    found = (await api.get("/v1/caseload", headers=world.headers["therapist"])).json()["rows"]
    return next(one for one in found if one["name"] == "Maria Lopez")


async def send(api: AsyncClient, world: World, path: str, who: str = "therapist", **fields: object) -> Response:
    html = (await look(api, world, "/clients/new" if who == "front desk" else "/texts", who)).text
    path = path.replace("MARIA", str(world.maria.id))
    return await api.post(path, data={"csrf": token_in(html), **fields}, headers=world.headers[who])


async def test_a_yes_waits_until_somebody_looks_and_stays_until_it_is_cleared_with_a_note(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        tom = await make_client(session, world.team.therapist_id, name="Tom")
    await told.pain(database, tom, ago(0), 9)
    await answered(database, world, "rf-dvt")
    await answered(database, world, "rf-fall", "rf-dvt", at=NOW + timedelta(minutes=5))
    clock.now = NOW + timedelta(minutes=20)
    maria = await row(api, world)
    assert (maria["tier"], maria["rule"], maria["events"], maria["flag_open"]) == ("call", "danger", 2, True)
    # The second answer asks for emergency care: one working hour from the first, 11:00 in New York.
    assert (maria["look_by"][:16], "is_overdue" in maria) == ("2026-03-10T12:00", False)
    assert maria["waiting_since"][:16] == "2026-03-10T11:00"
    clock.now = NOW + timedelta(hours=1)
    assert (await row(api, world))["is_overdue"] is True
    caseload = (await api.get("/v1/caseload", headers=world.headers["therapist"])).json()
    # Tom has waited longer, but there is time until the office closes.
    assert [one["name"] for one in caseload["rows"]] == ["Maria Lopez", "Tom"]
    assert "Overdue since Tue, Mar 10, 12:00 PM" in await shown(api, world, "/caseload")
    page = await shown(api, world, "/clients/MARIA")
    assert "Did you fall or get a knock" in page
    assert "We told them: emergency care now" in page
    mark = {"rule": "danger", "as_of": clock.now.isoformat()}
    for what, body in (("snooze", {}), ("done", {"note": "Rang her."})):
        refused = await send(api, world, f"/caseload/MARIA/{what}", **mark, **body, days=3)
        assert refused.status_code == 422, what
    await send(api, world, "/caseload/MARIA/seen", **mark)
    seen = await row(api, world)
    assert (seen["seen_by"], seen["flag_open"], "look_by" in seen) == ("Sam", True, False)
    clock.now = NOW + timedelta(days=3)
    person = {"staff_id": world.team.therapist_id}
    world.headers["therapist"] = cookie(await signed_in(database, world.team.clinic_id, **person, now=clock.now))
    assert (await row(api, world))["rule"] == "danger"


async def test_a_clinician_clears_it_with_a_note_and_nobody_else(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await answered(database, world, "rf-steroid")
    html = (await look(api, world, "/clients/MARIA")).text
    form = {"flag": value_of(html, "flag"), "as_of": value_of(html, "as_of"), "note": "Seen today: nothing new."}
    path = "/clients/MARIA/red-flags"
    assert (await send(api, world, path, "front desk", **form)).status_code == 403
    for who in ("client", "stranger"):
        assert (await api.post(f"/clients/{world.maria.id}/red-flags", data=form, headers=world.headers[who])).is_error
    empty = await send(api, world, path, **form | {"note": " "})
    assert (empty.status_code, "Write what you found" in words(empty.text)) == (422, True)
    # What she told after the page was read is not cleared unread.
    await answered(database, world, "rf-saddle", at=NOW + timedelta(minutes=1))
    clock.now = NOW + timedelta(minutes=2)
    stale = await send(api, world, path, **form)
    assert (stale.status_code, "They told us more since" in words(stale.text)) == (422, True)
    form["as_of"] = clock.now.isoformat()
    assert (await send(api, world, path, **form)).headers["location"].endswith("?done=cleared")
    assert (await row(api, world))["tier"] != "call"
    page = await shown(api, world, "/clients/MARIA")
    assert "Cleared by Sam on Tue, Mar 10, 11:02 AM: “Seen today: nothing new.”" in page
    # A new yes is a new flag.
    await answered(database, world, "rf-chest", at=NOW + timedelta(minutes=3))
    again = await row(api, world)
    assert (again["rule"], again.get("events", 1)) == ("danger", 1)


async def test_the_page_says_when_warning_signs_were_asked_about_and_missing_answers_are_no_no(
    api: AsyncClient, database: Database, world: World
) -> None:
    label = "Questions about warning signs:"
    new = await shown(api, world, "/clients/MARIA")
    assert (f"{label} not answered yet." in new, "no to" in new) == (True, False)
    every = sorted(FLAGS)
    for days, yes, no, told_as in (
        (21, (), every[2:], "no to 20 of 22 on Tue, Feb 17, 10:00 AM."),
        (14, (), every, "no to all 22 on Tue, Feb 24, 10:00 AM."),
        (7, (), SHORT, "no to 4 of 22 on Tue, Mar 3, 10:00 AM; no to all 22 on Tue, Feb 24, 10:00 AM."),
        (0, every[:1], every[1:], "yes to 1 and no to 21 of 22 on Tue, Mar 10, 11:00 AM."),
    ):
        await answered(database, world, *yes, no=no, at=NOW - timedelta(days=days))
        page = await shown(api, world, "/clients/MARIA")
        assert f"{label} {told_as}" in page, days
        assert f"{label} not answered yet." not in page, days


async def test_done_with_a_note_leaves_the_caseload_until_it_happens_again(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    for days in range(9, 1, -1):
        await told.pain(database, world.maria, ago(days), 3)
    await told.pain(database, world.maria, ago(0), 8)
    assert (await row(api, world))["rule"] == "pain_jump"
    path = f"/v1/caseload/{world.maria.id}/done"
    for who, status in (("front desk", 403), ("client", 403), ("stranger", 404)):
        body = {"rule": "pain_jump", "note": "x"}
        assert (await api.post(path, json=body, headers=world.headers[who])).status_code == status, who
    wrong = await api.post(path, json={"rule": "pain_jump", "note": "  "}, headers=world.headers["therapist"])
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/note")
    done = await send(
        api, world, "/caseload/MARIA/done", rule="pain_jump", as_of=NOW.isoformat(), note="Rang her: a long drive."
    )
    assert done.headers["location"].endswith("?done=done")
    assert (await row(api, world))["tier"] != "call"
    await told.pain(database, world.maria, ago(0), 9, hour=12)
    clock.now = NOW + timedelta(hours=1)
    assert (await row(api, world))["rule"] == "pain_jump"


async def test_what_hurts_again_is_looked_at_until_the_client_says_it_is_urgent(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=ago(10))
    for days in (3, 1):
        await told.did(database, world.maria, ago(days), "skipped", reason=SkipReason.HURTS)
    path = f"/v1/clients/{world.maria.id}/urgency/"
    for answer, tier, rule, waits in (
        ("can_wait", "look", "hurts_too_much", True),
        ("urgent", "call", "asked_for_help", False),
    ):
        entry = f"{path}{uuid4()}"
        clock.now += timedelta(minutes=1)
        for who, status in (("front desk", 404), ("stranger", 404), ("therapist", 200)):
            kept = await api.put(entry, json={"answer": answer}, headers=world.headers[who])
            assert kept.status_code == status, who
        maria = await row(api, world)
        assert (maria["tier"], maria["rule"], maria.get("can_wait", False)) == (tier, rule, waits)
    other = await api.put(entry, json={"answer": "can_wait"}, headers=world.headers["therapist"])
    assert other.status_code == 409


async def test_what_was_done_with_is_not_counted_again(api: AsyncClient, database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=ago(10))
    body = {"rule": "hurts_too_much", "note": "Talked.", "as_of": (NOW - timedelta(hours=47)).isoformat()}
    found = []
    for days in (4, 3, 1, 0):
        await told.did(database, world.maria, ago(days), "skipped", reason=SkipReason.HURTS)
        found.append((await row(api, world)).get("rule") == "hurts_too_much")
        if days == 3:
            path = f"/v1/caseload/{world.maria.id}/done"
            assert (await api.post(path, json=body, headers=world.headers["therapist"])).status_code == 204
    assert found == [False, True, False, True]


async def test_the_caseload_asks_the_database_as_often_for_one_client_as_for_many(
    api: AsyncClient, database: Database, world: World
) -> None:
    async def counted() -> int:
        with told.statements(database) as sent:
            assert (await look(api, world, "/caseload", "owner")).status_code == 200
        return len(sent)

    alone = await counted()
    await answered(database, world, "rf-dvt")
    await told.pain(database, world.maria, ago(0), 9)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        for name in ("Ada", "Bea", "Cleo"):
            await make_client(session, world.team.therapist_id, name=name)
    assert await counted() == alone


async def test_exercise_done_under_an_open_warning_sign_is_kept_answered_with_what_to_do_and_seen_by_staff(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria)

    async def put(who: str, outcome: str, **more: str) -> dict[str, Any]:
        path = f"/v1/clients/{world.maria.id}/sessions/{uuid4()}"
        answer = await api.put(path, json={"outcome": outcome, **more}, headers=world.headers[who])
        assert answer.status_code == 200, answer.text
        kept: dict[str, Any] = answer.json()
        return kept

    assert "words" not in await put("client", "done")
    await answered(database, world, "rf-fall", at=NOW + timedelta(minutes=1))
    clock.now = NOW + timedelta(minutes=5)
    first, not_watched, _ = (await put("client", "done"))["words"]
    assert "emergency" in first.lower()
    assert not_watched == "This page is not watched day and night. In an emergency call 911."
    assert "words" not in await put("therapist", "done")
    assert "while a warning sign was open" in await shown(api, world, "/clients/MARIA")
    clock.now = NOW + timedelta(minutes=10)
    assert "words" not in await put("client", "skipped", reason="unwell")
