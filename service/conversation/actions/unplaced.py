"""Texts that are nobody's for sure. They are kept for staff to read and never guessed; a phone that two people share
and that has two open questions is asked for a letter."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.accounts import queries as accounts
from service.audit.actions import record
from service.charts import clock_time
from service.conversation import queries
from service.conversation.actions.events import InboundText, store_text
from service.conversation.queries import Sender
from service.conversation.rules import WITHOUT_WORDS
from service.conversation.tables import UnplacedText
from service.conversation.words.marks import fold
from service.database.sealing import ready
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind

LETTER_WITHIN: Final = timedelta(hours=4)
LETTERS: Final = "ab"


async def keep(
    session: ClinicSession, told: InboundText, possible: list[Sender], now: datetime, *, is_danger: bool, ask: bool
) -> None:
    """For this clinic's staff. Told again it changes nothing, and asks nothing."""
    values = {
        "clinic_id": session.clinic_id,
        "id": new_id(now),
        "event_key": told.key,
        "received_at": now,
        "sent_from": told.sent_from,
        "body": told.body or WITHOUT_WORDS,
        "pictures": told.pictures,
        "reason": "two_people" if possible else "unknown_number",
        "is_danger": is_danger,
        "candidates": [],
    }
    sealed = await ready(session, UnplacedText, session.clinic_id, values)
    added: UUID | None = await session.scalar(
        insert(UnplacedText).values(sealed).on_conflict_do_nothing().returning(col(UnplacedText.id))
    )
    if added is None:
        return
    record(session, now, "create", "unplaced_text", added)
    if is_danger:
        record(session, now, "alert", "unplaced_text", added)
    if is_danger and possible:
        await _tell(session, possible[0], MessageKind.NOT_WATCHED, added, {}, now)
    elif ask:
        await _ask_once(session, added, possible, now)


async def _ask_once(session: ClinicSession, text_id: UUID, possible: list[Sender], now: datetime) -> None:
    # Two open questions have two letters; with fewer or more nothing is asked, and staff find out.
    row = await session.get_one(UnplacedText, (session.clinic_id, text_id))
    asked = sorted((s for s in possible if s.asked_at), key=lambda s: (s.asked_at or now, s.contact_point_id))
    waits = await queries.asked_about(session, row.sent_from, now - LETTER_WITHIN)
    if len(asked) == len(LETTERS) and waits is None:
        await _ask(session, row, asked, now)


async def _ask(session: ClinicSession, row: UnplacedText, asked: list[Sender], now: datetime) -> None:
    """By when each question came: the phone shows that, and it names nobody."""
    client = await accounts.client(session, asked[0].client_id)
    zone = ZoneInfo(client.zone)
    first, second = (clock_time(s.asked_at.astimezone(zone), client.locale) for s in asked if s.asked_at)
    if first == second:
        return
    row.candidates, row.asked_at = [s.contact_point_id for s in asked], now
    times = {"first": first.replace("\u202f", " "), "second": second.replace("\u202f", " ")}
    await _tell(session, asked[0], MessageKind.WHICH, row.id, times, now)


async def _tell(
    session: ClinicSession, to: Sender, kind: MessageKind, about: UUID, params: dict[str, str], now: datetime
) -> None:
    outgoing = Outgoing(
        client_id=to.client_id,
        contact_point_id=to.contact_point_id,
        channel="sms",
        kind=kind,
        dedupe_key=f"unplaced:{about}",
        due_at=now,
        expires_at=now + LETTER_WITHIN,
        params=params,
        priority=1,
    )
    await enqueue(session, outgoing, now)


async def place(
    session: ClinicSession, letter: InboundText, possible: list[Sender], now: datetime
) -> tuple[Sender, UUID] | None:
    """When this text is the letter that was asked for: who sent the text before it, and that text as an event."""
    said = fold(letter.body).strip(" .!")
    if len(said) != 1 or said not in LETTERS:
        return None
    row = await queries.asked_about(session, letter.sent_from, now - LETTER_WITHIN)
    if row is None or row.body is None:
        return None
    chosen = row.candidates[LETTERS.index(said)]
    sender = next((one for one in possible if one.contact_point_id == chosen), None)
    if sender is None:
        return None
    body = "" if row.body == WITHOUT_WORDS else row.body
    told = InboundText(row.event_key, row.sent_from, letter.sent_to, body, pictures=row.pictures)
    event_id = await store_text(session, sender, told, row.received_at, is_stop=False)
    row.placed_with, row.placed_by_key, row.body = sender.client_id, letter.key, None
    record(session, now, "place", "unplaced_text", row.id, client_id=sender.client_id)
    return sender, event_id


async def mark_seen(session: ClinicSession, text_id: UUID, now: datetime) -> None:
    row = await session.get(UnplacedText, (session.clinic_id, text_id))
    if row is None:
        raise NotFound
    if session.actor.kind != "staff":
        raise Refused.one("", "staff", "Only a member of staff marks a text.")
    row.seen_at, row.seen_by = row.seen_at or now, row.seen_by or session.actor.id
    record(session, now, "mark", "unplaced_text", row.id)
