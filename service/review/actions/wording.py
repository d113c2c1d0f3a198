"""A clinic's own words: for the texts of its reminders, within what keeps them working, and for what staff send."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.outbox.rules import MESSAGES, MessageKind
from service.outbox.rules.wording import EDITABLE, stored_of, wording_problem
from service.outbox.tables import OwnWording
from service.review.queries.ready import own_ready
from service.review.rules.ready import MOST_READY, moved, ready_problems
from service.review.tables import ReadyText
from service.words import translator


async def save_wording(session: ClinicSession, kind: MessageKind, locale: str, typed: str, now: datetime) -> None:
    """From the next reminder that is planned on. Our own words typed again end the clinic's."""
    if kind not in EDITABLE:
        raise NotFound
    usual = translator(locale).gettext(MESSAGES[kind].sms)
    if problem := wording_problem(kind, usual, typed, locale):
        raise Refused.one("/words", "wording", problem)
    words = stored_of(typed)
    if words == usual:
        await usual_again(session, kind, locale, now)
        return
    row = insert(OwnWording).values(
        clinic_id=session.clinic_id, kind=kind.value, locale=locale, words=words, saved_at=now
    )
    again = {"words": words, "saved_at": now}
    key = ["clinic_id", "kind", "locale"]
    await session.execute(row.on_conflict_do_update(index_elements=key, set_=again))
    record(session, now, "set", "own_wording", None, fields=[kind.value, locale])


async def usual_again(session: ClinicSession, kind: MessageKind, locale: str, now: datetime) -> None:
    await session.execute(
        delete(OwnWording).where(
            col(OwnWording.clinic_id) == session.clinic_id,
            col(OwnWording.kind) == kind.value,
            col(OwnWording.locale) == locale,
        )
    )
    record(session, now, "end", "own_wording", None, fields=[kind.value, locale])


async def add_ready(session: ClinicSession, text_id: UUID, words: Mapping[str, str], now: datetime) -> None:
    """The same id again is the same text. It comes last."""
    _refuse(words)
    if await session.get(ReadyText, (session.clinic_id, text_id)) is not None:
        return
    listed = await own_ready(session)
    if len(listed) >= MOST_READY:
        raise Refused.one("/words_en", "too_many", "There are 30 already. End one first.")
    position = max((row.position for row in listed), default=0) + 1
    kept = _kept(words)
    session.add(ReadyText(clinic_id=session.clinic_id, id=text_id, words=kept, position=position, created_at=now))
    await session.flush()
    record(session, now, "create", "ready_text", text_id)


async def change_ready(session: ClinicSession, text_id: UUID, words: Mapping[str, str], now: datetime) -> None:
    _refuse(words)
    row = await _row(session, text_id)
    row.words = _kept(words)
    record(session, now, "change", "ready_text", text_id)


async def move_ready(session: ClinicSession, text_id: UUID, by: int, now: datetime) -> None:
    rows = {str(row.id): row for row in await own_ready(session)}
    if str(text_id) not in rows:
        raise NotFound
    for position, one in enumerate(moved(list(rows), str(text_id), by), 1):
        rows[one].position = position
    record(session, now, "move", "ready_text", text_id)


async def end_ready(session: ClinicSession, text_id: UUID, now: datetime) -> None:
    (await _row(session, text_id)).ended_at = now
    record(session, now, "end", "ready_text", text_id)


async def _row(session: ClinicSession, text_id: UUID) -> ReadyText:
    row = await session.get(ReadyText, (session.clinic_id, text_id))
    if row is None or row.ended_at is not None:
        raise NotFound
    return row


def _refuse(words: Mapping[str, str]) -> None:
    if problems := ready_problems(words):
        raise Refused(problems)


def _kept(words: Mapping[str, str]) -> dict[str, str]:
    return {locale: said for locale, said in words.items() if said}
