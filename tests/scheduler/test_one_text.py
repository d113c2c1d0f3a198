"""The few texts and mails to people who are nobody's client: each goes out once, and its address is not kept."""

from uuid import UUID

import pytest
from sqlalchemy import text

from service.accounts.codes import link_token
from service.accounts.queries import client as find_client
from service.clock import utc_now
from service.database.tenancy import Actor
from service.ids import new_id
from service.intake.actions.helpers import NewHelper, end_helper, name_helper
from service.outbox.words import blocked_words, normalise, segments
from service.review.actions.helping import send_link
from service.review.actions.set_up import send_test
from service.review.queries.helping import sends_of
from service.review.rules.helping import HELPER_TEXT
from service.review.tables import DigestMail
from service.words import translator
from tests.far_ends import MailServer, SmsProvider
from tests.make import WORDING
from tests.scheduler.conftest import Notifier
from tests.scheduler.test_digests import digests

pytestmark = pytest.mark.anyio
PHONE = "+12025550188"
SECRET = "s" * 40


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_words_to_a_helper_fit_one_text_and_name_nobody(locale: str) -> None:
    link = f"https://go.clinic.example/r/{'x' * 22}"
    known = {"clinic": "Northside", "phone": "(202) 555-0100", "link": link}
    words = normalise(translator(locale).gettext(HELPER_TEXT) % known)
    assert (segments(words).parts, blocked_words(words)) == (1, ())


async def became(process: Notifier, mail_id: UUID | None) -> tuple[str, str | None, str]:
    async with process.owner.installation_tx() as connection:
        known = "SELECT state, reason, address FROM digest_mail WHERE id = :id"
        row = (await connection.execute(text(known), {"id": mail_id})).one()
        return row.state, row.reason, row.address


async def helper_of(process: Notifier, contact: str) -> tuple[UUID, UUID]:
    """A helper of somebody who reads Spanish, whose link is to be sent; the ids of the mail and of the helper."""
    client, now = await process.client(locale="es"), utc_now()
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        new = NewHelper(new_id(now), "Ana", "family", contact, WORDING)
        client = await find_client(session, client.id)
        await name_helper(session, client, new, SECRET, now)
        await send_link(session, client, new.id, WORDING, process.team.therapist_id, now)
        [mail] = await sends_of(session, client.id)
        # Nobody reads it there who has no key.
        assert contact not in mail.address
        return mail.id, new.id


async def test_a_test_comes_to_the_phone_as_a_text_once(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    process = notifier_process
    async with process.database.clinic_tx(
        process.team.clinic_id, Actor("staff", process.team.owner_id, "web")
    ) as session:
        await send_test(session, process.team.owner_id, utc_now(), "Northside: tap x", "(202) 555-0188")
        mail_id = await session.scalar(text("SELECT id FROM digest_mail WHERE channel = 'sms'"))
    assert await digests(process).tick() == 1
    assert await digests(process).tick() == 0
    [sent] = sms.requests
    assert (sent["To"], sent["Body"]) == (PHONE, "(Test) Northside: tap x")
    # There is no message of a client that a report could be about.
    assert "StatusCallback" not in sent
    assert mail.accepted == []
    assert await became(process, mail_id) == ("sent", None, "")


async def test_a_helper_gets_the_link_in_the_clients_language_and_nothing_once_it_ended(
    notifier_process: Notifier, sms: SmsProvider, mail: MailServer
) -> None:
    process = notifier_process
    texted, helper = await helper_of(process, PHONE)
    mailed, _ = await helper_of(process, "ana@mail.example")
    ended, over = await helper_of(process, "bo@mail.example")
    async with process.database.clinic_tx(process.team.clinic_id, process.team.therapist) as session:
        row = await session.get_one(DigestMail, (session.clinic_id, ended))
        client = await find_client(session, row.client_id or over)
        await end_helper(session, client, over, utc_now())
    spoiled, _ = await helper_of(process, "cy@mail.example")
    await process.shift("UPDATE digest_mail SET address = 'cy' WHERE id = :id", id=spoiled)
    await digests(process).tick()
    assert await became(process, spoiled) == ("failed", "render", "")
    [sent] = sms.requests
    assert sent["To"] == PHONE
    assert f"/r/{link_token(SECRET, 'helper', helper)}" in sent["Body"]
    assert "alguien que conoces te pide ayuda" in sent["Body"]
    [(sent_to, letter)] = mail.accepted
    body = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (sent_to, letter["Subject"]) == ("ana@mail.example", "Alguien que conoces te pide ayuda")
    assert "Escribimos solo una vez." in body
    assert "Maria" not in body + sent["Body"]
    assert await became(process, texted) == await became(process, mailed) == ("sent", None, "")
    assert await became(process, ended) == ("skipped", "not_wanted", "")
