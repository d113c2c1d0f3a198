"""How an entry is kept: told twice it is one, and a correction keeps what stood before, who changed it and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.diary.queries import parts_of, revisions, said_at
from service.diary.rules import CLIENT_BACK_DAYS, STAFF_BACK_DAYS, Problem, day_problem, done_at_problem, local_day
from service.diary.tables import DiaryEntry, DiaryRevision
from service.errors import FieldProblem, NotFound, Refused
from service.ids import new_id

Kept = TypeVar("Kept", bound=DiaryEntry)

LATE = timedelta(seconds=30)
"""Told that much before what stands, and here only now, is older than it. Longer than a phone waits for an answer: what
it sends on its way takes no more, so that two taps in a row never change places."""


class Fresh(Enum):
    NEW = "new"
    CORRECTED = "corrected"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class When:
    """`day` None is the client's today. `id` is the phone's own id: telling the same thing twice is one entry."""

    day: date | None = None
    done_at: datetime | None = None
    written_at: datetime | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The columns of an entry, and its parts that live in rows of their own, as plain lists."""

    fields: Mapping[str, Any]
    parts: Mapping[str, list[Any]] = field(default_factory=dict)


def author_of(session: ClinicSession) -> str:
    """Who enters something, as far as it is known."""
    if session.actor.kind in ("staff", "helper"):
        return "therapist" if session.actor.kind == "staff" else "helper"
    return "text" if session.actor.channel == "text" else "client"


def today_of(client: Client, now: datetime) -> date:
    return local_day(now, ZoneInfo(client.zone))


def checked_day(session: ClinicSession, client: Client, when: When, now: datetime) -> date:
    """The local day of an entry; raises Refused for a day or a time in the future or too far back."""
    today = today_of(client, now)
    limit = STAFF_BACK_DAYS if session.actor.kind == "staff" else CLIENT_BACK_DAYS
    wrong_day = day_problem(when.day, today, limit) if when.day else None
    wrong_time = done_at_problem(when.done_at, now) if when.done_at else None
    problems = (("/day", wrong_day), ("/done_at", wrong_time))
    refuse([field_problem(pointer, problem) for pointer, problem in problems if problem])
    return when.day or today


def field_problem(pointer: str, problem: Problem) -> FieldProblem:
    return FieldProblem(pointer, problem.code, str(problem.message))


def refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise Refused(problems)


async def keep(
    session: ClinicSession,
    table: type[Kept],
    client: Client,
    when: When,
    told: Told,
    seq: int,
    now: datetime,
) -> tuple[Kept, Fresh]:
    """Writes a new entry, or corrects the one with this id, unless that was told later than this: what waited on a
    phone, or comes twice from there, never undoes a newer answer, and is kept beside it. Raises NotFound when it is
    somebody else's."""
    existing = await session.get(table, (session.clinic_id, when.id)) if when.id else None
    if existing is None:
        return _add(session, table, client, when, told, seq, now), Fresh.NEW
    if existing.client_id != client.id:
        raise NotFound
    parts = await parts_of(session, existing)
    # What was taken back is there again when it is told again.
    changed = ["deleted_at"] if existing.deleted_at is not None else []
    changed += [name for name, value in told.fields.items() if getattr(existing, name) != value]
    changed += [name for name, value in told.parts.items() if parts.get(name) != value]
    if not changed:
        return existing, Fresh.SAME
    if when.written_at and when.written_at + LATE < existing.written_at <= now:
        await _keep_beside(session, existing, parts, told, when.written_at, now)
        return existing, Fresh.SAME
    correct(session, existing, parts, told, changed, seq, now, when.written_at)
    return existing, Fresh.CORRECTED


def correct(
    session: ClinicSession,
    entry: DiaryEntry,
    parts: Mapping[str, list[Any]],
    told: Told,
    changed: list[str],
    seq: int,
    now: datetime,
    written_at: datetime | None = None,
) -> None:
    """Says something else from now on; what stood before is kept."""
    kind = str(entry.__tablename__)
    _add_revision(session, entry, entry.model_dump(mode="json") | dict(parts), now)
    stamps = {"revision": entry.revision + 1, "sync_seq": seq, "written_at": written_at or now}
    entry.sqlmodel_update({"deleted_at": None, **told.fields, **stamps})
    record(session, now, "correct", kind, entry.id, client_id=entry.client_id, fields=changed)


def _add_revision(
    session: ClinicSession, entry: DiaryEntry, body: dict[str, Any], now: datetime, late: int = 0
) -> None:
    session.add(
        DiaryRevision(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=entry.client_id,
            entry_kind=str(entry.__tablename__),
            entry_id=entry.id,
            revision=entry.revision,
            body=body,
            replaced_at=now,
            replaced_by=session.actor.id,
            channel=session.actor.channel,
            late=late,
        )
    )


async def _keep_beside(
    session: ClinicSession,
    entry: DiaryEntry,
    parts: Mapping[str, list[Any]],
    told: Told,
    written_at: datetime,
    now: datetime,
) -> None:
    """What the entry would have said if it had arrived in time; a second copy of it is not kept again."""
    kind = str(entry.__tablename__)
    said = {**entry.model_dump(), "deleted_at": None, **told.fields, "written_at": written_at}
    body = type(entry)(**said).model_dump(mode="json") | dict(parts) | dict(told.parts)
    known = await revisions(session, kind, entry.id)
    content = [*told.fields, *told.parts]
    if any(
        abs(said_at(one) - written_at) <= LATE and all(one.body[name] == body[name] for name in content)
        for one in known
    ):
        return
    late = 1 + sum(one.revision == entry.revision and one.late > 0 for one in known)
    _add_revision(session, entry, body, now, late)
    record(session, now, "late", kind, entry.id, client_id=entry.client_id, fields=content)


def _add(
    session: ClinicSession,
    table: type[Kept],
    client: Client,
    when: When,
    told: Told,
    seq: int,
    now: datetime,
) -> Kept:
    done_at = (when.done_at or now).astimezone(UTC)
    entry = table(
        clinic_id=session.clinic_id,
        id=when.id or new_id(now),
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        done_at=done_at,
        written_at=when.written_at or done_at,
        received_at=now,
        entered_by=author_of(session),
        channel=session.actor.channel,
        **told.fields,
    )
    session.add(entry)
    fields = [*told.fields, *told.parts]
    record(session, now, "create", str(table.__tablename__), entry.id, client_id=client.id, fields=fields)
    return entry
