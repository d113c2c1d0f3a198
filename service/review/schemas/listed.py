"""Which part of a caseload is shown, and what stands outside it."""

from msgspec import Struct


class Part(Struct, frozen=True):
    """Rows `first` to `last` of `total`, counted from 1; `following` are on the next page. `to_call` stand on other
    pages, those who are snoozed left out."""

    page: int
    pages: int
    first: int
    last: int
    total: int
    following: int
    to_call: int
