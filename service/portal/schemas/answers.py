"""What a client is asked about a session and about pain, with what was told so far."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from service.body_map import Figure, figures, outline
from service.catalogue.views import Shown


class Choice(Struct, frozen=True):
    """One button or box: `value` is what the form sends."""

    value: str
    label: str
    picked: bool = False


class SetBox(Struct, frozen=True):
    """One number of one set. `hint` is what the plan asks for; `value` what was told, or typed."""

    name: str
    unit: str
    hint: str
    most: int
    value: str = ""
    step: str = "1"


class SetRow(Struct, frozen=True):
    label: str
    boxes: list[SetBox]


class PlanItem(Struct, frozen=True):
    """`dose` and `side` are sentences ("2 sets of 10, hold 5 seconds"); `routine` is the heading above.
    `finer` is how to rest, how fast and how hard, where the therapist asks for something of their own."""

    id: UUID
    name: str
    dose: str
    cue: str
    routine: str
    side: str | None = None
    finer: str = ""
    shown: Shown = Shown()
    done: bool | None = None
    sets: list[SetRow] = []

    @property
    def is_counted(self) -> bool:
        return any(box.value for row in self.sets for box in row.boxes)


class FeltForm(Struct, frozen=True):
    """Pain before, during and after the exercises of today, and how hard they were; None where nothing was told."""

    efforts: list[Choice]
    before: int | None = None
    during: int | None = None
    after: int | None = None


class PainSpan(Struct, frozen=True):
    """The worst or the average of the last 24 hours, kept under `entry` like the score of right now."""

    kind: str
    label: str
    entry: UUID
    score: int | None = None


class PlaceGroup(Struct, frozen=True):
    """The boxes of one side; `side` is empty for places whose side was not told."""

    side: str
    title: str
    places: tuple[Choice, ...]


class PainForm(Struct, frozen=True):
    """`worst` is the box of where it hurts most; `same` what was told the last time, to be told again with one tap.
    `entry` is the id the answer is kept under: of today's answer, or of one to come, so that a second tap on the same
    page corrects instead of adding. `again` is that of one more answer beside it. `is_open` shows the boxes of where it
    hurts at once, whose fields have `problems`."""

    groups: tuple[PlaceGroup, ...]
    aggravators: tuple[Choice, ...]
    qualities: tuple[Choice, ...]
    timing: tuple[Choice, ...]
    radiates: tuple[Choice, ...]
    spans: list[PainSpan]
    again: UUID
    worst: str = ""
    same: Choice | None = None
    note: str = ""
    entry: UUID | None = None
    problem: str | None = None
    problems: dict[str, str] = {}
    is_open: bool = False

    @property
    def figures(self) -> Sequence[Figure]:
        return figures()

    @property
    def outline(self) -> str:
        return outline()

    @property
    def says_more(self) -> bool:
        """Something beyond the place was told."""
        told = (*self.aggravators, *self.qualities, *self.timing, *self.radiates)
        return bool(self.worst or self.note or any(choice.picked for choice in told))
