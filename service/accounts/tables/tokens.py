"""What programs use the API with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, UniqueConstraint
from sqlmodel import Field

from service.accounts.rules.tokens import SCOPES
from service.database.columns import Tenant, belongs, check

_KNOWN = ", ".join(f"'{scope}'" for scope in SCOPES)


class ApiToken(Tenant, table=True):
    """Only its hash is kept; `prefix` are the first signs of its secret. It may do what `scopes` say, as long as
    whoever made it works here and may do so; without `can_write` it only reads."""

    __tablename__ = "api_token"
    __table_args__ = (
        belongs("staff_id", "staff"),
        UniqueConstraint("clinic_id", "token_hash"),
        check("scopes_known", f"cardinality(scopes) > 0 AND scopes <@ ARRAY[{_KNOWN}]::text[]"),
        check("name_given", "length(trim(name)) BETWEEN 1 AND 60"),
        check("ends_after_start", "expires_at > created_at"),
    )

    staff_id: UUID
    name: str
    prefix: str
    token_hash: bytes
    scopes: list[str] = Field(sa_type=ARRAY(Text))
    can_write: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
