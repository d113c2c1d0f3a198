"""Where somebody is signed in, all that is kept of them as a file, and the wish to be forgotten."""

import csv
import json
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from httpx import AsyncClient

from service.accounts import sign_in
from service.accounts.guards import COOKIE
from service.all_tables import metadata
from service.database.tenancy import Database
from service.portal.rules.own import browser_words
from service.records.actions.export import LEFT_OUT, shown_columns, tables_of_a_client
from service.records.rules import csv_of, safe_cell
from tests.conftest import Clock, signed_in
from tests.make import NOW, Team, make_team
from tests.service.portal.conftest import Browser, Person, make_person, shown

pytestmark = pytest.mark.anyio

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"


async def opened(person: Person, user_agent: str) -> str:
    """A session of theirs on another device; its token."""
    async with person.database.clinic_tx(person.team.clinic_id, person.actor) as session:
        return await sign_in.start_session(session, client_id=person.client.id, user_agent=user_agent, now=NOW)


async def works(api: AsyncClient, token: str) -> bool:
    answer = await api.get("/today", headers={"Cookie": f"{COOKIE}={token}"})
    return answer.status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (IPHONE, "Safari on an iPhone"),
        (WINDOWS, "Edge on a Windows computer"),
        (ANDROID, "Chrome on an Android phone or tablet"),
        ("", "A browser or app"),
        ("clinic-app/2 (iPad)", "an iPad"),
    ],
)
def test_a_device_is_named_in_words(user_agent: str, words: str) -> None:
    assert browser_words(user_agent).read(str) == words


async def test_one_device_is_signed_out_and_then_all_others(
    browser: Browser, maria: Person, clock: Clock, database: Database
) -> None:
    phone, desk, tablet = [await opened(maria, agent) for agent in (IPHONE, WINDOWS, ANDROID)]
    page = shown(await browser.api.get("/devices"))
    assert "A browser or app · this one Signed in on Tuesday, March 10. Last seen on Tuesday, March 10." in page
    assert page.index("this one") < page.index("Safari on an iPhone")
    ids = await maria.rows("SELECT id FROM sign_in_session WHERE client_id = :client AND user_agent LIKE '%iPhone%'")
    assert (await browser.send(f"/devices/{ids[0][0]}")).status_code == 303
    own = browser.api.cookies.get(COOKIE)
    browser.api.cookies.clear()
    assert [await works(browser.api, token) for token in (phone, desk, tablet, str(own))] == [False, True, True, True]
    stranger = await make_person(database, await make_team(database))
    hers = await Browser(browser.api).enter(stranger)
    desk_id = await maria.rows("SELECT id FROM sign_in_session WHERE client_id = :client AND user_agent LIKE '%Edg%'")
    assert (await hers.send(f"/devices/{desk_id[0][0]}")).status_code == 404
    assert (await hers.send("/devices/others")).status_code == 303
    browser.api.cookies.clear()
    assert await works(browser.api, desk), "A stranger signs nobody else out."
    browser.api.cookies.set(COOKIE, str(own), domain=browser.api.base_url.host)
    assert (await browser.send("/devices/others")).headers["location"] == "/devices?saved=yes"
    browser.api.cookies.clear()
    assert [await works(browser.api, token) for token in (desk, tablet, str(own))] == [False, False, True]


def test_nothing_in_the_file_is_bytes_that_nobody_could_read() -> None:
    """What a running installation signs its trail with among them: the tests' own rows have no signature."""
    told = [table for table in tables_of_a_client() if table.name not in LEFT_OUT]
    unread = [f"{table}.{one.name}" for table in told for one in shown_columns(table) if one.type.python_type is bytes]
    assert unread == []


