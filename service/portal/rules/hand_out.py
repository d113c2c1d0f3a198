"""How a week ticked on paper is texted back."""

from collections.abc import Mapping, Sequence
from typing import Final

from service.portal.rules import Reader

DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
    "es": ("Lu", "Ma", "Mi", "Ju", "Vi", "Sa", "Do"),
}
"""As `conversation.grammar.paper_weeks` reads them: no two are alike, in both languages together."""

_EXAMPLE_DAYS: Final = ((0, 2), (1,))


def week_example(codes: Sequence[str], reader: Reader) -> str:
    """ "Week A Mo We B Tu", with letters of this paper."""
    days = DAYS[reader.locale]
    told = [
        f"{code} {' '.join(days[day] for day in chosen)}" for code, chosen in zip(codes, _EXAMPLE_DAYS, strict=False)
    ]
    return " ".join([reader.say("Week"), *told])
