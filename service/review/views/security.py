"""A person's own ways to sign in as their page shows them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import segno

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.queries import factors as kept
from service.accounts.rules.browsers import named_browser
from service.accounts.rules.factors import FactorKind, app_uri, secret_letters, secret_words
from service.accounts.sign_in.passkeys import to_add
from service.accounts.tables import SignInSession
from service.accounts.tables.factors import StaffFactor
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem
from service.review.guards import Typed, bar_of
from service.review.schemas.forms import Field
from service.review.schemas.security import AppView, CodesView, FactorLine, SecurityView, SessionLine
from service.words import translator


async def security_view(
    session: ClinicSession,
    staff: Caller,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
    renamed: UUID | None = None,
) -> SecurityView:
    """`renamed`: of which factor the name was typed."""
    say = translator(staff.person.locale).gettext
    zone = ZoneInfo((await accounts.clinic(session)).zone)
    me = await accounts.staff(session, staff.person.id)
    factors = await kept.factors(session, me.id)
    sessions = await kept.staff_sessions(session, me.id, staff.now)
    wrong = {problem.pointer: say(problem.message) for problem in problems}
    typed, due = form or Typed(), staff.person.factor_due_at
    return SecurityView(
        bar=await bar_of(session, staff),
        factors=[
            _line(one, zone, Field(typed.one("name"), wrong.get("/name")) if one.id == renamed else Field(one.name))
            for one in factors
        ],
        sessions=[_session(one, staff, zone) for one in sessions],
        codes_left=await kept.codes_left(session, me.id),
        options=to_add(
            staff.settings,
            staff.person.clinic_id,
            me.id,
            me.email,
            me.name,
            [one.credential_id for one in factors if one.credential_id],
            staff.now,
        ),
        due_on=_day(due, zone) if due else None,
        is_overdue=due is not None and staff.now > due,
        name=Field() if renamed else Field(typed.one("name"), wrong.get("/name")),
        problem=wrong.get("") or wrong.get("/passkey"),
    )


def _line(one: StaffFactor, zone: ZoneInfo, renamed: Field) -> FactorLine:
    return FactorLine(
        id=one.id,
        name=one.name,
        is_passkey=one.kind == FactorKind.PASSKEY,
        since=_day(one.created_at, zone),
        used_on=_day(one.last_used_at, zone) if one.last_used_at else None,
        renamed=renamed,
    )


def _session(one: SignInSession, staff: Caller, zone: ZoneInfo) -> SessionLine:
    is_this = one.id == staff.person.session_id
    words = _browser(one.user_agent, staff.person.locale)
    return SessionLine(
        id=one.id, browser=words, since=_day(one.created_at, zone), seen_on=_day(one.seen_at, zone), is_this=is_this
    )


def _browser(user_agent: str, locale: str) -> str:
    say = translator(locale).gettext
    browser, device = named_browser(user_agent)
    if browser and device:
        return say("%(browser)s on %(device)s") % {"browser": browser, "device": say(device)}
    return browser or (say(device) if device else say("A browser or app"))


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


async def app_view(
    session: ClinicSession,
    staff: Caller,
    secret: bytes,
    form: Typed | None = None,
    problems: Sequence[FieldProblem] = (),
) -> AppView:
    """The same secret again when the code was wrong: it is in the app already."""
    say = translator(staff.person.locale).gettext
    wrong = {problem.pointer: say(problem.message) for problem in problems}
    typed = form or Typed()
    me, clinic = await accounts.staff(session, staff.person.id), await accounts.clinic(session)
    square = segno.make(app_uri(secret, clinic.short_name, me.email), error="m")
    return AppView(
        bar=await bar_of(session, staff),
        # Light behind dark in both colour schemes: cameras look for dark on light.
        picture=square.svg_data_uri(scale=5, border=4, light="#fff", dark="#000"),
        words=secret_words(secret),
        secret=secret_letters(secret),
        name=Field(typed.one("name") or say("My phone"), wrong.get("/name")),
        code=Field(typed.one("code"), wrong.get("/code")),
    )


async def codes_view(session: ClinicSession, staff: Caller, codes: list[str]) -> CodesView:
    me, clinic = await accounts.staff(session, staff.person.id), await accounts.clinic(session)
    return CodesView(bar=await bar_of(session, staff), codes=codes, clinic_name=clinic.name, email=me.email)
