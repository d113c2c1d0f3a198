"""The guard on the pages of staff: labels are picked, warnings stand at the exercise, reasons are kept and shown."""

import re
from html import unescape

import pytest
from httpx import AsyncClient

from service.database.tenancy import Database
from tests import told
from tests.service.review.browsing import (
    World,
    ago,
    as_sent,
    count,
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

LABELS = "/clients/MARIA/contexts"
FORM = {
    "version": "0",
    "starts_on": "2026-03-10",
    "item_ham-strap": "on",
    "sets_ham-strap": "1",
    "reps_ham-strap": "2",
    "hold_s_ham-strap": "30",
    "side_ham-strap": "both",
    "cadence_ham-strap": "times-3",
}
WHY = "why_avoid_pht_ham-strap"
AVOID = "To be avoided with this label: Proximal hamstring tendon pain."


async def label(api: AsyncClient, world: World, *codes: str, who: str = "therapist") -> int:
    answer = await send(api, world, LABELS, {"context": list(codes)}, who, page="/clients/MARIA")
    return answer.status_code


def warnings_in(html: str) -> list[str]:
    return [words(part) for part in re.findall(r'<div class="warning">(.*?)</div>', html, re.DOTALL)]


async def test_labels_are_picked_on_the_clients_page_and_seen_there_and_over_the_form(
    api: AsyncClient, world: World
) -> None:
    assert await label(api, world, "pht", "gt") == 303
    html = (await look(api, world, "/clients/MARIA?done=labels")).text
    assert '<span class="tag">Proximal hamstring tendon pain</span>' in html
    assert sorted(re.findall(r'name="context" value="([a-z_]+)" checked', html)) == ["gt", "pht"]
    assert '<span class="tag">Outer-hip tendon pain</span>' in (await look(api, world, PLAN)).text
    # What is only to be minded needs no reason.
    added = await send(api, world, "/clients/MARIA/plan/draft", {"version": "0", "act": "add:glu-clam"}, page=PLAN)
    assert added.headers["location"].endswith("/plan/draft#line-glu-clam")
    html = (await look(api, world, added.headers["location"])).text
    clam = re.search(r'name="item_glu-clam".*?</li>', html, re.DOTALL)
    assert clam is not None
    assert "keep a pillow between the knees" in words(clam[0])
    assert "why_" not in clam[0]
    assert await label(api, world) == 303
    assert "No label yet." in await shown(api, world, "/clients/MARIA")


async def test_who_may_pick_labels(api: AsyncClient, database: Database, world: World) -> None:
    own = {"context": "gt", "csrf": "x"}
    place = LABELS.replace("MARIA", str(world.maria.id))
    people = ("client", "front desk", "stranger", "therapist")
    # Without the token of the page even her own therapist is refused.
    answers = [(await api.post(place, data=own, headers=world.headers[who])).status_code for who in people]
    assert answers == [403, 403, 403, 403]
    assert await label(api, world, "gt", who="owner") == 303
    refused = await send(api, world, LABELS, {"context": "hexed"}, page="/clients/MARIA")
    assert refused.status_code == 422
    assert await count(database, world.team, "client_context") == 1


async def test_a_warning_stands_at_the_exercise_with_its_source_and_nothing_typed_is_lost(
    api: AsyncClient, database: Database, world: World
) -> None:
    await label(api, world, "pht")
    form = FORM | {"note": "Slowly", "item_glu-squeeze": "on", "why_too_many_": "Kept for later"}
    refused = await send(api, world, PLAN, form)
    assert refused.status_code == 422
    html = refused.text
    assert "Nothing was sent yet. Please give a reason at each warning, or change the plan." in words(html)
    [warning] = warnings_in(html)
    assert warning.startswith(AVOID)
    assert "Source: Goom et al. 2016 JOSPT" in warning
    strap = re.search(r'name="item_ham-strap".*?</li>', html, re.DOTALL)
    assert strap is not None
    assert f'name="{WHY}"' in strap[0]
    assert {"item_ham-strap", "item_glu-squeeze"} <= ticked(html)
    assert (value_of(html, "note"), value_of(html, "hold_s_ham-strap")) == ("Slowly", "30")
    # Typed for what is no warning now: it comes back with the form.
    assert value_of(html, "why_too_many_") == "Kept for later"
    assert await count(database, world.team, "plan") == 0


async def test_with_a_reason_it_passes_for_both_sides_and_is_shown_with_the_version(
    api: AsyncClient, database: Database, world: World
) -> None:
    await label(api, world, "pht")
    sent = await send(api, world, PLAN, FORM | {WHY: "Short range & no pull"})
    assert sent.status_code == 303, words(sent.text)
    page = await shown(api, world, "/clients/MARIA")
    assert "Prescribed against 2 warnings" in page
    assert "Reason: “Short range & no pull” Source: Goom et al. 2016 JOSPT" in page
    # Opened again the reason is there, and nothing is different.
    html = (await look(api, world, PLAN)).text
    assert value_of(html, WHY) == "Short range & no pull"
    again = await send(api, world, PLAN, as_sent(html))
    assert again.headers["location"].endswith("?done=unchanged"), unescape(again.text)
    emptied = await send(api, world, PLAN, as_sent(html) | {WHY: " ", "reps_ham-strap": "3"})
    assert emptied.status_code == 422
    assert len(await plan_of(database, world.maria)) == 1


async def test_a_dose_outside_the_range_is_sent_with_a_reason_beside_it(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = FORM | {"sets_ham-strap": "2", "side_ham-strap": "right"}
    refused = await send(api, world, PLAN, form)
    assert re.findall(r'id="sets-ham-strap-problem">(.*?)</p>', refused.text) == ["Use 1."]
    assert 'name="why_dose_sets_ham-strap"' in refused.text
    assert (await send(api, world, PLAN, form | {"why_dose_sets_ham-strap": "She is used to two"})).status_code == 303
    [content] = await plan_of(database, world.maria)
    assert content.items[0].row.sets == 2
    assert "Lying hamstring stretch with strap: Sets: Use 1. Reason:" in await shown(api, world, "/clients/MARIA")


async def test_the_form_opens_with_what_speaks_against_the_plan_already(
    api: AsyncClient, database: Database, world: World
) -> None:
    assert (await send(api, world, PLAN, FORM)).status_code == 303
    await told.pain(database, world.maria, ago(2), 5, sites=[("sit_bone", "left")])
    [warning] = warnings_in((await look(api, world, PLAN)).text)
    assert warning.startswith("A hamstring stretch pulls at the sit bone, which hurt in the last 14 days.")
    # Only the reminders change: the plan stays as it is, and no reason is asked for.
    form = as_sent((await look(api, world, PLAN)).text)
    form |= {"remind_check_in": "on", "remind_at_check_in": "08:30", "remind_by_check_in": "sms"}
    assert (await send(api, world, PLAN, form)).headers["location"].endswith("?done=reminders")


async def test_a_form_that_cannot_be_read_keeps_the_reasons_and_still_warns(api: AsyncClient, world: World) -> None:
    await label(api, world, "pht")
    wrong = FORM | {"reps_ham-strap": "three", "cadence_ham-strap": "days-99", "starts_on": "soon", WHY: "x" * 501}
    refused = await send(api, world, PLAN, wrong)
    assert refused.status_code == 422
    assert value_of(refused.text, WHY) == "x" * 501
    assert value_of(refused.text, "reps_ham-strap") == "three"
    told_there = words(refused.text)
    for sentence in ("Use a whole number.", "Use at most 500 characters.", "Use a day within a year", AVOID):
        assert sentence in told_there


async def test_the_plan_as_a_whole_is_warned_of_over_the_exercises(api: AsyncClient, world: World) -> None:
    five = ("glu-squeeze", "glu-bridge-double", "glu-bird-dog", "glu-sidestep", "glu-sit-stand")
    form = {"version": "0", "starts_on": "2026-03-10"} | {f"item_{code}": "on" for code in five}
    form |= {"side_glu-bird-dog": "both"}
    refused = await send(api, world, PLAN, form)
    [warning] = warnings_in(refused.text)
    assert warning.startswith("5 exercises at a time. People keep up better with 4 or fewer. Source: Bachmann")
    assert (await send(api, world, PLAN, form | {"why_too_many_": "Two are for warming up"})).status_code == 303
    assert "5 exercises at a time." in await shown(api, world, "/clients/MARIA")
