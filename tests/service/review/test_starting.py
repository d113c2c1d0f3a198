"""What a plan starts from, templates, a pause and the end: on the pages of staff."""

from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.catalogue.library import shipped
from service.catalogue.rules import Side
from service.database.tenancy import Database
from service.plans.rules.programmes import Place
from service.review.views.starting import programme_name
from service.words import LANGUAGES
from tests.conftest import Clock, signed_in
from tests.make import NOW, item, make_plan
from tests.service.review.browsing import (
    World,
    ago,
    as_sent,
    cookie,
    look,
    plan_of,
    send,
    shown,
    ticked,
    value_of,
    words,
)
from tests.service.review.prescribing import PLAN

pytestmark = pytest.mark.anyio

WITH_DAYS_FREE = {"cadence": "weekdays", "weekdays": 0b10101}
START = "/clients/MARIA/plan/start"
ONE_LEG = ("side_glu-stand-abd", "side_ham-doorway")


async def _first_phase(api: AsyncClient, world: World, **change: str) -> None:
    html = (await look(api, world, f"{PLAN}?from=prog-oa")).text
    answer = await send(api, world, PLAN, as_sent(html) | dict.fromkeys(ONE_LEG, "right") | change)
    assert answer.status_code == 303, words(answer.text)


async def test_a_new_plan_starts_from_one_of_four(api: AsyncClient, world: World) -> None:
    assert f'href="/clients/{world.maria.id}/plan/start"' in (await look(api, world, "/clients/MARIA")).text
    seen = await shown(api, world, START)
    for told in (
        "A programme",
        "Hip osteoarthritis programme 12 weeks, 3 phases. First: Sit to stand, Double-leg bridge",
        "Outer-hip tendon programme of 8 weeks 8 weeks, ",
        "Outer-hip tendon programme of 12 weeks 12 weeks, ",
        "A template of the clinic None yet.",
        "An earlier plan No plan yet.",
        "Start with an empty form",
    ):
        assert told in seen, told
    assert seen.count("What it rests on") == 11
    assert (
        len({programme_name(programme, language) for programme in shipped().programmes for language in LANGUAGES}) == 22
    )
    assert ticked((await look(api, world, f"{PLAN}?from=empty")).text) == {"remind_check_in", "remind_plan"}


async def test_a_programme_is_sent_with_what_the_form_does_not_show_and_with_its_phase(
    api: AsyncClient, database: Database, world: World
) -> None:
    html = (await look(api, world, f"{PLAN}?from=prog-gt-leap")).text
    form = as_sent(html)
    assert form["start"] == "prog-gt-leap:1"
    form |= {name: "right" for name in form if name.startswith("side_") and not form[name]}
    answer = await send(api, world, PLAN, form)
    assert answer.status_code == 303, words(answer.text)
    [content] = await plan_of(database, world.maria)
    assert content.place == Place("prog-gt-leap", 1, content.version.starts_on)
    # The phase is light; the form has no field for effort.
    assert {item.row.effort for item in content.items} == {"light"}
    seen = await shown(api, world, "/clients/MARIA")
    assert "Outer-hip tendon programme of 8 weeks: phase 1 of 4, week 1" in seen
    assert "can start" not in seen


