"""Who works at a clinic: how somebody is asked to join, and what must hold before somebody leaves."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

from service.accounts.rules import RIGHTS, ROLES, Right
from service.errors import FieldProblem, Refused

INVITE_LASTS: Final = timedelta(days=7)
MAIL_LASTS: Final = timedelta(days=1)
"""How long the mail itself may wait for its mail server; later, another one is asked for."""

INVITES_A_DAY: Final = 40
"""Of one clinic, to whatever addresses: nobody's mailbox is filled through us."""

INVITE_SUBJECT: Final = "You are invited to your clinic's team"
INVITE_LINE: Final = "%(name)s invites you to work with %(clinic)s here."
INVITE_LASTS_LINE: Final = "Choose a password, and you can sign in. The link works once, and for 7 days."
INVITE_BUTTON: Final = "Choose a password"
INVITE_STRANGER: Final = "You do not know about this? Then do nothing: nobody can sign in as you."

JOIN: Final = "join"
SIGN_IN: Final = "sign_in"
"""What a link is for: with which somebody chooses a password, and which takes the place of one once."""

SIGN_IN_SUBJECT: Final = "Your link to sign in"
SIGN_IN_LINE: Final = "You asked %(clinic)s for a link to sign in. It works once, and for 15 minutes."
SIGN_IN_STRANGER: Final = "You did not ask? Then do nothing: without this link nobody gets in."
SIGN_IN_BUTTON: Final = "Sign in"

RESET_SUBJECT: Final = "Ways to sign in were taken away"
RESET_LINE: Final = (
    "Whoever runs Clamshell took away all second ways to sign in of %(name)s, and ended where they were signed in. "
    "They add another one at their next sign-in."
)
RESET_STRANGER: Final = "Nobody at your clinic asked for this? Then call whoever runs Clamshell now."

ROLE_WORDS: Final = {"owner": "Owner", "therapist": "Therapist", "front_desk": "Front desk"}
ROLE_HINTS: Final = {
    "owner": "Sees every client, and sets up the clinic and its team.",
    "therapist": "Sees their own clients, and prescribes.",
    "front_desk": "Adds clients and corrects addresses. Sees nobody's answers.",
}


def join_path(clinic_id: UUID, token: str) -> str:
    """The clinic stands in it, so that nobody has to look through all of them."""
    return f"/staff/join/{clinic_id.hex}.{token}"


def mailed_path(clinic_id: UUID, token: str) -> str:
    return f"/staff/sign-in/by-mail/{clinic_id.hex}.{token}"


class Member(Protocol):
    id: UUID
    role: str
    active: bool


def may_hold_clients(role: str) -> bool:
    return Right.SEE_RECORD in RIGHTS[role]


def role_problems(role: str) -> list[FieldProblem]:
    return [] if role in ROLES else [FieldProblem("/role", "role", "Choose what they may do here.")]


def refuse_last_owner(team: Iterable[Member], leaving: Member) -> None:
    """A clinic without an owner could change nothing of itself any more."""
    others = [one for one in team if one.active and one.role == "owner" and one.id != leaving.id]
    if leaving.active and leaving.role == "owner" and not others:
        raise Refused.one("/role", "last_owner", "This is the only owner. Make somebody else an owner first.")


def heirs(team: Iterable[Member], leaving: UUID) -> list[UUID]:
    """Who may take over the clients of somebody."""
    return [one.id for one in team if one.active and may_hold_clients(one.role) and one.id != leaving]


def refuse_no_heir(team: Iterable[Member], leaving: UUID, heir: UUID | None, held: int) -> None:
    if held and heir not in heirs(team, leaving):
        raise Refused.one("/heir", "required", "Choose who takes over their clients.")
