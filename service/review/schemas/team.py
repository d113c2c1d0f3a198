"""The people of a clinic, for the pages of its owner and of whoever is asked to join."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field, Option

Standing = Literal["works", "invited", "run_out", "left"]


class TeamLine(Struct, frozen=True, kw_only=True):
    """`news` says what became of their invitation, or how many clients they have."""

    id: UUID
    name: str
    email: str
    role: str
    standing: Standing
    since: datetime
    news: str
    url: str


class RoleOption(Struct, frozen=True):
    value: str
    label: str
    hint: str
    picked: bool = False


class TeamView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    people: list[TeamLine]
    roles: list[RoleOption]
    name: Field = Field()
    email: Field = Field()
    role_problem: str | None = None
    status: str | None = None
    url: str = "/team"


class MemberView(Struct, frozen=True, kw_only=True):
    """One person. `has_factors`: they have another way to sign in than a password. `held`: how many clients they have;
    `heirs`: who may take these over. `tried`: the form that was sent, role or end; `problem` is why not."""

    bar: StaffBar
    person: TeamLine
    roles: list[RoleOption]
    heirs: list[Option]
    held: int
    is_me: bool = False
    has_factors: bool = False
    problem: str | None = None
    heir_problem: str | None = None
    tried: str = ""
    status: str | None = None
    team_url: str = "/team"


class JoinView(Struct, frozen=True, kw_only=True):
    """Without a name the link leads nowhere any more. `elsewhere`: they sign in at another clinic with this email. A
    password is never handed back."""

    url: str = ""
    name: str = ""
    email: str = ""
    clinic_name: str = ""
    elsewhere: bool = False
    password_problem: str | None = None
    again_problem: str | None = None
