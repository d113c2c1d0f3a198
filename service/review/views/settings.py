"""A clinic's settings as the page and the API show them, and as a form brings them."""

from collections.abc import Mapping, Sequence

from msgspec import UNSET
from msgspec.structs import asdict

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.review.guards import Typed, bar_of, whole_number
from service.review.rules.settings import NUMBERS, SWITCHES
from service.review.schemas.settings import NumberField, SettingsIn, SettingsOut, SettingsView, SwitchField
from service.words import translator


async def settings_out(session: ClinicSession) -> SettingsOut:
    clinic = await accounts.clinic(session)
    return SettingsOut(**{name: getattr(clinic, name) for name in (*NUMBERS, *SWITCHES)})


def changes_in(data: SettingsIn) -> dict[str, int | bool]:
    return {name: value for name, value in asdict(data).items() if value is not UNSET}


def read(form: Typed) -> Mapping[str, int | bool]:
    """Raises Refused for what is no whole number."""
    numbers = {name: whole_number(form.one(name)) for name in NUMBERS}
    wrong = [FieldProblem(f"/{name}", "range", NUMBERS[name].hint) for name, value in numbers.items() if value is None]
    if wrong:
        raise Refused(wrong)
    given = {name: value for name, value in numbers.items() if value is not None}
    return {**given, **{name: form.has(name) for name in SWITCHES}}


async def settings_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, problems: Sequence[FieldProblem] = ()
) -> SettingsView:
    say = translator(staff.person.locale).gettext
    now = asdict(await settings_out(session))
    wrong = {problem.pointer: problem.message for problem in problems}
    return SettingsView(
        bar=await bar_of(session, staff),
        numbers=[
            NumberField(
                name,
                say(one.label),
                say(one.source),
                form.one(name) if form else str(now[name]),
                one.low,
                one.high,
                wrong.get(f"/{name}"),
            )
            for name, one in NUMBERS.items()
        ],
        switches=[
            SwitchField(name, say(label), say(source), form.has(name) if form else now[name])
            for name, (label, source) in SWITCHES.items()
        ],
    )
