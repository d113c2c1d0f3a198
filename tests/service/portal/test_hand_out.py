"""The plan on paper: a PDF that reads aloud, with letters and a number to text the week back to."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient

from service import loading, paper
from service.catalogue.rules import Side
from service.conversation.grammar import read_reply
from service.conversation.rules import PaperWeek
from service.database.tenancy import Database
from service.diary.red_flags import open_red_flag
from service.plans import actions as plans
from service.portal.rules import Reader
from service.portal.rules.hand_out import DAYS, week_example
from tests.conftest import signed_in
from tests.make import NOW, TODAY, Team, item, make_team
from tests.service.portal.conftest import Browser, Person, make_person, shown, watched, writes

pytestmark = pytest.mark.anyio


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was filled into each paper, beside the paper itself."""
    given: list[dict[str, Any]] = []
    press = paper.pressed

    def pressed(template: str, data: Any, pictures: Any) -> bytes:
        given.append(json.loads(json.dumps(data)) | {"pictures": sorted(pictures)})
        return press(template, data, pictures)

    monkeypatch.setattr(paper, "pressed", pressed)
    return given


async def test_it_is_a_pdf_for_readers_of_all_kinds_and_nothing_is_written(
    browser: Browser, database: Database, team: Team, told: list[dict[str, Any]]
) -> None:
    clam = item("glu-clam", dose_fields={"side": Side.RIGHT}, cue="Slow, please")
    ines = await make_person(database, team, plan_items=[item("glu-squeeze"), clam])
    await browser.enter(ines)
    with watched(database) as statements:
        answer = await browser.api.get("/plan.pdf")
    assert writes(statements) == []
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f'inline; filename="plan-{TODAY}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    # What a PDF/UA says of itself: its part, its language and that it is tagged.
    assert answer.content.startswith(b"%PDF-1.7")
    for sign in (b"<pdfuaid:part>1</pdfuaid:part>", b"/Lang(en)", b"/Marked true", b"/Alt(Clamshell: Slow, please)"):
        assert sign in answer.content, sign
    [sheet] = told
    assert [row["code"] for row in sheet["week"]["rows"]] == ["A", "B"]
    assert sheet["week"]["example"] == "Week A Mo We B Tu"
    assert "text your week to (303) 555-0100" in sheet["week"]["how"][1]
    assert sheet["foot"][-1] == "In an emergency call 911."
    [squeeze, clamshell] = [move for routine in sheet["routines"] for move in routine["moves"]]
    assert (clamshell["dose"], clamshell["side"]) == ("2 sets of 8", "Move the right leg")
    assert clamshell["cues"][0] == "Slow, please"
    assert sheet["pictures"] == sorted([squeeze["picture"], clamshell["picture"]])
    assert sheet["stop_rule"] == "Stop if pain gets above 5 or does not settle by the next day."
    assert sheet["size"] == "us-letter"


async def test_it_speaks_the_clients_language_to_staff_too(
    api: AsyncClient, database: Database, team: Team, told: list[dict[str, Any]]
) -> None:
    ines = await make_person(database, team, locale="es")
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    answer = await api.get(f"/clients/{ines.client.id}/plan.pdf", headers=sam)
    assert b"/Lang(es)" in answer.content
    [sheet] = told
    assert sheet["week"]["example"] == "Semana A Lu Mi B Ma"


@pytest.mark.parametrize("locale", ["en", "es"])
def test_what_it_asks_for_is_what_a_text_is_read_as(locale: str) -> None:
    reader = Reader(locale, ZoneInfo("UTC"))
    [example] = read_reply(week_example(["A", "B", "C"], reader), asked="plan", locale=locale)
    assert example == PaperWeek((("A", (0, 2)), ("B", (1,))))
    [whole] = read_reply(f"{reader.say('Week')} A {' '.join(DAYS[locale])}", asked="plan", locale=locale)
    assert whole == PaperWeek((("A", (0, 1, 2, 3, 4, 5, 6)),))


