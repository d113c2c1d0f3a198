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


class KeptView(Struct, frozen=True):
    """A form that could not be taken, as it was sent and where to. `words` are what was written in it, for whoever
    surely wrote it; `first` is a page to open before it is sent again, and how that is called."""

    title: str
    url: str
    pairs: list[tuple[str, str]]
    words: list[str] = []
    problems: list[str] = []
    first: tuple[str, str] | None = None
    picks: str = ""
    """What its field of a file takes: no page gives a file back."""
    request_id: str = ""


class StepLine(Struct, frozen=True):
    """A step of a clinic's set-up."""

    code: str
    words: str
    is_done: bool
    is_skipped: bool = False


class Sent(Struct, frozen=True):
    """A small form of a page that could not be kept: which one, what was typed, and by field what would be right."""

    place: str = ""
    typed: dict[str, str] = {}
    problems: dict[str, str] = {}

    def of(self, place: str) -> "Sent":
        return self if place == self.place else NOTHING_SENT

    def field(self, name: str, usual: str = "") -> Field:
        return Field(self.typed.get(name, usual), self.problems.get(name))

    def others(self, *shown: str) -> str | None:
        """What is about none of the fields that say it themselves."""
        return " ".join(words for name, words in self.problems.items() if name not in shown) or None


NOTHING_SENT = Sent()
