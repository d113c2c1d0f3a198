"""A new link in place of one that ran out or was used: the same way, to where the old one went."""

from datetime import date, datetime, timedelta
from typing import Final

from service.accounts.queries import client as find_client
from service.accounts.queries import contact_points
from service.accounts.rules import LinkPurpose
from service.accounts.sign_in import make_links, send_codes
from service.accounts.tables import Client, ContactPoint, Link
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.portal.queries import record_on
from service.progress.facts import warning_signs_of
from service.reminders.failures import links_in
from service.reminders.rules import PROMPTS

ANSWERED_WITHIN: Final = timedelta(hours=1)
"""Whoever asks is waiting for it: later it would puzzle."""

_KINDS: Final = {
    LinkPurpose.CHECK_IN: MessageKind.CHECK_IN,
    LinkPurpose.PLAN: MessageKind.PLAN,
    LinkPurpose.HABIT: MessageKind.HABIT,
    LinkPurpose.FIX: MessageKind.RECHECK,
}
"""What asks for an answer of a day: the new one is for today. What the others showed is behind a sign-in too."""


async def send_again(session: ClinicSession, link: Link, secret_key: str, now: datetime) -> None:
    """Nothing, when the address is not where the link went any more."""
    points = await contact_points(session, link.client_id)
    point = next((one for one in points if one.id == link.contact_point_id), None)
    if point is None or link.revoked_at is not None:
        return
    client = await find_client(session, link.client_id)
    kind = _KINDS.get(LinkPurpose(link.purpose))
    if kind is not None and await _asks_today(session, client, kind, now):
        await _ask(session, point, kind, today_of(client, now), secret_key, now)
    else:
        await send_codes(session, point.address, secret_key, now)


async def _asks_today(session: ClinicSession, client: Client, kind: MessageKind, now: datetime) -> bool:
    """While a warning sign is open nothing is asked of them, and what no plan asks has no answer."""
    record = await record_on(session, client, today_of(client, now))
    if (await warning_signs_of(session, client.id, record.diary, now)).open_flags:
        return False
    match kind:
        case MessageKind.PLAN:
            return bool(record.items_to_do)
        case MessageKind.HABIT:
            return bool(record.habits_today)
        case MessageKind.RECHECK:
            return bool(record.fixes_today)
        case _:
            return True


async def _ask(
    session: ClinicSession, point: ContactPoint, kind: MessageKind, day: date, secret_key: str, now: datetime
) -> None:
    message = Outgoing(
        client_id=point.client_id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=kind,
        dedupe_key=f"again:{new_id(now)}",
        due_at=now,
        expires_at=now + ANSWERED_WITHIN,
        prompt=PROMPTS.get(kind.value),
        day=day,
        priority=1,
        max_attempts=1,
    )
    message_id = await enqueue(session, message, now)
    if message_id is not None:
        await make_links(session, list(links_in(message, message_id, secret_key, now)), now)