async def test_a_letter_stays_with_its_move_in_every_later_version(
    browser: Browser, database: Database, team: Team, told: list[dict[str, Any]]
) -> None:
    """Of A and B, A goes and another comes: an old sheet still says the same."""
    ines = await make_person(database, team)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        kept = item("glu-squeeze", item_key=ines.plan.items[1].row.item_key)
        wanted = plans.Prescription(
            title="Home exercise plan",
            starts_on=TODAY,
            items=[
                item(
                    "glu-clam",
                    dose_fields={"side": Side.RIGHT},
                    cadence={"cadence": "times_per_week", "times_per_week": 3},
                ),
                kept,
            ],
            habits=[],
            reasons={(1, "days_per_week"): "She likes every day"},
        )
        await plans.change(session, ines.client.id, wanted, 1, NOW + timedelta(minutes=1))
    await browser.enter(ines)
    await browser.api.get("/plan.pdf")
    rows = [(row["code"], row["name"]) for row in told[0]["week"]["rows"]]
    assert rows == [("C", "Clamshell"), ("B", "Glute squeeze")]


async def test_without_a_phone_that_gets_texts_no_number_is_named(
    browser: Browser, database: Database, team: Team, told: list[dict[str, Any]]
) -> None:
    ines = await make_person(database, team, phone=None, email="ines@example.org")
    await browser.enter(ines)
    await browser.api.get("/plan.pdf")
    [sheet] = told
    assert (len(sheet["week"]["how"]), sheet["week"]["example"]) == (1, None)


async def test_while_a_warning_sign_is_open_it_shows_no_move(
    browser: Browser, maria: Person, database: Database, told: list[dict[str, Any]]
) -> None:
    async with database.clinic_tx(maria.team.clinic_id, maria.team.therapist) as session:
        await open_red_flag(session, maria.client.id, "staff", NOW)
    assert (await browser.api.get("/plan.pdf")).status_code == 200
    [sheet] = told
    assert (sheet["routines"], sheet["week"], sheet["stop_rule"]) == ([], None, None)
    assert sheet["lines"][0] == "Your plan is on hold"
    assert "911" in sheet["notice"]


async def test_only_who_may_see_the_record_gets_it(api: AsyncClient, database: Database, team: Team) -> None:
    ines, other = await make_person(database, team), await make_team(database)
    path, trail = f"/clients/{ines.client.id}/plan.pdf", "SELECT count(*) FROM audit_entry WHERE client_id = :client"
    people = [
        (200, await signed_in(database, team.clinic_id, staff_id=team.therapist_id)),
        (200, await signed_in(database, team.clinic_id, staff_id=team.owner_id)),
        (404, await signed_in(database, team.clinic_id, staff_id=team.other_therapist_id)),
        (404, await signed_in(database, other.clinic_id, staff_id=other.owner_id)),
        (403, await signed_in(database, team.clinic_id, client_id=ines.client.id)),
        (302, {}),
    ]
    [(before,)] = await ines.rows(trail)
    for code, headers in people:
        assert (await api.get(path, headers=headers)).status_code == code
    [(after,)] = await ines.rows(trail)
    assert after - before == 2
    assert (await api.get("/plan.pdf", headers=people[0][1])).status_code == 403


async def test_where_it_is_not_installed_the_page_offers_none_and_the_address_says_why(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Print or save as PDF" in shown(await browser.api.get("/plan"))
    monkeypatch.setattr(loading, "find_spec", lambda _: None)
    loading.makes_pdfs.cache_clear()
    try:
        assert "PDF" not in shown(await browser.api.get("/plan"))
        answer = await browser.api.get("/plan.pdf")
    finally:
        monkeypatch.undo()
        loading.makes_pdfs.cache_clear()
    assert answer.status_code == 501
    assert "PDFs are not set up here (the extra pdf, see the README)." in shown(answer)
