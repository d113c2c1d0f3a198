"""Staff show once more that it is them before what is dangerous, and nothing typed is lost by it."""

from uuid import uuid4

import pytest
from httpx import AsyncClient

from service.accounts.rules.factors import app_code, step_of
from service.database.tenancy import Database
from tests.conftest import Clock
from tests.make import NOW, PASSWORD
from tests.service.review.authenticator import Passkey, options
from tests.service.review.browsing import World, rows, send, token_in, value_of, words
from tests.service.review.signing_in import MINUTE, add_app, add_passkey

pytestmark = pytest.mark.anyio


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
