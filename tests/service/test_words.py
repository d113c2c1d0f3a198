import ast
import re
from functools import cache

import pytest
from babel.messages.pofile import read_po

from service import terms
from service.catalogue.library import shipped
from service.conversation.grammar import read_reply
from service.conversation.rules import Note
from service.error_responses import HTTP_KINDS, KINDS
from service.outbox.rules import MESSAGES, MessageKind, blocked_words, normalise, reading_grade, segments
from service.page import environment
from service.portal import rules as portal
from service.reminders.reasons import NoMoment, Reason
from service.reminders.rhythm import Asking
from service.review.pages.said import DONE
from service.words import LANGUAGES, LOCALES, translator

IN_EVERY_MAIL = (
    "To stop these emails: %(stop)s",
    "Stop these emails",
    "From %(clinic)s",
    "0 is none.",
    "10 is the worst you can think of.",
)
SERVICE = LOCALES.parent
TEMPLATES = SERVICE / "templates"
SHARED_WITH_CLIENTS = ("moves.html", "intake_form.html", "day_told.html")
SPEAKS_TO_CLIENTS = ("terms.py", "diary/rules/screening.py", "progress/rules/links.py")
QUOTED = re.compile(r'"((?:[^"\\\n])*)"')
PLACEHOLDER = re.compile(r"%\(\w+\)s")
# One name for one thing: what English calls by the first, Spanish calls by the second, on every page and in every text.
ONE_NAME = {
    "alert": "alerta",
    "app": "app",
    "car": "carro",
    "computer": "computadora",
    "draft": "borrador",
    "habit": "hábito",
    "invitation": "invitación",
    "office hours": "horario de oficina",
    "passkey": "llaves? de acceso",
    "phase": "fase",
    "planned days?": "días (del plan|previstos)",
    "quiet hours": "horas de silencio",
    "recovery code": "códigos? de recuperación",
    "reminder": "recordatorio",
    "signed out|sign out": "sesi[oó]n",
    "skipped": "salt(ado|ó)|hoy no",
    "snoozed?": "pospo?ne|pospuesto|posponer",
    "stage": "etapa",
    "staff": "equipo",
    "token": "clave",
    "video": "video",
    "warning signs?": "señal(es)? de alarma",
}
# The longest that can be believed; a clinic's short name has at most 20 characters, a link 44.
LONGEST = {
    "clinic": "Northside & Westgate",
    "link": "https://go.clinic.example/r/0123456789abcdefABCDEF",
    "phone": "+1 555-010-0100",
    "emergency": "911",
    "most": "24",
    "score": "10",
    "time": "12:30 pm",
    "when": "from Wed, Sep 30, 12:30 PM on",
    "usual": "12:30 pm",
    "day": "Wed, Sep 30",
    "first": "11:30 am",
    "last": "12:30 pm",
    "second": "12:30 pm",
    "code": "482915",
    "host": "go.clinic.example",
    "therapist": "Maria Alexandra",
    "stop": "https://go.clinic.example/r/0123456789abcdefABCDEF",
}
IN_WORDS = {
    "en": {"days": "Mon, Wed and Thu", "anchor": "after your morning coffee"},
    "es": {"days": "lun, mié y jue", "anchor": "después del desayuno"},
}


@cache
def catalogue(language: str) -> dict[str, str]:
    """A msgid with a plural is one entry: its forms joined."""
    path = LOCALES / language / "LC_MESSAGES" / "clamshell.po"
    with path.open("rb") as file:
        return {"".join(entry.id): "".join(entry.string or ()) for entry in read_po(file) if entry.id}


def msgids(kind: MessageKind) -> list[str]:
    words = MESSAGES[kind]
    return [words.sms, words.subject, *words.lines, *([words.button] if words.button else [])]


def said(msgid: str, language: str) -> str:
    return translator(language).gettext(msgid) % {**LONGEST, **IN_WORDS[language]}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_both_catalogues_have_the_same_msgids_sorted() -> None:
    for language in LANGUAGES:
        entries = list(catalogue(language))
        assert entries == sorted(entries), f"Keep the entries of {language} sorted by msgid."
    assert list(catalogue("en")) == list(catalogue("es"))


def test_english_is_the_msgid_and_spanish_is_complete() -> None:
    assert set(catalogue("en").values()) == {""}
    assert [msgid for msgid, words in catalogue("es").items() if not words] == []


