"""A stored text goes into its sender's record, into the thread, and gets one answer."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from service.accounts import queries as people
from service.accounts.actions import next_seq
from service.accounts.codes import link_token
from service.accounts.rules import QUICK_LINK, LinkPurpose
from service.accounts.sign_in import NewLink, make_links
from service.accounts.tables import ContactPoint
from service.audit.actions import record
from service.conversation import queries, rules
from service.conversation.actions.events import STOP_HEARD
from service.conversation.actions.questions import ask_questions
from service.conversation.actions.replies import NOTED, Taken, Told
from service.conversation.actions.wishes import take
from service.conversation.grammar import read_reply
from service.conversation.tables import ProviderEvent, ThreadMessage
from service.database.tenancy import ClinicSession
from service.diary.entries import today_of
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MESSAGES, MessageKind

ANSWER_WITHIN: Final = timedelta(hours=4)

# A text gets one answer: the first of these that any part of it calls for.
_FIRST: Final = (
    MessageKind.STOPPED,
    MessageKind.NOT_WATCHED,
    MessageKind.HIGH_ACK,
    MessageKind.PICTURE_ACK,
    MessageKind.OUT_OF_RANGE,
    MessageKind.ROUNDED_ACK,
    MessageKind.CHECK_IN_ACK,
    MessageKind.PLAN_ACK,
    MessageKind.WEEK_ACK,
    MessageKind.WEEK_WHICH,
    MessageKind.WEEK_UNCLEAR,
    MessageKind.SKIP_ACK,
    MessageKind.UNDO_ACK,
    MessageKind.NOTHING_TO_UNDO,
    MessageKind.LATER_ACK,
    MessageKind.TOO_LATE_ACK,
    MessageKind.PAUSE_ACK,
    MessageKind.BACK_ACK,
    MessageKind.DAILY_ACK,
    MessageKind.TIME_ACK,
    MessageKind.TIME_RANGE_ACK,
    MessageKind.EASY_ACK,
    MessageKind.HOW_ACK,
    MessageKind.FORGOT_ACK,
    MessageKind.HELP,
    MessageKind.STARTED,
    MessageKind.NOTE_ACK,
    MessageKind.UNCLEAR,
)
_ONCE_A_DAY: Final = (MessageKind.UNCLEAR, MessageKind.OUT_OF_RANGE)


async def act_on_text(session: ClinicSession, client_id: UUID, event_id: UUID, secret_key: str, now: datetime) -> None:
    """Takes a stored text into its sender's record and queues the answer; the second time does nothing."""
    await _act(session, client_id, event_id, secret_key, now, only_keep=False)


async def keep_as_note(session: ClinicSession, client_id: UUID, event_id: UUID, secret_key: str, now: datetime) -> None:
    """For a text that could not be acted on: nothing goes into the diary, and the therapist reads it as it came."""
    await _act(session, client_id, event_id, secret_key, now, only_keep=True)


async def _act(
    session: ClinicSession, client_id: UUID, event_id: UUID, secret_key: str, now: datetime, *, only_keep: bool
) -> None:
    # Before any row is read: what another device writes into this diary meanwhile is seen whole.
    await next_seq(session, client_id)
    event = await queries.waiting_text(session, event_id)
    if event is None:
        return
    told = await _told(session, event)
    readings = _readings(event, told)
    if only_keep:
        readings = tuple(reading for reading in readings if isinstance(reading, rules.Stop | rules.Danger))
    reachable = told.point.opted_out_at is None or told.ended_texts
    taken = [part for reading in readings for part in await take(session, told, reading)]
    taken += [NOTED] if only_keep else []
    taken += [Taken("picture", MessageKind.PICTURE_ACK)] if event.pictures else []
    await _keep_in_thread(session, told, event.body or rules.WITHOUT_WORDS, _codes(taken), now)
    if event.code is None and (reachable or told.point.opted_out_at is None):
        await _answer(session, told, taken, secret_key, now)
    if event.code is None and told.point.opted_out_at is None:
        await ask_questions(session, told, secret_key, now)
    event.acted_at, event.body = now, None


