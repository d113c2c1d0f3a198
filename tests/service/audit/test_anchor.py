"""Once a day a mail says where a clinic's trail ends, and what it says is checked later by the command."""

import asyncio
import re
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from scheduler.chaining import Chaining
from scheduler.letters import Marked, parcel_of
from service.audit.actions import record
from service.cli_audit import run, verify
from service.cli_options import parser
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.digest_rounds import write_anchors
from service.errors import WrongSettings
from service.settings import Settings
from tests.conftest import Urls
from tests.make import make_team
from tests.own_database import notifier as notifier
from tests.own_database import urls as urls

pytestmark = pytest.mark.anyio

SECRET = "s" * 40


async def _mails(owner: Database, clinic_id: UUID) -> list[Marked]:
    async with owner.installation_tx() as connection:
        rows = await connection.execute(
            text(
                "SELECT m.id, m.kind, m.client_id, m.day, m.about, m.lease_token, m.expires_at, m.soft_fails,"
                " m.address, c.locale, c.short_name, c.mail_from"
                " FROM digest_mail m JOIN clinic c ON c.clinic_id = m.clinic_id"
                " WHERE m.clinic_id = :clinic_id ORDER BY m.created_at"
            ),
            {"clinic_id": clinic_id},
        )
        return [Marked(**row._mapping) for row in rows]


async def test_a_day_that_had_something_ends_with_one_mail_whose_command_finds_what_was_cut(
    urls: Urls, notifier: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(secret_key=SECRET, public_url="http://127.0.0.1:9", database_url=urls.app)
    app, owner = Database(urls.app, audit_key=settings.audit_key), Database(urls.owner)
    team, now = await make_team(app, stocked=False, now=utc_now()), utc_now()
    await Chaining(notifier, settings.audit_key).tick()
    write = partial(write_anchors, app, send_to="")
    # The first day is not over yet; then it is, and two processes see it; the next one had nothing.
    assert await write(now) == 0
    tomorrow = now + timedelta(days=1, minutes=1)
    assert sorted(await asyncio.gather(write(tomorrow), write(tomorrow))) == [0, 1]
    assert await write(tomorrow + timedelta(days=2)) == 0
    [mail] = await _mails(owner, team.clinic_id)
    assert mail.address.startswith("olga")
    letter = parcel_of(mail, team.clinic_id, settings, 0)
    assert letter.subject == "Proof of what was done and seen"
    found = re.search(r"clamshell audit verify --clinic (\S+) --anchor (\S+)\n", letter.text)
    assert found
    assert found[2].endswith(f":{mail.about['number']}")

    options = parser().parse_args(["audit", "verify", "--clinic", found[1], "--anchor", found[2]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", urls.app)
        patch.setenv("CLAMSHELL_SECRET_KEY", SECRET)
        assert await asyncio.to_thread(run, options) == 0
        assert f"ok      clinic {team.clinic_id}: all {mail.about['number']} rows" in capsys.readouterr().out
        async with owner.installation_tx() as connection:
            await connection.execute(text("DELETE FROM audit_entry"))
            await connection.execute(text("DELETE FROM audit_head"))
        assert await asyncio.to_thread(run, options) == 1
        assert f"the end was cut off: the anchor knows {mail.about['number']} rows" in capsys.readouterr().out
    await app.close()
    await owner.close()


async def test_one_address_may_hear_of_every_clinic_instead_of_the_owners(urls: Urls, notifier: Database) -> None:
    settings = Settings(secret_key=SECRET, public_url="http://127.0.0.1:9", database_url=urls.app)
    app, owner = Database(urls.app, audit_key=settings.audit_key), Database(urls.owner)
    team, now = await make_team(app, stocked=False, now=utc_now()), utc_now()
    await Chaining(notifier, settings.audit_key).tick()
    await write_anchors(app, now + timedelta(days=1, minutes=1), "trail@insurer.example")
    assert [mail.address for mail in await _mails(owner, team.clinic_id)] == ["trail@insurer.example"]
    await app.close()
    await owner.close()


async def test_the_command_names_the_row_and_what_was_done_to_it(
    urls: Urls, notifier: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(secret_key=SECRET, public_url="http://127.0.0.1:9", database_url=urls.app)
    app, owner = Database(urls.app, audit_key=settings.audit_key), Database(urls.owner)
    team = await make_team(app, stocked=False, now=utc_now())
    async with app.clinic_tx(team.clinic_id, SYSTEM) as session:
        record(session, utc_now(), "read", "caseload", None)
    await Chaining(notifier, settings.audit_key).tick()
    change = "UPDATE audit_entry SET action = 'print' WHERE clinic_id = :c AND action = 'read' RETURNING number"
    async with owner.installation_tx() as connection:
        number = await connection.scalar(text(change), {"c": team.clinic_id})
    assert await verify(settings, team.clinic_id, None) == 1
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith(f"WRONG   clinic {team.clinic_id}: row {number} was edited: it does not say")
    assert "system, by scheduler: print caseload (row id " in second
    assert third == f"        rows 1 to {number - 1} are as they were written"
    with pytest.raises(WrongSettings, match="there is no clinic"):
        await verify(settings, UUID(int=1), None)
    await app.close()
    await owner.close()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--anchor", "00"], "needs --clinic"),
        (["--clinic", str(UUID(int=1)), "--anchor", "00:5"], "--anchor must be the 64"),
        (["--clinic", "Northside"], "--clinic must be the id"),
    ],
)
def test_words_that_cannot_be_right_are_named(words: list[str], why: str) -> None:
    with pytest.raises(WrongSettings, match=why):
        run(parser().parse_args(["audit", "verify", *words]))
