"""Which of a caseload is read, in which order, and how much at once. Who needs somebody first comes first unless asked
otherwise."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlencode

from service.review.rules import Tier

ROWS_OF_A_PAGE: Final = 50
"""Drawing a row costs as much as working it out, and nobody reads five hundred. Our own choice."""


ALL: Final = "all"
"""Of the good news; otherwise as many as rows of a page."""


class Sort(StrEnum):
    NEED = "need"
    NAME = "name"
    WAITING = "waiting"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Listing:
    """Has an address of its own, whatever it is cut or ordered by. `good`: all of the good news stands below it."""

    tier: Tier | None = None
    sort: Sort = Sort.NEED
    page: int = 1
    good: bool = False

    @property
    def query(self) -> str:
        """What is as usual is left out."""
        named = {"tier": self.tier or "", "sort": self.sort, "page": str(self.page), "good": ALL if self.good else ""}
        usual = {"tier": "", "sort": Sort.NEED, "page": "1", "good": ""}
        return urlencode({name: part for name, part in named.items() if part != usual[name]})


def listing(query: str) -> Listing:
    """The list that a form of the page was sent from; what cannot be read is as usual."""
    told = {name: values[0] for name, values in parse_qs(query).items()}
    tier, sort, page = told.get("tier"), told.get("sort"), told.get("page", "")
    return Listing(
        Tier(tier) if tier in set(Tier) else None,
        Sort(sort) if sort in set(Sort) else Sort.NEED,
        int(page) if page.isascii() and page.isdecimal() and len(page) < 7 and int(page) else 1,
        told.get("good") == ALL,
    )


def pages_of(total: int) -> int:
    return max(1, -(-total // ROWS_OF_A_PAGE))


def rows_of(page: int, total: int) -> range:
    """Which rows stand on a page. Past the end it is the last one: a list grows shorter while it is read."""
    first = (min(page, pages_of(total)) - 1) * ROWS_OF_A_PAGE
    return range(first, min(first + ROWS_OF_A_PAGE, total))