def test_a_translation_has_the_placeholders_of_its_msgid() -> None:
    assert {m for m, words in catalogue("es").items() if placeholders(m) != placeholders(words)} == set()


def test_every_sentence_of_a_message_and_of_the_ledger_has_spanish_words() -> None:
    used = (
        {msgid for kind in MessageKind for msgid in msgids(kind)}
        | {reason.msgid for reason in Reason}
        | set(IN_EVERY_MAIL)
    )
    used |= {asking.msgid for asking in Asking}
    used |= {reason.msgid for reason in NoMoment}
    assert used - set(catalogue("es")) == set()


def test_everything_a_client_reads_of_the_library_has_spanish_words() -> None:
    library = shipped()
    told = {words for e in library.exercises for words in (e.name, e.dose.tempo, *e.cues)}
    told |= {habit.prompt for habit in library.habits} | {site.label for site in library.sites}
    assert told - set(catalogue("es")) == set()


def test_every_word_for_a_code_and_every_hint_has_spanish_words() -> None:
    tables = (terms.SIDES, terms.AGGRAVATORS, terms.SKIP_REASONS, terms.HABIT_CHOICES, terms.ROUTINES)
    told = {words for table in (*tables, portal.UNITS, portal.HABIT_HINTS) for words in table.values()}
    told |= {"".join(forms) for forms in portal.AMOUNTS.values()} | {portal.STOP_RULE}
    assert told - set(catalogue("es")) == set()


def test_every_sentence_of_a_clients_page_has_spanish_words() -> None:
    pages = environment("en")
    names = pages.list_templates(filter_func=lambda name: name.startswith("portal/"))
    told = set()
    for name in (*names, "base.html", "parts.html", "charts.html", "day_told.html", "intake_form.html", "error.html"):
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        for _, _, words in pages.extract_translations(source):  # type: ignore[attr-defined]
            told.add(words if isinstance(words, str) else "".join(part for part in words if part))
    told |= {title for _, _, title in KINDS.values()} | {title for _, title in HTTP_KINDS.values()}
    assert len(told) > 100
    assert told - set(catalogue("es")) == set()


STAFF_SIDE = (
    "review",
    "catalogue",
    "conversation/actions",
    "accounts/actions",
    "intake",
    "plans/actions",
    "outbox/rules",
)
"""Whose words staff read on a page; what only programs are told is English everywhere."""


def test_every_sentence_of_a_staff_page_has_spanish_words() -> None:
    pages = environment("en")
    told = set()
    for name in pages.list_templates(filter_func=lambda name: name.startswith(("review/", "accounts/"))):
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        for _, _, words in pages.extract_translations(source):  # type: ignore[attr-defined]
            told.add(words if isinstance(words, str) else "".join(part for part in words if part))
    assert len(told) > 500
    assert told - set(catalogue("es")) == set()


def test_every_sentence_that_code_says_to_staff_has_spanish_words() -> None:
    said = set(DONE.values())
    for folder in STAFF_SIDE:
        for file in (SERVICE / folder).rglob("*.py"):
            said |= {words for node in ast.walk(ast.parse(file.read_text())) for words in _said_in(node)}
    assert len(said) > 150
    assert said - set(catalogue("es")) == set()


def _said_in(node: ast.AST) -> list[str]:
    """What a call puts into words: `say(…)`, `Sentence(…)`, a field's problem; of a plural both forms joined."""
    if not isinstance(node, ast.Call):
        return []
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
    if name in ("say", "gettext", "ngettext", "Sentence"):
        told = given[:2] if len(given) > 2 else given[:1]
    else:
        told = given[2:3] if name in ("one", "FieldProblem") else []
    return ["".join(map(str, told))] if told and all(isinstance(words, str) and words for words in told) else []


@pytest.mark.parametrize("name", ONE_NAME)
def test_a_thing_has_one_name_in_spanish(name: str) -> None:
    english, spanish = re.compile(rf"\b({name})s?\b", re.IGNORECASE), re.compile(ONE_NAME[name], re.IGNORECASE)
    called = {msgid: words for msgid, words in catalogue("es").items() if english.search(PLACEHOLDER.sub("", msgid))}
    assert called
    assert {msgid: words for msgid, words in called.items() if not spanish.search(words)} == {}


