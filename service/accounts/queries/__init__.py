from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts.queries.sessions import open_sessions as open_sessions
from service.accounts.queries.sessions import sessions_so_far as sessions_so_far
from service.accounts.tables import (
    Client,
    Clinic,
    Consent,
    ContactPoint,
    SignInCode,
    SignInSession,
    Staff,
)
from service.accounts.tables.erasure import ErasureRequest
from service.database import box
from service.database.reading import Reading, Rows
from service.database.rows import uuids
from service.database.sealing import MARKING, mark_of
from service.database.tenancy import ClinicSession
from service.errors import NotFound

_CLINIC = Reading(Rows(Clinic, "WHERE t.clinic_id = %(clinic_id)s"))


async def clinic(session: ClinicSession) -> Clinic:
    """To be read only: a request brings the one that was read with its sign-in."""
    found: Clinic | None = session.info.get("clinic") or (await _CLINIC(session)).first(Clinic)
    return _held(session, found)


async def clinic_to_change(session: ClinicSession) -> Clinic:
    return _held(session, await session.get(Clinic, session.clinic_id))


def _held(session: ClinicSession, found: Clinic | None) -> Clinic:
    """A session forgets what nobody holds, and whoever makes a page asks for it again and again."""
    if found is None:
        raise NotFound
    session.info["clinic"] = found
    return found


async def client(session: ClinicSession, client_id: UUID) -> Client:
    """Raises NotFound, the same for a stranger's id as for a random one."""
    found = await session.get(Client, (session.clinic_id, client_id))
    if found is None:
        raise NotFound
    return found


def quiet_hours(client: Client, clinic: Clinic) -> tuple[time, time]:
    """The person's own, or the clinic's; from is included, until is not."""
    if client.quiet_from is None or client.quiet_until is None:
        return clinic.quiet_from, clinic.quiet_until
    return client.quiet_from, client.quiet_until


_OF = "WHERE t.clinic_id = %(clinic_id)s AND t.therapist_id = coalesce(%(of)s, t.therapist_id)"
_CLIENTS = Reading(Rows(Client, _OF))


async def clients_of(session: ClinicSession, therapist_id: UUID | None) -> Sequence[Client]:
    """The clients of one therapist, or the clinic's when None; only to be read."""
    found = (await _CLIENTS(session, of=therapist_id)).of(Client)
    return sorted(found, key=lambda client: (client.name.casefold(), client.name))


async def staff(session: ClinicSession, staff_id: UUID) -> Staff:
    found = await session.get(Staff, (session.clinic_id, staff_id))
    if found is None:
        raise NotFound
    return found


