"""How staff sign in step by step, and add another way to: an app whose codes change, or a passkey."""

import re
from base64 import b32decode
from datetime import timedelta

from httpx import AsyncClient, Response

from service.accounts.rules.factors import app_code, step_of
from service.database.tenancy import Database
from tests.conftest import Clock
from tests.make import PASSWORD
from tests.service.review.authenticator import Passkey, options
from tests.service.review.browsing import World, look, rows, send, token_in, value_of, words

MINUTE = timedelta(minutes=1)


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
