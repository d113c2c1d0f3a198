"""What went well in a week: one fact of the record, of the first rule that holds; nothing where none does."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.catalogue.rules import Sentence

FULL_FROM = 2
"""A week with one planned day is no feat of keeping to it. Our own choice."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A week: days on which the plan asked for something, those of them on which all or some of it was done, and all
    days on which something was done, asked for or not."""

    due: int = 0
    kept: int = 0
    moved: int = 0

    @property
    def is_full(self) -> bool:
        return self.kept == self.due >= FULL_FROM


def went_well(weeks: Sequence[Tally], aim: int | None = None) -> Sentence | None:
    """`weeks` follow each other, the one that is told of last; those before the first plan day are left out."""
    *before, week = weeks
    if not week.moved:
        return None
    if aim is not None and week.moved >= aim:
        return Sentence("You reached your aim of %(count)s days.", {"count": aim})
    if _is_back(before):
        return Sentence("You came back after a break.")
    if week.is_full and not any(one.is_full for one in before):
        return Sentence("For the first time you moved on each day of your plan.")
    if before and week.moved > max(1, *(one.moved for one in before)):
        return Sentence("%(count)s days: more than in any week before.", {"count": week.moved})
    return Sentence("You moved on each day of your plan.") if week.is_full else None


def _is_back(before: Sequence[Tally]) -> bool:
    """The week before was planned and nothing was done in it, and in one before that something was."""
    return bool(before) and before[-1].due > 0 and not before[-1].moved and any(one.moved for one in before)
