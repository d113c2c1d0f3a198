"""What forms of staff hold."""

from msgspec import Struct


class Field(Struct, frozen=True):
    """A form field as typed; `problem` says what would be right."""

    value: str = ""
    problem: str | None = None


class Option(Struct, frozen=True):
    value: str
    label: str
    picked: bool = False


class StepLine(Struct, frozen=True):
    """A step of a clinic's set-up."""

    code: str
    words: str
    is_done: bool
    is_skipped: bool = False
