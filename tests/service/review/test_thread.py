"""One thread between a client and the clinic: written on either page, by the link of a notice or by a program."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import opt_out
from service.accounts.codes import link_token
from service.accounts.queries import contact_points
from service.audit.tables import AuditEntry
from service.conversation.queries import thread
from service.conversation.tables import ThreadMessage
from service.database.tenancy import Database
from service.diary.tables import RedFlag
from service.outbox.rules import MESSAGES, MessageKind
from service.outbox.tables import Message
from service.settings import Settings
from tests import told
from tests.conftest import Clock
from tests.make import NOW
from tests.service.review.browsing import World, look, send, shown, token_in, words

pytestmark = pytest.mark.anyio

PAGE = "/clients/MARIA"
WRITE = "/clients/MARIA/messages"
SECRET = "Your MRI of the hip looks fine."


async def lines(database: Database, world: World) -> list[ThreadMessage]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        return list(await thread(session, world.maria.id))


async def notices(database: Database, world: World) -> list[Message]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        statement = select(Message).where(
            col(Message.client_id) == world.maria.id, col(Message.kind) == MessageKind.MESSAGE
        )
        return list(await session.scalars(statement.order_by(col(Message.id))))


def entry_in(html: str) -> str:
    return str(re.findall(r'name="entry" value="([^"]+)"', html[html.index('class="write"') :])[0])


async def write_as_staff(api: AsyncClient, world: World, text: str, **fields: str) -> Response:
    html = (await look(api, world, PAGE)).text
    return await send(api, world, WRITE, {"text": text, "entry": entry_in(html), **fields}, page=PAGE)


async def write_as_client(api: AsyncClient, world: World, text: str, path: str = "/today/messages") -> Response:
    html = (await look(api, world, "/today", "client")).text
    form = {"csrf": token_in(html), "text": text, "entry": entry_in(html)}
    form |= {"as_of": re.findall(r'name="as_of" value="([^"]+)"', html)[0]} if path.endswith("read") else {}
    return await api.post(path, data=form, headers=world.headers["client"])


async def test_a_message_is_announced_without_a_word_of_it_and_read_on_the_page(
    api: AsyncClient, database: Database, world: World
) -> None:
    answer = await write_as_staff(api, world, SECRET)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/clients/{world.maria.id}?done=announced#messages",
    )
    [notice] = await notices(database, world)
    assert (notice.channel, notice.params, notice.state) == ("sms", {}, "queued")
    assert "MRI" not in "".join(str(value) for value in (notice.params, MESSAGES[MessageKind.MESSAGE]))
    assert "New · Sam" in await shown(api, world, "/today", "client")
    assert SECRET in await shown(api, world, "/today", "client")


async def test_both_sides_see_text_link_and_page_in_the_order_they_came(
    api: AsyncClient, database: Database, world: World, clock: Clock, settings: Settings
) -> None:
    await write_as_staff(api, world, "How was the walk?")
    clock.now = NOW + timedelta(minutes=1)
    [notice] = await notices(database, world)
    token = link_token(settings.secret_key, "answer", notice.id)
    opened = await api.get(f"/r/{token}")
    assert "How was the walk?" not in opened.text
    sent = await api.post(f"/r/{token}", data={"text": "Fine, by link", "entry": str(uuid4())})
    assert sent.status_code == 200
    assert "In an emergency call 911" in words(sent.text)
    clock.now = NOW + timedelta(minutes=2)
    await write_as_client(api, world, "And by page")
    clock.now = NOW + timedelta(minutes=3)
    await write_as_staff(api, world, "Good to hear")
    wanted = ["How was the walk?", "Fine, by link", "And by page", "Good to hear"]
    assert [(line.body, line.channel) for line in await lines(database, world)] == list(
        zip(wanted, ["web", "link", "web", "web"], strict=True)
    )
    for path, who in ((PAGE, "therapist"), ("/today", "client")):
        page = await shown(api, world, path, who)
        assert sorted(wanted, key=page.index) == wanted


async def test_read_marks_are_buttons_and_opening_a_page_sets_none(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await write_as_staff(api, world, "Please call us")
    await shown(api, world, "/today", "client")
    assert [line.read_at for line in await lines(database, world)] == [None]
    clock.now = NOW + timedelta(hours=1)
    assert (await write_as_client(api, world, "", "/today/messages/read")).status_code == 303
    assert [line.read_at for line in await lines(database, world)] == [clock.now]
    assert "read Tue, Mar 10, 12:00 PM" in await shown(api, world, PAGE)
    await write_as_client(api, world, "I will")
    assert "· New" in await shown(api, world, PAGE)
    html = (await look(api, world, PAGE)).text
    as_of = re.findall(r'messages/read">.*?name="as_of" value="([^"]+)"', html)[0]
    await send(api, world, f"{WRITE}/read", {"as_of": as_of}, page=PAGE)
    assert "· New" not in await shown(api, world, PAGE)


async def test_whoever_writes_back_has_read(api: AsyncClient, database: Database, world: World, clock: Clock) -> None:
    await write_as_client(api, world, "A question")
    clock.now = NOW + timedelta(minutes=5)
    await write_as_staff(api, world, "An answer")
    clock.now = NOW + timedelta(minutes=6)
    await write_as_client(api, world, "Thanks")
    first, second, third = await lines(database, world)
    assert (first.read_at, second.read_at, third.read_at) == (
        NOW + timedelta(minutes=5),
        NOW + timedelta(minutes=6),
        None,
    )


async def test_three_messages_in_a_row_are_announced_once_and_a_form_sent_twice_is_one(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    html = (await look(api, world, PAGE)).text
    for _ in range(2):
        await send(api, world, WRITE, {"text": "One", "entry": entry_in(html)}, page=PAGE)
    clock.now = NOW + timedelta(minutes=1)
    await write_as_staff(api, world, "Two")
    assert ([line.body for line in await lines(database, world)], len(await notices(database, world))) == (
        ["One", "Two"],
        1,
    )
    for minutes in (20, 40, 61):
        clock.now = NOW + timedelta(minutes=minutes)
        await look(api, world, PAGE)
    await write_as_staff(api, world, "Three, an hour later")
    assert len(await notices(database, world)) == 2


async def test_nobody_is_told_at_an_address_that_said_stop(api: AsyncClient, database: Database, world: World) -> None:
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        phone, mail = await contact_points(session, world.maria.id)
        await opt_out(session, phone.id, "text", NOW)
    await write_as_staff(api, world, "By email then")
    assert [notice.channel for notice in await notices(database, world)] == ["email"]
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        await opt_out(session, mail.id, "link", NOW)
    answer = await write_as_staff(api, world, "Only on the page")
    assert answer.headers["location"].endswith("done=kept#messages")
    assert len(await notices(database, world)) == 1


async def test_danger_on_the_page_alerts_and_stop_on_the_page_ends_texts(
    api: AsyncClient, database: Database, world: World
) -> None:
    fell = await write_as_client(api, world, "I fell and it hurts")
    assert fell.headers["location"] == "/today?saved=danger#messages"
    page = words((await api.get(fell.headers["location"], headers=world.headers["client"])).text)
    assert "This page is not watched day and night. In an emergency call 911 now." in page
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        alerts = select(col(AuditEntry.id)).where(
            col(AuditEntry.action) == "alert", col(AuditEntry.client_id) == world.maria.id
        )
        assert len((await session.scalars(alerts)).all()) == 1
        signs = await session.scalars(select(RedFlag).where(col(RedFlag.client_id) == world.maria.id))
        assert [sign.closed_at for sign in signs] == [None]
    assert "fell" in await shown(api, world, "/caseload")
    stop = await write_as_client(api, world, "please stop texting me")
    assert stop.headers["location"] == "/today?saved=stopped#messages"
    async with database.clinic_tx(world.team.clinic_id, told.as_client(world.maria)) as session:
        points = await contact_points(session, world.maria.id)
    assert [(point.channel, point.opted_out_at is None) for point in points] == [("sms", False), ("email", True)]


async def test_a_score_written_on_the_page_is_words_and_no_entry(
    api: AsyncClient, database: Database, world: World
) -> None:
    await write_as_client(api, world, "6")
    assert [line.reading for line in await lines(database, world)] == ["note"]
    assert "You said 6" not in await shown(api, world, "/today", "client")


async def test_an_empty_or_endless_message_is_refused_with_what_was_typed(
    api: AsyncClient, database: Database, world: World
) -> None:
    """2,000 characters as the box counts them, where a line break is one."""
    assert "Write something first." in words((await write_as_staff(api, world, "  ")).text)
    long = await write_as_client(api, world, "x" * 2001)
    assert (long.status_code, "Use at most 2000 characters." in long.text, "x" * 2001 in long.text) == (422, True, True)
    assert (await write_as_client(api, world, "a\r\n" * 1000)).status_code == 303
    assert [len(line.body) for line in await lines(database, world)] == [1999]


async def test_only_the_client_and_who_treats_her_write_on_the_pages(
    api: AsyncClient, database: Database, world: World
) -> None:
    """The owner may; a front desk, a colleague's patient list and another clinic may not."""
    html = (await look(api, world, PAGE, "owner")).text
    for who, expected in (("owner", 303), ("front desk", 403), ("stranger", 404), ("client", 403)):
        page = {"stranger": "/caseload", "front desk": "/clients/new", "client": "/today"}.get(who, PAGE)
        form = {"text": f"From the {who}", "entry": str(uuid4())}
        for path in (WRITE, f"{WRITE}/read"):
            sent = await send(api, world, path, {**form, "as_of": NOW.isoformat()}, who, page)
            assert sent.status_code == expected, (who, path)
    form = {"text": "No token", "entry": entry_in(html)}
    forged = await api.post(WRITE.replace("MARIA", str(world.maria.id)), data=form, headers=world.headers["owner"])
    assert forged.status_code == 403
    assert [line.body for line in await lines(database, world)] == ["From the owner"]


