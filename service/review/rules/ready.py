"""The clinic's own texts that are ready to send: shown on a page after signing in, so they may say more than a text."""

from collections.abc import Mapping
from typing import Final

from service.accounts.rules import LOCALES
from service.errors import FieldProblem

LONGEST_READY: Final = 500
MOST_READY: Final = 30


def ready_problems(words: Mapping[str, str]) -> list[FieldProblem]:
    """In one language at least; where one is missing, clients who read it are not offered it."""
    if not any(words.get(locale) for locale in LOCALES):
        return [FieldProblem("/words_en", "required", "Write it in one language at least.")]
    too_long = [locale for locale in LOCALES if len(words.get(locale, "")) > LONGEST_READY]
    return [FieldProblem(f"/words_{locale}", "too_long", "Use at most 500 characters.") for locale in too_long]


def moved(ids: list[str], one: str, by: int) -> list[str]:
    """One place up or down; past an end it stays."""
    at = ids.index(one)
    to = min(max(at + by, 0), len(ids) - 1)
    rest = [other for other in ids if other != one]
    return [*rest[:to], one, *rest[to:]]
