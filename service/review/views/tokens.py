"""The tokens of a clinic as its owner sees them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.queries.tokens import tokens
from service.accounts.rules import Right
from service.accounts.rules.tokens import LIFETIMES, SCOPES
from service.accounts.sign_in.tokens import NewToken
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem
from service.review.guards import Typed, bar_of, whole_number
from service.review.queries import team
from service.review.schemas.forms import Field, Option
from service.review.schemas.tokens import TokenLine, TokensView
from service.words import translator


def new_token(form: Typed) -> NewToken:
    return NewToken(form.one("name"), form.each("scopes"), form.has("write"), whole_number(form.one("days")) or 0)


async def tokens_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, problems: Sequence[FieldProblem] = ()
) -> TokensView:
    say = translator(staff.person.locale)
    wrong = {problem.pointer: say.gettext(problem.message) for problem in problems}
    typed = form or Typed()
    days = [(one, say.ngettext("%(num)s day", "%(num)s days", one) % {"num": one}) for one in LIFETIMES]
    return TokensView(
        bar=await bar_of(session, staff),
        tokens=await _lines(session, staff),
        scopes=[Option(scope, say.gettext(words), scope in typed.each("scopes")) for scope, words in SCOPES.items()],
        lifetimes=[Option(str(one), words, typed.one("days") == str(one)) for one, words in days],
        name=Field(typed.one("name"), wrong.get("/name")),
        can_write=typed.has("write"),
        scopes_problem=wrong.get("/scopes"),
        days_problem=wrong.get("/days"),
        problem=wrong.get(""),
    )


async def _lines(session: ClinicSession, staff: Caller) -> list[TokenLine]:
    say = translator(staff.person.locale).gettext
    zone = ZoneInfo((await accounts.clinic(session)).zone)
    names = {one.id: one.name for one in await team.everybody(session)}
    return [
        TokenLine(
            id=one.id,
            name=one.name,
            prefix=one.prefix,
            scopes=[say(SCOPES[Right(scope)]) for scope in one.scopes],
            can_write=one.can_write,
            made_by=names[one.staff_id],
            made_on=one.created_at.astimezone(zone).date(),
            ends_on=one.expires_at.astimezone(zone).date(),
            has_run_out=staff.now >= one.expires_at,
            used_on=one.last_used_at.astimezone(zone).date() if one.last_used_at else None,
        )
        for one in await tokens(session)
    ]
