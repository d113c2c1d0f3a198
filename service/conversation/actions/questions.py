"""Whoever has only texts is asked about warning signs by a link in a text, when the rules say so."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from service.accounts.codes import link_token
from service.accounts.queries import is_signed_in
from service.accounts.rules import QUESTIONS_LINK, LinkPurpose
from service.accounts.sign_in import NewLink, make_links
from service.conversation import queries
from service.conversation.actions.replies import Told
from service.database.tenancy import ClinicSession
from service.diary.rules.screening import ASKS_FOR, ON_EVENTS, Screen
from service.diary.tables import RedFlagScreen
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind
from service.progress.facts import questions_due

MOST_TEXTS: Final = 2
"""The first, and one that reminds of it: our own choice."""

APART: Final = timedelta(hours=20)
"""So that the second comes on another day: our own choice."""

AFTER_THE_ANSWER: Final = timedelta(minutes=1)
ANSWERED_WITHIN: Final = timedelta(hours=4)


async def ask_questions(session: ClinicSession, told: Told, secret_key: str, now: datetime) -> None:
    """After a text of theirs, since that is when somebody is there. Whoever signs in is asked by the page."""
    due, answers = await questions_due(session, told.client.id, told.day, now)
    if due is None or await is_signed_in(session, told.client.id, now):
        return
    if not await _may_ask(session, told.client.id, due, answers, now):
        return
    outgoing = Outgoing(
        client_id=told.client.id,
        contact_point_id=told.point.id,
        channel="sms",
        kind=MessageKind.QUESTIONS,
        dedupe_key=f"questions:{told.event_id}",
        due_at=now + AFTER_THE_ANSWER,
        expires_at=now + ANSWERED_WITHIN,
        priority=1,
    )
    queued = await enqueue(session, outgoing, now)
    if queued is not None:
        token = link_token(secret_key, "answer", queued)
        link = NewLink(
            told.client.id, LinkPurpose.QUESTIONS, token, now + QUESTIONS_LINK, contact_point_id=told.point.id
        )
        await make_links(session, [link], now)


async def _may_ask(
    session: ClinicSession, client_id: UUID, due: Screen, answers: Iterable[RedFlagScreen], now: datetime
) -> bool:
    """Twice until they answer; what happens to them meanwhile asks anew."""
    answered = max((screen.answered_at for screen in answers), default=None)
    since = now - ASKS_FOR if due.why in ON_EVENTS else answered
    asked = await queries.asked_by_text(session, client_id)
    asked = [at for at in asked if (since is None or at > since) and (answered is None or at > answered)]
    return not asked or (len(asked) < MOST_TEXTS and now - max(asked) >= APART)
