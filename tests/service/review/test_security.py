"""Staff show who they are: by a passkey, by a code of an app or from paper, and once more before what is dangerous."""

import re
from base64 import b32decode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.accounts.codes import link_token
from service.accounts.rules.factors import app_code, secret_letters, step_of
from service.database.tenancy import Database
from service.review.rules.team import mailed_path
from service.settings import Settings
from tests.conftest import Clock
from tests.make import NOW, PASSWORD
from tests.service.review.authenticator import PRESENT, Passkey, options
from tests.service.review.browsing import COOKIE, World, look, send, token_in, value_of, words

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
SECRET = b"12345678901234567890"


async def rows(database: Database, world: World, statement: str) -> list[tuple[Any, ...]]:
    async with database.clinic_tx(world.team.clinic_id, world.team.therapist) as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def email_of(database: Database, world: World, name: str = "Sam") -> str:
    return str((await rows(database, world, f"SELECT email FROM staff WHERE name = '{name}'"))[0][0])


def secret_in(html: str) -> bytes:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', html)
    assert found
    return b32decode(found[1].replace(" ", ""))


def codes_in(html: str) -> list[str]:
    return re.findall(r"<li><code>([a-z0-9-]{19})</code>", html)


async def add_app(api: AsyncClient, world: World, clock: Clock, who: str = "therapist") -> tuple[bytes, list[str]]:
    """The secret, and the recovery codes that come with the first way of one's own."""
    page = (await look(api, world, "/security/app", who)).text
    secret = secret_in(page)
    form = {"secret": value_of(page, "secret"), "name": "My phone", "code": app_code(secret, step_of(clock.now))}
    answer = await api.post("/security/app", data={**form, "csrf": token_in(page)}, headers=world.headers[who])
    return secret, codes_in(answer.text)


async def add_passkey(api: AsyncClient, world: World, who: str = "therapist", name: str = "Laptop") -> Passkey:
    passkey = Passkey()
    asked = options((await look(api, world, "/security", who)).text, "create")
    form = {"name": name, "passkey": passkey.create(asked)}
    answer = await send(api, world, "/security/passkey", form, who, page="/security")
    assert answer.status_code in (200, 303), words(answer.text)
    return passkey


