"""The mail that says who needs whom first: when it is written, to whom, that it comes once, and when no more."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.conversation.actions.reports import act_on_report
from service.conversation.actions.returned_mail import take_report
from service.conversation.bounces import Report
from service.conversation.tables import UnplacedText
from service.database.tenancy import SYSTEM, Database
from service.digest_rounds import write_digests
from service.ids import new_id
from service.review.actions.digests import write_due
from service.review.queries.digests import History
from tests.conftest import Clock, Urls, signed_in
from tests.make import NOW
from tests.service.review.browsing import World, cookie, send, shown, words

pytestmark = pytest.mark.anyio

SET = {"local_time": "08:00", "zone": "America/New_York", "weekdays": ["mon", "tue", "wed", "thu", "fri"]}


async def rows_of(database: Database, world: World) -> list[tuple[date, str, str | None]]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        found = await session.execute(text("SELECT day, state, reason FROM digest_mail ORDER BY day"))
        return [(row.day, row.state, row.reason) for row in found]


async def test_one_a_day_only_when_somebody_waits_and_none_after_the_end(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    headers = world.headers["therapist"]
    assert (await api.get("/v1/digest", headers=headers)).json() == {"wanted": False, "mails": []}
    answer = await api.put("/v1/digest", json=SET, headers=headers)
    # NOW is Tuesday 11:00 in New York (15:00 UTC, in summer time since the 8th).
    assert answer.json()["next_at"] == "2026-03-11T12:00:00Z"
    await write_digests(database, NOW)
    assert await rows_of(database, world) == []
    wednesday = datetime(2026, 3, 11, 12, 0, 30, tzinfo=UTC)
    # Twice in a row, as two processes would: Maria was invited 20 days ago and never began.
    for _ in range(2):
        await write_digests(database, wednesday)
    # Moved to a later hour of the same day, the day still has its one mail.
    clock.now = wednesday
    headers = cookie(await signed_in(database, world.team.clinic_id, staff_id=world.team.therapist_id, now=wednesday))
    await api.put("/v1/digest", json={**SET, "local_time": "09:00"}, headers=headers)
    await write_digests(database, wednesday + timedelta(hours=1))
    assert await rows_of(database, world) == [(date(2026, 3, 11), "queued", None)]
    # On Thursday somebody had looked, so there is nothing to say.
    clock.now = wednesday + timedelta(minutes=20)
    seen = {"rule": "never_logged"}
    assert (await api.post(f"/v1/caseload/{world.maria.id}/seen", json=seen, headers=headers)).status_code == 204
    await write_digests(database, datetime(2026, 3, 12, 13, 0, tzinfo=UTC))
    # On Friday the service was down until after the hour.
    await write_digests(database, datetime(2026, 3, 13, 18, 0, tzinfo=UTC))
    thursday, friday = (date(2026, 3, 12), "skipped", "nothing_to_say"), (date(2026, 3, 13), "expired", "outage")
    assert (await rows_of(database, world))[1:] == [thursday, friday]
    assert (await api.delete("/v1/digest", headers=headers)).status_code == 204
    await write_digests(database, datetime(2026, 3, 16, 13, 0, tzinfo=UTC))
    assert len(await rows_of(database, world)) == 3
    assert (await api.get("/v1/digest", headers=headers)).json()["wanted"] is False
    # Wednesday's was still waiting to be sent.
    assert (await rows_of(database, world))[0] == (date(2026, 3, 11), "skipped", "not_wanted")


async def test_a_mail_that_cannot_be_written_holds_up_no_other(
    api: AsyncClient, database: Database, urls: Urls, world: World
) -> None:
    for who in ("therapist", "owner"):
        await api.put("/v1/digest", json=SET, headers=world.headers[who])
    wednesday = datetime(2026, 3, 11, 12, 0, 30, tzinfo=UTC)
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION no_mail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.staff_id = '{world.team.therapist_id}' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER no_mail BEFORE INSERT ON digest_mail FOR EACH ROW EXECUTE FUNCTION no_mail()"
        )
        await write_digests(database, wednesday)
        connection.execute("DROP FUNCTION no_mail CASCADE")
    assert await rows_of(database, world) == [(date(2026, 3, 11), "queued", None)]
    # What could not be written comes again, and is written then.
    await write_digests(database, wednesday + timedelta(minutes=1))
    assert await rows_of(database, world) == [(date(2026, 3, 11), "queued", None)] * 2


async def test_the_page_says_what_is_wrong_and_what_became_of_each(
    api: AsyncClient, database: Database, world: World
) -> None:
    form = {"local_time": "7.30", "zone": "America/New_York", "weekdays": "mon"}
    answer = await send(api, world, "/digest", form)
    assert answer.status_code == 422
    assert "Use a local time such as 08:00." in words(answer.text)
    answer = await send(api, world, "/digest", {**form, "local_time": "07:30", "zone": "Mars/Base"})
    assert "Use a time zone such as Europe/Berlin" in words(answer.text)
    answer = await send(api, world, "/digest", {"local_time": "07:30", "zone": "America/New_York"})
    assert "Choose at least one weekday." in words(answer.text)
    assert (await send(api, world, "/digest", {**form, "local_time": "07:30"})).headers[
        "location"
    ] == "/digest?done=digest"
    assert "The next one comes on Mon, Mar 16, 7:30 AM" in await shown(api, world, "/digest")
    assert (await send(api, world, "/digest/stop", page="/digest")).status_code == 303
    assert "The next one" not in await shown(api, world, "/digest")


async def test_only_staff_who_may_see_records_have_one_and_each_their_own(api: AsyncClient, world: World) -> None:
    for who, status in (("therapist", 200), ("owner", 200), ("stranger", 200), ("front desk", 403), ("client", 403)):
        assert (await api.put("/v1/digest", json=SET, headers=world.headers[who])).status_code == status, who
    assert (await api.put("/v1/digest", json=SET)).status_code == 401
    await api.delete("/v1/digest", headers=world.headers["therapist"])
    wanted = {
        who: (await api.get("/v1/digest", headers=world.headers[who])).json()["wanted"]
        for who in ("therapist", "owner", "stranger")
    }
    assert wanted == {"therapist": False, "owner": True, "stranger": True}
    answer = await api.put("/v1/digest", json={**SET, "local_time": "25:00"}, headers=world.headers["owner"])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/local_time"


async def test_an_alarming_text_without_a_name_comes_first_on_the_caseload_and_in_the_mail(
    api: AsyncClient, database: Database, world: World
) -> None:
    texts = [
        UnplacedText(
            clinic_id=world.team.clinic_id,
            id=new_id(NOW),
            event_key=f"SM{body}",
            received_at=NOW - timedelta(hours=2),
            sent_from="+12025550142",
            body=body,
            reason="unknown_number",
            is_danger=is_danger,
        )
        for body, is_danger in (("i fell and cannot stand", True), ("who is this", False))
    ]
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        session.add_all(texts)
    found = (await api.get("/v1/caseload", headers=world.headers["therapist"])).json()
    assert [one["text"] for one in found["danger_texts"]] == ["i fell and cannot stand"]
    assert found["counts"]["call"] == 1
    quiet = (await api.get("/v1/caseload?tier=quiet", headers=world.headers["therapist"])).json()
    assert ("danger_texts" in quiet, quiet["counts"]["call"]) == (False, 1)
    page = await shown(api, world, "/caseload")
    told = "Call A text without a name “i fell and cannot stand” Overdue since Tue, Mar 10, 10:00 AM 2 hours"
    assert page.index(told) < page.index("Maria Lopez")
    assert "i fell" not in await shown(api, world, "/caseload", "stranger")
    await api.put("/v1/digest", json=SET, headers=world.headers["therapist"])
    await write_digests(database, datetime(2026, 3, 11, 12, 0, 30, tzinfo=UTC))
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        about = await session.scalar(text("SELECT about FROM digest_mail"))
    assert about == {"counts": {"call": 1, "quiet": 1}, "named": [["", "danger"], ["Maria L.", "never_logged"]]}
    # Seen by somebody, it is no alarm any more.
    answer = await send(api, world, f"/texts/{texts[0].id}/seen", page="/caseload")
    assert answer.status_code == 303
    assert "A text without a name" not in await shown(api, world, "/caseload")


async def test_what_was_due_before_a_recovery_is_told_as_not_known(
    api: AsyncClient, database: Database, world: World
) -> None:
    """The other copy of the database may have had it sent."""
    await api.put("/v1/digest", json=SET, headers=world.headers["therapist"])
    wednesday = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    async with database.clinic_tx(world.team.clinic_id, SYSTEM) as session:
        await write_due(session, History(False, wednesday + timedelta(minutes=1)), wednesday + timedelta(minutes=2))
    assert await rows_of(database, world) == [(date(2026, 3, 11), "expired", "uncertain")]


async def test_a_mailbox_that_does_not_take_it_gets_no_more_and_the_owner_is_told(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    """A full mailbox is told to its reader only. One that is gone ends it, until an hour is set anew."""
    told = "The morning email to Sam comes back: the mailbox"
    clinic_id, me = world.team.clinic_id, world.headers["therapist"]
    await api.put("/v1/digest", json=SET, headers=me)
    await write_digests(database, datetime(2026, 3, 11, 12, 0, 30, tzinfo=UTC))
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        mail_id = await session.scalar(text("UPDATE digest_mail SET state = 'sent' RETURNING id"))
        assert mail_id is not None
        await take_report(session, "smtp", "full", Report("undelivered", (mail_id,), "5.2.2"), NOW)
    mails = (await api.get("/v1/digest", headers=me)).json()["mails"]
    assert [mail["reason"] for mail in mails] == ["Sent, and it came back."]
    assert told not in await shown(api, world, "/caseload", "owner")
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        event_id = await take_report(session, "smtp", "gone", Report("gone", (mail_id,), "5.1.1"), NOW)
        await act_on_report(session, event_id, "s" * 40, NOW)
    for who, sees in (("owner", True), ("therapist", True), ("stranger", False)):
        assert (told in await shown(api, world, "/caseload", who)) is sees, who
    for day in (12, 13):
        await write_digests(database, datetime(2026, 3, day, 12, 0, 30, tzinfo=UTC))
    assert await rows_of(database, world) == [
        (date(2026, 3, 11), "sent", None),
        (date(2026, 3, 12), "skipped", "came_back"),
    ]
    assert (await api.get("/v1/digest", headers=me)).json()["wanted"] is False
    await api.put("/v1/digest", json=SET, headers=me)
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        await session.execute(text("UPDATE digest_wish SET next_at = '2026-03-13 12:00+00'"))
    await write_digests(database, datetime(2026, 3, 13, 12, 0, 30, tzinfo=UTC))
    assert (await rows_of(database, world))[2:] == [(date(2026, 3, 13), "queued", None)]
    # A server that refuses the mailbox at once says the same.
    async with database.clinic_tx(clinic_id, SYSTEM) as session:
        refused = "UPDATE digest_mail SET state = 'failed', reason = 'invalid_address' WHERE state = 'queued'"
        await session.execute(text(refused))
    await write_digests(database, datetime(2026, 3, 16, 12, 0, 30, tzinfo=UTC))
    assert (await rows_of(database, world))[3:] == [(date(2026, 3, 16), "skipped", "came_back")]
