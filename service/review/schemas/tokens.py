"""Tokens of programs, for the page of an owner."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option


class TokenLine(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    can_write: bool
    made_by: str
    made_on: date
    ends_on: date
    has_run_out: bool = False
    used_on: date | None = None


class TokensView(Struct, frozen=True, kw_only=True):
    """`token`: a new one, the only time it is shown."""

    bar: StaffBar
    tokens: list[TokenLine]
    scopes: list[Option]
    lifetimes: list[Option]
    name: Field = Field()
    can_write: bool = False
    scopes_problem: str | None = None
    days_problem: str | None = None
    problem: str | None = None
    token: str | None = None
    status: str | None = None
    url: str = "/tokens"
