"""Tokens of programs: made, used, revoked."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts.queries import tokens as kept
from service.accounts.rules import tokens as rules
from service.accounts.sign_in import hashed, read_token
from service.accounts.tables.tokens import ApiToken
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.ids import new_id

_NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewToken:
    name: str
    scopes: Collection[str]
    can_write: bool
    days: int


async def make_token(session: ClinicSession, staff_id: UUID, new: NewToken, now: datetime) -> str:
    """The token, the only time it is known: `clam_<clinic>.<random>`. Raises Refused."""
    problems = _problems(new)
    if not problems and len(await kept.tokens(session)) >= rules.MOST_TOKENS:
        problems = [FieldProblem("", "too_many", f"Keep at most {rules.MOST_TOKENS}. Revoke one first.")]
    if problems:
        raise Refused(problems)
    secret, token_id = secrets.token_urlsafe(32), new_id(now)
    session.add(
        ApiToken(
            clinic_id=session.clinic_id,
            id=token_id,
            staff_id=staff_id,
            name=new.name.strip(),
            prefix=secret[: rules.SHOWN],
            token_hash=hashed(secret),
            scopes=[scope for scope in rules.SCOPES if scope in new.scopes],
            can_write=new.can_write,
            created_at=now,
            expires_at=now + timedelta(days=new.days),
        )
    )
    record(session, now, "make", "api_token", token_id, fields=["name", "scopes", "can_write", "expires_at"])
    return f"{rules.PREFIX}{session.clinic_id.hex}.{secret}"


def _problems(new: NewToken) -> list[FieldProblem]:
    checks = (
        (rules.token_name(new.name), "/name", f"Use 1 to {rules.NAME_LIMIT} letters, digits and signs."),
        (new.scopes and set(new.scopes) <= set(rules.SCOPES), "/scopes", "Choose what the program may do."),
        (new.days in rules.LIFETIMES, "/days", "Choose how long it works."),
    )
    return [FieldProblem(pointer, "choose", message) for fits, pointer, message in checks if not fits]


def read_api_token(token: str) -> tuple[UUID, bytes] | None:
    """The clinic and the hash; None for a token of a session, and for what is none."""
    return read_token(token.removeprefix(rules.PREFIX)) if token.startswith(rules.PREFIX) else None


async def note_use(session: ClinicSession, token: ApiToken, now: datetime) -> None:
    """At most every five minutes."""
    if token.last_used_at is not None and now - token.last_used_at < _NOTED_EVERY:
        return
    await session.execute(
        update(ApiToken)
        .where(col(ApiToken.clinic_id) == session.clinic_id, col(ApiToken.id) == token.id)
        .values(last_used_at=now)
    )


async def revoke_token(session: ClinicSession, token_id: UUID, now: datetime) -> None:
    (await kept.token(session, token_id)).revoked_at = now
    record(session, now, "revoke", "api_token", token_id)


async def revoke_tokens_of(session: ClinicSession, staff_id: UUID, now: datetime) -> None:
    ended = await session.scalars(
        update(ApiToken)
        .where(
            col(ApiToken.clinic_id) == session.clinic_id,
            col(ApiToken.staff_id) == staff_id,
            col(ApiToken.revoked_at).is_(None),
        )
        .values(revoked_at=now)
        .returning(col(ApiToken.id))
    )
    for token_id in ended.all():
        record(session, now, "revoke", "api_token", token_id)