async def staff_by_email(session: ClinicSession, email: str) -> Staff | None:
    return await session.scalar(
        select(Staff).where(
            col(Staff.clinic_id) == session.clinic_id,
            func.lower(Staff.email) == email.lower(),
            col(Staff.active),
        )
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach a client: an address, not yet asked whether it may be used."""

    id: UUID
    channel: str


_POINTS_OF = text(
    "SELECT client_id, id, channel FROM contact_point WHERE clinic_id = :clinic_id "
    "AND client_id = ANY(CAST(:client_ids AS uuid[])) ORDER BY client_id, position"
)


async def contact_points(session: ClinicSession, client_id: UUID) -> Sequence[ContactPoint]:
    statement = (
        select(ContactPoint)
        .where(col(ContactPoint.clinic_id) == session.clinic_id, col(ContactPoint.client_id) == client_id)
        .order_by(col(ContactPoint.position))
    )
    return (await session.scalars(statement)).all()


async def contact_points_of(session: ClinicSession, client_ids: Iterable[UUID]) -> dict[UUID, list[Reach]]:
    """By client, in the order they were given to us."""
    rows = await session.execute(_POINTS_OF, {"clinic_id": session.clinic_id, "client_ids": uuids(client_ids)})
    found = defaultdict[UUID, list[Reach]](list)
    for row in rows:
        found[row.client_id].append(Reach(row.id, row.channel))
    return found


async def contact_points_with(session: ClinicSession, address: str) -> Sequence[ContactPoint]:
    """Whoever got the address first comes first."""
    statement = (
        select(ContactPoint)
        .where(
            col(ContactPoint.clinic_id) == session.clinic_id,
            col(ContactPoint.address_mark) == await mark_of(session, address),
        )
        .order_by(col(ContactPoint.id))
    )
    return (await session.scalars(statement)).all()


async def also_used_by(session: ClinicSession, client_id: UUID) -> dict[bytes, int]:
    """Mark of an address of this client to how many other clients here have it too; those that are the client's alone
    left out."""
    rows = await session.execute(
        text(
            "SELECT mine.address_mark, count(DISTINCT theirs.client_id) AS others FROM contact_point mine "
            "JOIN contact_point theirs ON theirs.clinic_id = mine.clinic_id "
            "AND theirs.address_mark = mine.address_mark AND theirs.client_id <> mine.client_id "
            "WHERE mine.clinic_id = :clinic_id AND theirs.clinic_id = :clinic_id AND mine.client_id = :client_id "
            "GROUP BY mine.address_mark"
        ),
        {"clinic_id": session.clinic_id, "client_id": client_id},
    )
    return {row.address_mark: row.others for row in rows}


async def names_at(session: ClinicSession, address: str) -> dict[UUID, str]:
    """The people here with this address."""
    statement = (
        select(col(Client.id), col(Client.name))
        .join(
            ContactPoint,
            and_(
                col(ContactPoint.clinic_id) == col(Client.clinic_id),
                col(ContactPoint.client_id) == col(Client.id),
            ),
        )
        .where(
            col(Client.clinic_id) == session.clinic_id,
            col(ContactPoint.address_mark) == await mark_of(session, address),
        )
    )
    return {client_id: name for client_id, name in await session.execute(statement)}


async def consents(session: ClinicSession, client_id: UUID) -> Sequence[Consent]:
    statement = (
        select(Consent)
        .where(col(Consent.clinic_id) == session.clinic_id, col(Consent.client_id) == client_id)
        .order_by(col(Consent.given_at))
    )
    return (await session.scalars(statement)).all()


_WHOSE = (
    "JOIN sign_in_session s ON s.clinic_id = t.clinic_id AND s.{column} = t.id"
    " WHERE t.clinic_id = %(clinic_id)s AND s.token_hash = %(token_hash)s AND s.revoked_at IS NULL"
)
_SIGNED_IN = Reading(
    Rows(
        SignInSession,
        "WHERE t.clinic_id = %(clinic_id)s AND t.token_hash = %(token_hash)s AND t.revoked_at IS NULL",
    ),
    Rows(Clinic, "WHERE t.clinic_id = %(clinic_id)s"),
    Rows(Client, _WHOSE.format(column="client_id")),
    Rows(
        Staff, _WHOSE.format(column="staff_id"), columns=["clinic_id", "id", "name", "role", "active", "factor_due_at"]
    ),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was not ended by anybody, and whose it is; to be read only."""

    row: SignInSession
    clinic: Clinic
    client: Client | None
    staff: Staff | None


async def signed_in(session: ClinicSession, token_hash: bytes) -> SignedIn | None:
    found = await _SIGNED_IN(session, token_hash=token_hash)
    row, clinic = found.first(SignInSession), found.first(Clinic)
    return SignedIn(row, clinic, found.first(Client), found.first(Staff)) if row and clinic else None


async def erasures_asked(session: ClinicSession, client_ids: Iterable[UUID]) -> dict[UUID, ErasureRequest]:
    """By client: who asked to be forgotten and did not take it back."""
    statement = select(ErasureRequest).where(
        col(ErasureRequest.clinic_id) == session.clinic_id,
        text("client_id = ANY(CAST(:ids AS uuid[])) AND taken_back_at IS NULL").bindparams(ids=uuids(client_ids)),
    )
    return {found.client_id: found for found in await session.scalars(statement)}


async def recent_codes(session: ClinicSession, client_id: UUID, now: datetime) -> Sequence[SignInCode]:
    """The codes that have not run out, used or not, the newest first; locked so that tries are counted exactly."""
    statement = (
        select(SignInCode)
        .where(
            col(SignInCode.clinic_id) == session.clinic_id,
            col(SignInCode.client_id) == client_id,
            col(SignInCode.expires_at) > now,
        )
        .order_by(col(SignInCode.created_at).desc(), col(SignInCode.id).desc())
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def clinics_with_address(connection: AsyncConnection, address: str) -> list[UUID]:
    """Through the door `find_address`: the clinics that know this phone number or email, as client or staff."""
    mark = box.mark(await connection.scalar(MARKING), address)
    rows = await connection.execute(
        text(
            "SELECT clinic_id FROM contact_point WHERE address_mark = :mark "
            "UNION SELECT clinic_id FROM staff WHERE email = :address ORDER BY clinic_id"
        ),
        {"address": address, "mark": mark},
    )
    return [row.clinic_id for row in rows]


async def staff_email_in_use(connection: AsyncConnection, email: str) -> bool:
    """Through the door `find_address`: whether somebody at any clinic signs in with it. People read case loosely."""
    found = await connection.scalar(
        text("SELECT EXISTS (SELECT FROM staff WHERE lower(email) = lower(:email))"), {"email": email}
    )
    return bool(found)


async def may_contact(session: ClinicSession, client_id: UUID, channel: str) -> bool:
    """Consent given and not withdrawn for this channel, and an address that has not opted out."""
    found = await session.scalar(
        select(func.count())
        .select_from(ContactPoint)
        .join(
            Consent,
            and_(
                col(Consent.clinic_id) == col(ContactPoint.clinic_id),
                col(Consent.client_id) == col(ContactPoint.client_id),
                col(Consent.channel) == col(ContactPoint.channel),
            ),
        )
        .where(
            col(ContactPoint.clinic_id) == session.clinic_id,
            col(ContactPoint.client_id) == client_id,
            col(ContactPoint.channel) == channel,
            col(ContactPoint.opted_out_at).is_(None),
            or_(col(Consent.withdrawn_at).is_(None)),
        )
    )
    return bool(found)


async def is_signed_in(session: ClinicSession, client_id: UUID, now: datetime) -> bool:
    """On any phone or computer: then the pages ask them."""
    statement = select(col(SignInSession.id)).where(
        col(SignInSession.clinic_id) == session.clinic_id,
        col(SignInSession.client_id) == client_id,
        col(SignInSession.expires_at) > now,
        col(SignInSession.revoked_at).is_(None),
    )
    return await session.scalar(statement.limit(1)) is not None
