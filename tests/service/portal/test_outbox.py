"""What waited on a phone: kept of when it was told, once, as nobody else's, and never over a newer answer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from service.diary.actions import mark_habit
from service.diary.entries import When
from service.diary.queries import revisions
from tests.conftest import Clock
from tests.make import NOW, TODAY
from tests.service.portal.conftest import Browser, Person

pytestmark = pytest.mark.anyio

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def send(
    browser: Browser, who: Person, path: str, made_at: datetime, sent_at: datetime, **fields: Any
) -> Response:
    """As outbox.js does."""
    stamps = {"person": str(who.client.id), "made_at": made_at.isoformat(), "sent_at": sent_at.isoformat()}
    return await browser.send(path, **stamps, **fields)


async def test_it_counts_for_the_day_and_the_time_it_was_told(browser: Browser, maria: Person, clock: Clock) -> None:
    clock.now = NOW + DAY
    path = f"/today/habits/{maria.habit(0)}"
    for to, fields in {
        "/today/pain": {"score": "4"},
        "/today/session": {"outcome": "done"},
        path: {"answer": "yes"},
    }.items():
        assert (await send(browser, maria, to, NOW, NOW + DAY, **fields)).status_code == 200
    kept = await maria.diary()
    told = [kept.pains[0].entry, kept.sessions[0].row, kept.habits[0]]
    assert [(one.day, one.done_at, one.received_at) for one in told] == [(TODAY, NOW, NOW + DAY)] * 3


async def test_a_phone_whose_clock_is_wrong_tells_how_long_it_waited(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    wrong = NOW + timedelta(days=400)
    clock.now = NOW + 2 * HOUR
    await send(browser, maria, "/today/pain", wrong, wrong + HOUR, score="4")
    # A clock that was set back while it waited: it waited no less than no time.
    await send(browser, maria, "/today/pain", wrong, wrong - DAY, score="5")
    told = [(pain.entry.score, pain.entry.day, pain.entry.done_at) for pain in (await maria.diary()).pains]
    assert sorted(told) == [(4, TODAY, NOW + HOUR), (5, TODAY, NOW + 2 * HOUR)]


async def test_sent_again_because_no_answer_came_it_is_kept_once(browser: Browser, maria: Person, clock: Clock) -> None:
    answers = []
    for _ in range(2):
        clock.now += timedelta(minutes=3)
        for path, fields in {
            "/today/pain": {"score": "4", "entry": "019cd843-1180-7834-932d-9ca146080ab8"},
            "/today/session": {"outcome": "skipped", "reason": "no_time"},
            f"/today/habits/{maria.habit(0)}": {"answer": "no"},
            "/today/messages": {"text": "I am away on Friday.", "entry": "019cd843-1180-7834-932d-9ca146080ab9"},
        }.items():
            answers.append((await send(browser, maria, path, NOW, clock.now, **fields)).json())
    assert answers[:4] == answers[4:]
    assert answers[0] == {"back": "/today?saved=pain#pain"}
    kept = await maria.diary()
    assert (len(kept.pains), len(kept.sessions), len(kept.habits)) == (1, 1, 1)
    assert {kept.pains[0].entry.revision, kept.sessions[0].row.revision, kept.habits[0].revision} == {1}
    statement = "SELECT count(*) FROM thread_message WHERE client_id = :client"
    assert [row.count for row in await maria.rows(statement)] == [1]


async def test_a_page_of_yesterday_tells_todays_pain_once_however_often_it_is_sent(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    of_yesterday, kept_as = str(uuid4()), str(uuid4())
    await browser.send("/today/pain", score="3", entry=of_yesterday)
    clock.now = NOW + DAY
    for _ in range(2):
        await send(browser, maria, "/today/pain", clock.now, clock.now, score="6", entry=of_yesterday, kept_as=kept_as)
    told = [(pain.entry.day, pain.entry.score, str(pain.entry.id)) for pain in (await maria.diary()).pains]
    assert sorted(told) == [(TODAY, 3, of_yesterday), (TODAY + DAY, 6, kept_as)]


async def test_what_arrives_late_does_not_undo_what_was_told_since(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    clock.now = NOW + 2 * HOUR
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        # By text, an hour after the phone without a network was tapped.
        when = When(TODAY, NOW + HOUR, NOW + HOUR)
        await mark_habit(session, maria.client, maria.habit(0), False, when, clock.now)
    path = f"/today/habits/{maria.habit(0)}"
    assert (await send(browser, maria, path, NOW, clock.now, answer="yes")).status_code == 200
    assert [mark.yes for mark in (await maria.diary()).habits] == [False]
    # Two taps of one phone in a row, of which the first was long on its way, do not change places.
    await send(browser, maria, path, clock.now, clock.now, answer="yes")
    await send(browser, maria, path, clock.now - timedelta(seconds=15), clock.now, answer="no")
    assert [mark.yes for mark in (await maria.diary()).habits] == [False]


async def test_what_arrives_late_and_out_of_order_is_kept_beside_what_stands_once(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    entry, clock.now = str(uuid4()), NOW + 5 * HOUR
    place = {"where": "told", "place": "left:groin_front"}
    for hour, score, more in [(3, "6", {}), (2, "4", {}), (1, "3", place), (2, "4", {}), (4, "7", {}), (1, "3", place)]:
        told = {"score": score, "entry": entry, **more}
        answer = await send(browser, maria, "/today/pain", NOW + hour * HOUR, clock.now, **told)
        assert answer.status_code == 200
        clock.now += timedelta(minutes=1)
    [pain] = (await maria.diary()).pains
    assert (pain.entry.score, pain.entry.revision, pain.sites) == (7, 2, [])
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        kept = await revisions(session, "pain_entry", pain.entry.id)
    bodies = [(one.revision, one.late, one.body["score"], one.body["sites"]) for one in kept]
    assert bodies == [(1, 0, 6, []), (1, 1, 4, []), (1, 2, 3, [["groin_front", "left"]])]
    # Taken back, the one before it stands again: the one of four was told before that.
    await browser.send("/today/undo", place="pain", entry=entry, revision="2")
    assert [pain.entry.score for pain in (await maria.diary()).pains] == [6]


async def test_what_arrived_late_stands_when_what_was_told_after_it_is_taken_back(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    clock.now = NOW + 2 * HOUR
    path = f"/today/habits/{maria.habit(0)}"
    await browser.send(path, answer="no")
    await send(browser, maria, path, NOW, clock.now, answer="yes")
    [stands] = (await maria.diary()).habits
    assert stands.yes is False
    await browser.send("/today/undo", place=str(maria.habit(0)), entry=str(stands.id), revision="1")
    assert [mark.yes for mark in (await maria.diary()).habits] == [True]


async def test_nobodys_answer_is_kept_as_anothers(browser: Browser, maria: Person) -> None:
    stamps = {"made_at": NOW.isoformat(), "sent_at": NOW.isoformat()}
    for person in (str(uuid4()), ""):
        answer = await browser.send("/today/pain", score="4", person=person, **stamps)
        # Says who is signed in: a phone then waits for its own person, and drops nothing.
        assert (answer.status_code, answer.json()) == (409, {"signed_in": str(maria.client.id)})
    assert (await maria.diary()).pains == []


@pytest.mark.parametrize(
    ("fields", "right"),
    [
        ({"score": "11"}, "Use a whole number from 0 to 10."),
        ({"score": "4", "made_at": (NOW - 8 * DAY).isoformat()}, "Use a day of the last 7 days."),
        ({"score": "4", "made_at": "yesterday"}, "Use the buttons of the page."),
        ({"score": "4", "made_at": NOW.replace(tzinfo=None).isoformat()}, "Use the buttons of the page."),
        ({"score": "4", "made_at": datetime.min.replace(tzinfo=UTC).isoformat()}, "Use a day of the last 7 days."),
        ({"score": "4", "sent_at": ""}, "Use the buttons of the page."),
    ],
)
async def test_what_cannot_be_right_is_answered_with_what_would_be(
    browser: Browser, maria: Person, fields: dict[str, str], right: str
) -> None:
    stamps = {"person": str(maria.client.id), "made_at": NOW.isoformat(), "sent_at": NOW.isoformat()}
    answer = await browser.send("/today/pain", **stamps | fields)
    assert (answer.status_code, answer.json()) == (422, {"problem": right})
    assert (await maria.diary()).pains == []


async def test_the_moves_and_the_aim_of_a_week_count_for_when_they_were_told(
    browser: Browser, maria: Person, clock: Clock
) -> None:
    did = {f"did_{item.row.id}": "done" for item in maria.plan.items}
    moves = {"tell": "finish", "day": TODAY.isoformat(), "at": "3", **did}
    clock.now = NOW + 6 * DAY
    kept = [
        await send(browser, maria, "/today/moves", NOW, clock.now, **moves),
        await send(browser, maria, "/today/moves/felt", NOW, clock.now, effort="somewhat_hard"),
        await send(browser, maria, "/week/aim", NOW, clock.now, days="3"),
    ]
    assert [answer.status_code for answer in kept] == [200, 200, 200]
    assert kept[0].json() == {"back": f"/today?saved={TODAY}#week"}
    [session] = (await maria.diary()).sessions
    assert (session.row.day, session.row.outcome, session.row.effort) == (TODAY, "done", "somewhat_hard")
    # TODAY is a Tuesday: the aim told then is for the week that has begun meanwhile.
    [aim] = await maria.rows("SELECT monday, days FROM week_aim WHERE client_id = :client")
    assert (aim.monday, aim.days) == (TODAY + 6 * DAY, 3)
