"""What a therapist has typed of a plan is kept until it is sent, thrown away, or too old."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from service.database.sealing import ready
from service.database.tenancy import ClinicSession
from service.errors import Refused
from service.review.tables import PlanDraft

MOST_LETTERS = 100_000
"""Our own figure: twelve exercises, ten habits and ten notes to read come to a fifth of it."""


_NOT_KEPT = ("csrf", "act")


async def keep_draft(
    session: ClinicSession, client_id: UUID, follows: int, sent: Sequence[tuple[str, str]], now: datetime
) -> None:
    """The caller's one draft of a plan for this client, as its form was sent; `follows` is the version it was begun
    after."""
    fields = [pair for pair in sent if pair[0] not in _NOT_KEPT]
    if session.actor.id is None or session.actor.kind != "staff":
        raise Refused.one("", "staff", "Only a member of staff prescribes.")
    if sum(len(name) + len(value) for name, value in fields) > MOST_LETTERS:
        raise Refused.one("", "too_long", "This is too long to keep. Make the notes shorter.")
    # A database keeps no NUL in its text; nobody types one.
    kept = {"follows": follows, "fields": [[n, v.replace("\0", "")] for n, v in fields], "saved_at": now}
    key = {"clinic_id": session.clinic_id, "client_id": client_id, "staff_id": session.actor.id}
    kept = await ready(session, PlanDraft, client_id, kept)
    wanted = insert(PlanDraft).values(**key, **kept)
    await session.execute(wanted.on_conflict_do_update(index_elements=list(key), set_=kept))


async def drop_draft(session: ClinicSession, client_id: UUID) -> None:
    await session.execute(
        delete(PlanDraft).where(
            col(PlanDraft.clinic_id) == session.clinic_id,
            col(PlanDraft.client_id) == client_id,
            col(PlanDraft.staff_id) == session.actor.id,
        )
    )
