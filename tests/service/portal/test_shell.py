"""What makes the pages a thing on the phone: files that keep, name and icons, the worker, and whose page it is."""

import json
import re
import struct

import pytest
from httpx import AsyncClient

from service.accounts.rules import LinkPurpose
from service.database.tenancy import Database
from service.portal.pages.shell import KEPT_PAGES
from service.static_files import files, url_of, version
from tests.conftest import signed_in
from tests.make import Team, make_team
from tests.service.portal.conftest import Browser, Person, watched, writes

pytestmark = pytest.mark.anyio

SHELL = ("/manifest.webmanifest", "/sw.js", "/offline")


async def test_a_file_keeps_for_a_year_under_the_address_of_its_version_only(api: AsyncClient) -> None:
    found = await api.get(url_of("clamshell.css"))
    assert (found.status_code, found.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    for other in ("/static/0123456789abcdef/clamshell.css", "/static/clamshell.css"):
        # While an upgrade goes on, a page of the other version gets what there is, and asks again the next time.
        again = await api.get(other)
        assert (again.text, again.headers["cache-control"]) == (found.text, "no-cache")
    assert (await api.get(f"/static/{version()}/other.css")).status_code == 404
    assert (await api.head(url_of("clamshell.css"))).headers["content-type"].startswith("text/css")


async def test_a_module_is_served_as_one_and_finds_its_own_version_beside_it(api: AsyncClient) -> None:
    script = await api.get(url_of("js/client.js"))
    assert script.headers["content-type"].startswith("text/javascript")
    named = re.findall(r'from "\./([\w.]+)"', script.text)
    assert "outbox.js" in named
    assert {f"js/{name}" for name in named} <= files().keys()


async def test_the_manifest_names_icons_of_the_size_it_says(api: AsyncClient) -> None:
    answer = await api.get("/manifest.webmanifest", headers={"Accept-Language": "es-MX"})
    assert answer.headers["content-type"] == "application/manifest+json"
    told = json.loads(answer.content)
    assert (told["start_url"], told["display"], told["lang"]) == ("/today", "standalone", "es")
    assert {icon.get("purpose") for icon in told["icons"]} == {None, "maskable"}
    for icon in told["icons"]:
        picture = (await api.get(icon["src"])).content
        # The two numbers that a PNG begins with.
        assert "{}x{}".format(*struct.unpack(">II", picture[16:24])) == icon["sizes"]


async def test_the_worker_may_be_checked_anew_each_time_and_all_it_keeps_is_there(api: AsyncClient) -> None:
    answer = await api.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["content-security-policy"]
    told = json.loads(answer.text.partition("\n")[0].removeprefix("const told = ").removesuffix(";"))
    assert (told["version"], tuple(told["pages"])) == (version(), KEPT_PAGES)
    assert url_of("js/outbox.js") in told["shell"]
    for path in told["shell"]:
        assert (await api.get(path)).status_code == 200, path
    # Whatever language the browser had when the worker came.
    for language, path in told["offline"].items():
        page = await api.get(path, headers={"Accept-Language": "es" if language == "en" else "en"})
        assert (path in told["shell"], f'<html lang="{language}">' in page.text) == (True, True)
    assert told["offline"].keys() == {"en", "es"}


async def test_a_phone_keeps_pages_of_the_person_they_name_and_no_others(
    browser: Browser, maria: Person, database: Database, team: Team
) -> None:
    for path in KEPT_PAGES:
        answer = await browser.api.get(path)
        assert answer.headers["clamshell-person"] == str(maria.client.id), path
        assert f'data-person="{maria.client.id}"' in answer.text
    staff = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    link = await maria.link(LinkPurpose.CHECK_IN)
    for path, headers in (("/caseload", staff), (link, {}), ("/offline", {}), ("/today/me", {})):
        assert "clamshell-person" not in (await browser.api.get(path, headers=headers)).headers, path


@pytest.mark.parametrize("purpose", [LinkPurpose.CHECK_IN, LinkPurpose.WEEK, LinkPurpose.SIGN_IN])
async def test_a_page_behind_a_link_runs_no_script_and_installs_nothing(
    api: AsyncClient, maria: Person, purpose: LinkPurpose
) -> None:
    html = (await api.get(await maria.link(purpose))).text
    assert "<script" not in html
    assert "manifest" not in html


async def test_who_is_signed_in_is_told_to_a_client_alone(
    browser: Browser, maria: Person, database: Database, team: Team
) -> None:
    told = await browser.api.get("/today/me")
    assert told.json()["person"] == str(maria.client.id)
    # Each token is another one; this one opens a form.
    browser.csrf = told.json()["csrf"]
    assert (await browser.send("/today/pain", score="4")).status_code == 303
    assert told.headers["cache-control"] == "no-store"
    stranger = await make_team(database, stocked=False)
    for clinic in (team, stranger):
        staff = await signed_in(database, clinic.clinic_id, staff_id=clinic.therapist_id)
        assert (await browser.api.get("/today/me", headers=staff)).status_code == 403
    browser.api.cookies.clear()
    assert (await browser.api.get("/today/me")).headers["location"] == "/sign-in"


async def test_reading_what_a_phone_keeps_writes_nothing(browser: Browser, database: Database) -> None:
    with watched(database) as statements:
        for path in (*SHELL, "/today/me", url_of("icon.svg")):
            assert (await browser.api.get(path)).status_code == 200
    assert writes(statements) == []
