"""The people of a clinic as their pages show them."""

from collections.abc import Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.queries.factors import factors
from service.accounts.rules import ROLES
from service.accounts.tables import Staff, StaffInvite
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, NotFound
from service.review.guards import Typed, bar_of
from service.review.queries import team
from service.review.rules.digest import reason_words
from service.review.rules.team import ROLE_HINTS, ROLE_WORDS, heirs
from service.review.schemas.forms import Field, Option
from service.review.schemas.team import MemberView, RoleOption, Standing, TeamLine, TeamView
from service.review.tables import DigestMail
from service.words import translator

STANDING = {
    "works": "Works here",
    "invited": "Invited, has not joined yet",
    "run_out": "Invited, and the link has run out",
    "left": "Does not work here any more",
}


async def team_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, problems: Sequence[FieldProblem] = ()
) -> TeamView:
    say = translator(staff.person.locale).gettext
    wrong = {problem.pointer: say(problem.message) for problem in problems}
    typed = form or Typed()
    return TeamView(
        bar=await bar_of(session, staff),
        people=await _lines(session, staff),
        roles=_roles(staff.person.locale, typed.one("role") or "therapist"),
        name=Field(typed.one("name"), wrong.get("/name")),
        email=Field(typed.one("email"), wrong.get("/email")),
        role_problem=wrong.get("/role"),
    )


async def member_view(
    session: ClinicSession,
    staff: Caller,
    staff_id: UUID,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
) -> MemberView:
    """Raises NotFound for somebody of another clinic."""
    say = translator(staff.person.locale).gettext
    everybody = await team.everybody(session)
    person = next((one for one in await _lines(session, staff) if one.id == staff_id), None)
    if person is None:
        raise NotFound
    named = {one.id: one.name for one in everybody}
    wrong = {problem.pointer: say(problem.message) for problem in problems}
    picked = form.one("heir") if form else ""
    return MemberView(
        bar=await bar_of(session, staff),
        person=person,
        roles=_roles(
            staff.person.locale, form.one("role") if form and form.has("role") else _code(everybody, staff_id)
        ),
        heirs=[Option(str(one), named[one], str(one) == picked) for one in heirs(everybody, staff_id)],
        held=(await team.clients_held(session)).get(staff_id, 0),
        is_me=staff_id == staff.person.id,
        has_factors=bool(await factors(session, staff_id)),
        problem=wrong.get("/role"),
        heir_problem=wrong.get("/heir"),
        tried="role" if form and form.has("role") else "end",
    )


def _code(everybody: Sequence[Staff], staff_id: UUID) -> str:
    return next(one.role for one in everybody if one.id == staff_id)


def _roles(locale: str, picked: str) -> list[RoleOption]:
    say = translator(locale).gettext
    return [RoleOption(role, say(ROLE_WORDS[role]), say(ROLE_HINTS[role]), role == picked) for role in ROLES]


async def _lines(session: ClinicSession, staff: Caller) -> list[TeamLine]:
    invites, held = await team.open_invites(session), await team.clients_held(session)
    letters = await team.mails(session, [one.id for one in invites.values()])
    zone = ZoneInfo((await accounts.clinic(session)).zone)
    say = translator(staff.person.locale)
    found = []
    for one in await team.everybody(session):
        invite = invites.get(one.id)
        number = held.get(one.id, 0)
        clients = say.ngettext("%(num)s client", "%(num)s clients", number) % {"num": number}
        found.append(
            TeamLine(
                id=one.id,
                name=one.name,
                email=one.email,
                role=say.gettext(ROLE_WORDS[one.role]),
                standing=_standing(one, invite, staff),
                since=(invite.created_at if invite else one.created_at).astimezone(zone),
                news=say.gettext(_news(invite, letters)) if invite else clients,
                url=f"/team/{one.id}",
            )
        )
    return found


def _standing(person: Staff, invite: StaffInvite | None, staff: Caller) -> Standing:
    if person.active:
        return "works"
    if invite is None:
        return "left"
    return "invited" if staff.now < invite.expires_at else "run_out"


def _news(invite: StaffInvite, letters: Mapping[UUID, DigestMail]) -> str:
    """The msgid of what became of the mail."""
    letter = letters.get(invite.id)
    return reason_words(letter.state, letter.reason) if letter else "Waits for its time."
