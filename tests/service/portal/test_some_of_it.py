"""More than a tap on Today: sets that were counted, how it felt, the last 24 hours, and the same as last time."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service.database.tenancy import Database
from tests import told
from tests.make import TODAY, item
from tests.service.portal.conftest import Browser, Person, field, make_person, section, status

pytestmark = pytest.mark.anyio


@pytest.fixture
async def maria(database: Database, team: object) -> Person:
    """A clamshell of the right leg, 2 sets of 8 (the least of the library), and a bridge of both."""
    items = [item("glu-clam", dose_fields={"side": "right"}), item("glu-bridge-double")]
    return await make_person(database, team, plan_items=items, plan_starts_on=TODAY - timedelta(days=9))  # type: ignore[arg-type]


def items_of(person: Person) -> list[UUID]:
    return [one.row.id for one in person.plan.items]


async def test_fewer_reps_are_told_set_by_set_and_shown_again(browser: Browser, maria: Person) -> None:
    clam, bridge = items_of(maria)
    html = (await browser.api.get("/today")).text
    assert f'name="set_{clam}_1_reps"' in section(html, "plan")
    assert "Set 1, right side" in html
    reps = {f"set_{clam}_1_reps": "8", f"set_{clam}_2_reps": "5", f"set_{clam}_3_reps": " "}
    # Counted means done, ticked or not; with less than the plan asks for it is some of it, though all was done.
    answer = await browser.send("/today/session", outcome="partly", **{f"item_{bridge}": "on"}, **reps)
    assert answer.headers["location"] == "/today?saved=session#plan"
    [kept] = (await maria.diary()).sessions
    assert (kept.row.outcome, [result.done for result in kept.results]) == ("partly", [True, True])
    assert [(one.number, one.reps, one.side) for one in kept.sets] == [(1, 8, "right"), (2, 5, "right")]
    html = section((await browser.api.get("/today")).text, "plan")
    assert f'name="set_{clam}_2_reps" min="0" max="1000" step="1" placeholder="8" value="5"' in html


async def test_all_sets_as_planned_is_all_of_it(browser: Browser, maria: Person) -> None:
    clam, bridge = items_of(maria)
    reps = {f"set_{clam}_1_reps": "8", f"set_{clam}_2_reps": "9"}
    await browser.send("/today/session", outcome="partly", **{f"item_{bridge}": "on"}, **reps)
    [kept] = (await maria.diary()).sessions
    assert (kept.row.outcome, len(kept.sets)) == ("done", 2)


async def test_a_number_that_is_none_stays_in_its_box_with_what_would_be_right(browser: Browser, maria: Person) -> None:
    clam, _ = items_of(maria)
    for typed in ("many", "1001", "-1", "4.5"):
        refused = await browser.send("/today/session", outcome="partly", **{f"set_{clam}_1_reps": typed})
        shown = section(refused.text, "plan")
        assert (refused.status_code, "Use a whole number from 0 to 1000." in shown) == (422, True)
        assert f'value="{typed}"' in shown
    assert (await maria.diary()).sessions == []


async def test_how_it_felt_is_told_with_one_tap_each_and_none_is_needed(browser: Browser, maria: Person) -> None:
    await browser.send("/today/session", outcome="done")
    for name, value in (("before", "2"), ("after", "4"), ("effort", "somewhat_hard")):
        assert (await browser.send("/today/session/felt", **{name: value})).status_code == 303
    [kept] = (await maria.diary()).sessions
    row = kept.row
    assert (row.pain_before, row.pain_during, row.pain_after, row.effort) == (2, None, 4, "somewhat_hard")
    assert "Pain before: 2, after: 4." in await browser.today()
    await browser.send("/today/session", outcome="done")
    assert [s.row.effort for s in (await maria.diary()).sessions] == ["somewhat_hard"]
    for fields in ({"before": "11"}, {"effort": "9"}, {"before": "2", "after": "x"}, {}):
        assert (await browser.send("/today/session/felt", **fields)).status_code == 422, fields


async def test_the_worst_and_the_average_of_24_hours_are_entries_of_their_own(browser: Browser, maria: Person) -> None:
    await browser.send("/today/pain", score="3")
    html = (await browser.api.get("/today")).text
    more = html[html.index("Worst in the last 24 hours") :]
    await browser.send("/today/pain", score="6", kind="worst_24h", entry=field(more, "entry"))
    more = (await browser.api.get("/today")).text
    more = more[more.index("Worst in the last 24 hours") :]
    await browser.send("/today/pain", score="7", kind="worst_24h", entry=field(more, "entry"))
    await browser.send("/today/pain", score="4", kind="average_24h")
    told_today = [(p.entry.kind, p.entry.score, p.entry.revision) for p in (await maria.diary()).pains]
    assert sorted(told_today) == [("average_24h", 4, 1), ("now", 3, 1), ("worst_24h", 7, 2)]
    assert "Worst in the last 24 hours: 7" in await browser.today()
    assert "You said 3." in await browser.today()
    assert (await browser.send("/today/pain", score="4", kind="mean")).status_code == 422


async def test_the_same_as_last_time_is_one_tap_and_takes_neither_score_nor_note(
    browser: Browser, maria: Person, database: Database
) -> None:
    sites = [("lateral_hip", "right"), ("low_back", None)]
    more: dict[str, Any] = {
        "qualities": ["burning"],
        "radiates": "to_thigh",
        "timing": ["evening"],
        "aggravators": ["stairs_up"],
    }
    await told.pain(database, maria.client, TODAY - timedelta(days=3), 7, sites=sites, note="Bad day.", **more)
    await browser.send("/today/pain", score="4")
    html = section((await browser.api.get("/today")).text, "pain")
    assert "Same as last time: Right side · Outer hip, over the bony point · Low back · Burning" in html
    before = html.split('name="same" value="')[1].split('"')[0]
    await browser.send("/today/pain", score="4", entry=field(html, "entry"), same=before)
    pain = (await maria.diary()).pains[-1]
    kept = pain.entry
    assert [(row.site, row.side) for row in pain.sites] == sites
    assert (kept.score, kept.note, kept.qualities, kept.radiates, kept.timing, kept.aggravators) == (
        4,
        None,
        ["burning"],
        "to_thigh",
        ["evening"],
        ["stairs_up"],
    )
    assert "Same as last time" not in await browser.today()
    stranger = await make_person(database, maria.team)
    await told.pain(database, stranger.client, TODAY, 5, sites=[("calf", "left")])
    theirs = (await stranger.diary()).pains[0].entry.id
    assert (await browser.send("/today/pain", score="4", same=str(theirs))).status_code == 404


async def test_an_earlier_day_is_told_of_for_a_week_and_no_longer(
    browser: Browser, maria: Person, database: Database
) -> None:
    await told.did(database, maria.client, TODAY - timedelta(days=1))
    html = section((await browser.api.get("/today")).text, "week")
    days = [TODAY - timedelta(days=back) for back in range(2, 8)]
    assert re.findall(r'name="day" value="([^"]+)"', html) == [day.isoformat() for day in days]
    for day, outcome in ((days[0], "done"), (days[1], "partly"), (days[5], "skipped")):
        answer = await browser.send("/today/session", day=day.isoformat(), outcome=outcome)
        assert answer.headers["location"] == f"/today?saved={day.isoformat()}#week"
    html = (await browser.api.get(f"/today?saved={days[0].isoformat()}")).text
    assert status(html) == "Saved."
    assert len(re.findall(r'name="day" value="2026', section(html, "week"))) == 3
    kept = {(s.row.day, s.row.outcome, s.row.entered_by) for s in (await maria.diary()).sessions}
    assert {(days[0], "done", "client"), (days[1], "partly", "client"), (days[5], "skipped", "client")} <= kept
    for wrong, hint in (
        ((TODAY - timedelta(days=8)).isoformat(), "Use a day of the last 7 days."),
        ((TODAY + timedelta(days=1)).isoformat(), "Use today or a day before it."),
        ("yesterday", "Use a day such as 2026-03-10."),
    ):
        refused = await browser.send("/today/session", day=wrong, outcome="done")
        assert (refused.status_code, hint in refused.text) == (422, True), wrong
