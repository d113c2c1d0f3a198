"""What was said against a prescription, and why it was prescribed all the same."""

from msgspec import Struct


class SourceLink(Struct, frozen=True):
    """`url` is empty for what is general knowledge."""

    cite: str
    url: str


class PassedWarning(Struct, frozen=True, omit_defaults=True):
    """Without an exercise it is about the plan as a whole."""

    words: str
    sources: list[SourceLink]
    reason: str
    exercise: str | None = None
