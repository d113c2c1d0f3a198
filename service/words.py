"""The message catalogues. A msgid is the English sentence; what has no translation is said in English."""

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "es")
LOCALES = Path(__file__).parent / "locales"


@lru_cache(maxsize=64)
def translator(locale: str) -> NullTranslations:
    """By language: es, es-MX and es_AR are Spanish. A language we have no words for is English."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return _compiled(language if language in LANGUAGES else "en")


@cache
def _compiled(language: str) -> NullTranslations:
    compiled = BytesIO()
    with (LOCALES / language / "LC_MESSAGES" / "clamshell.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)
