"""Signing in: passwords of staff, codes and links of clients, the sessions they open, and the limits on trying.

Tokens are random or keyed, only their SHA-256 is kept (trust: 112 bits and more need no slow hash).
"""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from service.accounts import queries, rules
from service.accounts.codes import link_token
from service.accounts.tables import ContactPoint, Link, SignInCode, SignInSession
from service.audit.actions import record
from service.database.rows import as_rows, octets
from service.database.tenancy import ClinicSession
from service.errors import Refused, TooMany
from service.ids import new_id
from service.outbox.actions import Outgoing, enqueue
from service.outbox.rules import MessageKind

_MAKE_LINKS = text(
    "INSERT INTO link (clinic_id, id, client_id, purpose, token_hash, day, contact_point_id, created_at, expires_at) "
    "SELECT :clinic_id, a.id, a.client_id, a.purpose, a.token_hash, a.day, a.contact_point_id, :now, a.expires_at "
    "FROM json_to_recordset(CAST(:links AS json)) AS a(id uuid, client_id uuid, purpose text, token_hash bytea,"
    "  day date, contact_point_id uuid, expires_at timestamptz) "
    "ON CONFLICT (clinic_id, token_hash) DO NOTHING"
)
_hasher = PasswordHasher()
# Checking a password costs a third of a second of one core by design; two at once leave the rest for everybody else.
_hashing = asyncio.Semaphore(2)


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def hash_password(password: str) -> str:
    problems = rules.password_problems(password)
    if problems:
        raise Refused(problems)
    return _hasher.hash(password)


async def password_matches(password_hash: str | None, password: str) -> bool:
    """The same work whether or not the account exists, so that the answer's time tells nothing."""
    async with _hashing:
        # Asked for by both, so that the first of a process, who waits for it to be made, tells nothing either.
        nobody = await asyncio.to_thread(_nobody)
        matches = await asyncio.to_thread(_verify, password_hash or nobody, password)
    return matches and password_hash is not None


