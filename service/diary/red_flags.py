"""Warning signs: what somebody answered when asked, the flag that a yes raises, and who cleared it with which note."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.diary.entries import author_of
from service.diary.queries import screens
from service.diary.rules.screening import FLAGS, WORDING, Urgency, Why, most_urgent
from service.diary.tables import RedFlag, RedFlagScreen, UrgencyAnswer
from service.errors import FieldProblem, IdTaken, NotFound, Refused
from service.ids import new_id

LONGEST_NOTE: Final = 2000
TOLD_MORE: Final = "They told us more since you opened this page. Read it, then clear it."


@dataclass(frozen=True, slots=True)
class Answers:
    """To the questions of this `wording`. What is in neither `yes` nor `no` was not asked, or not answered."""

    why: Why
    yes: Collection[str]
    no: Collection[str]
    wording: int = WORDING


async def answer_questions(
    session: ClinicSession, client: Client, screen_id: UUID, answers: Answers, now: datetime, source: str = "screen"
) -> RedFlagScreen:
    """Any yes raises a flag of this source. The same id again is the same answers; other answers under it are a
    IdTaken, since a yes is not taken back by whoever gave it."""
    if problems := _problems(answers):
        raise Refused(problems)
    seq = await next_seq(session, client.id)
    yes, no = sorted(set(answers.yes)), sorted(set(answers.no))
    known = await session.get(RedFlagScreen, (session.clinic_id, screen_id))
    if known is not None:
        if known.client_id != client.id:
            raise NotFound
        if (known.yes, known.no) != (yes, no):
            raise IdTaken
        return known
    tier = most_urgent(yes)
    screen = RedFlagScreen(
        clinic_id=session.clinic_id,
        id=screen_id,
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        why=answers.why.value,
        wording=answers.wording,
        yes=yes,
        no=no,
        told=tier.value if tier else None,
        answered_at=now,
        entered_by=author_of(session),
        channel=session.actor.channel,
    )
    session.add(screen)
    await session.flush()
    record(session, now, "alert" if yes else "create", "red_flag_screen", screen_id, client_id=client.id)
    if yes:
        await open_red_flag(session, client.id, source, now)
    return screen


def _problems(answers: Answers) -> list[FieldProblem]:
    if answers.wording != WORDING:
        return [FieldProblem("/wording", "stale", "The questions have changed. Please read them again.")]
    problems = [
        FieldProblem(f"/{name}/{index}", "unknown", "Use a question of the catalogue.")
        for name, codes in (("yes", answers.yes), ("no", answers.no))
        for index, code in enumerate(codes)
        if code not in FLAGS
    ]
    if not answers.yes and not answers.no:
        problems.append(FieldProblem("/no", "required", "Answer at least one question."))
    if set(answers.yes) & set(answers.no):
        problems.append(FieldProblem("/no", "contradiction", "Answer each question once."))
    return problems


async def answer_urgency(
    session: ClinicSession, client: Client, answer_id: UUID, answer: Urgency, now: datetime
) -> UrgencyAnswer:
    """The same id again is the same answer; another one under it is IdTaken."""
    seq = await next_seq(session, client.id)
    known = await session.get(UrgencyAnswer, (session.clinic_id, answer_id))
    if known is not None:
        if known.client_id != client.id:
            raise NotFound
        if known.answer != answer:
            raise IdTaken
        return known
    kept = UrgencyAnswer(
        clinic_id=session.clinic_id,
        id=answer_id,
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        answer=answer.value,
        answered_at=now,
        entered_by=author_of(session),
        channel=session.actor.channel,
    )
    session.add(kept)
    await session.flush()
    is_urgent = answer is Urgency.URGENT
    record(session, now, "alert" if is_urgent else "create", "urgency_answer", answer_id, client_id=client.id)
    return kept


async def open_red_flag(session: ClinicSession, client_id: UUID, source: str, now: datetime) -> None:
    """Stops reminders until staff close it; while one of this source is open, the same said again changes nothing."""
    seq = await next_seq(session, client_id)
    flag_id = new_id(now)
    row = {"clinic_id": session.clinic_id, "id": flag_id, "client_id": client_id, "sync_seq": seq}
    added = await session.execute(
        insert(RedFlag)
        .values(row | {"source": source, "opened_at": now, "created_at": now})
        .on_conflict_do_nothing(
            index_elements=["clinic_id", "client_id", "source"], index_where=text("closed_at IS NULL")
        )
        .returning(col(RedFlag.id))
    )
    if added.scalar() is not None:
        record(session, now, "open", "red_flag", flag_id, client_id=client_id)


async def close_red_flag(
    session: ClinicSession, client_id: UUID, flag_id: UUID, note: str, now: datetime, *, as_of: datetime | None = None
) -> RedFlag:
    """A clinician looked into it, and says in `note` what was found. What was answered after `as_of`, when they read
    it, nobody has looked into. Raises NotFound for a flag that is not this client's; closed twice is closed once,
    with the first note."""
    note = note.replace("\r\n", "\n").strip()
    if not note or len(note) > LONGEST_NOTE:
        raise Refused.one("/note", "note", "Write what you found, in at most 2000 characters.")
    seq = await next_seq(session, client_id)
    flag = await session.get(RedFlag, (session.clinic_id, flag_id), with_for_update=True)
    if flag is None or flag.client_id != client_id:
        raise NotFound
    if as_of and any(screen.yes and screen.answered_at > as_of for screen in await screens(session, client_id)):
        raise Refused.one("/as_of", "stale", TOLD_MORE)
    if flag.closed_at is None:
        flag.closed_at, flag.closed_by, flag.closed_note, flag.sync_seq = now, session.actor.id, note, seq
        record(session, now, "close", "red_flag", flag_id, client_id=client_id)
        await session.flush()
    return flag
