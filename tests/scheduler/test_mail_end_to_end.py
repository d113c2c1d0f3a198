"""The mail that really arrived, and what a mailbox, its scanner and its stop button make of it."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from httpx import AsyncClient
from sqlalchemy import event

from scheduler import render
from service.accounts.queries import contact_points
from service.accounts.tables import Client
from service.clock import utc_now
from service.database.tenancy import SYSTEM, Database
from service.settings import Settings
from tests.conftest import serving
from tests.far_ends import MailServer
from tests.scheduler.conftest import Notifier

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pages(database: Database) -> AsyncIterator[AsyncClient]:
    """What a mail's links lead to."""
    async with serving(Settings(secret_key="s" * 40, public_url="http://127.0.0.1:9"), database, utc_now) as client:
        yield client


async def reminded(process: Notifier, mail: MailServer, **fields: object) -> tuple[Client, EmailMessage]:
    client = await process.client(**fields)
    await process.remind(client, "check_in", "email")
    await process.planner.tick()
    await process.delivery.tick()
    [(_, received)] = mail.accepted
    return client, received


async def closed(process: Notifier, client: Client) -> dict[str, str | None]:
    async with process.database.clinic_tx(process.team.clinic_id, SYSTEM) as session:
        return {p.channel: p.opted_out_how for p in await contact_points(session, client.id)}


def part(received: EmailMessage, kind: str) -> str:
    body = received.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


async def test_one_click_on_the_mail_that_arrived_ends_mail_and_a_scanner_ends_nothing(
    notifier_process: Notifier, mail: MailServer, pages: AsyncClient, database: Database
) -> None:
    client, received = await reminded(notifier_process, mail)
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [stop] = re.fullmatch(r"<(http[^>]+)>", received["List-Unsubscribe"]).groups()  # type: ignore[union-attr]
    written: list[str] = []

    def watch(connection: object, cursor: object, statement: str, *_: object) -> None:
        if re.match(r"\s*(insert|update|delete|with .*(insert|update|delete) )", statement, re.I | re.S):
            written.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", watch)
    links = {*re.findall(r"https?://[^\s\"<>]+", part(received, "plain") + part(received, "html")), stop}
    for link in sorted(links):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await pages.request(method, link, follow_redirects=True)
            assert answer.status_code < 500
    event.remove(engine, "before_cursor_execute", watch)
    assert written == []
    assert "<button" in (await pages.get(stop)).text
    assert await closed(notifier_process, client) == {"sms": None, "email": None}
    # As a mailbox provider does it: no cookie, no origin, no form of ours.
    for _ in range(2):
        answer = await pages.post(stop, content=b"List-Unsubscribe=One-Click",
                                  headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
        assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert await closed(notifier_process, client) == {"sms": None, "email": "link"}


async def test_a_mail_reads_without_pictures_without_html_and_in_the_persons_language(
    notifier_process: Notifier, mail: MailServer
) -> None:
    _, received = await reminded(notifier_process, mail, locale="es")
    html, plain = part(received, "html"), part(received, "plain")
    assert [p.get_content_type() for p in received.iter_parts()] == ["text/plain", "text/html"]
    assert 'lang="es"' in html
    assert not re.search(r"<img|background-image|url\(|<script|<link|@import", html)
    # Whatever the page says, the plain part says too, with addresses that can be tapped.
    for sentence in re.findall(r"<p[^>]*>([^<]+)</p>", html):
        assert sentence.strip() in plain or "10" in sentence
    assert {urlsplit(link).path for link in re.findall(r'href="([^"]+)"', html)} == {
        urlsplit(link).path for link in re.findall(r"https?://\S+", plain)
    }


async def test_a_mailbox_that_is_gone_is_written_to_once(notifier_process: Notifier, mail: MailServer) -> None:
    mail.recipients.append("550 5.1.1 no such user")
    client = await notifier_process.client()
    await notifier_process.remind(client, "check_in", "email")
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    assert mail.accepted == []
    assert await notifier_process.ledger(client) == [("failed", "invalid_address")]
    async with notifier_process.database.clinic_tx(notifier_process.team.clinic_id, SYSTEM) as session:
        codes = {point.channel: point.invalid_code for point in await contact_points(session, client.id)}
    assert codes == {"sms": None, "email": "5.1.1"}
    await notifier_process.remind(client, "habit", "email")
    await notifier_process.planner.tick()
    await notifier_process.delivery.tick()
    assert await notifier_process.ledger(client) == [("failed", "invalid_address")] * 2
    assert mail.accepted == []


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines reckon it; 4.5 is enough for text."""

    def light(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


TEMPLATE = Path(render.__file__).parent / "templates" / "email.html"
ON = {
    # By day and by night: the page and its sheet, and what is written on them; the button, and what is written on it.
    "#ffffff": ("#1f2d33", "#51636a", "#0f5c63"),
    "#0f5c63": ("#ffffff",),
    "#1c282b": ("#f1efe9", "#bccacd", "#8ad6dc"),
    "#8ad6dc": ("#0b2629",),
}
PAGES = {"#f4f1ea", "#10191b"}


def test_a_mail_can_be_read_on_a_narrow_screen_by_day_and_by_night() -> None:
    html = TEMPLATE.read_text()
    assert min(map(int, re.findall(r"font-size: (\d+)px", html))) >= 16
    # Nothing has a width of its own that a screen of 320 px, less the margins, would not hold.
    assert max(map(int, re.findall(r"(?<!max-)width: (\d+)px", html))) <= 280
    # One line of 18 px and its padding: at least 48 px to tap on.
    padding = int(re.search(r"\.button a {[^}]*padding: (\d+)px", html).group(1))  # type: ignore[union-attr]
    assert 2 * padding + 18 * 1.5 >= 48
    assert set(re.findall(r"#[0-9a-f]{6}", html)) == {*ON, *PAGES, *(ink for inks in ON.values() for ink in inks)}
    for paper, inks in ON.items():
        for ink in inks:
            assert contrast(paper, ink) >= 4.5, (paper, ink)
