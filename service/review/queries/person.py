"""What stands beside the charts of one client, in one statement (`docs/decisions/0040`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.accounts.tables import Consent, ContactPoint, ErasureRequest
from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.intake.tables import Treatment, Visit
from service.plans.tables import ClientContext, PlanWarning

_THEIRS: Final = "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s"
_STANDING: Final = f"{_THEIRS} AND t.deleted_at IS NULL"
_PERSON: Final = Reading(
    Rows(Visit, f"{_STANDING} ORDER BY t.day DESC", columns=["day"]),
    Rows(Treatment, f"{_STANDING} ORDER BY t.day DESC, t.created_at DESC", columns=["day", "kind"]),
    Rows(PlanWarning, f"{_THEIRS} ORDER BY t.created_at, t.id"),
    Rows(ClientContext, f"{_STANDING} ORDER BY t.created_at, t.context"),
    Rows(Consent, f"{_THEIRS} ORDER BY t.given_at"),
    Rows(ContactPoint, f"{_THEIRS} ORDER BY t.position"),
    Rows(ErasureRequest, f"{_THEIRS} AND t.taken_back_at IS NULL"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Visits and treatments newest first, and only their days and kinds; labels and warnings as they were made;
    `consents` as they were given; `asked_to_forget` when they asked and did not take it back."""

    visits: Sequence[Visit]
    treatments: Sequence[Treatment]
    warnings: Sequence[PlanWarning]
    labels: Sequence[str]
    consents: Sequence[Consent]
    points: Sequence[ContactPoint]
    asked_to_forget: datetime | None

    def last_visit(self, day: date) -> date | None:
        """The last one up to and with a day."""
        return next((visit.day for visit in self.visits if visit.day <= day), None)


async def person(session: ClinicSession, client_id: UUID) -> Person:
    found = await _PERSON(session, client_id=client_id)
    asked = found.first(ErasureRequest)
    return Person(
        visits=found.of(Visit),
        treatments=found.of(Treatment),
        warnings=found.of(PlanWarning),
        labels=[row.context for row in found.of(ClientContext)],
        consents=found.of(Consent),
        points=found.of(ContactPoint),
        asked_to_forget=asked.asked_at if asked else None,
    )
