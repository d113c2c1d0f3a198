"""The second way in which staff show who they are: added, used, taken away."""

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from service.accounts import queries
from service.accounts.queries import factors as kept
from service.accounts.rules import factors as rules
from service.accounts.rules.factors import FactorKind
from service.accounts.tables.factors import RecoveryCode, StaffFactor
from service.audit.actions import record
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.ids import new_id


async def add_app(session: ClinicSession, staff_id: UUID, name: str, secret: bytes, step: int, now: datetime) -> None:
    """`step`: of the code that was typed to show that the app works; it is used up."""
    kept_as = rules.secret_letters(secret)
    await _add(session, staff_id, name, now, kind=FactorKind.APP.value, id=new_id(now), secret=kept_as, counter=step)


async def add_passkey(
    session: ClinicSession, staff_id: UUID, name: str, credential_id: bytes, key: bytes, counter: int, now: datetime
) -> None:
    await _add(
        session,
        staff_id,
        name,
        now,
        kind=FactorKind.PASSKEY.value,
        id=new_id(now),
        public_key=key,
        credential_id=credential_id,
        counter=counter,
    )


async def _add(session: ClinicSession, staff_id: UUID, name: str, now: datetime, **fields: object) -> None:
    if len(await kept.factors(session, staff_id)) >= rules.MOST_FACTORS:
        raise Refused.one("/name", "too_many", f"Keep at most {rules.MOST_FACTORS}. Remove one first.")
    factor = StaffFactor(
        clinic_id=session.clinic_id,
        staff_id=staff_id,
        name=_named(name),
        created_at=now,
        **fields,  # type: ignore[arg-type]
    )
    session.add(factor)
    (await queries.staff(session, staff_id)).factor_due_at = None
    record(session, now, "add", "staff_factor", factor.id, fields=["kind", "name"])


def name_problems(name: str) -> list[FieldProblem]:
    if rules.factor_name(name) is not None:
        return []
    return [FieldProblem("/name", "name", f"Use 1 to {rules.FACTOR_NAME_LIMIT} letters, digits and signs.")]


def _named(name: str) -> str:
    found = rules.factor_name(name)
    if found is None:
        raise Refused(name_problems(name))
    return found


async def rename(session: ClinicSession, staff_id: UUID, factor_id: UUID, name: str, now: datetime) -> None:
    factor = await kept.own_factor(session, staff_id, factor_id)
    factor.name = _named(name)
    record(session, now, "set", "staff_factor", factor_id, fields=["name"])


async def remove(session: ClinicSession, staff_id: UUID, factor_id: UUID, now: datetime) -> None:
    """The last one stays: without it a password alone would be left."""
    factor = await kept.own_factor(session, staff_id, factor_id)
    if len(await kept.factors(session, staff_id)) == 1:
        raise Refused.one("", "last", "This is the last one. Add another one first.")
    factor.removed_at = now
    record(session, now, "remove", "staff_factor", factor_id)


async def remove_all(session: ClinicSession, staff_id: UUID, now: datetime) -> None:
    """Somebody lost everything, or left. At their next sign-in they add another one before anything else."""
    for factor in await kept.factors(session, staff_id):
        factor.removed_at = now
        record(session, now, "remove", "staff_factor", factor.id)
    await _replace_codes(session, staff_id, now)
    (await queries.staff(session, staff_id)).factor_due_at = now


async def make_codes(session: ClinicSession, staff_id: UUID, secret_key: str, now: datetime) -> list[str]:
    """Ten new ones, the only time they are known. Older ones work no more."""
    await _replace_codes(session, staff_id, now)
    codes = [rules.recovery_code(secrets.choice) for _ in range(rules.RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(
            clinic_id=session.clinic_id,
            id=new_id(now),
            staff_id=staff_id,
            code_hash=_code_hash(secret_key, staff_id, code),
            created_at=now,
        )
        for code in codes
    )
    record(session, now, "make", "recovery_code", None)
    return codes


async def _replace_codes(session: ClinicSession, staff_id: UUID, now: datetime) -> None:
    await session.execute(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.clinic_id) == session.clinic_id,
            col(RecoveryCode.staff_id) == staff_id,
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.replaced_at).is_(None),
        )
        .values(replaced_at=now)
    )


def _code_hash(secret_key: str, staff_id: UUID, code: str) -> bytes:
    return hmac.digest(secret_key.encode(), f"recovery|{staff_id}|{rules.plain_recovery(code)}".encode(), "sha256")


async def use_code(session: ClinicSession, staff_id: UUID, typed: str, secret_key: str, now: datetime) -> bool:
    """Of an app, or from paper. Each is good once, over all processes."""
    if rules.is_app_code(typed):
        apps = [one for one in await kept.factors(session, staff_id) if one.kind == FactorKind.APP]
        return await _use_app_code(session, apps, typed, now)
    used = await session.scalar(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.clinic_id) == session.clinic_id,
            col(RecoveryCode.staff_id) == staff_id,
            col(RecoveryCode.code_hash) == _code_hash(secret_key, staff_id, typed),
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.replaced_at).is_(None),
        )
        .values(used_at=now)
        .returning(col(RecoveryCode.id))
    )
    if used is not None:
        record(session, now, "use", "recovery_code", used)
    return used is not None


async def _use_app_code(session: ClinicSession, apps: Iterable[StaffFactor], typed: str, now: datetime) -> bool:
    for app in apps:
        step = rules.matching_step(rules.read_secret(app.secret or "") or b"", typed, now)
        if step is not None and await _use_up(session, app.id, step, now):
            return True
    return False


async def _use_up(session: ClinicSession, factor_id: UUID, step: int, now: datetime) -> bool:
    """False for a code that was used before, or one older than it."""
    used = await session.scalar(
        update(StaffFactor)
        .where(
            col(StaffFactor.clinic_id) == session.clinic_id,
            col(StaffFactor.id) == factor_id,
            col(StaffFactor.counter) < step,
        )
        .values(counter=step, last_used_at=now)
        .returning(col(StaffFactor.id))
    )
    return used is not None