async def test_all_that_is_kept_comes_as_one_file_and_is_audited(
    browser: Browser, maria: Person, database: Database, team: Team
) -> None:
    other = await make_person(database, team, name="Zoe Other")
    await browser.send("/today/session", outcome="done")
    await browser.send("/today/messages", text='=HYPERLINK("evil")')
    answer = await browser.send("/my-data/file")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data-2026-03-10.zip"'
    assert answer.headers["cache-control"] == "no-store"
    packed = ZipFile(BytesIO(answer.content))
    data = json.loads(packed.read("data.json"))
    assert [row["name"] for row in data["client"]] == ["Maria Lopez"]
    assert [row["outcome"] for row in data["exercise_session"]] == ["done"]
    assert data["client"][0]["therapist_id"] == "Sam"
    assert {row["exercise_id"] for row in data["plan_item"]} == {"Double-leg bridge", "Glute squeeze"}
    rows = list(csv.DictReader(StringIO(packed.read("thread_message.csv").decode("utf-8-sig"))))
    assert [row["body"] for row in rows] == ['\'=HYPERLINK("evil")']
    [phone] = [row for row in data["contact_point"] if row["channel"] == "sms"]
    assert phone["address"].startswith("+1415")
    assert f"'{phone['address']}" in packed.read("contact_point.csv").decode()
    everything = "".join(packed.read(name).decode() for name in packed.namelist())
    for secret in ("Zoe", str(other.client.id), "token_hash", "code_hash", str(team.clinic_id)):
        assert secret not in everything
    trail = "SELECT actor_kind FROM audit_entry WHERE client_id = :client AND action = 'export'"
    assert await maria.rows(trail) == [("client",)]


async def test_a_file_is_made_ten_times_a_day_at_most_and_for_nobody_else(
    browser: Browser, maria: Person, database: Database, team: Team
) -> None:
    for _ in range(10):
        assert (await browser.send("/my-data/file")).status_code == 200
    assert (await browser.send("/my-data/file")).status_code == 429
    assert (await browser.api.get("/my-data/file")).status_code == 405
    assert (await browser.api.post("/my-data/file", data={"csrf": "x"})).status_code == 403
    browser.api.cookies.clear()
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    assert (await browser.api.post("/my-data/file", data={"csrf": browser.csrf}, headers=headers)).status_code == 403
    assert (await browser.api.post("/my-data/file", data={"csrf": browser.csrf})).status_code == 401


def test_every_table_of_a_client_is_in_the_file_or_left_out_for_a_reason() -> None:
    named = {table.name for table in tables_of_a_client()}
    assert named == {t.name for t in metadata.sorted_tables if "client_id" in t.columns} | {"client"}
    assert set(LEFT_OUT) <= named


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\x0b", "\x7f", "\uff1d", "\uff20"])
def test_a_cell_is_never_a_formula(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell("1+1") == "1+1"
    assert (
        csv_of([{"a": f"{start}x", "b": [1, None], "c": None, "d": True, "e": 4}])
        .splitlines()[-1]
        .endswith('"[1, null]",,yes,4')
    )


async def test_a_wish_to_be_forgotten_takes_two_steps_is_seen_by_staff_and_can_be_taken_back(
    browser: Browser, maria: Person, database: Database, team: Team
) -> None:
    asked = "SELECT taken_back_at IS NULL FROM erasure_request WHERE client_id = :client ORDER BY asked_at"
    assert "Are you sure?" in shown(await browser.send("/my-data/forget"))
    assert await maria.rows(asked) == []
    for _ in range(2):
        assert (await browser.send("/my-data/forget", sure="yes")).status_code == 303
    assert await maria.rows(asked) == [(True,)]
    assert "You asked on Tuesday, March 10." in shown(await browser.api.get("/my-data?saved=asked"))
    browser_cookies = dict(browser.api.cookies)
    browser.api.cookies.clear()
    own, other = [
        await signed_in(database, team.clinic_id, staff_id=who) for who in (team.therapist_id, team.other_therapist_id)
    ]
    notice = f"Asked to be forgotten on Tue, Mar 10: {maria.client.name}"
    assert notice in shown(await browser.api.get("/caseload", headers=own))
    assert notice not in shown(await browser.api.get("/caseload", headers=other))
    page = f"/clients/{maria.client.id}"
    assert "Asked to be forgotten on Tuesday, March 10." in shown(await browser.api.get(page, headers=own))
    browser.api.cookies.update(browser_cookies)
    assert await maria.rows("SELECT 1 FROM client WHERE id = :client"), "Nothing is erased by it."
    for _ in range(2):
        assert (await browser.send("/my-data/keep")).status_code == 303
    assert await maria.rows(asked) == [(False,)]
    browser.api.cookies.clear()
    assert "Asked to be forgotten" not in shown(await browser.api.get("/caseload", headers=own))
