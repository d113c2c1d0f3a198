"""Questions that are answered by one tap: of habits, and of things to do once."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.portal.schemas.answers import Choice


class HabitNumber(Struct, frozen=True):
    """Asks for a number of its own choosing when no chip fits."""

    unit: str
    low: int = 0
    high: int = 1440
    step: Literal["1", "any"] = "1"
    typed: str | None = None


class Habit(Struct, frozen=True):
    """One row: a habit, or a one-off fix. `chips` are the answers of one tap; `met` is None until there is an answer.
    `skip` lets a habit go for the day. `told` is an answer that is kept, where the chips do not say it: "30 minutes".

    `day` is that of the answer when it is not today.
    """

    id: UUID
    prompt: str
    url: str
    chips: list[Choice]
    skip: Choice | None = None
    cue: str | None = None
    answer: str | None = None
    met: bool | None = None
    number: HabitNumber | None = None
    told: str | None = None
    problem: str | None = None
    day: date | None = None

    @property
    def place(self) -> str:
        """Where the row stands on its page."""
        return f"{self.id}-{self.day.isoformat()}" if self.day else str(self.id)
