"""The pages of staff: who may see what, and that looking changes nothing."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.accounts import queries as accounts
from service.database.tenancy import Database
from service.diary.rules import SkipReason
from tests import told
from tests.conftest import Clock
from tests.make import NOW, PASSWORD, TODAY, Team, make_plan
from tests.service.review.browsing import (
    COOKIE,
    World,
    ago,
    count,
    look,
    send,
    shown,
    token_in,
    value_of,
    words,
)

pytestmark = pytest.mark.anyio

pytestmark = pytest.mark.anyio


async def email_of(database: Database, team: Team) -> str:
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return (await accounts.staff(session, team.therapist_id)).email


async def test_staff_sign_in_with_a_password_and_out_again(api: AsyncClient, database: Database, world: World) -> None:
    assert "Staff sign-in" in words((await api.get("/staff/sign-in")).text)
    form = {"email": await email_of(database, world.team), "password": PASSWORD}
    answer = await api.post("/staff/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    set_cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in set_cookie
    assert "samesite=lax" in set_cookie
    assert "max-age=43200" in set_cookie
    headers = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    api.cookies.clear()
    assert (await api.get("/staff", headers=headers)).headers["location"] == "/caseload"
    page = await api.get("/caseload", headers=headers)
    assert page.status_code == 200
    assert (await api.post("/staff/sign-out", headers=headers)).status_code == 403
    out = await api.post("/staff/sign-out", data={"csrf": token_in(page.text)}, headers=headers)
    assert (out.status_code, out.headers["location"]) == (303, "/staff/sign-in")
    again = await api.get("/caseload", headers=headers)
    assert (again.status_code, again.headers["location"]) == (302, "/staff/sign-in")


async def test_a_wrong_password_and_an_unknown_email_answer_alike_and_keep_the_email(
    api: AsyncClient, database: Database, world: World
) -> None:
    known = await email_of(database, world.team)
    pages = []
    for email in (known, "nobody@clinic.example"):
        answer = await api.post("/staff/sign-in", data={"email": email, "password": "wrong horse battery"})
        assert answer.status_code == 401
        assert value_of(answer.text, "email") == email
        assert "set-cookie" not in answer.headers
        # What a passkey would answer is another one on each page.
        pages.append(re.sub('data-options="[^"]*"', "", answer.text.replace(email, "")))
    assert pages[0] == pages[1]
    assert "do not go together" in pages[0]


PAGES = ("/caseload", "/clients/MARIA", "/clients/MARIA/plan/new")


@pytest.mark.parametrize("path", PAGES)
async def test_own_therapist_and_owner_see_the_record_others_do_not(api: AsyncClient, world: World, path: str) -> None:
    seen = {who: (await look(api, world, path, who)).status_code for who in world.headers}
    stranger = 200 if path == "/caseload" else 404
    assert seen == {
        "therapist": 200,
        "owner": 200,
        "front desk": 403,
        "client": 403,
        "stranger": stranger,
    }
    signed_out = await api.get(path.replace("MARIA", str(world.maria.id)))
    assert (signed_out.status_code, signed_out.headers["location"]) == (302, "/staff/sign-in")


@pytest.mark.parametrize("name", ["Rita", "Stranger"])
@pytest.mark.parametrize("path", ["", "/plan/new"])
async def test_somebody_elses_client_looks_like_a_random_id(
    api: AsyncClient, world: World, name: str, path: str
) -> None:
    theirs = await look(api, world, f"/clients/{world.clients[name].id}{path}")
    nobody = await look(api, world, f"/clients/{uuid4()}{path}")
    assert theirs.status_code == nobody.status_code == 404
    assert theirs.content == nobody.content


@pytest.mark.parametrize("path", [*PAGES, "/clients/new"])
async def test_looking_writes_nothing_but_who_looked(
    api: AsyncClient, database: Database, world: World, path: str
) -> None:
    with told.statements(database) as sent:
        assert (await look(api, world, path)).status_code == 200
    writes = [s for s in sent if re.match(r"\s*(INSERT|UPDATE|DELETE)", s)]
    assert {re.findall(r"INTO (\w+)", s)[0] for s in writes} <= {"audit_entry"}


POSTS = ("/caseload/MARIA/seen", "/caseload/MARIA/snooze", "/clients/new", "/clients/MARIA/plan/new")


@pytest.mark.parametrize("path", POSTS)
async def test_a_form_without_its_token_is_refused_and_changes_nothing(
    api: AsyncClient, database: Database, world: World, path: str
) -> None:
    path = path.replace("MARIA", str(world.maria.id))
    form = {"rule": "danger", "as_of": NOW.isoformat(), "days": "3", "name": "X", "starts_on": "2026-03-10"}
    for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        answer = await api.post(path, data=form | token, headers=world.headers["therapist"])
        assert answer.status_code == 403
    tables = ("review_mark", "plan", "client")
    assert [await count(database, world.team, table) for table in tables] == [0, 0, 2]


@pytest.mark.parametrize("path", POSTS[:2] + POSTS[3:])
@pytest.mark.parametrize("name", ["Rita", "Stranger"])
async def test_a_form_about_somebody_elses_client_finds_nobody(
    api: AsyncClient, database: Database, world: World, path: str, name: str
) -> None:
    form = {"rule": "danger", "as_of": NOW.isoformat(), "days": "3", "item_glu-squeeze": "on"}
    path = path.replace("MARIA", str(world.clients[name].id))
    answer = await send(api, world, path, form, page="/caseload")
    assert answer.status_code == 404
    assert await count(database, world.team, "review_mark") == 0
    assert await count(database, world.team, "plan") == 0


async def test_the_caseload_says_who_why_and_how_long(api: AsyncClient, database: Database, world: World) -> None:
    for back in range(8, 0, -1):
        await told.pain(database, world.maria, ago(back), 4)
    await told.pain(database, world.maria, TODAY, 8)
    seen = await shown(api, world, "/caseload")
    assert "1 to call" in seen
    assert "Maria Lopez Pain 8 today. Usual is 4. Told us at 9:00 AM." in seen
    assert "2 hours" in seen
    assert "no plan yet" in seen
    assert "Reminders are not running" in seen
    assert "Rita" not in seen
    assert "Stranger" not in seen


async def test_a_notifier_that_stopped_is_said_and_a_live_one_is_not(
    api: AsyncClient, database: Database, notifier: Database, world: World
) -> None:
    await beat(notifier, seconds_ago=14 * 60)
    assert "Last update 14 minutes ago." in await shown(api, world, "/caseload")
    await beat(notifier, seconds_ago=20)
    seen = await shown(api, world, "/caseload")
    assert "Last update" not in seen
    assert "Reminders last ran at 10:59 AM." in seen


async def test_somebody_new_is_not_counted_as_on_track_and_gets_a_plan_from_the_caseload(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        (await accounts.client(session, world.maria.id)).created_at = NOW - timedelta(hours=1)
    html = (await look(api, world, "/caseload?tier=new")).text
    seen = words(html)
    assert "1 new client 0 on track" in seen
    assert "New Maria Lopez No plan yet." in seen
    assert f'href="/clients/{world.maria.id}/plan/new"' in html
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(session, world.maria, starts_on=TODAY, now=NOW)
    page = await shown(api, world, "/clients/MARIA")
    assert "New Nothing logged yet." in page
    assert "0 of 0" not in page


async def test_times_of_the_caseload_are_the_clinics_and_those_of_a_client_page_the_clients(
    api: AsyncClient, database: Database, world: World
) -> None:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        (await accounts.client(session, world.maria.id)).zone = "America/Los_Angeles"
    await told.pain(database, world.maria, TODAY, 9, hour=9)
    seen = await shown(api, world, "/caseload")
    assert "11:00 AM · all times are the clinic's: Eastern Time" in seen
    assert "Told us at 9:00 AM. 8:00 AM their time" in seen
    page = await shown(api, world, "/clients/MARIA")
    assert "8:00 AM their time, Pacific Time" in page
    assert "Told us at 6:00 AM. · waiting 2 hours" in page
    assert "Times on this page are the client's own. At the clinic it is Tue, Mar 10, 11:00 AM." in page


async def test_where_clocks_agree_no_time_is_told_twice(api: AsyncClient, world: World) -> None:
    assert "their time" not in await shown(api, world, "/caseload")
    assert "At the clinic it is" not in await shown(api, world, "/clients/MARIA")


async def test_a_snoozed_alert_says_so_on_the_client_page_with_its_end(
    api: AsyncClient, database: Database, world: World
) -> None:
    await told.pain(database, world.maria, TODAY, 9)
    form = {"rule": "pain_jump", "as_of": NOW.isoformat(), "days": "3"}
    await send(api, world, "/caseload/MARIA/snooze", form, page="/caseload")
    html = (await look(api, world, "/clients/MARIA")).text
    assert "· Snoozed until Fri, Mar 13" in words(html)
    assert "End the snooze" in words(html)
    assert "/snooze" not in html
    await told.text_in(database, world.maria, "my leg is numb", "danger")
    page = await shown(api, world, "/clients/MARIA")
    assert "Call Told us of a danger sign on Tue, Mar 10 at 11:00 AM: “my leg is numb”" in page
    assert "Snoozed until Fri, Mar 13: Call, Pain 9 today." in page


async def test_older_reminders_are_folded_and_every_row_names_what_it_shows(
    api: AsyncClient, database: Database, notifier: Database, world: World
) -> None:
    await told.due_moments(database, world.maria)
    html = (await look(api, world, "/clients/MARIA")).text
    [table] = re.findall(r'<table class="ledger">.*?</table>', html, re.DOTALL)
    assert table.count('data-label="Sent"') == table.count(", text</td>") == 2


async def beat(notifier: Database, seconds_ago: int) -> None:
    async with notifier.installation_tx() as connection:
        await connection.execute(text("DELETE FROM heartbeat"))
        await connection.execute(
            text("INSERT INTO heartbeat (worker, started_at, beat_at) VALUES ('one', :at, :at)"),
            {"at": NOW - timedelta(seconds=seconds_ago)},
        )


async def test_seen_and_snoozed_from_the_page(api: AsyncClient, database: Database, world: World, clock: Clock) -> None:
    await told.pain(database, world.maria, TODAY, 9)
    html = (await look(api, world, "/caseload")).text
    form = {name: value_of(html, name) for name in ("rule", "as_of")}
    assert form["rule"] == "pain_jump"
    seen = await send(api, world, "/caseload/MARIA/seen", form, page="/caseload")
    assert (seen.status_code, seen.headers["location"]) == (303, "/caseload?done=seen")
    page = await shown(api, world, "/caseload?done=seen")
    assert "Marked as seen." in page
    assert "Seen by Sam, 11:00 AM" in page
    clock.now = NOW + timedelta(minutes=1)
    snoozed = await send(api, world, "/caseload/MARIA/snooze", form | {"days": "3", "back": "client"}, page="/caseload")
    assert snoozed.headers["location"] == f"/clients/{world.maria.id}?done=snoozed"
    page = await shown(api, world, "/caseload")
    assert "Snoozed until Fri, Mar 13" in page
    assert "0 to call" in page


@pytest.mark.parametrize(
    "form",
    [
        {"rule": "urgent"},
        {"as_of": "yesterday"},
        {"as_of": "2026-03-10T10:00:00"},
        {"days": "0"},
        {"days": "31"},
        {"days": "three"},
    ],
)
async def test_a_snooze_that_cannot_be_is_refused(
    api: AsyncClient, database: Database, world: World, form: dict[str, str]
) -> None:
    right = {"rule": "danger", "as_of": NOW.isoformat(), "days": "3"}
    answer = await send(api, world, "/caseload/MARIA/snooze", right | form, page="/caseload")
    assert answer.status_code == 422
    assert await count(database, world.team, "review_mark") == 0


async def test_the_client_page_shows_what_happened_in_words(api: AsyncClient, database: Database, world: World) -> None:
    maria = world.maria
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        plan = await make_plan(session, maria, starts_on=ago(9), now=NOW - timedelta(days=9))
    await told.pain(database, maria, ago(1), 6, channel="text", sites=[(None, "right")], aggravators=["driving"])
    await told.pain(database, maria, ago(2), 5, note="after <i>gardening</i>")
    await told.did(database, maria, ago(1))
    await told.did(database, maria, ago(3), "skipped", reason=SkipReason.HURTS)
    await told.habit(database, maria, ago(1), plan.habits[0].id, True)
    await told.habit(database, maria, ago(2), plan.habits[0].id, False)
    html = (await look(api, world, "/clients/MARIA")).text
    seen = words(html)
    assert "Pain 6, right side, car text" in seen
    assert "Pain 5, “after <i>gardening</i>”" in seen
    assert "<i>gardening" not in html
    assert "Plan done, all 2 moves" in seen
    assert "Plan skipped: it hurts too much" in seen
    assert "Did you stand evenly on both feet when waiting? Yes page" in seen
    assert "Did you stand evenly on both feet when waiting? met on 1 of 2 answered days" in seen
    # Nine days are over, one of them done and one skipped.
    assert "Last 4 weeks: 1 of 9 done, 7 not logged." in seen
    assert "Version 1 by Sam, from Mar 1" in seen
    assert "Too few answers to say how pain changes." in seen
    assert "Said yes on Wed, Feb 18, 10:00 AM:" in seen


async def test_the_ledger_has_a_reason_for_every_due_moment(
    api: AsyncClient, database: Database, notifier: Database, world: World
) -> None:
    await told.due_moments(database, world.maria)
    seen = await shown(api, world, "/clients/MARIA")
    assert "Mon, Mar 9, 8:00 AM Check-in answered Sent and answered. 8:00 AM, text 9:00 AM" in seen
    assert "Sun, Mar 8, 8:00 AM Check-in held back Not sent: quiet hours. – –" in seen
    assert "Sat, Mar 7, 8:00 AM Check-in sent Delivered. No answer yet. 8:00 AM, text –" in seen
    assert "Northside: time for today's check-in. Reply with a number from 0 to 10, or tap " in seen


async def test_a_client_without_anything_has_an_empty_page_and_not_a_broken_one(api: AsyncClient, world: World) -> None:
    seen = await shown(api, world, "/clients/MARIA")
    for sentence in (
        "Nothing logged yet.",
        "No plan yet.",
        "No reminder has been due yet.",
        "No messages yet.",
        "Make a plan",
    ):
        assert sentence in seen
