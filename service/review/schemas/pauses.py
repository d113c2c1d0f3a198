"""Breaks of a plan that hold or are to come."""

from datetime import date

from msgspec import Struct


class PlanPause(Struct, frozen=True, omit_defaults=True):
    """Without `until_day` it has no end yet."""

    from_day: date
    until_day: date | None = None
