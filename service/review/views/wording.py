"""Every text with the clinic's name in it, by the same rules as on its way out."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from service.accounts import queries as accounts
from service.accounts.guards import Caller
from service.accounts.rules import LOCALES, clinic_problems
from service.accounts.tables import Clinic
from service.database.tenancy import ClinicSession
from service.outbox.queries import own_words
from service.outbox.rules import OWN, MessageKind, blocked_words, reading_grade, segments, text_of
from service.outbox.rules.wording import EDITABLE
from service.review.guards import Typed, bar_of
from service.review.schemas.forms import Field, Option
from service.review.schemas.wording import TextLine, WordingView
from service.words import translator

HARDEST: Final = 6
_LANGUAGES: Final = {"en": "English", "es": "Español"}
_ONE_PERSON: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"days": "Mon, Wed and Fri", "day": "Wednesday", "anchor": "after breakfast", "when": "in office hours"},
    "es": {"days": "lun., mié. y vie.", "day": "miércoles", "anchor": "después de desayunar", "when": "en horario"},
}
_ANYBODY: Final = {
    "code": "482915",
    "time": "10:30 AM",
    "usual": "11:00 AM",
    "first": "8 AM",
    "last": "8 PM",
    "score": "10",
    "therapist": "Sam",
    "second": "Robin",
}
_LINK = 22


async def wording_view(session: ClinicSession, staff: Caller, form: Typed) -> WordingView:
    """`short_name` and `language` may be tried here: nothing is saved."""
    clinic = await accounts.clinic(session)
    name = form.one("short_name") if form.has("short_name") else clinic.short_name
    locale = form.one("language") if form.one("language") in LOCALES else clinic.locale
    problem = _problem(clinic, name)
    say = translator(staff.person.locale).gettext
    return WordingView(
        bar=await bar_of(session, staff),
        short_name=Field(name, say(problem) if problem else None),
        languages=[Option(code, _LANGUAGES[code], code == locale) for code in LOCALES],
        texts=[] if problem else _texts(clinic, staff, name, locale, await own_words(session)),
    )


def _problem(clinic: Clinic, name: str) -> str | None:
    facts = ("name", "country", "zone", "locale", "phone", "emergency_number")
    problems = clinic_problems(short_name=name, **{fact: getattr(clinic, fact) for fact in facts})
    return next((one.message for one in problems if one.pointer == "/short_name"), None)


def values_of(clinic: Clinic, staff: Caller, name: str, locale: str) -> dict[str, object]:
    """What stands in a text for one person, as long as it gets."""
    return {
        **_ANYBODY,
        **_ONE_PERSON[locale],
        "clinic": name,
        "phone": clinic.phone,
        "emergency": clinic.emergency_number,
        "most": clinic.texts_per_day,
        "host": staff.settings.host.partition(":")[0],
        "link": f"{staff.settings.public_url}/r/{'x' * _LINK}",
    }


def _texts(clinic: Clinic, staff: Caller, name: str, locale: str, own: Mapping[tuple[str, str], str]) -> list[TextLine]:
    say, values = translator(locale).gettext, values_of(clinic, staff, name, locale)
    values[OWN] = {kind: words for (kind, of), words in own.items() if of == locale}
    lines = dict[str, TextLine]()
    for kind in MessageKind:
        line = measured(text_of(kind, say, values), locale)
        url = f"/wording/of/{kind}?language={locale}" if kind in EDITABLE else None
        # Two kinds may say the same.
        lines.setdefault(line.words, replace(line, change_url=url, is_own=(kind, locale) in own))
    return list(lines.values())


def measured(words: str, locale: str) -> TextLine:
    cut, blocked = segments(words), blocked_words(words)
    grade = round(reading_grade(words), 1) if locale == "en" else None
    return TextLine(
        words=words,
        characters=len(words),
        parts=cut.parts,
        is_plain=cut.encoding == "gsm7",
        grade=grade,
        blocked=list(blocked),
        is_fine=cut.parts == 1 and not blocked and (grade is None or grade <= HARDEST),
    )
