"""A clinic's own habit: what may be said of it, and what becomes of it on its way to a client."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.rules import LinkPurpose
from service.catalogue.actions import add_habit, change_habit
from service.catalogue.queries import habits_by_code
from service.catalogue.rules.habits import Good, OwnHabit, entry_of, own_of, problems, tidied
from service.database.tenancy import Database
from service.errors import Refused
from service.plans import actions as plans
from service.plans.actions import HabitToPrescribe, Prescription
from tests.conftest import signed_in
from tests.make import NOW, TODAY, Team, item, make_team
from tests.service.portal.conftest import Browser, Person, make_person, shown

pytestmark = pytest.mark.anyio

SEAT: dict[str, Any] = {
    "code": "own-seat",
    "prompt": "Which seat did you use most (today)?",
    "kind": "choice",
    "options": ["back row", "Driver", "not_sure"],
    "good": {"rule": "any_of", "values": ["Driver"]},
}
WATER: dict[str, Any] = {
    "code": "own-water",
    "prompt": "How much water did you drink?",
    "kind": "count",
    "unit": "glasses",
    "good": {"rule": "min", "value": 6},
}
UNMARKED = "Mark at least one of the answers as good."
NO_NUMBER = "Leave the number out: this rule has none of its own."


@pytest.fixture
async def team(database: Database) -> Team:
    return await make_team(database)


async def _added(api: AsyncClient, database: Database, team: Team, *bodies: dict[str, Any]) -> list[Any]:
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    answers = [await api.post("/v1/habits", json=body, headers=sam) for body in bodies]
    assert [answer.status_code for answer in answers] == [201] * len(bodies), answers[-1].text
    return [answer.json() for answer in answers]


async def _asked(database: Database, team: Team, *codes: str) -> Person:
    return await make_person(database, team, plan_habits=[HabitToPrescribe(code, None, None) for code in codes])


async def test_our_own_habits_are_asked_answered_and_read_back(
    api: AsyncClient, database: Database, team: Team
) -> None:
    seat, water = await _added(api, database, team, SEAT, WATER)
    # The word of a shipped answer stays the clinic's: a small "back" would be read as "on the back".
    assert seat["entry"]["options"] == ["Back row", "Driver", "not_sure"]
    assert (seat["origin"], water["origin"], water["entry"]["unit"]) == ("clinic", "clinic", "glasses")
    maria = await _asked(database, team, "own-seat", "own-water")
    browser = await Browser(api).enter(maria)
    today = await browser.today()
    assert "Which seat did you use most (today)?" in today
    assert "Back row Driver Not sure" in today
    assert "Goal: 6 or more." in today
    for number, answer in ((0, "Driver"), (1, "7")):
        sent = await browser.send(f"/today/habits/{maria.habit(number)}", answer=answer)
        assert sent.status_code == 303, sent.text
    marks = {mark.habit_key: (mark.choice, mark.amount) for mark in (await maria.diary()).habits}
    assert [marks[habit.habit_key] for habit in maria.plan.habits] == [("Driver", None), (None, 7)]
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    page = shown(await api.get(f"/clients/{maria.client.id}", headers=sam))
    assert "Which seat did you use most? Driver" in page
    assert "How much water did you drink? 7 glasses" in page


async def test_blanks_around_an_answer_do_not_make_it_one_that_nobody_can_send(
    api: AsyncClient, database: Database, team: Team
) -> None:
    [seat] = await _added(
        api,
        database,
        team,
        {
            **SEAT,
            "prompt": " Which  seat? ",
            "options": [" back  row", "Driver "],
            "good": {**SEAT["good"], "values": ["Driver "]},
        },
    )
    assert (seat["prompt"], seat["entry"]["options"]) == ("Which seat?", ["Back row", "Driver"])
    maria = await _asked(database, team, "own-seat")
    sent = await (await Browser(api).enter(maria)).send(f"/today/habits/{maria.habit(0)}", answer="Back row")
    assert sent.status_code == 303, sent.text


async def test_an_answer_that_names_the_complaint_keeps_its_habit_off_the_page_of_a_link(
    api: AsyncClient, database: Database, team: Team
) -> None:
    told = {**SEAT, "code": "own-told", "prompt": "Why did you stop?", "options": ["My hip hurt", "Driver"]}
    await _added(api, database, team, told, SEAT)
    maria = await _asked(database, team, "own-told", "own-seat")
    page = shown(await api.get(await maria.link(LinkPurpose.HABIT)))
    assert ("Which seat did you use most?" in page, "Why did you stop?" in page) == (True, False)
    assert "Why did you stop?" in await (await Browser(api).enter(maria)).today()


async def test_a_habit_of_ours_is_nobody_elses(api: AsyncClient, database: Database, team: Team) -> None:
    """Three people: the owner lists it and a client may read it, the owner of another clinic neither."""
    await _added(api, database, team, SEAT)
    maria, elsewhere = await _asked(database, team, "own-seat"), await make_team(database)
    people = [
        await signed_in(database, team.clinic_id, staff_id=team.owner_id),
        await signed_in(database, team.clinic_id, client_id=maria.client.id),
        await signed_in(database, elsewhere.clinic_id, staff_id=elsewhere.owner_id),
    ]
    lists = [(await api.get("/v1/habits", headers=who)).json()["data"] for who in people]
    assert [("own-seat" in [one["code"] for one in found], len(found)) for found in lists] == [
        (True, 21),
        (True, 21),
        (False, 20),
    ]
    added = [(await api.post("/v1/habits", json=WATER, headers=who)).status_code for who in people]
    assert added == [201, 403, 201]


async def test_who_takes_a_code_while_another_one_is_at_it_is_told_that_it_is_taken(
    api: AsyncClient, database: Database, team: Team
) -> None:
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    own = OwnHabit("Did you?", "yes_no", "daily", Good("equals", True))
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        await add_habit(session, own, "own-seat", NOW)
        second = asyncio.create_task(api.post("/v1/habits", json=SEAT, headers=sam))
        done, _ = await asyncio.wait([second], timeout=0.3)
        assert not done
    answer = await second
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, ["/code"])


async def test_how_it_is_answered_and_how_often_are_not_changed(database: Database, team: Team) -> None:
    own = OwnHabit("Did you?", "yes_no", "daily", Good("equals", True))
    others = (replace(own, cadence="weekly"), OwnHabit("Did you?", "minutes", "daily", Good("min", 5)))
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        habit_id = await add_habit(session, own, None, NOW)
        for other in others:
            with pytest.raises(Refused, match="how often stay"):
                await change_habit(session, habit_id, other, NOW)
        await change_habit(session, habit_id, replace(own, why="It helps"), NOW)


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"code": "hab-woke"}, "/code", "Another habit has this code."),
        ({"prompt": ""}, "/prompt", "Use 1 to 160 characters."),
        ({"prompt": "(today) a walk?"}, "/prompt", "Begin with the question, not with a bracket."),
        ({"kind": "often"}, "/kind", "Use one of these: yes_no, count, minutes, number, choice."),
        ({"unit": "glasses"}, "/unit", "Leave the unit out: only a count or a number has one."),
        ({"options": ["Driver"]}, "/options", "Use 2 to 6 answers."),
        ({"options": ["Driver", "not_sure"]}, "/options", "Use 2 to 6 answers."),
        ({"options": [*"abcdefg"]}, "/options", "Use 2 to 6 answers."),
        ({"options": ["Driver", "driver"]}, "/options", "Use each answer once."),
        ({"options": ["Driver", ""]}, "/options", "Use 1 to 60 characters for an answer."),
        (
            {"good": {"rule": "any_of", "values": ["not_sure"]}},
            "/good/values",
            UNMARKED,
        ),
        ({"good": {"rule": "any_of"}}, "/good/values", UNMARKED),
        ({"good": {"rule": "max", "value": 3}}, "/good/rule", "For this kind of answer use any_of."),
        ({"good": {"rule": "any_of", "values": ["Driver"], "value": 3}}, "/good/value", NO_NUMBER),
        ({"good": {"rule": "max", "value": "3"}}, "/good/value", "Use true or false, or a number."),
        ({"code": "own-seat\n"}, "/code", "Use 3 to 60 small letters, digits and dashes."),
        ({"prompt": " "}, "/prompt", "Use 1 to 160 characters."),
        ({"prompt": " (today) a walk?"}, "/prompt", "Begin with the question, not with a bracket."),
        ({"options": ["Driver", " "]}, "/options", "Use 1 to 60 characters for an answer."),
        ({"options": ["Driver", "driver "]}, "/options", "Use each answer once."),
    ],
)
async def test_what_cannot_be_right_about_a_choice_is_named(
    api: AsyncClient, database: Database, team: Team, change: dict[str, Any], pointer: str, words: str
) -> None:
    sam = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    answer = await api.post("/v1/habits", json={**SEAT, **change}, headers=sam)
    assert answer.status_code == 422
    errors = {one["pointer"]: one["message"] for one in answer.json()["errors"]}
    assert errors.get(pointer) == words, errors
    assert len((await api.get("/v1/habits", headers=sam)).json()["data"]) == 20


@pytest.mark.parametrize(
    ("kind", "good", "found"),
    [
        ("yes_no", Good("equals", False), []),
        ("yes_no", Good("equals", 1), ["Use true or false."]),
        ("count", Good("max", 0), []),
        ("count", Good("max", 2.5), ["Use a whole number from 0 to 999."]),
        ("count", Good("min", True), ["Use a whole number from 0 to 999."]),
        ("minutes", Good("min", 1440), []),
        ("minutes", Good("min", 1441), ["Use a whole number from 0 to 1440."]),
        ("number", Good("max", 2.5), []),
        ("number", Good("max", -1), ["Use a number from 0 to 9999."]),
        ("number", Good("max_from_plan"), []),
        ("number", Good("max_from_plan", 3), [NO_NUMBER]),
        ("count", Good("min", 0), ["With at least 0, any answer is good. Use more than 0."]),
        ("count", Good("max", 1, ("A",)), ["Leave the good answers out: only a choice has them."]),
        ("yes_no", Good("equals", True, ("A",)), ["Leave the good answers out: only a choice has them."]),
        ("number", Good("equals", True), ["For this kind of answer use max or min or max_from_plan or min_from_plan."]),
    ],
)
def test_what_is_good_fits_how_it_is_answered(kind: Any, good: Good, found: list[str]) -> None:
    assert [problem.message for problem in problems(OwnHabit("How?", kind, "daily", good))] == found


@pytest.mark.parametrize(
    "own",
    [
        OwnHabit("Did you?", "yes_no", "weekly", Good("equals", False), why="It helps"),
        OwnHabit("How far?", "number", "monthly", Good("max", 2.5), unit="km"),
        OwnHabit("How often?", "count", "daily", Good("min_from_plan")),
        OwnHabit("How long?", "minutes", "daily", Good("min", 5)),
        OwnHabit("Which?", "choice", "daily", Good("any_of", values=("A",)), options=("A", "B", "not_sure")),
    ],
)
def test_what_was_said_of_a_habit_can_be_said_anew(own: OwnHabit) -> None:
    assert own_of(entry_of(own, "own-habit")) == own


def test_an_answer_is_as_long_as_it_is_written() -> None:
    """Not as its letters are compared, where ß is two."""
    sixty = "An der " + "ß" * 53
    assert problems(OwnHabit("Wo?", "choice", "daily", Good("any_of", values=(sixty,)), options=(sixty, "B"))) == []
    [found] = problems(OwnHabit("Wo?", "choice", "daily", Good("any_of", values=("B",)), options=(f"{sixty}e", "B")))
    assert found.message == "Use 1 to 60 characters for an answer."


def test_a_goal_is_kept_as_its_form_can_hold_it() -> None:
    """Else the page would not take the habit again as it stands there."""
    assert tidied(OwnHabit("How far?", "number", "daily", Good("max", 2.504))).good == Good("max", 2.5)


async def test_an_answer_that_is_offered_no_more_is_still_shown_to_who_gave_it(
    api: AsyncClient, database: Database, team: Team
) -> None:
    await _added(api, database, team, SEAT)
    maria = await _asked(database, team, "own-seat")
    browser = await Browser(api).enter(maria)
    sent = await browser.send(f"/today/habits/{maria.habit(0)}", answer="Driver")
    assert sent.status_code == 303, sent.text
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        habit_id = (await habits_by_code(session, ["own-seat"]))["own-seat"].id
        renamed = OwnHabit(
            "Which seat?", "choice", "daily", Good("any_of", values=("Wheel",)), options=("Back row", "Wheel")
        )
        await change_habit(session, habit_id, renamed, NOW)
        kept = [HabitToPrescribe("own-seat", None, maria.plan.habits[0].habit_key)]
        wanted = Prescription(
            "Home exercise plan", TODAY, [item("glu-squeeze")], kept, reasons={(0, "days_per_week"): "She likes it"}
        )
        await plans.change(session, maria.client.id, wanted, 1, NOW)
    assert "Which seat? Driver Back row Wheel" in await browser.today()
