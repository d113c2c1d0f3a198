"""A clinic words its reminders within what keeps them working, tries them on itself, and keeps texts ready to send."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.accounts.queries import contact_points
from service.database.tenancy import SYSTEM, Database
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MESSAGES, MessageKind, text_of
from service.outbox.rules.wording import EDITABLE, LONGEST_OF, stored_of, typed_of, wording_problem
from service.words import translator
from tests.make import NOW
from tests.service.review.browsing import World, count, look, send, shown, value_of, words
from tests.trust.forms import Page

pytestmark = pytest.mark.anyio
PLAN = "/wording/of/plan"
OURS = "{clinic}: your plan for today is ready. Reply DONE when you finish, or tap {link}"
OWN = "{clinic}: a few minutes for you today? Reply DONE after it, or tap {link}"


def problem(typed: str, kind: MessageKind = MessageKind.PLAN, locale: str = "en") -> str | None:
    return wording_problem(kind, translator(locale).gettext(MESSAGES[kind].sms), typed, locale)


@pytest.mark.parametrize("kind", EDITABLE)
@pytest.mark.parametrize("locale", ["en", "es"])
def test_our_own_words_keep_to_what_we_ask_of_the_clinics(kind: MessageKind, locale: str) -> None:
    usual = translator(locale).gettext(MESSAGES[kind].sms)
    assert wording_problem(kind, usual, typed_of(usual), locale) is None
    assert stored_of(typed_of(usual)) == usual


def test_what_a_text_needs_to_work_cannot_be_left_out() -> None:
    assert problem(OWN) is None
    wrong = {
        "": "Use 1 to 400 characters.",
        "Hi! {clinic}: reply DONE or tap {link}": "Begin with {clinic}",
        "{clinic}: reply DONE when you finish.": "Use each of the parts",
        "{clinic}: reply DONE or tap {link} {link}": "Use each of the parts",
        "{clinic}: reply DONE or tap {link} {name}": "Use each of the parts",
        "{clinic}: reply DONE or tap {link} }": "Use each of the parts",
        "{clinic}: your plan is ready, tap {link}": "Keep the words in capitals",
        "{clinic}: time for your hip plan. Reply DONE or tap {link}": "Take out words that tell",
        "{clinic}: plan 🙂 Reply DONE or tap {link}": "Take out pictures",
        "{clinic}: Привет. Reply DONE or tap {link}": "Make it shorter",
        "{clinic}: " + "a day at a time. " * 10 + "Reply DONE or tap {link}": "Make it shorter",
        "{clinic}: immediately communicate accomplishment. Reply DONE or tap {link}": "Use shorter words",
    }
    for typed, start in wrong.items():
        assert (problem(typed) or "").startswith(start), typed
    # A percent sign is a letter like any other.
    assert problem("{clinic}: 100% yours. Reply DONE or tap {link}") is None
    assert stored_of("100% {link}") % LONGEST_OF == f"100% {LONGEST_OF['link']}"


def test_the_numbers_that_people_answer_with_stay() -> None:
    asked = "{clinic}: how are you, from 0 to 10? Reply with a number or tap {link}"
    assert problem(asked, MessageKind.CHECK_IN) is None
    assert problem(asked.replace("10", "5"), MessageKind.CHECK_IN) is not None


async def word(api: AsyncClient, world: World, typed: str, do: str = "save", who: str = "owner") -> Response:
    return await send(api, world, f"{PLAN}?language=en", {"words": typed, "do": do}, who)


async def planned(database: Database, world: World, kind: MessageKind, channel: str = "sms") -> dict[str, Any]:
    """What the outbox keeps of a reminder that is planned now."""
    async with database.clinic_tx(world.team.clinic_id, SYSTEM) as session:
        [point] = [p for p in await contact_points(session, world.maria.id) if p.channel == channel]
        outgoing = Outgoing(
            client_id=world.maria.id,
            contact_point_id=point.id,
            channel=channel,
            kind=kind,
            dedupe_key=f"test:{uuid4()}",
            due_at=NOW,
            expires_at=NOW + timedelta(hours=4),
            params={"a": "b"},
        )
        kept = await enqueue(session, outgoing, NOW)
        params: dict[str, Any] = await session.scalar(text("SELECT params FROM message WHERE id = :id"), {"id": kept})
    return params


async def test_saved_words_go_into_the_texts_that_are_planned_from_then_on(
    api: AsyncClient, database: Database, world: World
) -> None:
    before = await planned(database, world, MessageKind.PLAN)
    assert before == {"a": "b"}
    assert (await word(api, world, OWN)).status_code == 303
    params = await planned(database, world, MessageKind.PLAN)
    assert params == {"a": "b", "own": {"plan": stored_of(OWN)}}
    values = {**params, "clinic": "Northside", "link": "x"}
    read = "Northside: a few minutes for you today? Reply DONE after it, or tap x"
    assert text_of(MessageKind.PLAN, str, values) == read
    # Another kind, a mail, and a text of ours are as they were.
    assert text_of(MessageKind.EVENING, str, values).startswith("Northside: still time")
    assert await planned(database, world, MessageKind.PLAN, "email") == {"a": "b"}
    assert await planned(database, world, MessageKind.MESSAGE) == {"a": "b"}
    assert "a few minutes for you today?" in await shown(api, world, "/wording", "owner")
    assert (await word(api, world, OWN, "usual")).status_code == 303
    assert await planned(database, world, MessageKind.PLAN) == {"a": "b"}


async def test_our_words_typed_again_are_ours(api: AsyncClient, database: Database, world: World) -> None:
    await word(api, world, OWN)
    await word(api, world, OURS)
    assert await count(database, world.team, "own_wording") == 0


async def test_what_cannot_be_right_is_said_and_kept_typed_and_nothing_is_saved(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await word(api, world, "{clinic}: bad")
    assert answer.status_code == 422
    assert ">{clinic}: bad</textarea>" in answer.text
    assert "Use each of the parts" in words(answer.text)
    looked = await word(api, world, OWN, "look")
    assert "school grade" in words(looked.text)
    assert await count(database, world.team, "own_wording") == 0


async def test_a_test_goes_to_whoever_asks_and_says_what_it_is(
    api: AsyncClient, database: Database, world: World
) -> None:
    assert (await word(api, world, OWN, "test")).status_code == 303
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        rows = await session.execute(text("SELECT staff_id, client_id, kind, about FROM digest_mail"))
        [(staff_id, client_id, kind, about)] = rows.all()
    assert (staff_id, client_id, kind) == (world.team.owner_id, None, "test")
    assert about["text"].startswith("Northside: a few minutes for you today? Reply DONE after it, or tap http")
    assert await count(database, world.team, "message") == 0


async def test_a_test_comes_to_ones_own_phone_as_a_text(api: AsyncClient, database: Database, world: World) -> None:
    form = {"words": OWN, "do": "text", "phone": "next door"}
    wrong = await send(api, world, f"{PLAN}?language=en", form, "owner")
    assert wrong.status_code == 422
    assert "Write a phone number that can be right." in words(wrong.text)
    assert ('value="next door"' in wrong.text, f">{OWN}</textarea>" in wrong.text) == (True, True)
    assert await count(database, world.team, "digest_mail") == 0
    sent = await send(api, world, f"{PLAN}?language=en", {**form, "phone": "(202) 555-0188"}, "owner")
    assert "on its way to your phone" in await shown(api, world, sent.headers["location"], "owner")
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        [row] = (await session.execute(text("SELECT channel, address, kind FROM digest_mail"))).all()
    assert tuple(row) == ("sms", "+12025550188", "test")
    assert await count(database, world.team, "own_wording") == 0
    # Each costs: a few a day are enough to see one come.
    more = [
        await send(api, world, f"{PLAN}?language=en", {**form, "phone": "(202) 555-0188"}, "owner") for _ in range(5)
    ]
    assert [one.status_code for one in more] == [303] * 4 + [429]


async def test_enter_in_the_one_field_of_a_single_line_means_the_button_beside_it(
    api: AsyncClient, world: World
) -> None:
    """A browser presses the first button of the form: nothing is saved by it."""
    page = Page((await look(api, world, PLAN, "owner")).text)
    [form] = [one for one in page.forms if "/wording/of/plan" in one.action]
    assert [one.name for one in form.typed if one.kind != "textarea"] == ["phone"]
    assert (form.buttons[0]["name"], form.buttons[0]["value"]) == ("do", "text")


async def test_a_phone_that_was_typed_stays_whatever_is_wrong(api: AsyncClient, world: World) -> None:
    wrong = await send(api, world, f"{PLAN}?language=en", {"words": "no", "do": "test", "phone": "555"}, "owner")
    assert (wrong.status_code, value_of(wrong.text, "phone")) == (422, "555")


async def test_only_an_owner_words_anything(api: AsyncClient, database: Database, world: World) -> None:
    for who, page in (("therapist", "/caseload"), ("front desk", "/clients/new"), ("client", "/today")):
        for path in (PLAN, "/wording/ready"):
            assert (await look(api, world, path, who)).status_code == 403
            assert (await send(api, world, path, {"do": "save"}, who, page)).status_code == 403
    assert (await look(api, world, "/wording/of/sign_in_code", "owner")).status_code == 404


async def keep(api: AsyncClient, world: World, do: str, **form: str) -> Response:
    page = await look(api, world, "/wording/ready", "owner")
    fresh = re.findall('name="text" value="([0-9a-f-]+)"', page.text)[-1]
    return await send(api, world, "/wording/ready", {"do": do, "text": fresh, **form}, "owner")


async def listed(api: AsyncClient, world: World) -> list[tuple[str, str]]:
    """The id and the English words of each."""
    page = (await look(api, world, "/wording/ready", "owner")).text
    rows = page.split('class="row ready-row"')[1:]
    return [(value_of(row, "text"), value_of(row, "words_en")) for row in rows]


async def test_ready_texts_are_added_changed_ordered_and_ended(
    api: AsyncClient, database: Database, world: World
) -> None:
    for said in ("First.", "Second.", "Third."):
        assert (await keep(api, world, "add", words_en=said, words_es=f"{said} (es)")).status_code == 303
    rows = await listed(api, world)
    assert [said for _, said in rows] == ["First.", "Second.", "Third."]
    await keep(api, world, "up", text=rows[2][0])
    await keep(api, world, "up", text=rows[0][0])
    await keep(api, world, "down", text=rows[0][0])
    assert [said for _, said in await listed(api, world)] == ["Third.", "First.", "Second."]
    await keep(api, world, "save", text=rows[0][0], words_en="Primero.", words_es="")
    await keep(api, world, "end", text=rows[1][0])
    assert [said for _, said in await listed(api, world)] == ["Third.", "Primero."]
    page = await shown(api, world, "/clients/MARIA")
    assert page.index("Third.") < page.index("Primero.") < page.index("I read your note.")
    # A client who reads Spanish is offered what is written in it.
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        await session.execute(text("UPDATE client SET locale = 'es' WHERE id = :id"), {"id": world.maria.id})
    page = await shown(api, world, "/clients/MARIA")
    assert "Third. (es)" in page
    assert "Primero." not in page


async def test_a_ready_text_is_measured_and_an_empty_one_refused(api: AsyncClient, world: World) -> None:
    await keep(api, world, "add", words_en="Your hip pain diagnosis necessitates immediate communication.")
    page = await shown(api, world, "/wording/ready", "owner")
    assert "tells too much: hip, pain, diagnosis" in page
    assert "Look at this one" in page
    empty = await keep(api, world, "add", words_en=" ", words_es="")
    assert empty.status_code == 422
    assert "Write it in one language at least." in words(empty.text)
