"""The labels a therapist may pick for a client, in the reader's words."""

from collections.abc import Collection
from functools import cache

from service.catalogue.library import shipped
from service.catalogue.rules import Sentence
from service.review.schemas.forms import Option
from service.terms import said, without_asides


@cache
def _names() -> dict[str, str]:
    return {context.id: context.name for context in shipped().contexts}


def label_words(code: str, locale: str) -> str:
    """Short enough for a tag."""
    return without_asides(said(Sentence(_names().get(code, code)), locale))


def label_options(picked: Collection[str], locale: str) -> list[Option]:
    return [Option(code, said(Sentence(name), locale), code in picked) for code, name in _names().items()]
