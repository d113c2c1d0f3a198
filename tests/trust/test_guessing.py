"""A stranger guesses at an account through two processes, from wherever they say they are; its owner still gets in."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from service.accounts.codes import link_token
from service.accounts.guards import DEVICE_COOKIE
from service.accounts.queries import clinics_with_address
from service.accounts.sign_in.guesses import GUESSES, device_mark
from service.app import create_app
from service.database.tenancy import SYSTEM, Across, Database
from service.review.rules.team import mailed_path
from service.settings import Settings
from tests.acceptance.processes import PLAIN, eventually, healthy
from tests.commands import start
from tests.conftest import Urls
from tests.far_ends import free_port
from tests.key import KEY
from tests.make import PASSWORD, make_team

pytestmark = pytest.mark.anyio
SECRET = "g" * 40
HERE = "http://localhost"
TRIES = 20
"""Of each kind. Twice as many as are looked at."""


@pytest.fixture(scope="module")
def sites(urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The one in a process of its own, the other in that of the tests: they share the database and nothing else."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": urls.app,
        "CLAMSHELL_SECRET_KEY": SECRET,
        "CLAMSHELL_DATA_KEY": KEY.text,
        # Both are behind one name.
        "CLAMSHELL_PUBLIC_URL": url,
    }
    log = tmp_path_factory.mktemp("site") / "log"
    running = start("service.cli", "serve", "--port", str(port), environ=environ, log=log)
    try:
        eventually("the pages answer", lambda: healthy(url), 60)
        yield [url, HERE]
    finally:
        running.terminate()
        running.wait(20)


async def email_of(database: Database) -> str:
    team = await make_team(database, stocked=False)
    async with database.clinic_tx(team.clinic_id, team.therapist) as session:
        return str(await session.scalar(text("SELECT email FROM staff WHERE name = 'Sam'")))


@pytest.fixture(scope="module")
async def client(sites: list[str], database: Database) -> AsyncIterator[AsyncClient]:
    """Keeps no cookies: nobody here is the same twice."""
    here = create_app(Settings(secret_key=SECRET, public_url=sites[0]), database)
    mounts = {HERE: ASGITransport(here)}  # type: ignore[arg-type]
    async with AsyncClient(cookies=Nothing(), mounts=mounts, **PLAIN) as made:
        yield made


class Nothing(CookieJar):
    def set_cookie(self, cookie: object) -> None:
        pass


async def typed(client: AsyncClient, url: str, email: str, password: str, *, mark: str = "", number: int = 0) -> int:
    """As from another address each time, for whoever believes it."""
    headers = {"X-Forwarded-For": f"198.51.100.{number}"} | ({"Cookie": f"{DEVICE_COOKIE}={mark}"} if mark else {})
    form = {"email": email, "password": password}
    return (await client.post(f"{url}/staff/sign-in", data=form, headers=headers)).status_code


async def test_twenty_passwords_a_day_are_looked_at_whoever_asks_and_the_owner_still_gets_in(
    sites: list[str], client: AsyncClient, database: Database
) -> None:
    email = await email_of(database)
    mark = device_mark(SECRET, email)
    guesses = [
        typed(
            client, sites[number % 2], email.upper() if number % 3 else email, f"guess number {number}", number=number
        )
        for number in range(TRIES)
    ]
    # A mark of somebody else's, or one that is made up, is none.
    guesses += [typed(client, sites[0], email, "guess", mark=one) for one in (device_mark(SECRET, "x"), mark[:-1])]
    answers = Counter(await asyncio.gather(*guesses))
    assert answers == {401: GUESSES, 429: TRIES + 2 - GUESSES}
    assert await typed(client, sites[0], email, PASSWORD) == 429
    # On a device that Sam used before, the password opens as always; so do ten wrong ones of Sam's own and no more.
    assert [await typed(client, url, email, PASSWORD, mark=mark) for url in sites * 2] == [303] * 4
    own = [typed(client, sites[number % 2], email, f"own {number}", mark=mark) for number in range(TRIES)]
    assert Counter(await asyncio.gather(*own)) == {401: GUESSES, 429: TRIES - GUESSES}
    assert 2 * GUESSES == 20


async def test_on_a_device_of_nobodys_the_link_by_email_opens_while_the_password_is_locked(
    sites: list[str], client: AsyncClient, database: Database
) -> None:
    email = await email_of(database)
    await asyncio.gather(*(typed(client, sites[number % 2], email, "wrong") for number in range(GUESSES)))
    assert await typed(client, sites[1], email, PASSWORD) == 429
    page = await client.post(f"{sites[0]}/staff/sign-in", data={"email": email, "password": PASSWORD})
    assert "Use a passkey, or let us email you a link." in page.text
    assert (await client.post(f"{sites[0]}/staff/sign-in/by-mail", data={"email": email})).status_code == 200
    path = await mailed(database, email)
    entered = await client.post(f"{sites[1]}{path}")
    assert (entered.status_code, entered.headers["location"]) == (303, "/staff")
    # From then on this device is known, and its password is looked at.
    cookies = SimpleCookie()
    for header in entered.headers.get_list("set-cookie"):
        cookies.load(header)
    assert await typed(client, sites[0], email, PASSWORD, mark=cookies[DEVICE_COOKIE].value) == 303


async def mailed(database: Database, email: str) -> str:
    """The path in the mail, as the notifier writes it."""
    async with database.across_clinics(Across.FIND_ADDRESS) as connection:
        [clinic_id] = await clinics_with_address(connection, email)
    statement = text("SELECT id FROM digest_mail WHERE kind = 'sign_in' AND address = :email")
    async with asyncio.timeout(20):
        while True:
            # It is queued once the answer is out.
            async with database.clinic_tx(clinic_id, SYSTEM) as session:
                mail_id = await session.scalar(statement, {"email": email})
            if mail_id:
                return mailed_path(clinic_id, link_token(SECRET, "sign_in", mail_id))
            await asyncio.sleep(0.05)
