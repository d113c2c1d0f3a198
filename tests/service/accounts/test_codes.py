"""Sign-in codes where it is not simple: an address of two people, a newer code, a phone that said STOP."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import Row, text

from service.accounts.actions import opt_out
from service.accounts.queries import contact_points
from service.accounts.rules import named
from service.accounts.tables import Client, ContactPoint
from service.database.sealing import opened, packed
from service.database.tenancy import Database
from service.ids import new_id
from tests.conftest import Clock
from tests.make import NOW, Team, make_client, make_team

pytestmark = pytest.mark.anyio

SHARED = "/first_name"


@dataclass
class Home:
    """People of one clinic, and the codes that were sent to them."""

    api: AsyncClient
    database: Database
    team: Team
    phone: str
    people: dict[str, Client]

    async def ask(self, address: str) -> None:
        assert (await self.api.post("/v1/sign-in/code", json={"address": address})).status_code == 202

    async def check(self, address: str, code: str, **fields: str) -> Response:
        return await self.api.post("/v1/sign-in/code/check", json={"address": address, "code": code, **fields})

    async def sent(self) -> list[tuple[str, str, str]]:
        """Kind, address and digits of each code, in the order they were queued."""
        rows = await self.rows(
            f"SELECT m.kind, {packed(ContactPoint, 'address', 'p')} AS address, m.params->>'code' AS code, m.created_at"
            " FROM message m JOIN contact_point p ON p.clinic_id = m.clinic_id AND p.id = m.contact_point_id"
        )
        sent = [(row.created_at, opened(ContactPoint, "address", row.address), row.kind, row.code) for row in rows]
        return [(kind, address, code) for _, address, kind, code in sorted(sent)]

    async def rows(self, statement: str) -> list[Row[Any]]:
        async with self.database.clinic_tx(self.team.clinic_id, self.team.therapist) as session:
            return list(await session.execute(text(statement)))

    async def stop(self, name: str, channel: str, how: str = "text") -> None:
        async with self.database.clinic_tx(self.team.clinic_id, self.team.therapist) as session:
            for point in await contact_points(session, self.people[name].id):
                if point.channel == channel:
                    await opt_out(session, point.id, how, NOW)

    def id(self, name: str) -> str:
        return str(self.people[name].id)


@pytest.fixture
async def home(api: AsyncClient, database: Database) -> Home:
    """José and Ana share a phone; each has an email of their own. Nobody else is there."""
    team = await make_team(database, stocked=False)
    phone = f"+1202555{new_id(NOW).int % 10_000:04d}"
    people = {}
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        for name in ("José Lopez", "Ana Lopez"):
            mail = f"{name[:2].lower()}{new_id(NOW).hex[-6:]}@mail.example".replace("é", "e")
            people[name.split()[0]] = await make_client(
                session, team.therapist_id, name=name, phone=phone, email=mail, consent_wording={}
            )
    return Home(api, database, team, phone, people)


async def email(home: Home, name: str) -> str:
    async with home.database.clinic_tx(home.team.clinic_id, home.team.therapist) as session:
        points = await contact_points(session, home.people[name].id)
    return next(point.address for point in points if point.channel == "email")


async def test_two_people_with_one_phone_get_one_code_and_say_who_signs_in(home: Home) -> None:
    await home.ask(home.phone)
    [(kind, address, code)] = await home.sent()
    assert (kind, address) == ("shared_code", home.phone)
    unnamed = await home.check(home.phone, code)
    assert unnamed.status_code == 422
    assert [(e["pointer"], e["code"]) for e in unnamed.json()["errors"]] == [(SHARED, "shared")]
    assert (await home.check(home.phone, code, first_name="Maria")).status_code == 422
    # A right code that lacks a name uses up none of the five tries.
    for _ in range(6):
        await home.check(home.phone, code)
    signed_in = await home.check(home.phone, code, first_name=" jose ")
    assert (signed_in.status_code, signed_in.json()["person_id"]) == (200, home.id("José"))
    # It was one code: it is used up for both.
    assert (await home.check(home.phone, code, first_name="Ana")).status_code == 401


async def test_a_shared_phone_gets_no_link_that_would_open_one_persons_record(home: Home) -> None:
    await home.ask(home.phone)
    assert await home.rows("SELECT id FROM link") == []
    await home.ask(await email(home, "Ana"))
    assert len(await home.rows("SELECT id FROM link")) == 1


async def test_a_code_never_opens_the_record_of_the_other_person(home: Home, clock: Clock) -> None:
    """José has asked for a newer code at his own address, so the shared one is only Ana's by now."""
    await home.ask(home.phone)
    [(_, _, shared)] = await home.sent()
    clock.now = NOW + timedelta(minutes=1)
    await home.ask(await email(home, "José"))
    assert (await home.check(home.phone, shared)).json()["errors"][0]["pointer"] == SHARED
    assert (await home.check(home.phone, shared, first_name="José")).json()["errors"][0]["pointer"] == SHARED
    assert (await home.check(home.phone, shared, first_name="Ana")).json()["person_id"] == home.id("Ana")


