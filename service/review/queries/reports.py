"""What went wrong on our side and nobody else would notice, for staff to know. In one statement: the caseload asks for
all of it each time."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from service.accounts.tables import Client
from service.database.tenancy import ClinicSession
from service.review.queries.digests import ABOUT_RETURNED, RETURNED, Returned

# Conditions of the first two as the indexes on just these rows have them.
_OURS = (
    "SELECT 'unwritten' AS what, m.client_id AS id, max(m.settled_at) AS at, NULL AS name, NULL AS address,"
    "  false AS ended FROM message m WHERE m.clinic_id = :clinic_id AND m.settled_at > :since"
    "  AND m.state = 'failed' AND m.reason = 'render' GROUP BY m.client_id "
    "UNION ALL SELECT 'unheard', m.client_id, max(e.acted_at), NULL, NULL, false FROM provider_event e"
    "  JOIN message m ON m.clinic_id = e.clinic_id AND m.id = e.message_id WHERE e.clinic_id = :clinic_id"
    "  AND m.clinic_id = :clinic_id AND e.acted_at > :since AND e.trouble IS NOT NULL GROUP BY m.client_id "
    "UNION ALL SELECT 'returned', r.staff_id, NULL, r.name, r.address, r.ended FROM ("
)
_OUR_FAULTS = text(_OURS + RETURNED + ") r ORDER BY at DESC, name, id")


@dataclass(frozen=True, slots=True)
class OurFault:
    """About a message to this client."""

    client_id: UUID
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OurFaults:
    """`unwritten`: messages whose words could not be made. `unheard`: reports that were put aside. Of both the newest
    of each client, newest first. `returned`: the mails to staff that come back."""

    unwritten: list[OurFault] = field(default_factory=list)
    unheard: list[OurFault] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)


async def our_faults(session: ClinicSession, clients: Collection[Client], since: datetime) -> OurFaults:
    names = {client.id: client.name for client in clients}
    found = OurFaults()
    values = {"clinic_id": session.clinic_id, "since": since, **ABOUT_RETURNED}
    for row in await session.execute(_OUR_FAULTS, values):
        if row.what == "returned":
            found.returned.append(Returned(row.id, row.name, row.address, row.ended))
        elif row.id in names:
            kept = found.unwritten if row.what == "unwritten" else found.unheard
            kept.append(OurFault(row.id, names[row.id], row.at))
    return found
