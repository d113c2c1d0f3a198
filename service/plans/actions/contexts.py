"""The labels a therapist picks for a client. Software never sets one, and the client is never shown one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service.accounts.actions import next_seq
from service.audit.actions import record
from service.catalogue.library import shipped
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.ids import new_id
from service.plans import queries
from service.plans.tables import ClientContext


async def set_contexts(session: ClinicSession, client_id: UUID, wanted: Sequence[str], now: datetime) -> None:
    """These and no others from now on. What was picked before stays on record with its end."""
    seq = await next_seq(session, client_id)
    staff_id = _staff(session, wanted)
    standing = {row.context: row for row in await queries.contexts_to_change(session, client_id)}
    ended = [row for code, row in standing.items() if code not in wanted]
    begun = [code for code in dict.fromkeys(wanted) if code not in standing]
    for row in ended:
        row.deleted_at, row.sync_seq = now, seq
    session.add_all(
        ClientContext(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=client_id,
            sync_seq=seq,
            created_at=now,
            context=code,
            picked_by=staff_id,
        )
        for code in begun
    )
    await session.flush()
    if ended or begun:
        record(session, now, "label", "client", client_id, client_id=client_id)


def _staff(session: ClinicSession, wanted: Sequence[str]) -> UUID:
    """Who picks them. Raises Refused for a label that is in no catalogue."""
    known = {context.id for context in shipped().contexts}
    problems = [
        FieldProblem(f"/contexts/{place}", "unknown", "Use the code of a label in the catalogue.")
        for place, code in enumerate(wanted)
        if code not in known
    ]
    if problems:
        raise Refused(problems)
    if session.actor.id is None or session.actor.kind != "staff":
        raise Refused.one("", "staff", "Only a member of staff picks labels.")
    return session.actor.id
