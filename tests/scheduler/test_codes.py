"""A sign-in code on its way: it arrives with a link that does the same, and is forgotten once it left."""

import re

import pytest

from service.accounts.queries import contact_points
from service.accounts.queries.links import link_by_token
from service.accounts.sign_in import hashed, send_codes
from service.clock import utc_now
from service.database.tenancy import SYSTEM
from tests.far_ends import MailServer
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


async def test_a_code_arrives_with_a_link_and_is_forgotten(notifier_process: Notifier, mail: MailServer) -> None:
    client = await notifier_process.client()
    clinic_id = notifier_process.team.clinic_id
    async with notifier_process.database.clinic_tx(clinic_id, SYSTEM) as session:
        [point] = [p for p in await contact_points(session, client.id) if p.channel == "email"]
        await send_codes(session, point.address, "s" * 40, utc_now())
    code = (await notifier_process.message(client)).params["code"]
    await notifier_process.delivery.tick()
    words = mail.accepted[0][1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"Your sign-in code is {code}." in words
    [token] = re.findall(r"/r/(\w{22})", words)
    async with notifier_process.database.clinic_tx(clinic_id, SYSTEM) as session:
        link = await link_by_token(session, hashed(token))
    assert link is not None
    assert (link.purpose, link.client_id) == ("sign_in", client.id)
    assert (await notifier_process.message(client)).params == {}
    assert mail.accepted[0][1]["List-Unsubscribe"] is None