async def type_password(api: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await api.post("/staff/sign-in", data={"email": email, "password": password})


async def type_code(api: AsyncClient, code: str) -> Response:
    return await api.post("/staff/sign-in/second-step", data={"code": code})


async def use(api: AsyncClient, passkey: Passkey, page: str = "/staff/sign-in") -> Response:
    asked = options((await api.get(page)).text, "get")
    return await api.post("/staff/sign-in/passkey", data={"passkey": passkey.get(asked)})


async def test_a_password_opens_nothing_before_the_code_of_the_app(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, codes = await add_app(api, world, clock)
    assert len(set(codes)) == 10
    email = await email_of(database, world)
    first = await type_password(api, email)
    assert first.headers["location"] == "/staff/sign-in/second-step"
    half = api.cookies[COOKIE]
    for path in ("/caseload", "/security", f"/clients/{world.maria.id}"):
        assert (await api.get(path)).headers["location"] == "/staff/sign-in"
    assert (await api.get("/v1/caseload", headers={"Authorization": f"Bearer {half}"})).status_code == 401
    # The code that showed that the app works is used up; the one after it is good, before and after it is not.
    for code in (app_code(secret, step_of(NOW)), app_code(secret, step_of(NOW) + 5), "000000", "", "x" * 60):
        answer = await type_code(api, code)
        assert (answer.status_code, "does not match" in words(answer.text)) == (401, True)
    clock.now = NOW + MINUTE
    code = app_code(secret, step_of(clock.now))
    assert (await type_code(api, code)).headers["location"] == "/staff"
    assert api.cookies[COOKIE] != half
    assert (await api.get("/caseload")).status_code == 200
    # Each code once, and the token of the first step is gone.
    api.cookies.clear()
    api.cookies.set(COOKIE, half)
    assert (await type_code(api, code)).headers["location"] == "/staff/sign-in"
    api.cookies.clear()
    await type_password(api, email)
    assert (await type_code(api, code)).status_code == 401


async def test_a_clock_that_is_half_a_minute_wrong_still_signs_in(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, _ = await add_app(api, world, clock)
    email = await email_of(database, world)
    clock.now = NOW + 10 * MINUTE
    for apart, status in ((-2, 401), (-1, 303), (1, 303), (2, 401)):
        await type_password(api, email)
        assert (await type_code(api, app_code(secret, step_of(clock.now) + apart))).status_code == status, apart


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six of its eight digits."""
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037"), (20000000000, "353130")):
        assert app_code(SECRET, seconds // 30) == code


async def test_a_recovery_code_signs_in_once_however_it_is_typed(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    _, codes = await add_app(api, world, clock)
    email = await email_of(database, world)
    for code, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 401), (codes[1], 303)):
        await type_password(api, email)
        assert (await type_code(api, code)).status_code == status
    page = await look(api, world, "/security")
    assert "8 of 10 left." in words(page.text)
    assert not codes_in(page.text)
    # New ones take the place of the old ones, and only a hash of each is kept.
    fresh = codes_in((await send(api, world, "/security/codes", page="/security")).text)
    assert len(set(fresh) - set(codes)) == 10
    await type_password(api, email)
    assert (await type_code(api, codes[2])).status_code == 401
    assert (await type_code(api, fresh[2])).status_code == 303
    kept = str(await rows(database, world, "SELECT code_hash FROM recovery_code"))
    assert not any(code in kept for code in fresh)


async def test_a_passkey_alone_signs_in_and_says_whose_it_is(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    passkey = await add_passkey(api, world)
    clock.now = NOW + MINUTE
    assert (await use(api, passkey)).headers["location"] == "/staff"
    assert "Sam" in words((await api.get("/caseload")).text)
    [(kind, name, counter, used)] = await rows(
        database, world, "SELECT kind, name, counter, last_used_at FROM staff_factor"
    )
    assert (kind, name, counter, used) == ("passkey", "Laptop", 1, clock.now)
    # After a password it is the second step.
    await type_password(api, await email_of(database, world))
    assert (await use(api, passkey, "/staff/sign-in/second-step")).headers["location"] == "/staff"


async def test_what_no_passkey_of_ours_says_signs_nobody_in(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    passkey = await add_passkey(api, world)
    asked = options((await api.get("/staff/sign-in")).text, "get")
    good = passkey.get(asked)
    assert (await api.post("/staff/sign-in/passkey", data={"passkey": good})).status_code == 303
    api.cookies.clear()

    async def refused(said: str) -> bool:
        answer = await api.post("/staff/sign-in/passkey", data={"passkey": said})
        return answer.status_code == 401 and "set-cookie" not in answer.headers

    async def fresh() -> Any:
        return options((await api.get("/staff/sign-in")).text, "get")

    other, copied = Passkey(user=passkey.user, id=passkey.id), passkey.counter
    assert await refused(good), "answered twice"
    assert await refused(other.get(await fresh())), "another key"
    assert await refused(Passkey(user=passkey.user).get(await fresh())), "another name"
    for wrong in ({"origin": "https://evil.example"}, {"flags": PRESENT}, {"counter": copied - 1}):
        spoiled = Passkey(passkey.key, passkey.id, passkey.user, passkey.counter)
        for name, value in wrong.items():
            setattr(spoiled, name, value)
        assert await refused(spoiled.get(await fresh())), wrong
    made_up = await fresh() | {"challenge": "A" * 54}
    assert await refused(passkey.get(made_up)), "a challenge that is not ours"
    old = await fresh()
    clock.now = NOW + timedelta(hours=2)
    assert await refused(passkey.get(old)), "a page of two hours ago"
    for junk in ("", "{}", "[1]", '{"id": 1}', "x" * 5000, '{"response": {"clientDataJSON": "AAAA"}}'):
        assert await refused(junk)


async def test_ways_to_sign_in_are_listed_renamed_and_removed_but_the_last(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    await add_app(api, world, clock)
    passkey = await add_passkey(api, world)
    [(app,), (key,)] = await rows(database, world, "SELECT id FROM staff_factor ORDER BY kind")
    page = words((await look(api, world, "/security")).text)
    assert "My phone" in page
    assert "Laptop" in page
    answer = await send(api, world, f"/security/factors/{key}/name", {"name": " "}, page="/security")
    assert (answer.status_code, "Use 1 to 60 letters" in words(answer.text)) == (422, True)
    await send(api, world, f"/security/factors/{key}/name", {"name": "Desk"}, page="/security")
    assert "Desk" in words((await look(api, world, "/security")).text)
    # A colleague's is as good as none.
    for what in ("name", "remove"):
        foreign = await send(api, world, f"/security/factors/{key}/{what}", {"name": "x"}, "owner", page="/security")
        assert foreign.status_code == 404
    assert (await send(api, world, f"/security/factors/{key}/remove", page="/security")).status_code == 303
    assert (await use(api, passkey)).status_code == 401
    last = await send(api, world, f"/security/factors/{app}/remove", page="/security")
    assert (last.status_code, "This is the last one." in words(last.text)) == (422, True)


async def test_a_wrong_code_keeps_the_square_and_what_is_no_secret_is_not_taken(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    page = (await look(api, world, "/security/app")).text
    form = {"secret": value_of(page, "secret"), "name": "Old phone", "code": "12"}
    answer = await api.post("/security/app", data={**form, "csrf": token_in(page)}, headers=world.headers["therapist"])
    assert answer.status_code == 422
    assert secret_in(answer.text) == secret_in(page)
    assert value_of(answer.text, "name") == "Old phone"
    for secret in ("", "AAAA", "1" * 32, "A" * 40):
        spoiled = {**form, "secret": secret, "csrf": token_in(page)}
        again = await api.post("/security/app", data=spoiled, headers=world.headers["therapist"])
        assert again.headers["location"] == "/security/app"
    assert await rows(database, world, "SELECT count(*) FROM staff_factor") == [(0,)]


async def test_the_secret_of_an_app_stands_nowhere_in_clear(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, _ = await add_app(api, world, clock)
    [(kept,)] = await rows(database, world, "SELECT secret FROM staff_factor")
    assert secret not in bytes(kept)
    assert secret_letters(secret).encode() not in bytes(kept)


async def test_after_two_weeks_a_password_alone_opens_only_where_another_way_is_added(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    page = words((await look(api, world, "/caseload")).text)
    assert "Add a second way to sign in by" in page
    clock.now = NOW + timedelta(days=14, minutes=1)
    email = await email_of(database, world)
    assert (await type_password(api, email)).headers["location"] == "/staff"
    token = api.cookies[COOKIE]
    world.headers["therapist"] = {"Cookie": f"{COOKIE}={token}"}
    assert (await look(api, world, "/caseload")).headers["location"] == "/security"
    answer = await api.get("/v1/caseload", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:clamshell:problem:factor-needed")
    assert "A password alone is not enough here any more." in words((await look(api, world, "/security")).text)
    await add_app(api, world, clock)
    assert (await look(api, world, "/caseload")).status_code == 200


async def test_what_is_dangerous_asks_again_after_a_quarter_of_an_hour_and_keeps_what_was_typed(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    path, form = "/team", {"name": "Nina New", "email": f"{uuid4().hex}@clinic.example", "role": "therapist"}
    clock.now = NOW + 16 * MINUTE
    asked = await send(api, world, path, form, "owner")
    assert (asked.status_code, "Show that it is you" in words(asked.text)) == (403, True)
    assert [value_of(asked.text, name) for name in form] == list(form.values())
    assert await rows(database, world, "SELECT count(*) FROM staff WHERE name = 'Nina New'") == [(0,)]
    csrf = {"csrf": token_in(asked.text)}
    owner = world.headers["owner"]
    wrong = await api.post(path, data={**form, **csrf, "proof_password": "not it"}, headers=owner)
    assert (wrong.status_code, "This does not match." in words(wrong.text)) == (403, True)
    assert value_of(wrong.text, "email") == form["email"]
    right = await api.post(path, data={**form, **csrf, "proof_password": PASSWORD}, headers=owner)
    assert right.headers["location"] == "/team?done=invited"
    # For a quarter of an hour it is not asked again; a wrong proof did not count as one.
    clock.now += 14 * MINUTE
    assert (await send(api, world, path, form | {"email": "b" + form["email"]}, "owner")).status_code == 303


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/team", "/team"),
        ("/team/SAM/role", "/team/SAM"),
        ("/team/SAM/end", "/team/SAM"),
        ("/team/SAM/invite", "/team/SAM"),
        ("/team/SAM/factors", "/team/SAM"),
        ("/setup/live", "/setup"),
        ("/security/passkey", "/security"),
        ("/security/app", "/security/app"),
        ("/security/codes", "/security"),
        ("/security/factors/SAM/remove", "/security"),
        ("/tokens", "/tokens"),
        ("/tokens/SAM/revoke", "/tokens"),
    ],
)
async def test_all_that_is_dangerous_asks_again(
    api: AsyncClient, world: World, clock: Clock, path: str, page: str
) -> None:
    sam = str(world.team.therapist_id)
    clock.now = NOW + 16 * MINUTE
    asked = await send(api, world, path.replace("SAM", sam), {}, "owner", page=page.replace("SAM", sam))
    assert (asked.status_code, "Show that it is you" in words(asked.text)) == (403, True)


async def test_who_has_another_way_proves_it_by_that_and_not_by_a_password(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, codes = await add_app(api, world, clock, "owner")
    passkey = await add_passkey(api, world, "owner")
    others = await add_passkey(api, world, "therapist", "Sams")
    clock.now = NOW + 16 * MINUTE

    async def proved(by: Passkey | None = None, **proof: str) -> int:
        asked = await send(api, world, "/security/codes", {}, "owner", page="/security")
        assert asked.status_code == 403
        if by is not None:
            proof = {"proof_passkey": by.get(options(asked.text, "get"))}
        form = {"csrf": token_in(asked.text), **proof}
        return (await api.post("/security/codes", data=form, headers=world.headers["owner"])).status_code

    assert await proved(proof_password=PASSWORD) == 403
    assert await proved(others) == 403
    assert await proved(proof_code=app_code(secret, step_of(NOW))) == 403
    assert await proved(passkey) == 200
    clock.now += 16 * MINUTE
    assert await proved(proof_code=app_code(secret, step_of(clock.now))) == 200
    clock.now += 16 * MINUTE
    assert await proved(proof_code=codes[0]) == 403, "replaced by then"


async def mailed(database: Database, world: World, settings: Settings) -> str:
    statement = "SELECT id FROM digest_mail WHERE kind = 'sign_in' AND state = 'queued'"
    *_, (mail_id,) = await rows(database, world, statement)
    return mailed_path(world.team.clinic_id, link_token(settings.secret_key, "sign_in", mail_id))


async def test_a_link_by_email_takes_the_place_of_the_password_once_and_the_second_step_stays(
    api: AsyncClient, database: Database, world: World, settings: Settings, clock: Clock
) -> None:
    email = await email_of(database, world)
    answers = [await api.post("/staff/sign-in/by-mail", data={"email": one}) for one in (email, "x" + email)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text.replace("x" + email, email)
    path = await mailed(database, world, settings)
    assert await rows(database, world, "SELECT count(*) FROM digest_mail WHERE kind = 'sign_in'") == [(1,)]
    for _ in range(2):  # A mail server looks first.
        assert "Sign in as Sam?" in words((await api.get(path)).text)
    assert (await api.post(path)).headers["location"] == "/staff"
    api.cookies.clear()
    for answer in (await api.post(path), await api.get(path), await api.get(path + "x")):
        assert (answer.status_code, "Sam" in answer.text) == (410, False)
    secret, _ = await add_app(api, world, clock)
    clock.now = NOW + MINUTE
    await rows(database, world, "UPDATE digest_mail SET state = 'sent' WHERE kind = 'sign_in' RETURNING 1")
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    first = await mailed(database, world, settings)
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    path = await mailed(database, world, settings)
    assert (await api.get(first)).status_code == 410, "a newer one was sent"
    assert (await api.post(path)).headers["location"] == "/staff/sign-in/second-step"
    assert (await type_code(api, app_code(secret, step_of(clock.now)))).headers["location"] == "/staff"
    await rows(database, world, "UPDATE digest_mail SET state = 'sent' WHERE state = 'queued' RETURNING 1")
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    path = await mailed(database, world, settings)
    clock.now += 16 * MINUTE
    assert (await api.post(path)).status_code == 410


async def test_the_api_takes_the_second_step_too(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    secret, _ = await add_app(api, world, clock)
    body = {"email": await email_of(database, world), "password": PASSWORD}
    first = (await api.post("/v1/sign-in", json=body)).json()
    assert first["needs"] == "second_step"
    half = {"Authorization": f"Bearer {first['token']}"}
    wrong = await api.post("/v1/sign-in/second-step", json={"code": "000000"}, headers=half)
    assert (wrong.status_code, wrong.json()["type"]) == (401, "urn:clamshell:problem:sign-in-needed")
    clock.now = NOW + MINUTE
    code = {"code": app_code(secret, step_of(clock.now))}
    second = await api.post("/v1/sign-in/second-step", json=code, headers=half)
    assert second.status_code == 200
    full = {"Authorization": f"Bearer {second.json()['token']}"}
    assert (await api.get("/v1/caseload", headers=full)).status_code == 200
    assert "needs" not in second.json()


async def test_a_person_ends_their_sign_ins_and_nobody_elses(
    api: AsyncClient, database: Database, world: World
) -> None:
    await type_password(api, await email_of(database, world))
    elsewhere = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    api.cookies.clear()
    assert (await api.get("/caseload", headers=elsewhere)).status_code == 200
    [(olgas,)] = await rows(
        database,
        world,
        "SELECT s.id FROM sign_in_session s JOIN staff t ON t.id = s.staff_id WHERE t.name = 'Olga'",
    )
    assert (await send(api, world, f"/security/sessions/{olgas}", page="/security")).status_code == 404
    await send(api, world, "/security/sessions/others", page="/security")
    assert (await api.get("/caseload", headers=elsewhere)).status_code == 302
    assert (await look(api, world, "/caseload")).status_code == 200
    assert (await look(api, world, "/caseload", "owner")).status_code == 200


async def test_whoever_signs_in_anew_leaves_no_session_behind_in_the_browser(
    api: AsyncClient, database: Database, world: World
) -> None:
    email = await email_of(database, world)
    await type_password(api, email)
    former = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    assert (await type_password(api, email, "not the pass phrase")).status_code == 401
    assert (await api.get("/caseload")).status_code == 200
    await type_password(api, email)
    assert (await api.get("/caseload")).status_code == 200
    api.cookies.clear()
    assert (await api.get("/caseload", headers=former)).headers["location"] == "/staff/sign-in"


async def test_who_lost_phone_and_codes_is_let_back_in_by_an_owner(
    api: AsyncClient, database: Database, world: World, clock: Clock
) -> None:
    passkey, path = await add_passkey(api, world), f"/team/{world.team.therapist_id}"
    assert "Lost their phone" in words((await look(api, world, path, "owner")).text)
    answer = await send(api, world, f"{path}/factors", {}, "owner", page=path)
    assert answer.headers["location"] == "/team?done=reset"
    assert (await look(api, world, "/caseload")).headers["location"] == "/staff/sign-in"
    assert (await use(api, passkey)).status_code == 401
    clock.now = NOW + MINUTE
    assert (await type_password(api, await email_of(database, world))).headers["location"] == "/staff"
    world.headers["therapist"] = {"Cookie": f"{COOKIE}={api.cookies[COOKIE]}"}
    assert (await look(api, world, "/caseload")).headers["location"] == "/security"
    await add_app(api, world, clock)
    assert (await look(api, world, "/caseload")).status_code == 200


async def test_all_ends_with_the_work_and_what_the_person_gave_out(
    api: AsyncClient, database: Database, world: World, settings: Settings, clock: Clock
) -> None:
    sam, robin = world.team.therapist_id, world.team.other_therapist_id
    passkey = await add_passkey(api, world)
    email = await email_of(database, world)
    path = f"/team/{sam}"
    await send(api, world, f"{path}/role", {"role": "owner"}, "owner", page=path)
    await send(api, world, "/team", {"name": "Nina", "email": f"{uuid4().hex}@mail.example", "role": "owner"})
    await api.post("/staff/sign-in/by-mail", data={"email": email})
    await type_password(api, email)
    half = api.cookies[COOKIE]
    answer = await send(api, world, f"{path}/end", {"heir": str(robin)}, "owner", page=path)
    assert answer.headers["location"] == "/team?done=ended"
    opened = "SELECT count(*) FROM sign_in_session WHERE revoked_at IS NULL AND staff_id = "
    assert await rows(database, world, f"{opened}'{sam}'") == [(0,)]
    assert await rows(database, world, "SELECT count(*) FROM staff_factor WHERE removed_at IS NULL") == [(0,)]
    links = "SELECT count(*) FROM staff_invite WHERE used_at IS NULL AND revoked_at IS NULL"
    assert await rows(database, world, links) == [(0,)]
    waiting = "SELECT count(*) FROM digest_mail WHERE state = 'queued' AND kind IN ('invite', 'sign_in')"
    assert await rows(database, world, waiting) == [(0,)]
    assert (await look(api, world, "/caseload")).headers["location"] == "/staff/sign-in"
    assert (await use(api, passkey)).status_code == 401
    assert (await type_password(api, email)).status_code == 401
    api.cookies.set(COOKIE, half)
    assert (await api.get("/staff/sign-in/second-step")).headers["location"] == "/staff/sign-in"