async def test_names_are_told_apart_or_asked_for_again() -> None:
    first, second, third = (new_id(NOW) for _ in range(3))
    people = {first: "José Lopez", second: "Ana  Maria Cruz", third: "Ana Lopez"}
    assert named(people, "JOSE") == first
    assert named(people, "ana lopez") == third
    assert named(people, "Ana Maria Cruz") == second
    assert named(people, "Ana") is None
    assert named(people, "Lopez") is None
    assert named(people, "") is None


async def test_a_code_that_a_newer_one_replaced_says_so(home: Home, clock: Clock) -> None:
    address = await email(home, "Ana")
    await home.ask(address)
    clock.now = NOW + timedelta(minutes=1)
    await home.ask(address)
    (_, _, older), (_, _, newer) = await home.sent()
    answer = await home.check(address, older)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/code", "code": "replaced", "message": "We sent a newer code. Only the newest one works."}
    ]
    assert (await home.check(address, newer)).status_code == 200
    # Used up is used up: the older one does not come back to life.
    assert (await home.check(address, older)).status_code == 401


async def test_only_a_code_of_ours_is_told_that_it_was_replaced(home: Home, clock: Clock) -> None:
    """To a guess, to another person's code and to an address nobody has, the answer is one and the same."""
    address = await email(home, "Ana")
    await home.ask(address)
    clock.now = NOW + timedelta(minutes=1)
    await home.ask(address)
    await home.ask(await email(home, "José"))
    codes = {code for _, _, code in await home.sent()}
    guess = next(f"{n:06d}" for n in range(10) if f"{n:06d}" not in codes)
    older = (await home.sent())[0][2]
    answers = [
        await home.check(address, guess),
        await home.check(await email(home, "José"), older),
        await home.check("nobody@mail.example", older),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


async def test_after_five_wrong_tries_an_older_code_says_nothing_either(home: Home, clock: Clock) -> None:
    address = await email(home, "Ana")
    await home.ask(address)
    clock.now = NOW + timedelta(minutes=1)
    await home.ask(address)
    older = (await home.sent())[0][2]
    answers = [(await home.check(address, older)).status_code for _ in range(6)]
    assert answers == [422] * 5 + [401]


async def test_a_code_for_a_stopped_phone_goes_to_each_owners_email(home: Home) -> None:
    for name in ("José", "Ana"):
        await home.stop(name, "sms")
    await home.ask(home.phone)
    sent = {address: (kind, code) for kind, address, code in await home.sent()}
    assert set(sent) == {await email(home, "José"), await email(home, "Ana")}
    kind, code = sent[await email(home, "Ana")]
    assert kind == "sign_in_code"
    # The code in Ana's mailbox opens Ana's record alone, whatever name is typed.
    assert (await home.check(home.phone, code, first_name="José")).status_code == 422
    assert (await home.check(home.phone, code, first_name="Ana")).json()["person_id"] == home.id("Ana")


async def test_a_stopped_phone_without_an_email_gets_nothing_and_the_answer_does_not_tell(
    home: Home, database: Database
) -> None:
    async with database.clinic_tx(home.team.clinic_id, home.team.therapist) as session:
        only = f"+1202556{new_id(NOW).int % 10_000:04d}"
        home.people["Tom"] = await make_client(session, home.team.therapist_id, phone=only, email=None)
    await home.stop("Tom", "sms")
    stopped = await home.api.post("/v1/sign-in/code", json={"address": only})
    nobody = await home.api.post("/v1/sign-in/code", json={"address": "+12025579999"})
    assert (stopped.status_code, stopped.content) == (nobody.status_code, nobody.content) == (202, stopped.content)
    assert await home.sent() == []


async def test_codes_need_no_consent_to_reminders_and_go_only_where_the_clinic_wrote_them(home: Home) -> None:
    await home.ask(await email(home, "Ana"))
    await home.ask("ana.elsewhere@mail.example")
    assert [address for _, address, _ in await home.sent()] == [await email(home, "Ana")]
