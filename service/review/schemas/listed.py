"""Which part of a caseload is shown, and what stands outside it."""

from msgspec import Struct


class Part(Struct, frozen=True):
    """Rows `first` to `last` of `total`, counted from 1. `to_call` stand on other pages, those who are snoozed left
    out."""

    page: int
    pages: int
    first: int
    last: int
    total: int
    to_call: int
