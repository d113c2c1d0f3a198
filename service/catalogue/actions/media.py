"""A clinic's own picture or video of an exercise: put in the place of the one before, described anew, taken away."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO, Final
from uuid import UUID

from sqlalchemy import text

from service.audit.actions import record
from service.catalogue.queries import exercise
from service.catalogue.queries.media import bytes_kept, current_media
from service.catalogue.rules.media import CHUNK, MOST_OF_CLINIC, Kind, alt_problem, refused
from service.catalogue.tables import ExerciseMedia
from service.database.tenancy import ClinicSession
from service.errors import NotFound, Refused
from service.ids import new_id

_CHUNK: Final = text(
    "INSERT INTO exercise_media_chunk (clinic_id, media_id, position, bytes) "
    "VALUES (:clinic_id, :media_id, :position, :bytes)"
)
_FORGET: Final = text("DELETE FROM exercise_media_chunk WHERE clinic_id = :clinic_id AND media_id = :media_id")


@dataclass(frozen=True, slots=True)
class NewMedia:
    """`file` holds `size` bytes that were checked and cleaned."""

    kind: Kind
    content_type: str
    width: int
    height: int
    size: int
    file: BinaryIO


async def put_media(session: ClinicSession, exercise_id: UUID, new: NewMedia, alt: str, now: datetime) -> ExerciseMedia:
    """Raises Refused when the clinic's files would fill more than their share."""
    _check_alt(alt)
    await exercise(session, exercise_id, lock=True)
    if await bytes_kept(session, (exercise_id, new.kind)) + new.size > MOST_OF_CLINIC:
        raise refused("full", "The pictures and videos of this clinic fill 1 GB. Take one away first.")
    await _retire(session, exercise_id, new.kind, now)
    made = ExerciseMedia(
        clinic_id=session.clinic_id,
        id=new_id(now),
        exercise_id=exercise_id,
        kind=new.kind,
        content_type=new.content_type,
        size=new.size,
        sha256=_digest(new.file),
        width=new.width,
        height=new.height,
        alt=alt,
        created_by=_staff(session),
        created_at=now,
    )
    session.add(made)
    await session.flush()
    await _write(session, made.id, new.file)
    record(session, now, "create", "exercise_media", made.id)
    return made


async def describe_media(session: ClinicSession, exercise_id: UUID, kind: Kind, alt: str, now: datetime) -> None:
    """New words for the one that is there. Raises Refused when there is none: then a file is needed."""
    _check_alt(alt)
    await exercise(session, exercise_id, lock=True)
    found = (await current_media(session, [exercise_id])).get(exercise_id, {}).get(kind)
    if found is None:
        raise refused("required", "Choose a file first.")
    found.alt = alt
    record(session, now, "change", "exercise_media", found.id, fields=["alt"])


async def remove_media(session: ClinicSession, exercise_id: UUID, kind: Kind, now: datetime) -> None:
    await exercise(session, exercise_id, lock=True)
    if not await _retire(session, exercise_id, kind, now):
        raise NotFound


async def _retire(session: ClinicSession, exercise_id: UUID, kind: Kind, now: datetime) -> bool:
    """Its bytes go at once: whoever is on a picture may have asked for that."""
    found = (await current_media(session, [exercise_id])).get(exercise_id, {}).get(kind)
    if found is None:
        return False
    found.retired_at = now
    await session.flush()
    await session.execute(_FORGET, {"clinic_id": session.clinic_id, "media_id": found.id})
    record(session, now, "remove", "exercise_media", found.id)
    return True


def _check_alt(alt: str) -> None:
    problem = alt_problem(alt)
    if problem:
        raise Refused([problem])


def _staff(session: ClinicSession) -> UUID:
    if session.actor.kind != "staff" or session.actor.id is None:
        raise NotFound
    return session.actor.id


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = sha256()
    while part := file.read(CHUNK):
        digest.update(part)
    return digest.hexdigest()


async def _write(session: ClinicSession, media_id: UUID, file: BinaryIO) -> None:
    """A row at a time: never more than one is held."""
    file.seek(0)
    position = 0
    while part := file.read(CHUNK):
        values = {"clinic_id": session.clinic_id, "media_id": media_id, "position": position, "bytes": part}
        await session.execute(_CHUNK, values)
        position += 1
