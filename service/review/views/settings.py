"""A clinic's settings as the page and the API show them, and as a form brings them."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.rules.office import CLOSED_HINT, office_problems
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.plans.rules import WEEKDAYS
from service.remedies import day_or_none
from service.reminders.schemas import EVERY_DAY, Weekday
from service.review.actions.settings import Changes
from service.review.guards import Typed, bar_of, whole_number
from service.review.rules.settings import NUMBERS, SWITCHES
from service.review.schemas.settings import (
    NumberField,
    OfficeDay,
    OfficeField,
    OfficeWeek,
    SettingsIn,
    SettingsOut,
    SettingsView,
    SwitchField,
)
from service.terms import said
from service.words import translator


async def settings_out(session: ClinicSession) -> SettingsOut:
    clinic = await accounts.clinic(session)
    days = zip(EVERY_DAY, clinic.office_hours, strict=True)
    week = OfficeWeek(**{day: OfficeDay(*hours.split("-")) for day, hours in days if hours})
    named = {name: getattr(clinic, name) for name in (*NUMBERS, *SWITCHES)}
    return SettingsOut(**named, office_hours=week, closed_days=clinic.closed_days)


def changes_in(data: SettingsIn) -> Changes:
    named: dict[str, Any] = {
        name: value for name in (*NUMBERS, *SWITCHES) if (value := getattr(data, name)) is not UNSET
    }
    if data.office_hours is not UNSET:
        days = [getattr(data.office_hours, day) for day in EVERY_DAY]
        named["office_hours"] = ["" if day is UNSET else f"{day.opens}-{day.closes}" for day in days]
    if data.closed_days is not UNSET:
        named["closed_days"] = sorted(set(data.closed_days))
    return named


def read(form: Typed) -> Changes:
    """Raises Refused for what is no whole number, and for what is no date."""
    numbers = {name: whole_number(form.one(name)) for name in NUMBERS}
    wrong = [FieldProblem(f"/{name}", "range", NUMBERS[name].hint) for name, value in numbers.items() if value is None]
    closed = [day_or_none(line) for line in form.one("closed_days").split()]
    wrong += [FieldProblem("/closed_days", "date", CLOSED_HINT)] if None in closed else []
    if wrong:
        raise Refused([*wrong, *office_problems(_week(form), ())])
    given = {name: value for name, value in numbers.items() if value is not None}
    dates = sorted({day for day in closed if day is not None})
    return {
        **given,
        **{name: form.has(name) for name in SWITCHES},
        "office_hours": _week(form),
        "closed_days": dates,
    }


def _week(form: Typed) -> list[str]:
    """Two empty fields are a day without hours."""
    typed = [(form.one(f"opens_{day}"), form.one(f"closes_{day}")) for day in EVERY_DAY]
    return ["-".join(pair) if any(pair) else "" for pair in typed]


async def settings_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, problems: Sequence[FieldProblem] = ()
) -> SettingsView:
    say = translator(staff.person.locale).gettext
    found = await settings_out(session)
    now = asdict(found)
    wrong = {problem.pointer: say(problem.message) for problem in problems}
    wrong |= {
        problem.pointer: said(NUMBERS[problem.pointer[1:]].words, staff.person.locale)
        for problem in problems
        if problem.code == "range"
    }
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
        office=[
            OfficeField(day, say(name), *_typed_hours(form, found, day), wrong.get(f"/office_hours/{day}"))
            for day, name in zip(EVERY_DAY, WEEKDAYS, strict=True)
        ],
        closed=form.one("closed_days") if form else "\n".join(day.isoformat() for day in found.closed_days),
        closed_problem=wrong.get("/closed_days"),
    )


def _typed_hours(form: Typed | None, found: SettingsOut, day: Weekday) -> tuple[str, str]:
    if form:
        return form.one(f"opens_{day}"), form.one(f"closes_{day}")
    hours = getattr(found.office_hours, day)
    return ("", "") if hours is UNSET else (hours.opens, hours.closes)
