"""What is told of a session afterwards: how it felt, and the morning after, once a day and tied to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.catalogue.rules import Effort
from service.database.tenancy import ClinicSession
from service.diary import queries
from service.diary.entries import Told, When, checked_day, field_problem, keep, refuse
from service.diary.rules import Outcome, Response, pain_score_problem
from service.diary.tables import ExerciseSession, MorningAfter
from service.errors import Refused

NIGHT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewMorning:
    response: Response
    score: int


async def record_morning(
    session: ClinicSession, client: Client, new: NewMorning, when: When, now: datetime
) -> MorningAfter:
    """A second answer of the same morning corrects the first. Raises Refused when there was no session the day before:
    the answer would be about another one, or about none."""
    day = checked_day(session, client, when, now)
    wrong_score = pain_score_problem(new.score)
    refuse([field_problem("/score", wrong_score)] if wrong_score else [])
    seq = await next_seq(session, client.id)
    before = await _session_before(session, client.id, day)
    if before is None:
        raise Refused.one("/day", "no_session", "Use the day after a session.")
    known = When(day, when.done_at, when.written_at, await _told_on(session, client.id, day))
    fields = {"day": day, "session_id": before.id, "response": new.response.value, "score": new.score}
    entry, _ = await keep(session, MorningAfter, client, known, Told(fields), seq, now)
    return entry


async def record_felt(
    session: ClinicSession, client: Client, told: ExerciseSession, felt: Mapping[str, int | Effort], now: datetime
) -> None:
    """`felt` holds pain `before`, `during` and `after`, and `effort`. What else was told of the session stays, under
    the version it was done with."""
    scores = {name: score for name, score in felt.items() if name != "effort"}
    wrong = [(name, pain_score_problem(score)) for name, score in scores.items()]
    refuse([field_problem(f"/{name}", problem) for name, problem in wrong if problem])
    columns = {name if name == "effort" else f"pain_{name}": value for name, value in felt.items()}
    seq = await next_seq(session, client.id)
    await keep(session, ExerciseSession, client, When(id=told.id), Told(columns), seq, now)


async def _session_before(session: ClinicSession, client_id: UUID, day: date) -> ExerciseSession | None:
    """The last one of the day before; a skipped day has no morning after."""
    listed = await queries.session_rows(session, client_id, day - NIGHT, day - NIGHT)
    done = [row for row in listed if row.outcome != Outcome.SKIPPED]
    return done[-1] if done else None


async def _told_on(session: ClinicSession, client_id: UUID, day: date) -> UUID | None:
    """One that was taken back too: there is one row for a day."""
    statement = select(col(MorningAfter.id)).where(
        col(MorningAfter.clinic_id) == session.clinic_id,
        col(MorningAfter.client_id) == client_id,
        col(MorningAfter.day) == day,
    )
    return (await session.execute(statement)).scalar_one_or_none()
