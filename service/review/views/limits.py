"""A clinic's limits as the page and the API show them, and as a form brings them."""

from collections.abc import Collection, Mapping

from msgspec import UNSET

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.rules.limits import RANGES
from service.accounts.tables import Clinic
from service.database.tenancy import ClinicSession
from service.review.guards import Typed, bar_of, whole_number
from service.review.rules.limits import LIMITS, WORDS
from service.review.schemas.limits import LimitField, LimitGroup, LimitsIn, LimitsOut, LimitsView
from service.terms import said
from service.words import translator


async def limits_out(session: ClinicSession) -> LimitsOut:
    clinic = await accounts.clinic(session)
    return LimitsOut(**{name: getattr(clinic, name) for name in LIMITS})


def named(data: LimitsIn) -> dict[str, int | None]:
    return {name: value for name in LIMITS if (value := getattr(data, name)) is not UNSET}


def typed(form: Typed) -> Mapping[str, int | None]:
    """None for what is no whole number."""
    return {name: whole_number(form.one(name)) for name in LIMITS}


async def limits_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, wrong: Collection[str] = ()
) -> LimitsView:
    """`wrong` are pointers: what was typed there cannot be."""
    say, clinic = translator(staff.person.locale).gettext, await accounts.clinic(session)
    return LimitsView(
        bar=await bar_of(session, staff),
        groups=[
            LimitGroup(say(title), [_field(name, clinic, form, wrong, staff.person.locale) for name in names])
            for title, names in WORDS.items()
        ],
        problem=say("Nothing was saved yet. Please look at the fields marked below.") if wrong else None,
    )


def _field(name: str, clinic: Clinic, form: Typed | None, wrong: Collection[str], locale: str) -> LimitField:
    one, say = LIMITS[name], translator(locale).gettext
    return LimitField(
        name,
        say(one.label),
        say(one.source),
        form.one(name) if form else str(getattr(clinic, name)),
        one.low,
        one.high,
        RANGES[name].usual,
        said(one.words, locale) if f"/{name}" in wrong else None,
    )
