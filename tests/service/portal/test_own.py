"""How and when we write, chosen by the person: what is kept, what is refused, and that nobody else lifts a STOP."""

from datetime import date, time
from typing import Any

import pytest
from httpx import AsyncClient

from service.accounts.actions import addresses, opt_out
from service.accounts.queries import contact_points
from service.database.tenancy import Database
from service.errors import Refused
from service.outbox.rules import MessageKind, text_of
from service.reminders.actions import set_reminder
from service.reminders.queries import reminders
from service.reminders.tables import Reminder
from service.reminders.wishes import Wish
from tests.conftest import signed_in
from tests.make import NOW, TODAY, Team, make_team
from tests.service.portal.conftest import Browser, Person, make_person, section, shown, watched, writes

pytestmark = pytest.mark.anyio

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


async def reminded(person: Person, kind: str = "plan", **fields: Any) -> None:
    wish = {"local_times": [time(18)], "weekdays": 127, "channels": ["sms", "email"], "starts_on": TODAY, **fields}
    async with person.database.clinic_tx(person.team.clinic_id, person.team.therapist) as session:
        await set_reminder(session, person.client, Wish(kind, **wish), NOW)


async def kept(person: Person) -> dict[str, Reminder]:
    async with person.database.clinic_tx(person.team.clinic_id, person.actor) as session:
        return {one.kind: one for one in await reminders(session, person.client.id)}


async def stops(person: Person) -> dict[str, str | None]:
    async with person.database.clinic_tx(person.team.clinic_id, person.actor) as session:
        return {p.channel: p.opted_out_how for p in await contact_points(session, person.client.id)}


def preview(html: str, kind: str = "plan") -> str:
    return " ".join(section(html, f"text-{kind}").split('note-words">')[1].split("</p>")[0].split())


async def test_a_time_is_tied_to_a_daily_act_and_the_text_shown_is_the_one_that_comes(
    browser: Browser, maria: Person
) -> None:
    await reminded(maria)
    sent = {"act": "lunch", "time": "12:30", "day": ["mon", "thu"]}
    shown_first = await browser.send("/reminders/of/plan/text", **sent)
    assert shown_first.status_code == 200
    link = "http://testserver.local/r/..."
    values = {"clinic": "Northside", "anchor": "after lunch", "link": link}
    as_sent = text_of(MessageKind.ANCHOR, str, values)
    assert as_sent == f"Northside: after lunch is a good time for today's plan. Reply DONE or LATER. {link}"
    assert preview(shown_first.text) == as_sent.replace("'", "&#39;")
    assert (await kept(maria))["plan"].anchor is None, "Showing a text keeps nothing."
    answer = await browser.send("/reminders/of/plan", **sent)
    assert answer.headers["location"] == "/reminders?saved=plan#plan"
    plan = (await kept(maria))["plan"]
    assert (plan.anchor, plan.local_times, plan.weekdays) == ("after lunch", [time(12, 30)], 0b0001001)
    [[keeps]] = await maria.rows("SELECT keeps_time FROM reminder_rhythm WHERE client_id = :client")
    assert keeps is True, "A time that was picked does not move by itself."


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"time": "soon"}, "Use a time such as 8:00 or 19:30."),
        ({"time": ""}, "Use a time such as 8:00 or 19:30."),
        ({"time": "22:00"}, "That is in your quiet hours. Use a time from 8:00 AM to 8:30 PM."),
        ({"day": []}, "Pick at least one day."),
        ({"act": "other", "own_act": "when my hip hurts"}, "Leave out hip, hurts: others may see the text."),
        ({"act": "other", "own_act": "x" * 27}, "Use 1 to 26 plain letters."),
        ({"act": "moon"}, "Tap one of the answers."),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(
    browser: Browser, maria: Person, wrong: dict[str, Any], says: str
) -> None:
    await reminded(maria)
    before = (await kept(maria))["plan"]
    sent = {"act": "home", "time": "17:00", "day": ["tue"], "own_act": "after the news", **wrong}
    for path in ("/reminders/of/plan", "/reminders/of/plan/text"):
        answer = await browser.send(path, **sent)
        assert answer.status_code == 422
        assert says in shown(answer)
        assert f'value="{sent["own_act"]}"' in answer.text
        if sent["time"]:
            assert f'name="time" value="{sent["time"]}"' in answer.text
    assert (await kept(maria))["plan"] == before


async def test_a_person_has_quiet_hours_of_their_own_and_no_reminder_in_them(browser: Browser, maria: Person) -> None:
    await reminded(maria)
    refused = await browser.send("/reminders/quiet", **{"from": "17:00", "until": "9:00"})
    assert refused.status_code == 422
    assert "You asked for a message at 6:00 PM. Move it first, or pick other hours." in shown(refused)
    assert 'name="from" value="17:00"' in refused.text
    for hours in ({"from": "x", "until": "9:00"}, {"from": "9:00", "until": "9:00"}):
        assert (await browser.send("/reminders/quiet", **hours)).status_code == 422
    own = "SELECT quiet_from, quiet_until FROM client WHERE id = :client"
    assert await maria.rows(own) == [(None, None)]
    assert (await browser.send("/reminders/quiet", **{"from": "22:30", "until": "7:00"})).status_code == 303
    assert await maria.rows(own) == [(time(22, 30), time(7))]
    late = {"time": "22:00", "day": EVERY_DAY}
    assert (await browser.send("/reminders/of/plan", **late)).status_code == 303, "The clinic's hours would refuse it."
    await browser.send("/reminders/of/plan", time="18:00", day=EVERY_DAY)
    assert (await browser.send("/reminders/quiet", of="clinic")).status_code == 303
    assert await maria.rows(own) == [(None, None)]


