"""The set-up as its page and the caseload show it."""

from collections.abc import Sequence
from datetime import time

import phonenumbers

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.rules import LOCALES, Right, phone_read, zone_names
from service.database.tenancy import ClinicSession
from service.errors import FieldProblem, Refused
from service.review.guards import Typed, bar_of
from service.review.queries.set_up import known, last_test
from service.review.rules.digest import reason_words
from service.review.rules.set_up import STEP_WORDS, Known, done, is_over, missing, skipped
from service.review.schemas.forms import Field, Option, StepLine
from service.review.schemas.set_up import SetUpView
from service.words import translator

FACTS = ("name", "short_name", "country", "zone", "locale", "phone", "emergency_number")
QUIET = ("quiet_from", "quiet_until")
_LANGUAGES = {"en": "English", "es": "Español"}


def facts_of(form: Typed) -> tuple[dict[str, str], tuple[time, time]]:
    """Raises Refused for what is no time."""
    facts = {name: form.one(name) for name in FACTS}
    facts["country"] = facts["country"].upper()
    wrong, found = [], []
    for name in QUIET:
        try:
            found.append(time.fromisoformat(form.one(name)))
        except ValueError:
            wrong.append(FieldProblem(f"/{name}", "time", "Use a time such as 21:00."))
    if wrong:
        raise Refused(wrong)
    return facts, (found[0], found[1])


async def set_up_view(
    session: ClinicSession, staff: Caller, form: Typed | None = None, problems: Sequence[FieldProblem] = ()
) -> SetUpView:
    say = translator(staff.person.locale).gettext
    clinic, state, test = await accounts.clinic(session), await known(session, staff.settings), await last_test(session)
    now = {name: str(getattr(clinic, name)) for name in FACTS} | {
        name: f"{getattr(clinic, name):%H:%M}" for name in QUIET
    }
    wrong = {problem.pointer: say(problem.message) for problem in problems}
    facts = {name: Field(form.one(name) if form else value, wrong.get(f"/{name}")) for name, value in now.items()}
    picked = facts["locale"].value
    return SetUpView(
        bar=await bar_of(session, staff),
        steps=steps(state, staff.person.locale),
        facts=facts,
        languages=[Option(code, _LANGUAGES[code], code == picked) for code in LOCALES],
        zones=list(zone_names()),
        countries=sorted(phonenumbers.SUPPORTED_REGIONS),
        email=(await accounts.staff(session, staff.person.id)).email,
        texts_from=phone_read(clinic.sms_from or staff.settings.sms_sender, clinic.country),
        mail_from=clinic.mail_from or staff.settings.mail_sender,
        is_live=clinic.live_at is not None,
        lacking=[say(one.msgid) for one in missing(state)],
        has_provider=state.provider,
        test_news=say(reason_words(test.state, test.reason)) if test else None,
        problem=say("One field needs another look. Nothing was saved.") if problems else None,
    )


def steps(state: Known, locale: str) -> list[StepLine]:
    say = translator(locale).gettext
    finished = done(state)
    return [StepLine(step, say(words), finished[step], step in skipped(state)) for step, words in STEP_WORDS.items()]


async def checklist(session: ClinicSession, staff: Caller) -> list[StepLine] | None:
    """For an owner, until all is done or put away."""
    if not staff.may(Right.SETTINGS):
        return None
    state = await known(session, staff.settings)
    return None if is_over(state) else steps(state, staff.person.locale)