async def test_a_phase_that_is_due_is_proposed_on_both_pages_and_sent_as_a_draft(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await _first_phase(api, world)
    clock.now = NOW + timedelta(days=14)
    team = world.team
    signed = await signed_in(database, team.clinic_id, staff_id=team.therapist_id, now=clock.now)
    world.headers["therapist"] = cookie(signed)
    for path in ("/clients/MARIA", PLAN, START):
        assert "Phase 2 of 3 can start: week 3 reached." in await shown(api, world, path)
    assert len(await plan_of(database, world.maria)) == 1
    html = (await look(api, world, f"{PLAN}?from=prog-oa:2")).text
    assert {name for name in ticked(html) if name.startswith("item_")} == {
        "item_glu-sit-stand-split",
        "item_glu-bridge-offset",
        "item_glu-sidestep-band",
        "item_glu-step-up",
    }
    form = as_sent(html)
    form |= {name: "right" for name in form if name.startswith("side_") and not form[name]}
    answer = await send(api, world, PLAN, form)
    assert answer.status_code == 303, words(answer.text)
    second = (await plan_of(database, world.maria))[-1]
    assert second.place == Place("prog-oa", 2, ago(0))
    seen = await shown(api, world, "/clients/MARIA")
    assert "phase 2 of 3, week 3" in seen
    assert "can start" not in seen


async def test_an_edit_stays_in_its_phase_and_an_empty_form_leaves_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    await _first_phase(api, world)
    form = as_sent((await look(api, world, PLAN)).text)
    assert "start" not in form
    assert (await send(api, world, PLAN, form | {"reps_glu-bridge-double": "9"})).status_code == 303
    html = (await look(api, world, f"{PLAN}?from=empty")).text
    form = as_sent(html) | {"item_glu-squeeze": "on", "side_glu-squeeze": "both"}
    assert (await send(api, world, PLAN, form)).status_code == 303
    assert [c.place and c.place.phase for c in await plan_of(database, world.maria)] == [1, 1, None]


async def test_an_earlier_plan_comes_back_with_its_load_its_legs_and_its_phase(
    api: AsyncClient, database: Database, world: World
) -> None:
    dose = {"side": Side.RIGHT, "load": 2.0, "load_unit": "kg", "sets": 2, "reps": 8}
    items = [
        item("glu-clam", dose_fields=dose, cadence=WITH_DAYS_FREE, cue="Slow"),
        item("glu-clam", dose_fields={"side": Side.LEFT}, cadence=WITH_DAYS_FREE),
        item("glu-bridge-double"),
    ]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        first = await make_plan(session, world.maria, starts_on=ago(5), items=items, now=NOW - timedelta(days=5))
    form = as_sent((await look(api, world, f"{PLAN}?from=empty")).text)
    form |= {"item_glu-squeeze": "on", "side_glu-squeeze": "both"}
    assert (await send(api, world, PLAN, form)).status_code == 303
    html = (await look(api, world, START)).text
    link = f"/clients/{world.maria.id}/plan/new?from=version:{first.version.id}"
    assert link in html
    answer = await send(api, world, PLAN, as_sent((await look(api, world, link)).text))
    assert answer.status_code == 303, words(answer.text)
    back = (await plan_of(database, world.maria))[-1]
    told = [(i.exercise.code, i.row.side, i.row.sets, i.row.load, i.row.cue) for i in back.items]
    assert sorted(told) == sorted((i.exercise.code, i.row.side, i.row.sets, i.row.load, i.row.cue) for i in first.items)


async def test_a_template_is_kept_used_for_another_client_renamed_and_taken_away(
    api: AsyncClient, database: Database, world: World
) -> None:
    dose = {"side": Side.RIGHT, "load": 2.0, "load_unit": "kg", "sets": 2, "reps": 8}
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await make_plan(
            session, world.maria, items=[item("glu-clam", dose_fields=dose, cadence=WITH_DAYS_FREE, cue="Maria, slow")]
        )
    path, page = "/clients/MARIA/plan/template", "/clients/MARIA"
    kept = await send(api, world, path, {"name": "Side lying", "number": "1"}, page=page)
    assert kept.headers["location"].endswith("?done=template#plan")
    for form in ({"name": "Side lying", "number": "1"}, {"name": " ", "number": "1"}):
        again = await send(api, world, path, form, page=page)
        assert again.status_code == 422
        assert ("Another template has this name." if form["name"] != " " else "1 to 80") in words(again.text)
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [template_id] = (await session.execute(text("SELECT id FROM plan_template"))).scalars()
    rita = f"/clients/{world.clients['Rita'].id}/plan"
    assert "Side lying Clamshell" in await shown(api, world, f"{rita}/start", "owner")
    html = (await look(api, world, f"{rita}/new?from=template:{template_id}", "owner")).text
    assert "Maria, slow" not in html
    form = as_sent(html)
    assert (form["side_glu-clam"], form["sets_glu-clam"]) == ("", "2")
    # The form has no field for the two kilos; they are warned of all the same.
    daily = {"side_glu-clam": "left", "cadence_glu-clam": "weekdays-127"}
    warned = await send(api, world, f"{rita}/new", form | daily, "owner")
    assert warned.status_code == 422
    assert "Loaded work on days in a row." in words(warned.text)
    sent = await send(api, world, f"{rita}/new", form | {"side_glu-clam": "left"}, "owner")
    assert sent.status_code == 303, words(sent.text)
    [content] = await plan_of(database, world.clients["Rita"])
    assert [(i.row.side, i.row.load, i.row.cue) for i in content.items] == [("left", 2.0, None)]
    one = f"/templates/{template_id}"
    renamed = await send(api, world, one, {"name": "Clam"}, page="/templates")
    assert renamed.headers["location"] == "/templates?done=renamed"
    wrong = await send(api, world, one, {"name": "x" * 81}, page="/templates")
    assert (wrong.status_code, value_of(wrong.text, "name")) == (422, "x" * 81)
    for copied in ("Clam 2", "Clam 3"):
        await send(api, world, f"{one}/copy", page="/templates")
        assert f'value="{copied}"' in (await look(api, world, "/templates")).text
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        rows = list(await session.execute(text("SELECT id, body FROM plan_template")))
    assert len({str(row.body) for row in rows}) == 1
    for row in rows:
        assert (await send(api, world, f"/templates/{row.id}/remove", page="/templates")).status_code == 303
    assert "None yet." in await shown(api, world, "/templates")
    gone = await send(api, world, f"{rita}/new", form | {"side_glu-clam": "left", "version": "1"}, "owner")
    assert gone.status_code == 422
    assert "What you started from is no longer there." in words(gone.text)


async def test_a_plan_is_paused_resumed_and_ended_on_the_clients_page(
    api: AsyncClient, database: Database, world: World
) -> None:
    await _first_phase(api, world)
    page = "/clients/MARIA"

    async def act(what: str, **form: str) -> tuple[int, str]:
        answer = await send(api, world, f"{page}/plan/{what}", form, page=page)
        return answer.status_code, words(answer.text)

    assert (await act("resume", from_day="2026-03-10"))[0] == 422
    status_code, seen = await act("pause", from_day="2026-03-12", until_day="2026-03-11")
    assert (status_code, "End the pause on or after its first day." in seen) == (422, True)
    assert "Use a day such as 2026-03-10." in (await act("pause", from_day="soon"))[1]
    assert (await act("pause", from_day="2026-03-12", until_day="2026-03-20"))[0] == 303
    assert "Paused from Mar 12 to Mar 20." in await shown(api, world, page)
    assert (await act("resume", from_day="2026-03-14"))[0] == 303
    assert "Paused from Mar 12 to Mar 13." in await shown(api, world, page)
    assert (await act("end", last_day="2036-03-20"))[0] == 422
    assert (await act("end", last_day="2026-03-20"))[0] == 303
    [content] = await plan_of(database, world.maria)
    assert content.plan.ended_on == ago(-10)


async def test_who_may_start_pause_and_keep(api: AsyncClient, database: Database, world: World) -> None:
    team = world.team
    robin = await signed_in(database, team.clinic_id, staff_id=team.other_therapist_id)
    world.headers["robin"] = cookie(robin)
    for who, code in (("owner", 200), ("robin", 404), ("client", 403), ("stranger", 404), ("front desk", 403)):
        assert (await look(api, world, START, who)).status_code == code, who
    for path in ("pause", "resume", "end", "template", "picked"):
        # A form that our page did not write for this session.
        answer = await api.post(f"/clients/{world.maria.id}/plan/{path}", data={}, headers=world.headers["therapist"])
        assert answer.status_code == 403, path
        form = {"from_day": "2026-03-10", "last_day": "2026-03-10", "name": "x", "number": "0"}
        theirs = await send(api, world, f"/clients/MARIA/plan/{path}", form, "robin", page="/templates")
        assert theirs.status_code == 404, path