@cache
def _nobody() -> str:
    """Not made on import: most processes never check a password, and a hash costs each a tenth of a second."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


async def count_try(
    connection: AsyncConnection, parts: Sequence[str], limit: int, window: timedelta, now: datetime
) -> None:
    """Counts one try under a key that names nobody; raises TooMany past `limit` in the window, over all processes."""
    seconds = int(window.total_seconds())
    starts = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    tries = await connection.scalar(
        text(
            "INSERT INTO attempt_limit (key, window_starts_at, tries) VALUES (:key, :starts, 1) "
            "ON CONFLICT (key, window_starts_at) DO UPDATE SET tries = attempt_limit.tries + 1 RETURNING tries"
        ),
        {"key": hashed("|".join(parts)), "starts": starts},
    )
    if tries is None or tries > limit:
        raise TooMany(max(1, int((starts + window - now).total_seconds())))


async def start_session(
    session: ClinicSession,
    *,
    staff_id: UUID | None = None,
    client_id: UUID | None = None,
    user_agent: str = "",
    now: datetime,
    half: bool = False,
) -> str:
    """Opens a session and returns its token, the only time it is known: `<clinic>.<random>`. `half`: of staff whose
    second step is still to come."""
    secret = secrets.token_urlsafe(32)
    session_id = new_id(now)
    session.add(
        SignInSession(
            clinic_id=session.clinic_id,
            id=session_id,
            token_hash=hashed(secret),
            staff_id=staff_id,
            client_id=client_id,
            user_agent=user_agent[:200],
            created_at=now,
            seen_at=now,
            expires_at=now + _lasts(staff_id, half),
            proved_at=now if staff_id and not half else None,
        )
    )
    record(session, now, "half_sign_in" if half else "sign_in", "session", session_id, client_id=client_id)
    return f"{session.clinic_id.hex}.{secret}"


def _lasts(staff_id: UUID | None, half: bool) -> timedelta:
    if staff_id is None:
        return rules.CLIENT_SESSION
    return rules.SIGN_IN_LINK if half else rules.STAFF_SESSION


def read_token(token: str) -> tuple[UUID, bytes] | None:
    clinic, _, secret = token.partition(".")
    try:
        return UUID(hex=clinic), hashed(secret)
    except ValueError:
        return None


async def end_session(session: ClinicSession, session_id: UUID, now: datetime) -> None:
    await session.execute(
        update(SignInSession)
        .where(col(SignInSession.clinic_id) == session.clinic_id, col(SignInSession.id) == session_id)
        .values(revoked_at=now)
    )
    record(session, now, "sign_out", "session", session_id)


async def mark_proved(session: ClinicSession, session_id: UUID, now: datetime) -> None:
    """They showed once more who they are."""
    await session.execute(
        update(SignInSession)
        .where(col(SignInSession.clinic_id) == session.clinic_id, col(SignInSession.id) == session_id)
        .values(proved_at=now)
    )
    record(session, now, "prove", "session", session_id)


async def touch_session(session: ClinicSession, found: SignInSession, now: datetime) -> bool:
    """Notes that the session is in use, at most every five minutes; a client's slides on for 180 days. Returns
    whether it was time to."""
    if now - found.seen_at < timedelta(minutes=5):
        return False
    slides = {"expires_at": now + rules.CLIENT_SESSION} if found.client_id is not None else {}
    await session.execute(
        update(SignInSession)
        .where(col(SignInSession.clinic_id) == session.clinic_id, col(SignInSession.id) == found.id)
        .values(seen_at=now, **slides)
    )
    return True


async def send_codes(session: ClinicSession, address: str, secret_key: str, now: datetime) -> None:
    """Queues a code for everybody here with this address: one message an address, however many people share it.

    A code is asked for by the person and needs no consent to reminders. It goes only to addresses the clinic entered:
    the one asked about, or, when that is a phone that said STOP, its owner's email; without one nothing is sent.
    """
    reached: dict[str, list[ContactPoint]] = {}
    for asked in await queries.contact_points_with(session, address):
        point = await _reachable(session, asked)
        if point is not None:
            reached.setdefault(point.address, []).append(point)
    for points in reached.values():
        await _send_code(session, points, secret_key, now)


async def _reachable(session: ClinicSession, asked: ContactPoint) -> ContactPoint | None:
    if asked.channel == "email" or asked.opted_out_at is None:
        return asked
    others = await queries.contact_points(session, asked.client_id)
    return next((point for point in others if point.channel == "email"), None)


async def _send_code(session: ClinicSession, points: Sequence[ContactPoint], secret_key: str, now: datetime) -> None:
    """Queues a six-digit code, and, to an address of one person, a link that does the same; for one use, soon."""
    code, point = f"{secrets.randbelow(10**6):06d}", points[0]
    code_id = _keep_codes(session, points, code, now)
    is_shared = len(await queries.names_at(session, point.address)) > 1
    outgoing = Outgoing(
        client_id=point.client_id,
        contact_point_id=point.id,
        channel=point.channel,
        kind=MessageKind.SHARED_CODE if is_shared else MessageKind.SIGN_IN_CODE,
        dedupe_key=f"code:{code_id}",
        due_at=now,
        expires_at=now + rules.CODE_LIFETIME,
        params={"code": code},
        priority=1,
        # A second copy of a code helps nobody: when it is uncertain whether the first arrived, people ask again.
        max_attempts=1,
    )
    message_id = await enqueue(session, outgoing, now)
    if is_shared:
        return
    token, expires_at = link_token(secret_key, "answer", message_id), now + rules.SIGN_IN_LINK
    link = NewLink(point.client_id, rules.LinkPurpose.SIGN_IN, token, expires_at, contact_point_id=point.id)
    await make_links(session, [link], now)


def _keep_codes(session: ClinicSession, points: Sequence[ContactPoint], code: str, now: datetime) -> UUID:
    """The same digits for each of these people; returns the id of one of the rows."""
    kept = [
        SignInCode(
            clinic_id=session.clinic_id,
            id=new_id(now),
            client_id=point.client_id,
            code_hash=hashed(f"{point.client_id}{code}"),
            created_at=now,
            expires_at=now + rules.CODE_LIFETIME,
        )
        for point in points
    ]
    session.add_all(kept)
    return kept[0].id


@dataclass(frozen=True, slots=True)
class NewLink:
    client_id: UUID
    purpose: rules.LinkPurpose
    token: str
    expires_at: datetime
    day: date | None = None
    contact_point_id: UUID | None = None
    id: UUID | None = None
    """For whoever has to know it; else one is made."""


async def make_links(session: ClinicSession, links: Sequence[NewLink], now: datetime) -> None:
    """Makes the links usable; making the same ones again changes nothing."""
    rows = as_rows(
        {
            "id": link.id or new_id(now),
            "client_id": link.client_id,
            "purpose": link.purpose,
            "token_hash": octets(hashed(link.token)),
            "day": link.day,
            "contact_point_id": link.contact_point_id,
            "expires_at": link.expires_at,
        }
        for link in links
    )
    await session.execute(_MAKE_LINKS, {"clinic_id": session.clinic_id, "now": now, "links": rows})


async def use_link(session: ClinicSession, link: Link, now: datetime) -> None:
    link.used_at = link.used_at or now
    session.add(link)
