"""How staff show who they are beside their password."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from service.accounts.rules.factors import FactorKind
from service.database.columns import Tenant, belongs, check, one_of
from service.database.sealing import Sealed


class StaffFactor(Tenant, table=True):
    """A passkey, or an app that makes codes: what we keep of the first is public, of the second a `secret`, in the
    letters that people type. `counter` never falls: how often the passkey says it was used, or the step of the last
    code."""

    __tablename__ = "staff_factor"
    __table_args__ = (
        belongs("staff_id", "staff"),
        one_of("kind", FactorKind),
        check("passkey_named", "(kind = 'passkey') = (credential_id IS NOT NULL AND public_key IS NOT NULL)"),
        check("app_has_secret", "(kind = 'app') = (secret IS NOT NULL)"),
        check("name_given", "length(trim(name)) BETWEEN 1 AND 60"),
        Index("ix_staff_factor_staff", "clinic_id", "staff_id"),
        Index(
            "uq_staff_factor_credential",
            "clinic_id",
            "credential_id",
            unique=True,
            postgresql_where="removed_at IS NULL",
        ),
    )

    staff_id: UUID
    kind: str
    name: str
    credential_id: bytes | None = None
    public_key: bytes | None = None
    secret: str | None = Field(default=None, sa_type=Sealed("staff_factor", "secret", owner="clinic_id"))
    counter: int = Field(sa_type=BigInteger)
    created_at: datetime
    last_used_at: datetime | None = None
    removed_at: datetime | None = None


class RecoveryCode(Tenant, table=True):
    """One of ten on paper, each for one use; newer ones take their place. Only a keyed hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (belongs("staff_id", "staff"), Index("ix_recovery_code_staff", "clinic_id", "staff_id"))

    staff_id: UUID
    code_hash: bytes
    created_at: datetime
    used_at: datetime | None = None
    replaced_at: datetime | None = None
