from typing import Any

from sqlmodel import Field

from service.accounts.rules.limits import RANGES
from service.database.columns import Row, check


def _limit(name: str) -> Any:
    usual = RANGES[name].usual
    return Field(default=usual, sa_column_kwargs={"server_default": str(usual)})


class OwnLimits(Row):
    """Columns of a clinic: the numbers of its rules, as `accounts.rules.limits` says, and never looser."""

    high_pain: int = _limit("high_pain")
    pain_jump: int = _limit("pain_jump")
    pain_rise: int = _limit("pain_rise")
    hurts_times: int = _limit("hurts_times")
    quiet_planned_days: int = _limit("quiet_planned_days")
    invited_hours: int = _limit("invited_hours")
    unreached_texts: int = _limit("unreached_texts")
    load_pain: int = _limit("load_pain")
    load_sessions: int = _limit("load_sessions")
    load_misses: int = _limit("load_misses")
    load_percent: int = _limit("load_percent")
    load_nights: int = _limit("load_nights")
    guard_exercises: int = _limit("guard_exercises")
    guard_minutes: int = _limit("guard_minutes")
    guard_loaded_days: int = _limit("guard_loaded_days")
    guard_sore_days: int = _limit("guard_sore_days")


LIMIT_CHECKS = [check(f"{name}_stricter", f"{name} BETWEEN {one.low} AND {one.high}") for name, one in RANGES.items()]
