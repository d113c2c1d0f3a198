"""Keeps what is known of a person. An intake is never changed: what is told otherwise is a new version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from service.accounts.actions import next_seq
from service.accounts.tables import Client
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.diary import red_flags
from service.diary.entries import author_of, field_problem, refuse, today_of
from service.diary.rules import STAFF_BACK_DAYS, Problem, day_problem
from service.diary.rules.screening import FLAGS, Why
from service.errors import IdTaken, NotFound, Stale
from service.ids import new_id
from service.intake import queries, rules
from service.intake.queries import Version
from service.intake.rules import Answers
from service.intake.tables import ClientGoal, Intake, Treatment, Visit


@dataclass(frozen=True, slots=True)
class NewTreatment:
    """`minutes` is how long it took."""

    kind: str
    day: date | None = None
    site: str | None = None
    side: str | None = None
    minutes: int | None = None
    note: str | None = None


async def keep_intake(
    session: ClinicSession,
    client: Client,
    intake_id: UUID,
    told: Answers,
    now: datetime,
    *,
    based_on: int | None = None,
) -> Version:
    """A new version, unless nothing is told otherwise than in the newest. What was ticked
    about warning signs, or not, is an answer to all those questions.

    `based_on` is the version that was on screen (0: none). Raises Refused by field, Stale when there is a newer
    version, IdTaken when this id says something else already, NotFound when it is somebody else's.
    """
    told = rules.settled(told)
    _refuse(rules.problems(told))
    seq = await next_seq(session, client.id)
    known = await session.get(Intake, (session.clinic_id, intake_id))
    if known is not None:
        return await _told_again(session, client, known, told)
    newest = await queries.newest(session, client.id)
    if based_on is not None and based_on != (newest.row.version if newest else 0):
        raise Stale
    if told.red_flags is not None:
        await _screen(session, client, intake_id, told.red_flags, now)
    if newest is not None and not rules.changed(told, newest.answers):
        return newest
    row = _add(session, client, intake_id, told, (newest.row.version if newest else 0) + 1, seq, now)
    names = rules.changed(told, newest.answers if newest else Answers())
    record(session, now, "create", "intake", row.id, client_id=client.id, fields=names)
    await session.flush()
    return Version(row, told)


async def _screen(session: ClinicSession, client: Client, intake_id: UUID, yes: Sequence[str], now: datetime) -> None:
    """An intake asks every question about warning signs: what was not ticked is no. It has the life of any answer to
    them."""
    answers = red_flags.Answers(Why.FULL, yes, [code for code in FLAGS if code not in yes])
    await red_flags.answer_questions(session, client, intake_id, answers, now, "intake")


async def _told_again(session: ClinicSession, client: Client, known: Intake, told: Answers) -> Version:
    if known.client_id != client.id:
        raise NotFound
    version = await queries.version_of(session, known)
    if rules.changed(told, version.answers):
        raise IdTaken
    return version


def _add(
    session: ClinicSession, client: Client, intake_id: UUID, told: Answers, version: int, seq: int, now: datetime
) -> Intake:
    row = Intake(
        clinic_id=session.clinic_id,
        id=intake_id,
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        version=version,
        day=today_of(client, now),
        entered_by=author_of(session),
        channel=session.actor.channel,
        sites=[list(pair) for pair in told.sites],
        radiates=told.radiates,
        qualities=list(told.qualities),
        timing=list(told.timing),
        aggravators=list(told.aggravators),
        onset=told.onset,
        previous_care=told.previous_care,
        habits=dict(told.habits),
        red_flags=list(told.red_flags or ()),
    )
    session.add(row)
    session.add_all(
        ClientGoal(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=client.id,
            sync_seq=seq,
            created_at=now,
            intake_id=intake_id,
            intake=row,
            position=position,
            words=goal.words,
            now_score=goal.now,
            wanted_score=goal.wanted,
        )
        for position, goal in enumerate(told.goals)
    )
    return row


async def note_visit(
    session: ClinicSession, client: Client, staff_id: UUID, day: date, note: str | None, now: datetime
) -> Visit:
    """One visit a local day. The same again changes nothing; another note ends the row and begins another."""
    note = (note or "").strip() or None
    _refuse([*_day_problems(client, day, now), *rules.note_problems(note)])
    seq = await next_seq(session, client.id)
    known = await queries.visit_on(session, client.id, day)
    if known is not None and known.note == note:
        return known
    if known is not None:
        known.deleted_at, known.sync_seq = now, seq
        # One row a day: the place is free only once this one has ended.
        await session.flush()
    visit = Visit(
        clinic_id=session.clinic_id,
        id=new_id(now),
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        day=day,
        staff_id=staff_id,
        note=note,
    )
    session.add(visit)
    record(session, now, "correct" if known else "create", "visit", visit.id, client_id=client.id)
    await session.flush()
    return visit


async def note_treatment(
    session: ClinicSession, client: Client, staff_id: UUID, treatment_id: UUID, new: NewTreatment, now: datetime
) -> Treatment:
    """The same id again is the same treatment; one that was taken back, or says something else, is IdTaken."""
    note = (new.note or "").strip() or None
    day = new.day or today_of(client, now)
    wrong = rules.treatment_problems(new.kind, new.site, new.side, new.minutes, note)
    _refuse([*_day_problems(client, day, now), *wrong])
    seq = await next_seq(session, client.id)
    fields: dict[str, Any] = {
        "kind": new.kind,
        "site": new.site,
        "side": new.side,
        "minutes": new.minutes,
        "note": note,
        "day": day,
    }
    known = await session.get(Treatment, (session.clinic_id, treatment_id))
    if known is not None:
        return _same_treatment(client, known, fields)
    treatment = Treatment(
        clinic_id=session.clinic_id,
        id=treatment_id,
        client_id=client.id,
        sync_seq=seq,
        created_at=now,
        staff_id=staff_id,
        **fields,
    )
    session.add(treatment)
    record(session, now, "create", "treatment", treatment_id, client_id=client.id)
    await session.flush()
    return treatment


def _same_treatment(client: Client, known: Treatment, fields: dict[str, Any]) -> Treatment:
    if known.client_id != client.id:
        raise NotFound
    if known.deleted_at is not None or any(getattr(known, name) != value for name, value in fields.items()):
        raise IdTaken
    return known


async def take_back(
    session: ClinicSession, client: Client, table: type[Visit] | type[Treatment], row_id: UUID, now: datetime
) -> None:
    """It did not happen; the row is kept as ended. Taken back twice is taken back once."""
    seq = await next_seq(session, client.id)
    row = await session.get(table, (session.clinic_id, row_id))
    if row is None or row.client_id != client.id:
        raise NotFound
    if row.deleted_at is None:
        row.deleted_at, row.sync_seq = now, seq
        record(session, now, "delete", str(table.__tablename__), row_id, client_id=client.id)


def _day_problems(client: Client, day: date, now: datetime) -> list[tuple[str, Problem]]:
    wrong = day_problem(day, today_of(client, now), STAFF_BACK_DAYS)
    return [("/day", wrong)] if wrong else []


def _refuse(found: Sequence[tuple[str, Problem]]) -> None:
    refuse([field_problem(pointer, problem) for pointer, problem in found])
