"""How staff sign in, show that it is them, and what they see of their own ways to do so."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from service.review.schemas import StaffBar
from service.review.schemas.forms import Field


class StaffSignInView(Struct, frozen=True, kw_only=True):
    """`options`: what the browser is asked for a passkey, as JSON."""

    email: str = ""
    problem: str | None = None
    options: str = ""
    url: str = "/staff/sign-in"
    mail_url: str = "/staff/sign-in/by-mail"
    client_url: str = "/sign-in"


class SecondStepView(Struct, frozen=True, kw_only=True):
    options: str = ""
    has_app: bool = True
    has_passkey: bool = False
    problem: str | None = None
    url: str = "/staff/sign-in/second-step"


class ByMailView(Struct, frozen=True, kw_only=True):
    email: Field = Field()
    is_sent: bool = False


class MailedView(Struct, frozen=True, kw_only=True):
    """Without a name the link leads nowhere any more."""

    url: str = ""
    name: str = ""


class ProveView(Struct, frozen=True, kw_only=True):
    """`pairs` are what was typed before: they go on when it is shown who they are."""

    url: str
    pairs: list[tuple[str, str]]
    has_code: bool
    has_passkey: bool
    options: str
    problem: str | None = None


class FactorLine(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    is_passkey: bool
    since: date
    used_on: date | None = None
    renamed: Field = Field()
    """The name as it was typed."""


class SessionLine(Struct, frozen=True, kw_only=True):
    id: UUID
    browser: str
    since: date
    seen_on: date
    is_this: bool


class SecurityView(Struct, frozen=True, kw_only=True):
    """`due_on`: until when a password alone is enough; `is_overdue`: it is not any more. `options`: for one more
    passkey."""

    bar: StaffBar
    factors: list[FactorLine]
    sessions: list[SessionLine]
    codes_left: int
    options: str
    due_on: date | None = None
    is_overdue: bool = False
    name: Field = Field()
    problem: str | None = None
    status: str | None = None
    url: str = "/security"


class AppView(Struct, frozen=True, kw_only=True):
    """`picture` is the square, `words` the same secret to type; `secret` comes back with the code."""

    bar: StaffBar
    picture: str
    words: str
    secret: str
    name: Field = Field()
    code: Field = Field()
    url: str = "/security/app"


class CodesView(Struct, frozen=True, kw_only=True):
    bar: StaffBar
    codes: list[str]
    clinic_name: str
    email: str
