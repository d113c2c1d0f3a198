from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, Text, text
from sqlmodel import Field

from service.database.columns import Row, Tenant, check, one_of

WORD = "^[a-z_]{1,40}$"
LISTED = "^([a-z0-9_]{1,60} ?)*$"


class AuditEntry(Tenant, table=True):
    """Who did or saw what. Ids and field names, never values; the application may only append.

    `mac` is made with it. `number` and `link`, its place in the clinic's chain, come a moment later (`link_waiting`).
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        one_of("actor_kind", ["staff", "client", "link", "helper", "provider", "system"]),
        # A value that is put here by mistake is no such word: erasing somebody must leave nothing of them here.
        check("words_only", f"action ~ '{WORD}' AND record_kind ~ '{WORD}' AND channel ~ '{WORD}'"),
        check("names_only", f"array_to_string(fields, ' ') ~ '{LISTED}'"),
        check("linked_whole", "(number IS NULL) = (link IS NULL) AND number > 0"),
        # Read by: the audit page of one client, newest first.
        Index("ix_audit_entry_client", "clinic_id", "client_id", "at"),
        Index("ix_audit_entry_waiting", "clinic_id", "id", postgresql_where=text("number IS NULL")),
        Index("uq_audit_entry_number", "clinic_id", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
    )

    at: datetime
    actor_kind: str
    actor_id: UUID | None = None
    channel: str
    action: str
    record_kind: str
    record_id: UUID | None = None
    client_id: UUID | None = None
    fields: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    mac: bytes | None = None
    number: int | None = Field(default=None, sa_type=BigInteger)
    link: bytes | None = None


class AuditHead(Row, table=True):
    """Where a clinic's chain ends. `unsigned` rows were there before any was signed; `key_mark` tells whose key it is.
    A mail said last at `anchored_at` where it ended, at `anchored_number`; the first comes a day after it began."""

    __tablename__ = "audit_head"
    __table_args__ = (check("counted", "number >= 0 AND unsigned >= 0 AND (number = 0) = (link IS NULL)"),)

    clinic_id: UUID = Field(primary_key=True)
    number: int = Field(default=0, sa_type=BigInteger)
    unsigned: int = Field(default=0, sa_type=BigInteger)
    link: bytes | None = None
    key_mark: bytes | None = None
    anchored_at: datetime
    anchored_number: int = Field(default=0, sa_type=BigInteger)