def test_nobody_is_spoken_to_as_usted() -> None:
    assert [words for words in catalogue("es").values() if re.search(r"\busted\b", words, re.IGNORECASE)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_a_text_is_one_part_and_tells_a_stranger_nothing(kind: MessageKind, language: str) -> None:
    text = normalise(said(MESSAGES[kind].sms, language))
    assert segments(text) == (1, "gsm7"), f"{len(text)}: {text}"
    for msgid in msgids(kind):
        assert blocked_words(said(msgid, language)) == ()


@pytest.mark.parametrize("kind", MessageKind)
def test_english_words_are_below_the_6th_grade(kind: MessageKind) -> None:
    words = MESSAGES[kind]
    assert reading_grade(said(words.sms, "en")) < 6
    assert reading_grade(" ".join(said(line, "en") for line in words.lines)) < 6


def test_every_sentence_a_client_reads_is_below_the_6th_grade() -> None:
    """Of the templates of a client's pages and of the code beside them. What is shorter is a label: a formula that
    counts the words of a sentence says nothing of it."""
    sentences = [words for words in words_of_clients() if len(words.split()) >= 6]
    assert len(sentences) > 200
    hard = {words: grade for words in sentences if (grade := reading_grade(PLACEHOLDER.sub("two", words))) >= 6}
    assert hard == {}


def test_what_a_client_reads_of_the_library_is_below_the_6th_grade() -> None:
    """What to do, how and what is asked; a name is a label."""
    library = shipped()
    told = {words for e in library.exercises for words in (e.dose.tempo, *e.cues) if words}
    told |= {words for habit in library.habits for words in (habit.prompt, habit.ask_when, *habit.options) if words}
    told |= {fix.prompt for fix in library.fixes} | {flag.ask for flag in library.red_flags}
    told |= {action.patient for action in library.flag_actions.values()}
    told |= {site.label for site in library.sites} | {quality.label for quality in library.qualities}
    sentences = [words for words in told if len(words.split()) >= 4]
    assert len(sentences) > 150
    assert {words: grade for words in sentences if (grade := reading_grade(words)) >= 6} == {}


def words_of_clients() -> set[str]:
    """Those of the catalogue that stand in quotes there."""
    pages = [*(TEMPLATES / "portal").glob("*.html"), *(TEMPLATES / name for name in SHARED_WITH_CLIENTS)]
    code = [*(SERVICE / "portal").rglob("*.py"), *(SERVICE / name for name in SPEAKS_TO_CLIENTS)]
    quoted = {words for page in pages for words in QUOTED.findall(page.read_text())}
    nodes = [node for file in code for node in ast.walk(ast.parse(file.read_text()))]
    quoted |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    with (LOCALES / "en" / "LC_MESSAGES" / "clamshell.po").open("rb") as file:
        entries = [entry.id for entry in read_po(file) if entry.id]
    known = {words for entry in entries for words in ([entry] if isinstance(entry, str) else entry)}
    return quoted & known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_we_ask_people_to_reply_is_understood(language: str) -> None:
    asked = {
        word
        for kind in MessageKind
        for word in re.findall(r"\b[A-ZÁÉÍÓÚ]{3,}(?: [A-Z]{2,})?\b", translator(language).gettext(MESSAGES[kind].sms))
    }
    assert len(asked) == 16
    for word in asked:
        # The words that ask for a number beside them.
        beside = {"WHY": " 1", "POR QUE": " 1", "TIME": " 7PM", "HORA": " 7PM"}
        reply = word + beside.get(word, "")
        assert not isinstance(read_reply(reply, asked=None)[0], Note), word


def test_nobody_is_asked_to_reply_a_word_that_carriers_take_for_themselves() -> None:
    for language in LANGUAGES:
        for kind in MessageKind:
            words = set(re.findall(r"\w+", translator(language).gettext(MESSAGES[kind].sms)))
            assert not words & {"YES", "SI", "END", "CANCEL", "QUIT"}, kind


def test_a_language_is_found_by_its_first_part_and_an_unknown_one_is_english() -> None:
    for locale in ("es", "es-MX", "es_AR", "ES"):
        assert translator(locale).gettext("Saved") == "Guardado"
    for locale in ("en", "en-GB", "fr", "", "../../etc"):
        assert translator(locale).gettext("Saved") == "Saved"
    assert translator("es").gettext("A sentence without words in Spanish") == "A sentence without words in Spanish"
    assert translator("es") is translator("es-MX")