async def test_a_program_reads_and_writes_the_same_thread(api: AsyncClient, database: Database, world: World) -> None:
    bearer = {
        who: {"Authorization": f"Bearer {held['Cookie'].partition('=')[2]}"} for who, held in world.headers.items()
    }
    url, message_id = f"/v1/clients/{world.maria.id}/messages", str(uuid4())
    for who, expected in (("stranger", 404), ("client", 201), ("client", 201)):
        sent = await api.post(url, json={"text": "From the app", "id": message_id}, headers=bearer[who])
        assert sent.status_code == expected, sent.text
    data = (await api.get(url, headers=bearer["therapist"])).json()["data"]
    assert [(row["id"], row["text"], row["from_client"]) for row in data] == [(message_id, "From the app", True)]
    until = {"until": (NOW + timedelta(days=9)).isoformat()}
    for who, expected in (("stranger", 404), ("client", 204), ("therapist", 204)):
        assert (await api.post(f"{url}/read", json=until, headers=bearer[who])).status_code == expected
    [line] = await lines(database, world)
    assert line.read_at == NOW
    for wrong in ({"text": ""}, {"text": "x" * 2001}, {"text": "a", "staff_id": message_id}, {}):
        assert (await api.post(url, json=wrong, headers=bearer["client"])).status_code in (400, 422)
