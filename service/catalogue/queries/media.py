from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import col

from service.catalogue.rules.media import CHUNK, Kind, Span
from service.catalogue.tables import ExerciseMedia
from service.database.tenancy import ClinicSession
from service.errors import NotFound

Media = dict[UUID, dict[str, ExerciseMedia]]
"""What is current, by exercise and kind."""


async def current_media(session: ClinicSession, exercise_ids: Iterable[UUID] | None = None) -> Media:
    """Of these exercises, or of all."""
    statement = select(ExerciseMedia).where(
        col(ExerciseMedia.clinic_id) == session.clinic_id, col(ExerciseMedia.retired_at).is_(None)
    )
    if exercise_ids is not None:
        statement = statement.where(col(ExerciseMedia.exercise_id).in_(list(exercise_ids)))
    return by_exercise(await session.scalars(statement))


def by_exercise(rows: Iterable[ExerciseMedia]) -> Media:
    found: Media = {}
    for row in rows:
        found.setdefault(row.exercise_id, {})[row.kind] = row
    return found


async def media(session: ClinicSession, media_id: UUID) -> ExerciseMedia:
    """Raises NotFound for what was taken away, as for what never was here."""
    statement = select(ExerciseMedia).where(
        col(ExerciseMedia.clinic_id) == session.clinic_id,
        col(ExerciseMedia.id) == media_id,
        col(ExerciseMedia.retired_at).is_(None),
    )
    found = await session.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def bytes_kept(session: ClinicSession, besides: tuple[UUID, Kind]) -> int:
    """Of all the clinic's, but for the one that a new one would take the place of."""
    exercise_id, kind = besides
    statement = select(func.coalesce(func.sum(col(ExerciseMedia.size)), 0)).where(
        col(ExerciseMedia.clinic_id) == session.clinic_id,
        col(ExerciseMedia.retired_at).is_(None),
        (col(ExerciseMedia.exercise_id) != exercise_id) | (col(ExerciseMedia.kind) != kind),
    )
    return int(await session.scalar(statement) or 0)


_PART: Final = text(
    "SELECT substring(bytes FROM :first FOR :length) FROM exercise_media_chunk "
    "WHERE clinic_id = :clinic_id AND media_id = :media_id AND position = :position"
)


async def parts(
    tx: Callable[[], AbstractAsyncContextManager[ClinicSession]], media_id: UUID, span: Span
) -> AsyncIterator[bytes]:
    """The bytes of a span, a row at a time. Each has a transaction of its own: whoever reads slowly holds none open."""
    place = span.first
    while place <= span.last:
        position, offset = divmod(place, CHUNK)
        length = min(CHUNK - offset, span.last + 1 - place)
        values = {"media_id": media_id, "position": position, "first": offset + 1, "length": length}
        async with tx() as session:
            found = await session.scalar(_PART, {"clinic_id": session.clinic_id, **values})
        if found is None:
            # Taken away in the meantime: the answer ends short, which its length tells.
            return
        yield bytes(found)
        place += length
