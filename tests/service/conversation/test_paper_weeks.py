"""A week ticked on paper, texted back by letters and days. TODAY is Tuesday, March 10; the plan began two weeks ago."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.conversation.grammar import read_reply
from service.conversation.rules import Danger, Note, PaperWeek, Stop, UnreadWeek
from service.conversation.words.marks import fold
from service.database.tenancy import Database
from service.diary import queries as diary
from service.plans.queries import Content
from service.plans.queries.codes import LETTERS, _code
from tests.conftest import Clock
from tests.make import TODAY, Team, item
from tests.service.conversation.conftest import SYSTEM, Person, Provider, make_person
from tests.service.conversation.told import NOTED, readings

pytestmark = pytest.mark.anyio

A_AND_B = PaperWeek((("A", (0, 2)), ("B", (1,))))
LAST_MONDAY = date(2026, 3, 2)
WHICH = "Which week is it? Please send it again, and begin with: this week, or: last week."
UNREAD = (
    "We could not read your week. Send each letter with its days, like: Week A Mo We B Tu. Days: Mo Tu We Th Fr Sa Su."
)


@pytest.mark.parametrize(
    "text",
    [
        "WEEK A MO WE B TU",
        "week: a mon, wed; b tue",
        "Week A MOWE, B TU. Thanks!",
        "WEEK AMOWE BTU",
        "Semana A Lu Mi B Ma",
        "semana a lunes y miércoles, b martes, gracias",
        "SEMANA\nA: LU MIÉ\nB: MAR",
        "ＷＥＥＫ Ａ ＭＯ ＷＥ Ｂ ＴＵ",
        "Week A-Mo/We B=Tu",
        # In whichever language the paper was.
        "Week A Lu Mi B Ma",
    ],
)
def test_letters_and_days_are_read_in_both_languages(text: str) -> None:
    for locale in ("en", "es"):
        for asked in (None, "plan", "check_in", "habit", "why"):
            assert read_reply(text, asked=asked, locale=locale) == (A_AND_B,)


def test_which_week_may_be_said() -> None:
    for text, which in (
        ("last week A mo", "last"),
        ("La semana pasada A lu", "last"),
        ("This week A mo", "this"),
        ("esta semana a lu", "this"),
    ):
        assert read_reply(text, asked=None) == (PaperWeek((("A", (0,)),), which),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "WEEK A5 B4",  # on how many days, but not on which
        "Week A MTWF",
        "WEEK A T",
        "SEMANA A L X V",
        "Week A Mo-Fr",  # five days or two
        "Week A Mo..We",
        "Week A Mo? B Tu",
        "Week A B Mo",
        "Week A Mo A Tu",
        "Week A Mo Mo",
        "Week A Mo B",
        "Week A Mo 5",
        "last week a 5",
    ],
)
def test_what_may_mean_two_things_is_asked_again_and_kept(text: str) -> None:
    for locale in ("en", "es"):
        assert read_reply(text, asked="plan", locale=locale) == (UnreadWeek(), Note(text))


@pytest.mark.parametrize(
    "text",
    ["week was hard, 6", "week 6", "A Mo We", "week", "Week a bit better", "Week Mo We", "Week A not Mo", "A5 B4"],
)
def test_what_is_no_week_is_a_note_as_before(text: str) -> None:
    assert read_reply(text, asked="plan") == (Note(text),)


def test_stop_and_danger_come_first() -> None:
    assert read_reply("Week A Mo STOP", asked=None) == (Stop(), PaperWeek((("A", (0,)),)))
    assert read_reply("Week A Mo chest pain", asked=None)[0] == Danger(("chest pain",))


@given(st.lists(st.sampled_from([*"ABC5?-:,. \n", "Mo", "TU", "ju", "week", "no", "ñ", "🙂", "١"]), max_size=30))
def test_whatever_follows_the_word_is_read_or_kept(parts: list[str]) -> None:
    """Never both a week and something unread, and never a day or letter that was not written."""
    text = "Week " + "".join(parts)
    read = read_reply(text, asked="plan")
    weeks = [reading for reading in read if isinstance(reading, PaperWeek)]
    if not weeks:
        return
    assert len(read) == 1
    assert all(code in fold(text).upper() for code, _ in weeks[0].ticks)
    assert {day for _, days in weeks[0].ticks for day in days} <= {0, 1, 3}


def test_the_week_meant_is_the_only_one_it_can_be() -> None:
    """A day to come is one of last week; on a Sunday it is this week; else nobody knows."""
    friday, monday = PaperWeek((("A", (4,)),)), PaperWeek((("A", (0,)),))
    assert friday.monday(TODAY) == LAST_MONDAY
    assert monday.monday(TODAY) is None
    assert monday.monday(date(2026, 3, 8)) == LAST_MONDAY
    assert PaperWeek((("A", (0,)),), "this").monday(TODAY) == date(2026, 3, 9)


def test_letters_go_on_after_the_last_one_and_are_never_a_day() -> None:
    assert [_code(number) for number in (0, 7, 8, 22, 23)] == ["A", "H", "J", "Z", "AA"]
    assert not {letter * 2 for letter in LETTERS} & {"MO", "LU", "SA"}


async def days(person: Person, content: Content | None = None) -> list[tuple[date, str, list[bool], str]]:
    """Day, outcome, what was done in the order of the plan, and by what way it came."""
    async with person.database.clinic_tx(person.clinic_id, SYSTEM) as session:
        found = await diary.sessions(session, person.client.id, TODAY - timedelta(days=31), TODAY)
    order = {result.plan_item_id: number for one in found for number, result in enumerate(one.results)}
    return [
        (
            one.row.day,
            one.row.outcome,
            [r.done for r in sorted(one.results, key=lambda r: order[r.plan_item_id])],
            one.row.channel,
        )
        for one in found
    ]


async def since_february(database: Database, team: Team, **fields: Any) -> Person:
    return await make_person(database, team, plan_starts_on=date(2026, 2, 24), **fields)


async def test_ticks_go_into_the_days_they_were_made_for_and_silence_stays_silence(
    provider: Provider, database: Database, team: Team
) -> None:
    """Both moves are due every day. Sunday, on which nothing was ticked, is not told of."""
    person = await since_february(database, team)
    await provider.text(person.phone, "Week A Tu Fr Sa B Fr")
    told = [(day.day, outcome, sum(done), channel) for day, outcome, done, channel in await days(person)]
    assert told == [(3, "partly", 1, "text"), (6, "done", 2, "text"), (7, "partly", 1, "text")]
    assert (await person.answers())[-1] == (
        "week_ack",
        "Saved for the week of Mon, Mar 2: Tue, Fri, and Sat. Not right? Reply UNDO.",
    )
    assert await readings(person) == [("Week A Tu Fr Sa B Fr", "week")]


async def test_a_day_on_which_all_that_was_due_is_ticked_is_done(
    provider: Provider, database: Database, team: Team
) -> None:
    """B is due on Fridays alone."""
    fridays = item("glu-squeeze", cadence={"cadence": "weekdays", "weekdays": 16})
    person = await since_february(database, team, plan_items=[item("glu-bridge-double"), fridays])
    await provider.text(person.phone, "Week A Th Fr")
    assert [(day.day, outcome) for day, outcome, *_ in await days(person)] == [(5, "done"), (6, "partly")]


async def test_what_was_told_before_stays_told_and_undo_takes_back_the_whole_week(
    provider: Provider, database: Database, team: Team, clock: Clock
) -> None:
    person = await since_february(database, team)
    await provider.text(person.phone, "DONE #2")
    await provider.text(person.phone, "This week A Mo Tu")
    assert [(day.day, outcome) for day, outcome, *_ in await days(person)] == [(9, "partly"), (10, "done")]
    await provider.text(person.phone, "UNDO")
    assert [(day.day, outcome) for day, outcome, *_ in await days(person)] == [(10, "partly")]


async def test_nothing_is_guessed(provider: Provider, database: Database, team: Team) -> None:
    """Monday may be of this week or of last; C is on no paper; last Monday is out of reach; and so is what was before
    the plan."""
    person = await since_february(database, team)
    told = [
        ("Week A Mo", WHICH),
        ("Week C Fr", UNREAD),
        ("Week A5 B4", UNREAD),
        ("Last week A Mo Fr", NOTED),
        ("This week A We", NOTED),
    ]
    for text, answer in told:
        await provider.text(person.phone, text)
        assert (await person.answers())[-1][1] == answer, text
    assert await days(person) == []
    assert [reading for _, reading in await readings(person)] == ["note"] * 5
    begun = await make_person(database, team)
    await provider.text(begun.phone, "Week A Fr")
    assert ((await begun.answers())[-1][1], await days(begun)) == (NOTED, [])
