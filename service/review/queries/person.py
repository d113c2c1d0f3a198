"""What stands beside the charts of one client, in one statement (`docs/decisions/0040`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.accounts.tables import Consent, ContactPoint, SignInSession, Staff
from service.accounts.tables.erasure import ErasureRequest
from service.database.reading import Reading, Rows
from service.database.tenancy import ClinicSession
from service.diary.queries import FIX_REPORTS, RED_FLAGS, SCREENS_TOLD
from service.diary.tables import FixReport, RedFlag, RedFlagScreen
from service.intake.queries.helpers import HELPERS
from service.intake.tables import Helper, Treatment, Visit
from service.plans.tables import ClientContext, PlanWarning
from service.review.queries.ready import READY
from service.review.tables import ReadyText, ReviewMark

MARKS_SHOWN: Final = 20

_THEIRS: Final = "WHERE t.clinic_id = %(clinic_id)s AND t.client_id = %(client_id)s"
_STANDING: Final = f"{_THEIRS} AND t.deleted_at IS NULL"
_LABELS: Final = Rows(ClientContext, f"{_STANDING} ORDER BY t.created_at, t.context")
_PERSON: Final = Reading(
    Rows(Visit, f"{_STANDING} ORDER BY t.day DESC", columns=["day"]),
    Rows(Treatment, f"{_STANDING} ORDER BY t.day DESC, t.created_at DESC", columns=["day", "kind"]),
    Rows(PlanWarning, f"{_THEIRS} ORDER BY t.created_at, t.id"),
    _LABELS,
    Rows(Consent, f"{_THEIRS} ORDER BY t.given_at"),
    Rows(ContactPoint, f"{_THEIRS} ORDER BY t.position"),
    Rows(ErasureRequest, f"{_THEIRS} AND t.taken_back_at IS NULL"),
    RED_FLAGS,
    SCREENS_TOLD,
    FIX_REPORTS,
    Rows(ReviewMark, f"{_THEIRS} AND t.marked_at >= %(since)s ORDER BY t.marked_at DESC LIMIT {MARKS_SHOWN}"),
    Rows(SignInSession, f"{_THEIRS} ORDER BY t.seen_at DESC LIMIT 1", columns=["seen_at"]),
    Rows(Staff, "WHERE t.clinic_id = %(clinic_id)s", columns=["id", "name"]),
)


_BESIDE: Final = Reading(_LABELS, HELPERS, READY)


@dataclass(frozen=True, slots=True)
class Beside:
    """What only the page of staff shows: their labels, who helps them, the clinic's own texts that are ready."""

    labels: Sequence[str]
    helpers: Sequence[Helper]
    ready: Sequence[ReadyText]


@dataclass(frozen=True, slots=True)
class Person:
    """Visits and treatments newest first, and only their days and kinds; labels and warnings as they were made;
    `consents` as they were given; `asked_to_forget` when they asked and did not take it back; `flags`, `screens` and
    what staff did about alerts (`marks`) newest first; `seen_at` when they were last here, signed in; `staff` the name
    of everybody at the clinic."""

    visits: Sequence[Visit]
    treatments: Sequence[Treatment]
    warnings: Sequence[PlanWarning]
    labels: Sequence[str]
    consents: Sequence[Consent]
    points: Sequence[ContactPoint]
    asked_to_forget: datetime | None
    flags: Sequence[RedFlag]
    screens: Sequence[RedFlagScreen]
    fix_reports: Sequence[FixReport]
    marks: Sequence[ReviewMark]
    seen_at: datetime | None
    staff: Mapping[UUID, str]

    def last_visit(self, day: date) -> date | None:
        """The last one up to and with a day."""
        return next((visit.day for visit in self.visits if visit.day <= day), None)


async def person(session: ClinicSession, client_id: UUID, since: datetime) -> Person:
    """`marks` are those since `since`."""
    found = await _PERSON(session, client_id=client_id, since=since)
    asked, here = found.first(ErasureRequest), found.first(SignInSession)
    return Person(
        visits=found.of(Visit),
        treatments=found.of(Treatment),
        warnings=found.of(PlanWarning),
        labels=[row.context for row in found.of(ClientContext)],
        consents=found.of(Consent),
        points=found.of(ContactPoint),
        asked_to_forget=asked.asked_at if asked else None,
        flags=found.of(RedFlag),
        screens=found.of(RedFlagScreen),
        fix_reports=found.of(FixReport),
        marks=found.of(ReviewMark),
        seen_at=here.seen_at if here else None,
        staff={one.id: one.name for one in found.of(Staff)},
    )


async def beside(session: ClinicSession, client_id: UUID, now: datetime) -> Beside:
    found = await _BESIDE(session, client_id=client_id, now=now)
    return Beside([row.context for row in found.of(ClientContext)], found.of(Helper), found.of(ReadyText))