def _readings(event: ProviderEvent, told: Told) -> rules.Readings:
    silent = event.pictures and not event.body
    readings = () if silent else read_reply(event.body or "", asked=told.asked, locale=told.client.locale)
    stop = told.stop_heard or event.code == "STOP"
    return (rules.Stop(), *readings) if stop and rules.Stop() not in readings else readings


async def _told(session: ClinicSession, event: ProviderEvent) -> Told:
    # Locked: two texts of one phone are acted on one after the other.
    point = await session.get_one(ContactPoint, (session.clinic_id, event.contact_point_id), with_for_update=True)
    client = await people.client(session, point.client_id)
    asked, _ = await queries.open_question(session, point, event.received_at)
    day, stop_heard = today_of(client, event.received_at), event.state == STOP_HEARD
    return Told(client, point, event.id, event.received_at, day, asked, stop_heard)


def _codes(taken: list[Taken]) -> str:
    """Danger stands alone, so that whoever looks for it cannot miss it; but that a picture came is said of it too."""
    codes = list(dict.fromkeys(part.code for part in taken))
    return " ".join(code for code in codes if code in ("danger", "picture") or "danger" not in codes)


async def _keep_in_thread(session: ClinicSession, told: Told, body: str, reading: str, now: datetime) -> None:
    message_id = new_id(now)
    session.add(
        ThreadMessage(
            clinic_id=session.clinic_id,
            id=message_id,
            client_id=told.client.id,
            sync_seq=await next_seq(session, told.client.id),
            created_at=now,
            direction="in",
            channel="text",
            body=body,
            reading=reading,
            provider_event_id=told.event_id,
            sent_at=told.at,
        )
    )
    record(session, now, "create", "thread_message", message_id, client_id=told.client.id)
    if "danger" in reading.split():
        record(session, now, "alert", "thread_message", message_id, client_id=told.client.id)


async def _answer(session: ClinicSession, told: Told, taken: list[Taken], secret_key: str, now: datetime) -> None:
    """One text back, whatever the text said."""
    wanted = {part.answer: part for part in taken if part.answer is not None}
    kind = next((kind for kind in _FIRST if kind in wanted), None)
    if kind is None:
        return
    queued = await _queue(session, told, kind, wanted[kind].params, now, once_a_day=kind in _ONCE_A_DAY)
    if queued is not None and MESSAGES[kind].button is not None:
        await _link_to_plan(session, told, link_token(secret_key, "answer", queued), now)
    if queued is None and kind is MessageKind.UNCLEAR:
        # "Hola" had the day's explanation; whoever then writes what matters still hears that somebody reads it.
        await _queue(session, told, MessageKind.NOTE_ACK, {}, now, once_a_day=True)


async def _queue(
    session: ClinicSession, told: Told, kind: MessageKind, params: dict[str, Any], now: datetime, *, once_a_day: bool
) -> UUID | None:
    """None when it went today already."""
    once = f"{kind.value}:{told.point.id}:{told.day.isoformat()}"
    outgoing = Outgoing(
        client_id=told.client.id,
        contact_point_id=told.point.id,
        channel="sms",
        kind=kind,
        dedupe_key=once if once_a_day else f"answer:{told.event_id}",
        due_at=now,
        expires_at=now + ANSWER_WITHIN,
        params=params,
        priority=1,
    )
    return await enqueue(session, outgoing, now)


async def _link_to_plan(session: ClinicSession, told: Told, token: str, now: datetime) -> None:
    """It shows nothing before somebody signs in."""
    link = NewLink(told.client.id, LinkPurpose.LOOK, token, now + QUICK_LINK, contact_point_id=told.point.id)
    await make_links(session, [link], now)