async def test_a_way_is_picked_and_only_this_page_sends_nothing_until_another_is(
    browser: Browser, maria: Person
) -> None:
    await reminded(maria, anchor="after lunch")
    await reminded(maria, "check_in", local_times=[time(9)])
    assert (await browser.send("/reminders/reach", way="email")).status_code == 303
    assert {kind: one.channels for kind, one in (await kept(maria)).items()} == {
        "check_in": ["email", "sms"],
        "plan": ["email", "sms"],
    }
    await browser.send("/reminders/reach", way="app")
    assert await kept(maria) == {}
    page = await browser.api.get("/reminders")
    assert "when is a good time" not in shown(page)
    await browser.send("/reminders/reach", way="sms")
    back = await kept(maria)
    assert (back["plan"].anchor, back["plan"].local_times, back["plan"].channels[0]) == (
        "after lunch",
        [time(18)],
        "sms",
    )
    assert back["check_in"].local_times == [time(9)]
    assert (await browser.send("/reminders/reach", way="pigeon")).status_code == 422


async def test_picking_a_way_nobody_said_yes_to_says_yes_in_the_words_on_the_page(
    browser: Browser, maria: Person
) -> None:
    await maria.rows(
        "UPDATE consent SET withdrawn_at = now() WHERE client_id = :client AND channel = 'email' RETURNING 1"
    )
    words = "Yes, send me emails about my plan. I can stop them at any time, here or in each email."
    assert words in shown(await browser.api.get("/reminders"))
    await browser.send("/reminders/reach", way="email")
    given = "SELECT wording FROM consent WHERE client_id = :client AND channel = 'email' AND withdrawn_at IS NULL"
    assert await maria.rows(given) == [(words,)]
    assert [one.kind for one in (await kept(maria)).values()] == ["plan"], "Who had none gets one for the plan."


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"days": "3"}, date(2026, 3, 12)),
        ({"days": "7"}, date(2026, 3, 16)),
        ({"until": "2026-04-01"}, date(2026, 4, 1)),
    ],
)
async def test_a_pause_ends_on_the_day_that_was_picked_or_before(
    browser: Browser, maria: Person, fields: dict[str, str], until: date
) -> None:
    await reminded(maria)
    await browser.send("/reminders/pause", until="2026-05-01")
    assert (await browser.send("/reminders/pause", **fields)).status_code == 303
    assert (await kept(maria))["plan"].paused_until == until
    await browser.send("/reminders/pause", end="yes")
    assert (await kept(maria))["plan"].paused_until is None


@pytest.mark.parametrize("until", ["", "soon", "2026-03-09", "2027-03-12"])
async def test_a_day_no_pause_can_end_on_is_refused(browser: Browser, maria: Person, until: str) -> None:
    await reminded(maria)
    answer = await browser.send("/reminders/pause", until=until)
    assert answer.status_code == 422
    assert "Pick a day from today on, at most a year from now." in shown(answer)
    assert (await kept(maria))["plan"].paused_until is None


async def test_who_stopped_everything_starts_again_alone(browser: Browser, maria: Person, team: Team) -> None:
    await reminded(maria)
    assert (await browser.send("/reminders/stop")).status_code == 303
    assert await stops(maria) == {"sms": "page", "email": "page"}
    page = shown(await browser.api.get("/reminders?saved=stop"))
    assert "You will get no more messages from us." in page
    assert "Only you can start them again. Nobody at the clinic can." in page
    await reminded(maria, local_times=[time(17)])
    async with maria.database.clinic_tx(team.clinic_id, team.therapist) as session:
        with pytest.raises(Refused):
            await addresses.try_again(session, maria.client.id, "sms", NOW)
    assert await stops(maria) == {"sms": "page", "email": "page"}, "What a therapist does lifts no stop."
    assert (await browser.send("/reminders/reach", way="sms")).status_code == 422
    assert (await browser.send("/reminders/start", channel="email")).status_code == 303
    assert await stops(maria) == {"sms": "page", "email": None}


async def test_a_stop_by_text_is_lifted_by_a_text_only(browser: Browser, maria: Person) -> None:
    async with maria.database.clinic_tx(maria.team.clinic_id, maria.actor) as session:
        [phone] = [p for p in await contact_points(session, maria.client.id) if p.channel == "sms"]
        await opt_out(session, phone.id, "text", NOW)
    assert "text START to the number they came from" in shown(await browser.api.get("/reminders"))
    assert (await browser.send("/reminders/start", channel="sms")).status_code == 422
    assert (await stops(maria))["sms"] == "text"


@pytest.mark.parametrize("path", ["/reminders", "/devices", "/my-data"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_opening_a_page_of_ones_own_writes_nothing_but_the_trail(
    browser: Browser, database: Database, path: str, method: str
) -> None:
    with watched(database) as statements:
        answer = await browser.api.request(method, path)
    assert (answer.status_code, bool(answer.content)) == (200, method == "GET")
    assert writes(statements) == []


async def test_the_page_is_the_clients_own(api: AsyncClient, database: Database, team: Team, maria: Person) -> None:
    """Signed out, a therapist, and a client of another clinic who names what is Maria's."""
    await reminded(maria)
    assert (await api.get("/reminders")).headers["location"] == "/sign-in"
    headers = await signed_in(database, team.clinic_id, staff_id=team.therapist_id)
    assert (await api.get("/reminders", headers=headers)).status_code == 403
    stranger = await make_person(database, await make_team(database))
    hers = await Browser(api).enter(stranger)
    assert (await hers.send("/reminders/of/plan", time="9:00", day=EVERY_DAY)).status_code == 404
    assert (await hers.api.post("/reminders/stop", data={"csrf": "x"})).status_code == 403
    assert (await kept(maria))["plan"].local_times == [time(18)]
